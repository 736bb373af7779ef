{#- Lets an append-only model take each batch once, whatever was stopped half-way: true for batches of
    the feed that are newer than the newest one in the model. -#}
{% macro not_yet_taken(feed, batch_id='batch_id') -%}
    {% if is_incremental() -%}
        {{ batch_id }} > coalesce(
            (select max(taken.batch_id) from {{ this }} as taken where taken.feed = '{{ feed }}'), ''
        )
    {%- else -%}
        true
    {%- endif %}
{%- endmacro %}
