-- Rows that can be totals, each with the sum and the number of the lines before it, per currency.
create or replace temp table sum_candidates as
select
    id,
    currency,
    amount,
    cast($has_key and key is null as integer)
    + cast($has_date and day is null as integer)
    + cast($has_account and account is null as integer) as lacking
from statement
where
    is_line
    and amount is not null
    and (lacking > 0 or not ($has_key or $has_date))
    and coalesce(key not in (select name from known_names), true)
    and (
        coalesce(account not in (select name from known_names), true)
        or ($has_key and key is null)
    );

with summed as (
    select
        id,
        currency,
        sum(amount) over before as total,
        count(*) over before as row_count
    from statement
    anti join sum_candidates on statement.id = sum_candidates.id
    where is_line and currency is not null and amount is not null
    window before as (partition by currency order by id)
),

currencies as (
    select distinct currency from statement
    where currency is not null
)

select
    candidates.id,
    candidates.currency,
    candidates.amount,
    candidates.lacking,
    currencies.currency as summed_currency,
    coalesce(summed.total, 0) as total,
    coalesce(summed.row_count, 0) as row_count
from sum_candidates as candidates
inner join currencies on coalesce(candidates.currency = currencies.currency, true)
asof left join summed
    on
        currencies.currency = summed.currency
        and candidates.id > summed.id
order by candidates.id, currencies.currency;
