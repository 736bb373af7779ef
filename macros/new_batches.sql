{#- Lets an append-only model load each batch once, whatever was stopped half-way: true for batches
    that are newer than the newest one in the model, of the feed if the model holds several. `loaded`
    is the model as earlier builds left it, where another model adds to it. -#}
{% macro not_yet_loaded(feed=none, batch_id='batch_id', loaded=none) -%}
    {%- set loaded = loaded or (this if is_incremental() else none) -%}
    {% if loaded -%}
        {{ batch_id }} > coalesce(
            (
                select max(loaded.batch_id)
                from {{ loaded }} as loaded
                {{ "where loaded.feed = '" ~ feed ~ "'" if feed }}
            ),
            ''
        )
    {%- else -%}
        true
    {%- endif %}
{%- endmacro %}


{#- True for the batches whose entries this build writes: what an incremental model that replaces whole
    batches takes from its parent, and from itself. `rows` is the alias of the table. Two plain
    equalities let a scan skip the rest of the table; `in` with a pair reads all of it. -#}
{% macro is_written_now(rows) -%}
    exists (
        select 1
        from {{ ref('int_batches__of_this_build') }} as written
        where
            written.feed = {{ rows }}.feed
            and written.batch_id = {{ rows }}.batch_id
            and written.is_written
    )
{%- endmacro %}


{#- True for the rows that a data test looks at: those of batches that this build writes, and of any that
    no build has proven yet. -#}
{% macro is_tested_now(batch_id='batch_id') -%}
    {{ batch_id }} in (
        select tested.batch_id from {{ ref('int_batches__of_this_build') }} as tested
    )
{%- endmacro %}
