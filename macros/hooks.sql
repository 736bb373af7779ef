{#- What dbt runs before the first model and after the last test. -#}
{% macro before_build() %}
    {% if execute and flags.WHICH in ['build', 'run'] %}
        {% if flags.FULL_REFRESH %}{% do start_afresh() %}{% endif %}
        {{ create_batch_log() }}
        {{ allocation_functions() }}
    {% endif %}
{% endmacro %}


{% macro after_build(results) %}
    {% if execute and flags.WHICH in ['build', 'run'] %}
        {{ write_batch_log(results) }}
    {% endif %}
{% endmacro %}
