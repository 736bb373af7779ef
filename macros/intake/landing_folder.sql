{#- The landing folder of this run, without a slash at its end. -#}
{% macro landing_folder() %}
    {{ return(env_var('PARTNER_REPORTS_LANDING', 'seeds/landing').rstrip('/')) }}
{% endmacro %}
