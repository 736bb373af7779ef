-- One row to a pair or a lone row, with the statement's side of it. Amounts of two currencies have
-- no difference, so a pair of which the currencies differ is two rows.
create or replace temp table placed as
with together as (
    select *
    from pairs
    union all
    select
        'unreadable' as class,
        null as match,
        false as ambiguous,
        id as statement_id,
        null as ledger_id
    from statement
    where is_line and problem is not null
    union all
    select
        'not a line' as class,
        null as match,
        false as ambiguous,
        id as statement_id,
        null as ledger_id
    from statement
    where not is_line
)

select
    together.class,
    together.match,
    together.ambiguous,
    unnest(
        case together.class when 'currency differs' then ['statement', 'ledger'] else ['both'] end
    ) as side,
    together.ledger_id,
    together.statement_id,
    stated.row as statement_row,
    stated.key as statement_key,
    stated.account as statement_account,
    stated.day as statement_date,
    stated.currency as statement_currency,
    stated.amount as stated_amount,
    stated.problem
from together
left join statement as stated on together.statement_id = stated.id;
