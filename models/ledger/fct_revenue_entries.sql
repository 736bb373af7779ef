-- One row per ledger entry of a charge (revenue and focus feeds): what the feed says of it, and the
-- partner, account and partner discount that the latest records give it, with the price they make.
-- Entries are only ever added, and what they say of the charge never changes; a batch whose
-- attribution is no longer true is written again, after it was named in reattributed_batches.
-- depends_on: {{ ref('int_batches__of_this_build') }}
{{
    config(
        materialized='incremental',
        incremental_strategy='delete+insert',
        unique_key=['feed', 'batch_id'],
    )
}}

{% set columns = ['feed', 'entry_type', 'event_id', 'version', 'reversed_version']
    + charge_columns() + ['recorded_date', 'posted_date', 'batch_id', 'file', 'row_number'] %}
{% set held_columns = columns + ['partner_id', 'account_id', 'account_type'] %}

with entries as (
    select {{ columns | join(', ') }}
    from {{ ref('int_revenue_entries__new') }}
    {% if is_incremental() %}
        union all
        select {{ columns | join(', ') }}
        from {{ this }} as stored
        where {{ is_written_now('stored') }}
    {% endif %}
),

held as (
    select
        {{ columns_of('entries', columns) }},
        holders.partner_id,
        holders.account_id,
        holders.account_type
    from entries
    left join {{ ref('account_history') }} as holders on {{ held_on('holders', 'entries') }}
),

discounted as (
    select
        {{ columns_of('charges', held_columns) }},
        coalesce(of_deal.discount_id, general.discount_id) as partner_discount_id,
        {{ applying_rate('of_deal', 'general', 'charges') }} as partner_discount_rate
    from held as charges
    left join {{ ref('discount_periods') }} as of_deal
        on
            {{ is_discounted_by('of_deal', 'charges') }}
            and charges.deal_id = of_deal.deal_id
    left join {{ ref('discount_periods') }} as general
        on
            {{ is_discounted_by('general', 'charges') }}
            and general.deal_id is null
)

select
    {{ columns_of('discounted', columns) }},
    {{ entry_count('discounted.entry_type') }} as entry_count,
    discounted.partner_id,
    discounted.account_id,
    discounted.account_type,
    discounted.partner_discount_id,
    discounted.partner_discount_rate,
    cast({{ partner_cost('discounted') }} as decimal(30, 12)) as partner_cost_amount,
    {{ service_day('period_start', 'discounted') }} as service_start,
    {{ service_day('period_end', 'discounted') }} as service_end,
    service_start <> discounted.event_date or service_end <> discounted.event_date as is_spread,
    {{ is_discountable('discounted.charge_type') }} as is_discountable
from discounted
