-- The amounts that are texts, in their parts: sign, digits with their marks, and the words beside
-- them, which are null or a currency.
create or replace temp table statement_amounts as
with texts as (
    select
        id,
        row,
        amount as text,
        plain_spaces(amount) as plain
    from statement_text
    where amount is not null and not is_number
),

parts as (
    select
        *,
        trim(regexp_extract(plain, '^([^0-9]*)', 1)) as before,
        regexp_extract(plain, '([0-9].*[0-9]|[0-9])', 1) as digits,
        trim(regexp_extract(plain, '([^0-9]*)$', 1)) as after
    from texts
    where regexp_matches(plain, '[0-9]')
),

signed as (
    select
        * exclude (before, after),
        case when starts_with(before, '-') or ends_with(before, '-') then '-' else '' end as sign,
        nullif(currency_word(regexp_replace(before, '^-|-$', '')), '') as before,
        nullif(currency_word(after), '') as after
    from parts
)

select
    signed.* exclude (before, after, plain, digits),
    -- What is beside a number and no currency makes it unreadable.
    case
        when signed.before is not null and one.currency is null then null
        when signed.after is not null and other.currency is null then null
        when one.currency <> other.currency then null
        else signed.digits
    end as digits,
    coalesce(one.currency, other.currency) as currency
from signed
left join currency_words as one on signed.before = one.word
left join currency_words as other on signed.after = other.word;
