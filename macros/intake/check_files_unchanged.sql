{#- Stops the build when a file that it has read is not as it was when its fingerprint was taken: its
    rows may be of either state. -#}
{% macro check_files_unchanged() %}
    {% set patterns = [] %}
    {% for row in run_query(
        'select distinct files.feed from ' ~ new_files() ~ ' as files order by all'
    ) %}
        {% do patterns.append(plain_path(landing_folder()) ~ '/' ~ row['feed'] ~ '/batch=*/*') %}
    {% endfor %}
    {% if not patterns %}{% do return('') %}{% endif %}
    {#- read_blob fails where it finds nothing at all. -#}
    {% set found = run_query('select count(*) as files from glob(' ~ text_list(patterns) ~ ')') %}
    {% if found.columns[0].values()[0] == 0 %}
        {% set listing = "select '' as filename, 0 as size, timestamp '1970-01-01' as last_modified" %}
    {% else %}
        {% set listing = 'select filename, size, last_modified from read_blob('
            ~ text_list(patterns) ~ ')' %}
    {% endif %}
    {% set query %}
        with present as (
            select
                regexp_extract(filename, '/([^/]*)/batch=[^/]*/[^/]*$', 1) as feed,
                regexp_extract(filename, '/batch=([^/]*)/[^/]*$', 1) as batch_id,
                regexp_extract(filename, '/([^/]*)$', 1) as file,
                size as size_bytes,
                -- DuckDB tells whole seconds; what escapes here is found by the next build.
                epoch_us(last_modified) // 1000000 as modified_s
            from ({{ listing }}) as listed
        )

        select
            files.feed,
            files.batch_id,
            files.file
        from {{ new_files() }} as files
        left join present
            on
                files.feed = present.feed
                and files.batch_id = present.batch_id
                and files.file = present.file
                and files.size_bytes = present.size_bytes
                and files.modified_ns // 1000000000 = present.modified_s
        where present.file is null
        order by all
    {% endset %}
    {% set changed = [] %}
    {% for row in run_query(query) %}
        {% do changed.append(row['feed'] ~ '/batch=' ~ row['batch_id'] ~ '/' ~ row['file']) %}
    {% endfor %}
    {% if changed %}
        {% do exceptions.raise_compiler_error(
            'Files changed or vanished while they were read, so their rows may be of either state:\n  - '
            ~ changed | join('\n  - ')
            ~ '\nWhen they are complete, rebuild everything with --full-refresh.'
        ) %}
    {% endif %}
{% endmacro %}
