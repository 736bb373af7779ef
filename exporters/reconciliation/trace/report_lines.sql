-- The lines of reports in which the entries of traced events stand, on both bases, and why an entry
-- stands in none.
create or replace temp table trace_lines as
with dated as (
    select
        *,
        'event' as basis,
        event_date as report_date
    from temp.trace_entries
    where partner_id is not null and stands
    union all
    select
        *,
        'posted' as basis,
        posted_date as report_date
    from temp.trace_entries
    where partner_id is not null
),

credit_lines as (
    select
        *,
        case
            when entry_kind in ('top_up', 'transfer_in') then 'credit-topups'
            else 'credit-usage'
        end as report,
        'amount' as measure,
        amount as counted,
        case
            when is_internal
                then
                    'totals over all accounts leave it out: both sides are accounts of the partner'
        end as note
    from dated
    where feed = 'credits' and entry_kind in ('top_up', 'transfer_in', 'usage', 'transfer_out')
    union all
    select
        *,
        'credit-balance' as report,
        coalesce(balance_column, 'held') as measure,
        movement_amount as counted,
        case
            when balance_column is null then 'and in every later period'
            else 'and in the opening balance of every later period'
        end as note
    from dated
    where feed = 'credits'
    union all
    select
        *,
        'credit-statement' as report,
        'balance_effect' as measure,
        net_movement as counted,
        null as note
    from dated
    where feed = 'credits'
),

revenue_lines as (
    select
        *,
        unnest(['revenue-detail', 'revenue-by-service', 'revenue-by-account']) as report,
        'net_amount' as measure,
        net_amount as counted,
        null as note
    from dated
    where feed <> 'credits'
    union all
    select
        *,
        'margins' as report,
        'net_amount' as measure,
        net_amount as counted,
        null as note
    from dated
    where feed <> 'credits' and entry_kind not in ('tax', 'credit', 'adjustment')
    union all
    select
        *,
        'discounts' as report,
        'discount_amount' as measure,
        discount_amount as counted,
        'customer discount' as note
    from dated
    where discount_counts
    union all
    select
        * replace (partner_discount_id as discount_id),
        'discounts' as report,
        'discount_amount' as measure,
        partner_discount_amount as counted,
        'partner discount' as note
    from dated
    where partner_discount_id is not null
),

-- What each report shows of an entry. The account in the balance report is that of the period.
shown (report, service_account, account, wallet, kind, service, discount) as (
    values
    ('credit-topups', true, true, true, true, false, false),
    ('credit-usage', true, true, true, true, true, false),
    ('credit-balance', true, false, true, false, false, false),
    ('credit-statement', true, true, true, true, true, false),
    ('margins', true, true, false, false, true, false),
    ('revenue-detail', true, true, false, true, true, false),
    ('revenue-by-service', false, false, false, false, true, false),
    ('revenue-by-account', true, true, false, false, false, false),
    ('discounts', false, false, false, false, false, true)
),

lines as (
    select
        lines.place,
        lines.number as entry_number,
        lines.feed,
        lines.event_id,
        lines.basis,
        lines.report,
        lines.partner_id,
        lines.report_date,
        case when shown.service_account then lines.service_account_id end as service_account_id,
        case when shown.account then lines.account_id end as account_id,
        case when shown.account then lines.account_type end as account_type,
        case when shown.wallet then lines.wallet end as wallet,
        case when shown.kind then lines.entry_kind end as entry_kind,
        case when shown.service then lines.service_code end as service_code,
        case when shown.discount then lines.discount_id end as discount_id,
        lines.currency,
        lines.measure,
        lines.counted as amount,
        lines.entry_type,
        lines.version,
        lines.note
    from (
        select *
        from credit_lines
        union all
        select *
        from revenue_lines
    ) as lines
    inner join shown on lines.report = shown.report
    union all by name
    select
        place,
        number as entry_number,
        feed,
        event_id,
        'discounts' as report,
        discount_id,
        entry_type,
        version,
        'the discount that it names is not one of its partner for customers: no worth' as note
    from temp.trace_entries
    where
        partner_id is not null
        and stands
        and discount_id is not null
        and discount_counts is not true
    union all by name
    select
        place,
        number as entry_number,
        feed,
        event_id,
        'event' as basis,
        entry_type,
        version,
        'in no report: version ' || taken_back_by || ' takes it back' as note
    from temp.trace_entries
    where taken_back_by is not null
    union all by name
    select
        place,
        number as entry_number,
        feed,
        event_id,
        service_account_id,
        entry_type,
        version,
        'in no report: no account record knows its service account (unattributed_events)' as note
    from temp.trace_entries
    where partner_id is null
)

select
    row_number() over (
        order by place, basis nulls last, report nulls last, entry_number, discount_id
    ) as number,
    * exclude (place, entry_number)
from lines
