-- One row per discount, by its latest record, with the days on which it applies.
{{ config(materialized='table') }}

{{ periods_of_discounts(ref('discount_records')) }}
