-- One row per data row of the batches of the discounts feed that are not processed yet, every field
-- as text.
-- depends_on: {{ ref('landing_files') }}

{{ read_landing('discounts') }}
