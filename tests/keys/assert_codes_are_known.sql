-- A code is one of those that the rules know. Of entries only the batches are looked at that are
-- tested now.
{% set codes = [
    ('account_history', 'account_type', ['partner', 'customer'], 'true'),
    (
        'discount_statuses', 'status',
        ['awaiting_approval', 'awaiting_active', 'active', 'expired', 'rejected', 'revoked'], 'true',
    ),
    ('int_events__multi_version', 'resolution', ['effective', 'repeated', 'stale'], 'true'),
    ('credit_balance', 'basis', ['event', 'posted'], 'true'),
    ('fct_credit_entries', 'entry_type', ['original', 'reversal'], is_tested_now()),
    ('fct_revenue_entries', 'entry_type', ['original', 'reversal'], is_tested_now()),
] %}
{% set references = [
    ('fct_credit_entries', 'movement_type', 'movement_types'),
    ('fct_credit_entries', 'currency', 'currencies'),
    ('fct_revenue_entries', 'currency', 'currencies'),
] %}

{% for model, column, allowed, tested in codes %}
    select
        '{{ model }}.{{ column }}' as place,
        {{ column }} as code,
        count(*) as row_count
    from {{ ref(model) }}
    where
        coalesce({{ column }} not in ('{{ allowed | join("', '") }}'), true) -- noqa: LT05
        and {{ tested }}
    group by {{ column }}
    union all
{% endfor %}
{% for model, column, seed in references %}
    select
        '{{ model }}.{{ column }}' as place,
        {{ column }} as code,
        count(*) as row_count
    from {{ ref(model) }}
    where
        coalesce(
            {{ column }} not in (select reference.{{ column }} from {{ ref(seed) }} as reference),
            true
        )
        and {{ is_tested_now() }}
    group by {{ column }}
    {{ 'union all' if not loop.last }}
{% endfor %}
