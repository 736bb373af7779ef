{#- A full refresh begins with nothing. Were it stopped half-way over the old tables, the next build
    would go on with rows that were made under two sets of settings. -#}
{% macro start_afresh() %}
    {% if execute and flags.FULL_REFRESH and flags.WHICH in ['build', 'run'] %}
        {% if invocation_args_dict.get('select') or invocation_args_dict.get('exclude') %}
            {% do exceptions.raise_compiler_error(
                'A full refresh rebuilds the whole ledger: run it without --select and --exclude.'
            ) %}
        {% endif %}
        {% do warn_of_vanished_batches() %}
        {#- What the builds worked with goes first. The ledger goes in one transaction (which cannot
            reach over two files): no part of the old one must outlive a kill. -#}
        {% for file in ['work', target.database] %}
            {% do adapter.ensure_transaction() %}
            {% for node in graph.nodes.values()
                if node.resource_type == 'model' and node.database == file %}
                {% set relation = adapter.get_relation(
                    database=node.database, schema=node.schema, identifier=node.alias
                ) %}
                {% if relation %}
                    {% do adapter.drop_relation(relation) %}
                {% endif %}
            {% endfor %}
            {% do adapter.commit() %}
            {#- Or the new rows would stand behind the old ones, and the file be twice as large. -#}
            {% do run_query('force checkpoint ' ~ file) %}
        {% endfor %}
    {% endif %}
{% endmacro %}


{#- What is no longer in the landing folder cannot be rebuilt from it. -#}
{% macro warn_of_vanished_batches() %}
    {% set log = earlier_rows('ledger', 'landing_files') %}
    {% if log %}
        {% set vanished %}
            select distinct feed, batch_id
            from {{ log }}
            anti join (
                select
                    regexp_extract(file, '/([^/]*)/batch=[^/]*/[^/]*$', 1) as feed,
                    regexp_extract(file, '/batch=([^/]*)/[^/]*$', 1) as batch_id
                from glob({{ text_list([plain_path(landing_folder()) ~ '/*/batch=*/*']) }})
            ) as present using (feed, batch_id)
            order by feed, batch_id
        {% endset %}
        {% for row in run_query(vanished) %}
            {% do landing_warning(
                row['feed'] ~ '/batch=' ~ row['batch_id'] ~ ' is no longer in ' ~ landing_folder()
                ~ '; the refreshed ledger is without it. If that is not meant, put it back and'
                ~ ' refresh again'
            ) %}
        {% endfor %}
    {% endif %}
{% endmacro %}
