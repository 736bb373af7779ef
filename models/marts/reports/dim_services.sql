-- One row per service that is named in the reference seed or occurs in an entry or a discount.
{{ config(materialized='table', alias='services') }}

with codes as (
    select service_code
    from {{ ref('services') }}
    union
    select service_code
    from {{ ref('fct_credit_entries') }}
    union
    select service_code
    from {{ ref('fct_revenue_entries') }}
    union
    select service_code
    from {{ ref('discount_records') }}
)

select
    codes.service_code,
    coalesce(named.service_name, codes.service_code) as service_name
from codes
left join {{ ref('services') }} as named on codes.service_code = named.service_code
where codes.service_code is not null
