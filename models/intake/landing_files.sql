-- One row per data file of a batch that the warehouse has taken in or is taking in.
-- Fingerprints are committed here before any row of a batch is read, so that a batch which changes
-- afterwards is always found out.
{{
    config(
        materialized='incremental',
        pre_hook="{{ check_landing(this) }}",
    )
}}

-- depends_on: {{ ref('build_settings') }}

with scanned as (
    select
        feed,
        batch_id,
        file,
        size_bytes,
        modified_ns,
        sha256,
        row_count,
        column_names,
        column_types,
        field_count
    from {{ ref('landing_scan') }}
    where file is not null
),

new_files as (
    select scanned.*
    from scanned
    {% if is_incremental() %}
        left join {{ this }} as logged
            on scanned.feed = logged.feed and scanned.batch_id = logged.batch_id
        where logged.batch_id is null
    {% endif %}
)

select
    feed,
    batch_id,
    file,
    size_bytes,
    modified_ns,
    sha256,
    row_count,
    column_names,
    column_types,
    field_count
from new_files
