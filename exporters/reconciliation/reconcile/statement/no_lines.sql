-- What turned out to be no line keeps only what it says.
update statement
set
    is_line = false,
    problem = concat_ws(
        ' | ',
        key,
        account,
        cast(day as varchar),
        currency,
        rtrim(rtrim(cast(amount as varchar), '0'), '.')
    ),
    key = null,
    account = null,
    currency = null,
    amount = null,
    day = null
where list_contains($found, id);
