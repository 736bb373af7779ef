{#- Stops the run, before anything of it is stored, when the landing folder holds a file that cannot be
    read as a whole, a batch that changed after it was taken in, or one older than the newest taken in.
    What is only odd (an empty file, a batch that has vanished) is said and the run goes on.
    `log` is the relation of landing_files. -#}
{% macro check_landing(log) %}
    {% if not execute %}{% do return('') %}{% endif %}
    {% set scan = ref('landing_scan') %}
    {% set folder = landing_folder() %}
    {% set problems = [] %}
    {% for row in run_query(
        'select feed, batch_id, file, problem from ' ~ scan
        ~ ' where problem is not null order by feed, batch_id, file'
    ) %}
        {% set place = [row['feed'], 'batch=' ~ row['batch_id'], row['file']] | join('/') %}
        {% do problems.append(((place ~ ': ') if row['file'] else '') ~ row['problem']) %}
    {% endfor %}
    {% if load_relation(log) is not none %}
        {% set compared %}
            with recorded as (
                select
                    feed,
                    batch_id,
                    list_sort(list(file || ' ' || sha256)) as files
                from {{ log }}
                group by feed, batch_id
            ),

            present as (
                select
                    feed,
                    batch_id,
                    list_sort(
                        coalesce(list(file || ' ' || sha256) filter (where file is not null), [])
                    ) as files,
                    count(file) as file_count
                from {{ scan }}
                where problem is null and notice is null
                group by feed, batch_id
            ),

            newest as (
                select
                    feed,
                    max(batch_id) as batch_id
                from {{ log }}
                group by feed
            )

            select
                coalesce(recorded.feed, present.feed) as feed,
                coalesce(recorded.batch_id, present.batch_id) as batch_id,
                newest.batch_id as newest_batch_id,
                case
                    when
                        present.batch_id is null
                        and (recorded.feed, recorded.batch_id) in (
                            select (loaded.feed, loaded.batch_id)
                            from {{ source('intake', 'batch_log') }} as loaded
                        )
                        then 'vanished'
                    when present.batch_id is null then 'half loaded'
                    when recorded.batch_id is not null and recorded.files <> present.files
                        then 'changed'
                    when recorded.batch_id is null and present.file_count > 0 then 'older'
                end as finding
            from recorded
            full join present using (feed, batch_id)
            left join newest on coalesce(recorded.feed, present.feed) = newest.feed
            where
                present.batch_id is null
                or (recorded.batch_id is not null and recorded.files <> present.files)
                or (
                    recorded.batch_id is null
                    and present.file_count > 0
                    and present.batch_id < newest.batch_id
                )
            order by feed, batch_id
        {% endset %}
        {% set broken_batches = [] %}
        {% for row in run_query(
            'select distinct feed, batch_id from ' ~ scan ~ ' where problem is not null'
        ) %}
            {% do broken_batches.append(row['feed'] ~ '/' ~ row['batch_id']) %}
        {% endfor %}
        {% for row in run_query(compared) %}
            {% set batch = row['feed'] ~ '/batch=' ~ row['batch_id'] %}
            {% if row['feed'] ~ '/' ~ row['batch_id'] in broken_batches %}
                {# said already #}
            {% elif row['finding'] == 'vanished' %}
                {% do landing_warning(
                    batch ~ ' is no longer in ' ~ folder ~ '; the ledger keeps what it held. Put it'
                    ~ ' back: a full refresh and a restore need it'
                ) %}
            {% elif row['finding'] == 'half loaded' %}
                {% do problems.append(
                    batch ~ ' has vanished, and the build that loaded it was stopped half-way. Put it'
                    ~ ' back as it was, or rebuild everything with --full-refresh'
                ) %}
            {% elif row['finding'] == 'changed' %}
                {% do problems.append(
                    batch ~ ' changed after it was processed (another set of file names, or other'
                    ~ ' bytes). Batches are immutable: put the files back as they were and send the'
                    ~ ' correction as a new batch, or rebuild everything with --full-refresh'
                ) %}
            {% else %}
                {% do problems.append(
                    batch ~ ' is older than ' ~ row['newest_batch_id'] ~ ', the newest batch of '
                    ~ row['feed'] ~ ' already processed. Deliver it under a newer batch id, or'
                    ~ ' rebuild everything with --full-refresh'
                ) %}
            {% endif %}
        {% endfor %}
    {% endif %}
    {% if not problems and load_relation(log) is none %}
        {% set found = run_query('select count(batch_id) as batches from ' ~ scan) %}
        {% if found.columns[0].values()[0] == 0 %}
            {% do exceptions.raise_compiler_error(holds_no_batch()) %}
        {% endif %}
    {% endif %}
    {% if problems %}
        {% do exceptions.raise_compiler_error(
            'The landing folder ' ~ folder ~ ' cannot be used:\n  - ' ~ problems | join('\n  - ')
        ) %}
    {% endif %}
    {% for row in run_query('select notice from ' ~ scan ~ ' where notice is not null order by 1') %}
        {% do landing_warning(row['notice']) %}
    {% endfor %}
    {% for row in run_query(
        'select feed, batch_id, file from ' ~ scan
        ~ ' where column_names is null and file is not null'
        ~ (
            ' and (feed, batch_id) not in (select (feed, batch_id) from ' ~ log ~ ')'
            if load_relation(log) is not none else ''
        )
        ~ ' order by feed, batch_id, file'
    ) %}
        {% do landing_warning(
            row['feed'] ~ '/batch=' ~ row['batch_id'] ~ '/' ~ row['file'] ~ ' is empty: it has no rows'
        ) %}
    {% endfor %}
{% endmacro %}


{#- A line for the person who runs the build. dbt's own warnings are errors in this project. -#}
{% macro landing_warning(message) %}
    {% do log('Warning: ' ~ message, info=true) %}
{% endmacro %}
