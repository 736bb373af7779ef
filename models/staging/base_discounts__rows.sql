-- One row per data row of the new batches of the discounts feed, every field as text.
-- depends_on: {{ ref('landing_files') }}
-- depends_on: {{ source('landing', 'discounts') }}
{{ config(materialized='ephemeral') }}

{{ read_landing('discounts') }}
