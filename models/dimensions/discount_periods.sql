-- One row per discount, by its latest record, with the days on which it applies.
{{ config(materialized='table') }}

select * exclude (state)
from {{ ref('int_discounts__periods') }}
where state = 'now'
