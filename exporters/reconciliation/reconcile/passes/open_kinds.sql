-- What the open rows of the statement name: a key, an account, a day.
select distinct
    key is not null as key,
    account is not null as account,
    day is not null as day
from open_statement;
