-- A view of entries has as many rows as the entries that it shows: its joins lose none and repeat
-- none. Where entries have a tested key, the view has it too.
{% set views = [
    (ref('credit_entries'), ref('fct_credit_entries'), 'true'),
    (
        ref('credit_topups'), ref('fct_credit_entries'),
        "movement_type in ('top_up', 'transfer_in')",
    ),
    (ref('int_revenue_entries__priced'), ref('fct_revenue_entries'), 'true'),
] %}

with counted as (
    {% for view, entries, shown in views %}
        select
            '{{ view.identifier }}' as shown_in,
            (
                select count(*)
                from {{ view }}
                where {{ is_tested_now() }}
            ) as row_count,
            (
                select count(*)
                from {{ entries }}
                where
                    partner_id is not null
                    and {{ shown }}
                    and {{ is_tested_now() }}
            ) as entry_count
        {{ 'union all' if not loop.last }}
    {% endfor %}
)

select *
from counted
where row_count <> entry_count
