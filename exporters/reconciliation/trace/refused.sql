-- The refused rows that name an event, a transaction, an order or, in its own feed, a discount, and
-- whether it is the one asked for. Ids are trimmed as those of accepted rows are; the header may be
-- in any case.
create or replace temp table refused as
with delivered as (
    select
        feed,
        batch_id,
        file,
        row_number,
        raw,
        reasons,
        list_filter(
            json_keys(raw),
            lambda name: list_contains(
                case feed
                    when 'discounts' then ['discount_id']
                    else ['event_id', 'transaction_id', 'order_id']
                end,
                lower(name)
            )
        ) as names
    from reports.rejected_rows
    where feed in ('credits', 'revenue', 'discounts')
),

named as (
    select
        *,
        unnest(names) as name,
        trim(raw ->> name, chr(32) || chr(9) || chr(13) || chr(10)) as id
    from delivered
)

select
    feed,
    batch_id,
    file,
    row_number,
    any_value(raw) as raw,
    any_value(reasons) as reasons,
    any_value(id) filter (where lower(name) in ('event_id', 'discount_id')) as event_id,
    bool_or(id = $id) as is_asked
from named
group by feed, batch_id, file, row_number
