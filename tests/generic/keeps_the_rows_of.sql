{#- A view has as many rows as what it shows more of, `to` (those `having` this): its joins lose
    none and repeat none. Where that has a tested key, the view has it too. -#}
{% test keeps_the_rows_of(model, to, having='true') %}
    with counted as (
        select
            (select count(*) from {{ model }}) as shown,
            (select count(*) from {{ to }} where {{ having }}) as stored
    )

    select *
    from counted
    where shown <> stored
{% endtest %}
