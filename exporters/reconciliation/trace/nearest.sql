-- Ids that a slip at either end would lead to, among the first that begin or end like it.
with known as (
    (
        select event_id as id from ledger.fct_credit_entries
        where starts_with(lower(event_id), $beginning) or ends_with(lower(event_id), $ending)
        limit $most_candidates
    )
    union
    (
        select transaction_id as id from ledger.fct_credit_entries
        where
            starts_with(lower(transaction_id), $beginning)
            or ends_with(lower(transaction_id), $ending)
        limit $most_candidates
    )
    union
    (
        select event_id as id from ledger.fct_revenue_entries
        where starts_with(lower(event_id), $beginning) or ends_with(lower(event_id), $ending)
        limit $most_candidates
    )
    union
    (
        select order_id as id from ledger.fct_revenue_entries
        where starts_with(lower(order_id), $beginning) or ends_with(lower(order_id), $ending)
        limit $most_candidates
    )
    union
    (
        select discount_id as id from dimensions.discount_periods
        where
            starts_with(lower(discount_id), $beginning)
            or ends_with(lower(discount_id), $ending)
        limit $most_candidates
    )
)

select id
from known
where levenshtein(lower(id), $folded) <= 2
order by levenshtein(lower(id), $folded), id
limit 3
