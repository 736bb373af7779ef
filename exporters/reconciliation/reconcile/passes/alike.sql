-- Pairs open rows that are alike in some columns, one to one in their order.
-- noqa: disable=ST07

-- Groups of them get numbers, so that what is sorted is narrow however long the keys are.
create or replace temp table alike_groups as
with stated as (
    select
        *,
        fifteen_digits(amount) as rounded
    from open_statement
    where {rows}
),

booked as (
    select
        * replace ({compared_day} as day),
        fifteen_digits(amount) as rounded
    from {ledger}
),

groups as (
    select distinct {alike}
    from stated
)

select
    row_number() over () as group_id,
    {alike}
from groups
semi join booked using ({alike});

create or replace temp table alike_in_statement as
with stated as (
    select
        *,
        fifteen_digits(amount) as rounded
    from open_statement
    where {rows}
)

select
    id,
    group_id,
    row_number() over (partition by group_id order by day, amount, id) as number,
    count(*) over (partition by group_id) as alike
from stated
inner join alike_groups using ({alike});

create or replace temp table alike_in_ledger as
with booked as (
    select
        * replace ({compared_day} as day),
        fifteen_digits(amount) as rounded
    from {ledger}
)

select
    id,
    group_id,
    row_number() over (partition by group_id order by day, amount, id) as number,
    count(*) over (partition by group_id) as alike
from booked
inner join alike_groups using ({alike});

create or replace temp table new_pairs as
select
    '{class_}' as class,
    '{match}' || case when mine.alike = 1 and theirs.alike = 1 then '' else ', by order' end
        as match,
    {is_choice} and (mine.alike > 1 or theirs.alike > 1) as ambiguous,
    mine.id as statement_id,
    theirs.id as ledger_id
from alike_in_statement as mine
inner join alike_in_ledger as theirs using (group_id, number);
