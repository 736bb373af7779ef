{#- A full refresh begins with nothing. Were it stopped half-way over the old tables, the next build
    would go on with rows that were made under two sets of settings. -#}
{% macro start_afresh() %}
    {% if invocation_args_dict.get('select') or invocation_args_dict.get('exclude') %}
        {% do exceptions.raise_compiler_error(
            'A full refresh rebuilds the whole ledger: run it without --select and --exclude.'
        ) %}
    {% endif %}
    {% do check_there_are_batches() %}
    {% do check_nothing_is_missing() %}
    {#- Every table goes but the seeds, also those that no model makes any more. What the builds worked with
        goes first. The ledger goes in one transaction (which cannot reach
        over two files): no part of the old one must outlive a kill. -#}
    {% for file in ['work', target.database] %}
        {% set tables = run_query(
            "select schema_name, table_name, 'table' as type from duckdb_tables()"
            ~ " where database_name = '" ~ file ~ "' and not internal"
            ~ " and schema_name <> 'reference' union all "
            ~ "select schema_name, view_name, 'view' from duckdb_views()"
            ~ " where database_name = '" ~ file ~ "' and not internal"
        ) %}
        {% do adapter.ensure_transaction() %}
        {% for row in tables %}
            {% do adapter.drop_relation(api.Relation.create(
                database=file, schema=row['schema_name'], identifier=row['table_name'],
                type=row['type']
            )) %}
        {% endfor %}
        {% do adapter.commit() %}
        {#- Or the new rows would stand behind the old ones, and the file be twice as large. -#}
        {% do run_query('force checkpoint ' ~ file) %}
    {% endfor %}
{% endmacro %}


{#- Stops a full refresh that would lose batches which the ledger holds: what is no longer in the landing
    folder cannot be rebuilt from it. `--vars 'forget_missing: true'` lets them go. -#}
{% macro check_nothing_is_missing() %}
    {#- Before schemas were layers it stood in `ledger`. -#}
    {% set files_log = (
        stored_rows('intake', 'landing_files') or stored_rows('ledger', 'landing_files')
    ) %}
    {% if not files_log or var('forget_missing') %}{% do return('') %}{% endif %}
    {% set missing %}
        select distinct logged.feed, logged.batch_id
        from {{ files_log }} as logged
        anti join (
            select
                regexp_extract(file, '/([^/]*)/batch=[^/]*/[^/]*$', 1) as feed,
                regexp_extract(file, '/batch=([^/]*)/[^/]*$', 1) as batch_id
            from glob({{ text_list([plain_path(landing_folder()) ~ '/*/batch=*/*']) }})
        ) as present on logged.feed = present.feed and logged.batch_id = present.batch_id
        order by logged.feed, logged.batch_id
    {% endset %}
    {% set names = [] %}
    {% for row in run_query(missing) %}
        {% do names.append(row['feed'] ~ '/batch=' ~ row['batch_id']) %}
    {% endfor %}
    {% if names %}
        {% do exceptions.raise_compiler_error(
            'A full refresh would lose batches that the ledger holds and that are no longer in '
            ~ landing_folder() ~ ':\n  - ' ~ names | join('\n  - ')
            ~ "\nPut them back, or let them go with --forget-missing"
            ~ " (plain dbt: --vars 'forget_missing: true')."
        ) %}
    {% endif %}
{% endmacro %}


{#- Stops a full refresh from a landing folder without a batch, which would publish emptiness: it may be
    the wrong folder, or a disk that is not mounted. A new home is told the same by check_landing(). -#}
{% macro check_there_are_batches() %}
    {% set files = run_query(
        'select count(*) as files from glob('
        ~ text_list([plain_path(landing_folder()) ~ '/*/batch=*/*']) ~ ')'
    ) %}
    {% if files.columns[0].values()[0] == 0 %}
        {% do exceptions.raise_compiler_error(holds_no_batch()) %}
    {% endif %}
{% endmacro %}


{% macro holds_no_batch() %}
    {{ return(
        'The landing folder ' ~ landing_folder() ~ ' holds no batch: there is no file'
        ~ ' <feed>/batch=<batch id>/<name> below it. Name another one with --landing'
    ) }}
{% endmacro %}
