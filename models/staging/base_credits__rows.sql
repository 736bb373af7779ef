-- One row per data row of the new batches of the credits feed, every field as text.
-- depends_on: {{ ref('landing_files') }}
-- depends_on: {{ source('landing', 'credits') }}
{{ config(materialized='ephemeral') }}

{{ read_landing('credits') }}
