-- How many refused rows name which service account or partner, once for all packs of a connection:
-- as delivered, but for spaces around them; the header may be in any case.
create temp table if not exists refused_by_name as
with delivered as (
    select
        feed,
        raw,
        json_keys(raw) as spelled,
        list_transform(json_keys(raw), lambda name: lower(trim(name))) as names
    from reports.rejected_rows
),

named as (
    select
        feed,
        trim(raw ->> spelled[coalesce(
            list_position(names, 'service_account_id'), list_position(names, 'subaccountid')
        )]) as service_account_id,
        trim(raw ->> spelled[list_position(names, 'partner_id')]) as partner_id
    from delivered
)

select
    feed,
    service_account_id,
    partner_id,
    count(*) as row_count
from named
group by feed, service_account_id, partner_id
