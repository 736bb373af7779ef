-- One row per revenue entry whose service account is known, with the partner and account it belongs
-- to and the partner discount that applies to it.
{{ config(materialized='table', schema='staging') }}

with entries as (
    select *
    from {{ ref('fct_revenue_entries') }}
),

reversals as (
    select
        feed,
        event_id,
        reversed_version
    from entries
    where entry_type = 'reversal'
),

partner_discounts as (
    select *
    from {{ ref('discount_periods') }}
    where subject = 'partner' and starts_on is not null
),

attributed as (
    select
        entries.*,
        attribution.partner_id,
        attribution.account_id,
        attribution.account_type,
        entries.entry_type = 'original' and reversals.event_id is null as is_standing,
        case when entries.entry_type = 'original' then 1 else -1 end as entry_count,
        entries.charge_type not in ('tax', 'credit', 'adjustment') as is_discountable
    from entries
    inner join {{ ref('account_history') }} as attribution
        on
            entries.service_account_id = attribution.service_account_id
            and entries.event_date between attribution.valid_from and attribution.valid_to
    left join reversals
        on
            entries.feed = reversals.feed
            and entries.event_id = reversals.event_id
            and entries.version = reversals.reversed_version
),

-- The discount of the same deal if one applies, else the one without a deal.
priced as (
    select
        attributed.*,
        coalesce(of_deal.discount_id, general.discount_id) as partner_discount_id,
        coalesce(
            case when of_deal.discount_id is not null then of_deal.rate_percent end,
            general.rate_percent,
            0
        ) as partner_discount_rate
    from attributed
    left join partner_discounts as of_deal
        on
            attributed.is_discountable
            and attributed.partner_id = of_deal.partner_id
            and attributed.service_code = of_deal.service_code
            and attributed.deal_id = of_deal.deal_id
            and attributed.order_date >= of_deal.starts_on
            and attributed.order_date <= coalesce(of_deal.ends_on, date '9999-12-31')
    left join partner_discounts as general
        on
            attributed.is_discountable
            and attributed.partner_id = general.partner_id
            and attributed.service_code = general.service_code
            and general.deal_id is null
            and attributed.order_date >= general.starts_on
            and attributed.order_date <= coalesce(general.ends_on, date '9999-12-31')
),

costed as (
    select
        *,
        cast(partner_discount_rate as decimal(9, 6)) as rate,
        case
            when is_discountable then {{ percentage_of('list_amount', 'rate', complement=true) }}
            else 0
        end as cost_amount,
        {{ percentage_of('list_amount', 'rate') }} as partner_discount_amount
    from priced
)

select
    partner_id,
    account_id,
    account_type,
    feed,
    entry_type,
    is_standing,
    entry_count,
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
    rate as partner_discount_rate,
    partner_discount_amount,
    cast(cost_amount as decimal(30, 12)) as partner_cost_amount,
    case when is_discountable then net_amount - cost_amount else 0 end as partner_margin_amount,
    occurred_at,
    event_date,
    order_date,
    posted_date,
    batch_id,
    file,
    row_number
from costed
