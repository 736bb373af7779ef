-- Places what has a key that stands once on either side: one join in place of several passes.
create or replace temp table new_pairs as
with single as (
    select key
    from (
        select
            key,
            true as is_mine
        from open_statement
        where key is not null
        union all
        select
            key,
            false as is_mine
        from open_ledger
        where key is not null
    ) as keys
    group by key
    having count(*) = 2 and bool_or(is_mine) and not bool_and(is_mine)
),

compared as (
    select
        mine.id as statement_id,
        theirs.id as ledger_id,
        mine.currency = theirs.currency as same_currency,
        mine.amount = theirs.amount as same_amount,
        {is_workbook} and fifteen_digits(mine.amount) = fifteen_digits(theirs.amount)
            as same_digits,
        coalesce(mine.account = theirs.account, true) as same_account,
        coalesce(mine.day = theirs.day, true) as same_day
    from open_statement as mine
    inner join open_ledger as theirs on mine.key = theirs.key
    semi join single on mine.key = single.key
)

select
    case
        when not same_currency then 'currency differs'
        when not same_amount
            then case
                when same_digits and same_account and same_day then 'matched'
                else 'amount differs'
            end
        when not same_account then 'another account'
        when not same_day then 'date differs'
        else 'matched'
    end as class,
    case when not same_amount and class = 'matched' then 'key, to 15 digits' else 'key' end
        as match,
    false as ambiguous,
    statement_id,
    ledger_id
from compared;
