-- Pairs what lies one day apart: from the earliest day on, the day before first.
--
-- All rows of a day that the exact pass has left are of one side. Along a run of days without a
-- gap, and with the sides in turn, a day's rows go to the day before as far as that has rows left,
-- and the rest to the day after.
-- noqa: disable=ST07

create or replace temp table near_groups as
select
    row_number() over () as group_id,
    {alike}
from (
    select distinct {alike} from open_statement
    where {rows}
) as stated;

create or replace temp table near_rows as
with stated as (
    select
        id,
        group_id,
        day
    from open_statement
    inner join near_groups using ({alike})
    where {rows}
),

booked as (
    select
        id,
        group_id,
        day
    from open_ledger
    inner join near_groups using ({alike})
)

select
    'statement' as side,
    stated.*
from stated
union all
select
    'ledger' as side,
    booked.*
from booked
where
    exists (
        select 1
        from stated
        where
            stated.group_id = booked.group_id
            and stated.day between booked.day - 1 and booked.day + 1
    );

create or replace temp table near_days as
select
    *,
    coalesce(lag(day) over days = day - 1 and lag(side) over days <> side, false) as is_linked
from (
    select
        group_id,
        day,
        side,
        count(*) as row_count
    from near_rows
    group by group_id, day, side
) as counted
window days as (partition by group_id order by day);

-- `taken` is how many rows of a day go to the day before; `place` counts a run's days.
create or replace temp table near_links as
with recursive chain as (
    select
        group_id,
        day,
        row_count,
        cast(0 as bigint) as taken,
        1 as place
    from near_days
    where not is_linked
    union all
    select
        near_days.group_id,
        near_days.day,
        near_days.row_count,
        least(near_days.row_count, chain.row_count - chain.taken) as taken,
        chain.place + 1 as place
    from chain
    inner join near_days
        on
            chain.group_id = near_days.group_id
            and near_days.day = chain.day + 1
            and near_days.is_linked
)

select
    *,
    lag(taken) over days as taken_before,
    place > 2 or coalesce(lead(place) over days = 3, false) as is_long
from chain
window days as (partition by group_id order by day);

create or replace temp table new_pairs as
with sides as (
    select
        *,
        row_number() over (partition by group_id, day order by id) as number,
        count(*) over (partition by group_id, day) as alike
    from near_rows
)

select
    'matched' as class,
    'nearest date' || case when earlier.alike = 1 and later.alike = 1 then '' else ', by order' end
        as match,
    links.is_long as ambiguous,
    case earlier.side when 'statement' then earlier.id else later.id end as statement_id,
    case earlier.side when 'ledger' then earlier.id else later.id end as ledger_id
from near_links as links
inner join sides as later
    on
        links.group_id = later.group_id
        and links.day = later.day
        and links.taken >= later.number
inner join sides as earlier
    on
        links.group_id = earlier.group_id
        and links.day - 1 = earlier.day
        and later.number + coalesce(links.taken_before, 0) = earlier.number
where links.taken > 0;
