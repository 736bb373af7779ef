-- The entries of the events that are traced, with the records that say whose they are and which
-- discounts apply.
create or replace temp table trace_entries as
with entries as materialized (
    select
        'credits' as feed,
        *,
        movement_type as entry_kind
    from temp.all_credit_entries
    where list_contains($credit_events, event_id)
    union all by name
    select
        *,
        charge_type as entry_kind
    from temp.all_revenue_entries
    where list_contains($revenue_events, event_id)
),

discounts as (
    select
        discount_id,
        subject,
        partner_id,
        concat_ws(
            ', ',
            rtrim(rtrim(cast(rate_percent as varchar), '0'), '.') || ' %',
            'from ' || starts_on,
            'to ' || ends_on
        ) || concat(
            '; discounts batch ', batch_id, ' ', file, ' row ', row_number, ', state of ',
            updated_at, ' UTC'
        ) as record
    from dimensions.discount_periods
)

select
    row_number() over (
        order by traced.place asc, entries.made_by_version asc, entries.entry_type desc
    ) as number,
    traced.place,
    entries.feed,
    entries.event_id,
    entries.entry_type,
    cast(entries.made_by_version as varchar) as version,
    entries.entry_type = 'original' and reversals.event_id is null as stands,
    cast(reversals.made_by_version as varchar) as taken_back_by,
    case when stands then 'yes' else 'no' end as is_standing,
    case when entries.entry_type = 'reversal' then entries.version end as reversed_version,
    entries.event_date,
    entries.recorded_date,
    entries.posted_date,
    entries.service_start,
    entries.service_end,
    entries.partner_id,
    entries.service_account_id,
    entries.account_id,
    entries.account_type,
    entries.wallet,
    entries.entry_kind,
    entries.service_code,
    entries.transaction_id,
    entries.counterparty_service_account_id,
    entries.order_id,
    entries.currency,
    entries.amount,
    entries.balance_effect as net_movement,
    entries.held_effect as held,
    entries.balance_column,
    entries.movement_amount,
    entries.list_amount,
    entries.discount_amount,
    entries.net_amount,
    entries.tax_amount,
    entries.partner_discount_rate,
    entries.partner_discount_amount,
    entries.partner_cost_amount,
    entries.partner_margin_amount,
    entries.batch_id,
    entries.file,
    entries.row_number,
    case
        when entries.partner_id is not null
            then concat(
                account_records.feed, ' batch ', account_records.batch_id, ' ',
                account_records.file, ' row ', account_records.row_number, ', state of ',
                account_records.updated_at, ' UTC'
            )
    end as account_record,
    entries.partner_discount_id,
    of_partner.record as partner_discount_record,
    entries.discount_id,
    named.record as discount_record,
    named.subject = 'customer' and named.partner_id = entries.partner_id as discount_counts,
    entries.is_internal
from entries
inner join temp.traced as traced
    on entries.feed = traced.feed and entries.event_id = traced.event_id
left join entries as reversals
    on
        reversals.entry_type = 'reversal'
        and entries.feed = reversals.feed
        and entries.event_id = reversals.event_id
        and entries.made_by_version = reversals.version
left join dimensions.account_history as account_records
    on
        entries.service_account_id = account_records.service_account_id
        and entries.event_date between account_records.valid_from and account_records.valid_to
left join discounts as of_partner on entries.partner_discount_id = of_partner.discount_id
left join discounts as named on entries.discount_id = named.discount_id
