-- What turns text into cells. A macro repeats its argument, so give it a column.

-- Whether none of the texts of a row, put together with `|` between them and around them, needs
-- anything of what follows: nearly none does, and one look at a row costs far less than one at
-- each of its cells.
create or replace temp macro is_plain(texts) as
strlen(texts) <= {limit}
and not regexp_matches(texts, '[&<>\t\n{control_class}]|  |[|] | [|]|{escape_like}');

-- How many of the first characters take two units of UTF-16.
create or replace temp macro astral(value, characters) as
length(regexp_replace(left(value, characters), '{no_astral}', '', 'g'));

create or replace temp macro cell_cut(value) as
case
    when strlen(value) > {limit} and length(value) + astral(value, {limit} + 1) > {limit}
        then left(value, {kept} - astral(value, {kept})) || '{cut_mark}'
    else value
end;

-- A text as a `<t>` element in which control characters still stand as they are.
create or replace temp macro cell_text(value) as
case
    when regexp_matches(value, '[&<>\t\n]|^ |  | $') or strlen(value) > {limit}
        then concat(
            '<t xml:space="preserve">',
            replace(replace(replace(cell_cut(value), '&', '&amp;'), '<', '&lt;'), '>', '&gt;'),
            '</t>'
        )
    else '<t>' || value || '</t>'
end;

-- The control characters of a whole row escaped, so that the long chain of replacements is in a
-- query once.
create or replace temp macro row_text(xml) as
case
    when regexp_matches(xml, '[{control_class}]|{escape_like}') then {controls}
    else xml
end;
