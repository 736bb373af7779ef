-- One row: which state of the data this is. The version is made of what went in (files, settings,
-- project), not of the clock, so that the same landing folder gives the same version wherever it is
-- built.
{{ config(materialized='table') }}

-- depends_on: {{ ref('batches') }}

with files as (
    select
        max(batch_id) as newest_batch_id,
        string_agg(
            feed || '/' || batch_id || '/' || file || ' ' || sha256, chr(10)
            order by feed, batch_id, file
        ) as fingerprints
    from {{ ref('landing_files') }}
),

settings as (
    select string_agg(setting || ' ' || value, chr(10) order by setting) as setting_texts
    from {{ ref('build_settings') }}
),

service_names as (
    select
        string_agg(
            service_code || ' ' || service_name, chr(10)
            order by service_code
        ) as name_texts
    from {{ ref('dim_services') }}
)

select
    coalesce(files.newest_batch_id, 'none') || '-' || left(sha256(
        concat_ws(
            chr(10),
            files.fingerprints,
            settings.setting_texts,
            service_names.name_texts,
            '{{ var("low_credit_days") }}',
            '{{ var("project_version") }}'
        )
    ), 8) as version,
    case
        when length(files.newest_batch_id) > 10
            then strptime(files.newest_batch_id, '%Y-%m-%dT%H%M%S')
        else coalesce(try_cast(files.newest_batch_id as timestamp), timestamp '2000-01-01 00:00:00')
    end as version_at,
    cast('{{ run_started_at.strftime("%Y-%m-%d %H:%M:%S") }}' as timestamp) as built_at,
    '{{ var("business_time_zone") }}' as business_time_zone,
    {{ var('close_day') }} as close_day,
    '{{ var('project_version') }}' as project_version,
    {{ var('low_credit_days') }} as low_credit_days
from files
cross join settings
cross join service_names
