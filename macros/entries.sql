{#- What an entry counts as: +1 for an original, -1 for the reversal that takes it back. -#}
{% macro entry_count(entry_type) -%}
    cast(case {{ entry_type }} when 'original' then 1 else -1 end as tinyint)
{%- endmacro %}


{#- An amount with a sign of 1, -1 or 0. A product would be wider than a decimal may be. -#}
{% macro signed(amount, sign) -%}
    case {{ sign }} when 1 then {{ amount }} when -1 then -{{ amount }} else 0 end
{%- endmacro %}
