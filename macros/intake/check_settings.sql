{#- What stored rows depend on besides the feeds: a query giving (setting, value). The form of the
    ledger is raised whenever its tables or what stands in them changes. -#}
{% macro current_settings() %}
    select 'form of the ledger' as setting, '5' as value
    union all
    select 'business_time_zone', '{{ var("business_time_zone") }}'
    union all
    select 'close_day', '{{ var("close_day") }}'
    union all
    select 'longest_service_period', '{{ var("longest_service_period") }}'
    union all
    select 'seed movement_types', md5(string_agg(to_json(seed_row), chr(10) order by to_json(seed_row)))
    from {{ ref('movement_types') }} as seed_row
    union all
    select 'seed currencies', md5(string_agg(to_json(seed_row), chr(10) order by to_json(seed_row)))
    from {{ ref('currencies') }} as seed_row
    union all
    select
        'seed focus_billing_accounts',
        coalesce(md5(string_agg(to_json(seed_row), chr(10) order by to_json(seed_row))), 'no rows')
    from {{ ref('focus_billing_accounts') }} as seed_row
{% endmacro %}


{#- Stops the run when a setting is not what the stored rows were made with, or makes no sense.
    `recorded` is the relation of build_settings. -#}
{% macro check_settings(recorded) %}
    {% if not execute %}{% do return('') %}{% endif %}
    {% set zone = var('business_time_zone') %}
    {% set close_day = var('close_day') %}
    {% set problems = [] %}
    {% if close_day | string not in range(0, 29) | map('string') | list %}
        {% do problems.append(
            'The variable close_day is "' ~ close_day ~ '"; allowed are the whole numbers 0 to 28.'
        ) %}
    {% endif %}
    {% set longest = var('longest_service_period') %}
    {% if not modules.re.fullmatch('[1-9][0-9]{0,5}', longest | string) %}
        {% do problems.append(
            'The variable longest_service_period is "' ~ longest
            ~ '"; allowed are whole numbers of days from 1 to 999999.'
        ) %}
    {% endif %}
    {% set low = var('low_credit_days') %}
    {% if not modules.re.fullmatch('[0-9]{1,6}', low | string) %}
        {% do problems.append(
            'The variable low_credit_days is "' ~ low
            ~ '"; allowed are whole numbers of days from 0 to 999999.'
        ) %}
    {% endif %}
    {% set known %}
        select count(*) as matches
        from pg_timezone_names()
        where name = '{{ zone | replace("'", "''") }}'
    {% endset %}
    {% if run_query(known).columns[0].values()[0] == 0 %}
        {% do problems.append(
            'The variable business_time_zone is "' ~ zone ~ '"; allowed are IANA names such as'
            ~ ' Asia/Ho_Chi_Minh or UTC.'
        ) %}
    {% endif %}
    {% if problems %}
        {% do exceptions.raise_compiler_error(problems | join('\n')) %}
    {% endif %}
    {#- Before schemas were layers the settings stood in `ledger`. -#}
    {% if load_relation(recorded) is none and stored_rows('ledger', 'build_settings') %}
        {% do exceptions.raise_compiler_error(of_another_kind(
            ['they are of an older version of the project']
        )) %}
    {% endif %}
    {% if load_relation(recorded) is not none %}
        {% set differing %}
            select
                settings.setting,
                settings.value,
                recorded.value as recorded_value
            from ({{ current_settings() }}) as settings
            left join {{ recorded }} as recorded on settings.setting = recorded.setting
            where settings.value is distinct from recorded.value
            order by settings.setting
        {% endset %}
        {% set changes = [] %}
        {% for row in run_query(differing) %}
            {% if row['setting'].startswith('seed ') %}
                {% do changes.append('the ' ~ row['setting'] ~ ' has changed') %}
            {% elif row['recorded_value'] is none %}
                {% do changes.append('they are of an older version of the project') %}
            {% else %}
                {% do changes.append(
                    row['setting'] ~ ' was ' ~ row['recorded_value'] ~ ' and is now ' ~ row['value']
                ) %}
            {% endif %}
        {% endfor %}
        {% if changes %}
            {% do exceptions.raise_compiler_error(of_another_kind(changes)) %}
        {% endif %}
    {% endif %}
{% endmacro %}


{#- What is said of stored rows that a build cannot go on with. -#}
{% macro of_another_kind(changes) %}
    {{ return(
        'The stored rows were made with other settings:\n  - ' ~ changes | join('\n  - ')
        ~ '\nSet them back, or rebuild everything with --full-refresh.'
    ) }}
{% endmacro %}
