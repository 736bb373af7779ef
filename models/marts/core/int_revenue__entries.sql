-- One row per revenue entry whose service account is known, with what follows from its attribution.
{{ config(materialized='view', schema='ledger') }}

select
    partner_id,
    account_id,
    account_type,
    feed,
    entry_type,
    entry_type = 'original' and not exists (
        select 1
        from {{ ref('fct_revenue_entries') }} as reversals
        where
            reversals.entry_type = 'reversal'
            and reversals.feed = entries.feed
            and reversals.event_id = entries.event_id
            and reversals.reversed_version = entries.version
    ) as is_standing,
    case when entry_type = 'original' then 1 else -1 end as entry_count,
    event_id,
    version,
    order_id,
    deal_id,
    discount_id,
    service_account_id,
    service_code,
    charge_type,
    quantity,
    unit,
    currency,
    list_amount,
    discount_amount,
    net_amount,
    tax_amount,
    partner_discount_id,
    partner_discount_rate,
    case
        when partner_discount_id is null then 0
        else {{ percentage_of('list_amount', 'partner_discount_rate') }}
    end as partner_discount_amount,
    partner_cost_amount,
    case
        when {{ is_discountable('charge_type') }} then net_amount - partner_cost_amount else 0
    end as partner_margin_amount,
    occurred_at,
    event_date,
    order_date,
    posted_date,
    batch_id,
    file,
    row_number
from {{ ref('fct_revenue_entries') }} as entries
where partner_id is not null
