{#- A view has as many rows as what it shows more of, `to` (those `having` this): its joins lose
    none and repeat none. Where that has a tested key, the view has it too. A build that adds batches
    looks at their rows only. -#}
{% test keeps_the_rows_of(model, to, having='true') %}
    with counted as (
        select
            (select count(*) from {{ model }} where {{ is_tested_now() }}) as shown,
            (
                select count(*)
                from {{ to }}
                where
                    {{ having }}
                    and {{ is_tested_now() }}
            ) as stored
    )

    select *
    from counted
    where shown <> stored
{% endtest %}
