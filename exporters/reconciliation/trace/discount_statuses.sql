-- The spans of days on which a traced discount has one status; the first has no beginning and the
-- last no end.
create or replace temp table trace_discount_statuses as
select
    row_number() over (order by discount_id, valid_from) as number,
    discount_id,
    nullif(valid_from, date '0001-01-01') as from_date,
    nullif(valid_to, date '9999-12-31') as to_date,
    status
from dimensions.discount_statuses
where list_contains($discounts, discount_id)
