{#- Lets an append-only model take each batch once, whatever was stopped half-way: true for batches
    that are newer than the newest one in the model, of the feed if the model holds several. -#}
{% macro not_yet_taken(feed=none, batch_id='batch_id') -%}
    {% if is_incremental() -%}
        {{ batch_id }} > coalesce(
            (
                select max(taken.batch_id)
                from {{ this }} as taken
                {{ "where taken.feed = '" ~ feed ~ "'" if feed }}
            ),
            ''
        )
    {%- else -%}
        true
    {%- endif %}
{%- endmacro %}
