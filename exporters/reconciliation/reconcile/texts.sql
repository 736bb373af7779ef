-- Texts, days and amounts in the language of a result; what has no translation stays English. The
-- variable `said` has the translations.
create or replace temp macro said(text) as
coalesce(getvariable('said')[text], text);

create or replace temp macro shown_day(day) as
strftime(day, '{day}');

create or replace temp macro shown_month(day) as
strftime(day, '{month}');

-- An amount without trailing zeros, with marks between its digits.
create or replace temp macro plain_amount(amount) as
rtrim(rtrim(cast(abs(amount) as varchar), '0'), '.');

create or replace temp macro shown_amount(amount) as
case when amount < 0 then '-' else '' end
|| ltrim(
    reverse(
        regexp_replace(
            reverse(split_part(plain_amount(amount), '.', 1)), '([0-9]{{3}})', '\1{thousands}', 'g'
        )
    ),
    '{thousands}'
)
|| case
    when contains(plain_amount(amount), '.')
        then '{point}' || split_part(plain_amount(amount), '.', 2)
    else ''
end;
