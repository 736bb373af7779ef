-- Records, each on its day, with some again on the next day and some broken beside the good row.
create or replace temp table numbered as
select
    *,
    row_number() over () as number
from (
    select *
    from ({records})
    order by all
);

create or replace temp table deliveries as
select
    *,
    'accepted' as outcome
from numbered
union all
select
    * replace (least(day + 1, {last_day}) as day),
    'ignored' as outcome
from numbered
where draw('{feed} again', number, 1000) < {repeated_records}
union all
select
    * replace ({broken}),
    'rejected' as outcome
from numbered
where draw('{feed} broken', number, 1000) < {broken_records}
order by day, number, outcome;
