-- One row per data row of the new batches of the revenue feed, every field as text.
-- depends_on: {{ ref('landing_files') }}
-- depends_on: {{ source('landing', 'revenue') }}
{{ config(materialized='ephemeral') }}

{{ read_landing('revenue') }}
