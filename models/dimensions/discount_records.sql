-- One row per accepted state of a discount line.
{{ config(materialized='incremental') }}

{% set known_columns = [
    'discount_id', 'subject', 'partner_id', 'service_account_id', 'service_code', 'deal_id',
    'rate_percent', 'requested_on', 'approved_on', 'rejected_on', 'revoked_on', 'effective_from',
    'effective_to', 'updated_at',
] %}

with delivered as (
    select
        {{ known_columns | join(', ') }},
        batch_id,
        file,
        row_number,
        true as is_new
    from {{ ref('stg_discounts') }}
    where
        reasons is null
        and {{ not_yet_loaded() }}
    {% if is_incremental() %}
        union all
        select
            {{ known_columns | join(', ') }},
            batch_id,
            file,
            row_number,
            false as is_new
        from {{ this }}
    {% endif %}
),

-- A row that equals an accepted one in every known column changes nothing.
first_deliveries as (
    select *
    from delivered
    qualify row_number() over (
        partition by {{ known_columns | join(', ') }}
        order by batch_id, file, row_number
    ) = 1
)

select
    {{ known_columns | join(', ') }},
    batch_id,
    file,
    row_number
from first_deliveries
where is_new
