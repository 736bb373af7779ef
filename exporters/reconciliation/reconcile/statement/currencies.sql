-- The words for currencies: codes, and what people write in their place.
create or replace temp table currency_words as
select
    currency as word,
    currency
from reference.currencies
union all
select
    unnest($words) as word,
    unnest($currencies) as currency;
