-- One row per partner that any account record names, with the name in the latest of them.
{{ config(materialized='table') }}

select
    partner_id,
    partner_name
from {{ ref('int_account_records__settled') }}
qualify row_number() over (partition by partner_id order by recency desc) = 1
