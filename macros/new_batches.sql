{#- Lets an append-only model take each batch once, whatever was stopped half-way: true for batches
    that are newer than the newest one in the model, of the feed if the model holds several. `taken`
    is the model as earlier runs left it, where another model adds to it. -#}
{% macro not_yet_taken(feed=none, batch_id='batch_id', taken=none) -%}
    {%- set taken = taken or (this if is_incremental() else none) -%}
    {% if taken -%}
        {{ batch_id }} > coalesce(
            (
                select max(taken.batch_id)
                from {{ taken }} as taken
                {{ "where taken.feed = '" ~ feed ~ "'" if feed }}
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
        from {{ ref('int_batches__written') }} as written
        where written.feed = {{ rows }}.feed and written.batch_id = {{ rows }}.batch_id
    )
{%- endmacro %}


{#- True for the rows that a data test looks at: all of them, unless `partner-reports build` says that
    what earlier builds wrote has been proven before. -#}
{% macro is_tested_now(batch_id='batch_id') -%}
    {%- set written = ref('int_batches__written') -%}
    {%- if env_var('PARTNER_REPORTS_PROVE', 'everything') == 'written' -%}
        {{ batch_id }} in (select written.batch_id from {{ written }} as written)
    {%- else -%}
        true
    {%- endif %}
{%- endmacro %}
