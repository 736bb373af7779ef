-- One row per data row of the new batches of the accounts feed, every field as text.
-- depends_on: {{ ref('landing_files') }}
-- depends_on: {{ source('landing', 'accounts') }}
{{ config(materialized='ephemeral') }}

{{ read_landing('accounts') }}
