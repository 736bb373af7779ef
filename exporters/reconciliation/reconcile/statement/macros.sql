-- What a text means, null where it means nothing; and a text in a message.

-- A plain decimal number of at most 18 digits before the point.
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

-- Three numbers, put by `iso` into the order of an ISO day. A cell that a workbook knows to be a
-- date is one whatever the format of the others.
create or replace temp macro numeric_day(text, iso) as
case
    when
        regexp_full_match(text, '[0-9]{1,2}[/.-][0-9]{1,2}[/.-][0-9]{4}( .*)?')
        or regexp_full_match(text, '[0-9]{4}-[0-9]{2}-[0-9]{2}( 00:00:00)?')
        then coalesce(
            try_cast(left(text, 10) as date),
            try_cast(
                regexp_replace(text, '^([0-9]{1,2})[/.-]([0-9]{1,2})[/.-]([0-9]{4}).*$', iso)
                as date
            )
        )
end;

create or replace temp macro quoted(text) as '"' || left(text, 60) || '"';
