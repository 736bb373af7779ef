-- Rows of the statement that repeat one that was paired, in everything that they say.
-- noqa: disable=ST07
create or replace temp table new_pairs as
with readable as (
    select
        id,
        coalesce(key, '') as key,
        coalesce(account, '') as account,
        currency,
        amount,
        day
    from statement
    where problem is null
),

candidates as (
    select *
    from readable
    where
        day is not null
        and id in (
            select id
            from open_statement
            where {rows}
        )
),

paired as (
    select readable.*
    from readable
    semi join candidates using (key, account, currency, amount, day)
    semi join pairs on readable.id = pairs.statement_id
)

select
    'duplicate in statement' as class,
    id as statement_id
from candidates
semi join paired using (key, account, currency, amount, day);
