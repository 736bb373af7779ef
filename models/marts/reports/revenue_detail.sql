-- One row per ledger entry of a charge, with the partner discount that applies, cost and margin.
{{ config(materialized='view') }}

with reversals as (
    select
        feed,
        event_id,
        reversed_version,
        event_date
    from {{ ref('fct_revenue_entries') }}
    where
        entry_type = 'reversal'
        -- Always true; a hint that keeps this side of the join small.
        and reversed_version < version
)

select
    entries.partner_id,
    entries.event_date,
    entries.posted_date,
    {{ displayed_time('entries.occurred_at') }} as occurred_at,
    entries.event_id,
    entries.entry_type,
    entries.order_id,
    entries.service_account_id,
    service_accounts.service_account_name,
    entries.account_id,
    account_names.account_name,
    entries.account_type,
    entries.service_code,
    services.service_name,
    entries.charge_type,
    entries.quantity,
    entries.unit,
    entries.currency,
    entries.list_amount,
    entries.discount_amount,
    entries.net_amount,
    entries.tax_amount,
    entries.partner_discount_rate,
    entries.partner_cost_amount,
    cast(entries.partner_margin_amount as decimal(38, 12)) as partner_margin_amount,
    entries.entry_type = 'original' and reversals.event_id is null as is_standing,
    entries.batch_id,
    entries.file,
    entries.row_number,
    entries.feed,
    coalesce(entries.reversed_version, entries.version) as version,
    entries.version as made_by_version,
    entries.entry_count,
    entries.deal_id,
    entries.discount_id,
    entries.partner_discount_id,
    entries.partner_discount_amount,
    entries.order_date,
    entries.recorded_date,
    entries.period_start,
    entries.period_end,
    entries.service_start,
    entries.service_end
from {{ ref('int_revenue_entries__priced') }} as entries
left join reversals
    on
        entries.feed = reversals.feed
        and entries.event_id = reversals.event_id
        and entries.version = reversals.reversed_version
        -- It has the day of what it takes back, so that few are read for the days of a report.
        and entries.event_date = reversals.event_date
left join {{ ref('service_accounts') }} as service_accounts
    on entries.service_account_id = service_accounts.service_account_id
left join {{ ref('account_names') }} as account_names
    on entries.account_id = account_names.account_id
left join {{ ref('dim_services') }} as services on entries.service_code = services.service_code
