-- One row per variable or reference seed that stored rows depend on, as it was at the last full
-- refresh.
{{
    config(
        materialized='incremental',
        pre_hook="{{ check_settings(this) }}",
    )
}}

with settings as (
    {{ current_settings() }}
)

select
    setting,
    value,
    cast('{{ run_started_at.strftime("%Y-%m-%d %H:%M:%S.%f") }}' as timestamp) as recorded_at
from settings
{% if is_incremental() %}
    where setting not in (select recorded.setting from {{ this }} as recorded)
{% endif %}
