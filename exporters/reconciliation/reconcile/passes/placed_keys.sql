-- The keys of which a row of the statement has its place.
create or replace temp table placed_keys as
select statement.key
from pairs
inner join statement on pairs.statement_id = statement.id
where statement.key is not null;
