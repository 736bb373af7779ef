-- The rows of `statement_text`, each text as what it means, and what could not be read in words.
create or replace temp table statement as
with texts as (
    select
        * exclude (currency, amount),
        upper(coalesce(currency, $currency)) as currency_text,
        amount as amount_text,
        plain_decimal(amount) as amount,
        {read_day} as day
    from statement_text
),

parsed as (
    select
        texts.*,
        known.currency
    from texts
    left join reference.currencies as known on texts.currency_text = known.currency
)

select
    id,
    row,
    key,
    account,
    currency,
    amount,
    day,
    nullif(
        concat_ws(
            '; ',
            shape,
            case
                when amount_text is null then 'the amount is empty'
                when amount is null
                    then
                        'the amount ' || quoted(amount_text)
                        || ' is not a plain decimal number like 1234567.89'
                        || ' of at most 18 digits before the point'
            end,
            case
                when date is not null and day is null
                    then 'the date ' || quoted(date) || ' is not a day {date_format}'
            end,
            case
                when currency_text is null then 'the currency is empty'
                when currency is null
                    then 'the currency ' || quoted(currency_text) || ' is not an ISO 4217 code'
            end
        ),
        ''
    ) as problem
from parsed;
