-- The entries of charges in which a traced discount has its worth, and those that name it although
-- it has none in them, each with why.
create or replace temp table trace_discount_charges as
with entries as materialized (
    select *
    from temp.all_revenue_entries
    where
        list_contains($discounts, discount_id)
        or list_contains($discounts, partner_discount_id)
),

-- Of a service account that no record knows no mart says what stands.
charges as (
    select
        *,
        coalesce(
            is_standing,
            entry_type = 'original'
            and (feed, event_id, made_by_version) not in (
                select (reversals.feed, reversals.event_id, reversals.version)
                from entries as reversals
                where reversals.entry_type = 'reversal'
            )
        ) as stands
    from entries
),

applied as (
    select
        partner_discount_id as traced_id,
        true as counts,
        partner_discount_amount as worth,
        *
    from charges
    where list_contains($discounts, partner_discount_id)
    union all by name
    select
        traced.discount_id as traced_id,
        coalesce(
            traced.subject = 'customer' and traced.partner_id = charges.partner_id, false
        ) as counts,
        case when counts then charges.discount_amount end as worth,
        case
            when counts then null
            when traced.subject is null then 'no accepted record has this id'
            when traced.subject = 'partner'
                then 'a partner discount: it applies by service and order date, not by name'
            when charges.partner_id is null then 'no account record knows its service account'
            else
                'of partner ' || charges.partner_id
                || ': a discount has its worth in charges of its own partner'
        end as why_not,
        charges.*
    from charges
    inner join temp.trace_discounts as traced on charges.discount_id = traced.discount_id
    -- What applies by partner and is named as well stands once.
    where charges.partner_discount_id is distinct from charges.discount_id
)

select
    row_number() over (
        order by
            traced_id asc, counts desc, event_date asc, feed asc, event_id asc,
            made_by_version asc, entry_type desc
    ) as number,
    traced_id as discount_id,
    feed,
    event_id,
    entry_type,
    cast(made_by_version as varchar) as version,
    case when stands then 'yes' else 'no' end as is_standing,
    event_date,
    posted_date,
    order_date,
    order_id,
    partner_id,
    service_account_id,
    account_id,
    account_type,
    charge_type,
    service_code,
    currency,
    case when counts then list_amount end as list_amount,
    worth as discount_amount,
    why_not as note,
    count(*) over () as charge_count
from applied
qualify number <= $most_charges
