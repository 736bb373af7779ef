-- One row per data row of the new batches of the focus feed, every field as text.
-- depends_on: {{ ref('landing_files') }}
-- depends_on: {{ source('landing', 'focus') }}
{{ config(materialized='ephemeral') }}

{{ read_landing('focus') }}
