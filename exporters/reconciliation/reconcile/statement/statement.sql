-- The rows of `statement_text`, each text as what it means, and what could not be read in words.
create or replace temp table statement as
with amounts as (
    select
        id,
        currency,
        {read_amount} as amount
    from statement_amounts
),

texts as (
    select
        stated.* exclude (currency, amount),
        stated.currency as currency_text,
        stated.amount as amount_text,
        words.currency as in_column,
        beside.currency as beside_amount,
        case when stated.is_number then plain_decimal(stated.amount) else beside.amount end
            as amount,
        case
            when stated.is_day then cast(try_cast(stated.date as timestamp) as date)
            else {read_day}
        end as day
    from statement_text as stated
    left join currency_words as words on currency_word(stated.currency) = words.word
    left join amounts as beside on stated.id = beside.id
),

-- Where a row and its list name several currencies, it has none.
parsed as (
    select
        *,
        list_distinct(
            list_filter([in_column, beside_amount, $currency], lambda each: each is not null)
        ) as currencies,
        case len(currencies) when 0 then $default_currency when 1 then currencies[1] end
            as currency,
        not_a_line is null as is_line
    from texts
)

select
    id,
    row,
    is_line,
    case when is_line then key end as key,
    case when is_line then account end as account,
    case when is_line then currency end as currency,
    case when is_line then amount end as amount,
    case when is_line then day end as day,
    coalesce(
        not_a_line,
        nullif(
            concat_ws(
                '; ',
                shape,
                case
                    when amount_text is null then said('the amount is empty')
                    when amount is null
                        then
                            printf(
                                said(
                                    'the amount %s is not a number like %s'
                                    ' of at most 18 digits before the point'
                                ),
                                quoted(amount_text),
                                '{numbers}'
                            )
                end,
                case
                    when date is not null and day is null
                        then
                            printf(
                                said('the date %s is not a day %s'), quoted(date), '{date_format}'
                            )
                end,
                case
                    when len(currencies) > 1
                        then
                            printf(
                                said('the row has several currencies: %s'),
                                array_to_string(list_sort(currencies), ', ')
                            )
                    when currency_text is not null and currency is null
                        then
                            printf(
                                said('the currency %s is not an ISO 4217 code'),
                                quoted(upper(currency_text))
                            )
                    when currency is null then said('the currency is empty')
                end
            ),
            ''
        )
    ) as problem
from parsed;
