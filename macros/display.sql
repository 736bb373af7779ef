{#- A UTC timestamp as reports show it: business time, its fraction cut off. -#}
{% macro displayed_time(utc_timestamp) -%}
    cast(date_trunc('second', {{ business_time(utc_timestamp) }}) as timestamp)
{%- endmacro %}


{#- A delivered row as JSON: an object of header name to text; fields that were not there are absent,
    surplus ones are a list under _extra. -#}
{% macro raw_json(names, values) -%}
    cast(
        case
            when len({{ values }}) > len({{ names }}) and {{ values }}[len({{ names }}) + 1] is not null
                then json_merge_patch(
                    {{ named_json(names, values) }},
                    json_object(
                        '_extra',
                        list_filter(
                            list_slice({{ values }}, len({{ names }}) + 1, len({{ values }})),
                            lambda field: field is not null
                        )
                    )
                )
            else {{ named_json(names, values) }}
        end as json
    )
{%- endmacro %}


{% macro named_json(names, values) -%}
    to_json(map_from_entries(list_filter(
        list_zip({{ names }}, list_slice({{ values }}, 1, len({{ names }}))), lambda pair: pair[2] is not null
    )))
{%- endmacro %}
