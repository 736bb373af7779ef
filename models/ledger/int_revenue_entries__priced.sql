-- One row per revenue entry whose service account is known, with what follows from its attribution.
{{ config(materialized='view') }}

select
    entries.partner_id,
    entries.account_id,
    entries.account_type,
    entries.feed,
    entries.entry_type,
    entries.entry_count,
    entries.event_id,
    entries.version,
    entries.reversed_version,
    entries.order_id,
    entries.deal_id,
    entries.discount_id,
    entries.service_account_id,
    entries.service_code,
    entries.charge_type,
    entries.quantity,
    entries.unit,
    entries.currency,
    entries.list_amount,
    entries.discount_amount,
    entries.net_amount,
    entries.tax_amount,
    entries.partner_discount_id,
    entries.partner_discount_rate,
    case
        when entries.partner_discount_id is null then 0
        else {{ percentage_of('entries.list_amount', 'entries.partner_discount_rate') }}
    end as partner_discount_amount,
    entries.partner_cost_amount,
    entries.net_amount - entries.partner_cost_amount as partner_margin_amount,
    entries.occurred_at,
    entries.event_date,
    entries.order_date,
    entries.recorded_date,
    entries.posted_date,
    entries.period_start,
    entries.period_end,
    entries.service_start,
    entries.service_end,
    entries.is_spread,
    entries.is_discountable,
    entries.batch_id,
    entries.file,
    entries.row_number
from {{ ref('fct_revenue_entries') }} as entries
where entries.partner_id is not null
