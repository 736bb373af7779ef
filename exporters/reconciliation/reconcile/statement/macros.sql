-- What a text means, null where it means nothing; and a text in a message.

-- With plain blanks in place of those that are never broken or narrow, and a plain minus.
create or replace temp macro plain_spaces(text) as
trim(translate(text, chr(160) || chr(8199) || chr(8201) || chr(8239) || chr(8722), '    -'));

-- A word for a currency as it stands in `currency_words`; `cells.currency_word` does the same.
create or replace temp macro currency_word(text) as
replace(upper(plain_spaces(nfc_normalize(text))), 'Ð', 'Đ');

-- A number of a workbook, of at most 18 digits before the point.
create or replace temp macro plain_decimal(text) as
case
    when regexp_full_match(text, '-?[0-9]+([.][0-9]+)?')
        then cast(try_cast(text as decimal(30, 12)) as decimal(38, 12))
end;

-- An ISO day, with or without a time; a time with an offset is of the day in `zone`.
create or replace temp macro iso_day(text, zone) as
case
    when
        not regexp_full_match(
            text,
            '[0-9]{4}-[0-9]{2}-[0-9]{2}'
            || '([T ][0-9]{2}:[0-9]{2}(:[0-9]{2}([.][0-9]{1,9})?)?( ?(Z|[+-][0-9]{2}:?[0-9]{2}))?)?'
        )
        then null
    when regexp_matches(text, '(Z|[+-][0-9]{2}:?[0-9]{2})$') and length(text) > 10
        then cast(timezone(zone, try_cast(text as timestamptz)) as date)
    when length(text) = 10 then try_cast(text as date)
    else cast(try_cast(text as timestamp) as date)
end;

-- Three numbers with `mark` between them, with or without a time, put by `iso` into the order of an
-- ISO day.
create or replace temp macro numeric_day(text, mark, iso) as
case
    when
        regexp_full_match(
            text,
            '[0-9]{1,2}' || mark || '[0-9]{1,2}' || mark || '[0-9]{4}'
            || '([, ] ?[0-9]{1,2}:[0-9]{2}(:[0-9]{2})?( ?[AaPp][Mm])?)?'
        )
        then try_cast(
            regexp_replace(text, '^([0-9]+)[/.-]([0-9]+)[/.-]([0-9]{4}).*$', iso) as date
        )
end;

create or replace temp macro quoted(text) as '"' || left(text, 60) || '"';
