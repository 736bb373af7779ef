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


{#- True for the batches whose entries this run writes again, since their attribution has changed. -#}
{% macro is_reattributed() -%}
    {%- set batches = earlier_rows('reports', 'batches') -%}
    (feed, batch_id) in (
        select (changed.feed, changed.reattributed_batch_id)
        from {{ ref('reattributed_batches') }} as changed
        where
            changed.batches_before >= {{ '(select count(*) from ' ~ batches ~ ')' if batches else 0 }}
    )
{%- endmacro %}
