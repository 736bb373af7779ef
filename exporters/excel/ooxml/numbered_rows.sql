-- Rows of a report with the number that each has on its sheet and the style of its amounts.
select
    *,
    cast(
        {first_row} + ({rows_before} + row_number() over () - 1) % {rows_per_sheet} as varchar
    ) as _row,
    -- The place of a currency in one list is the place of its style in the other.
    coalesce(
        $money_styles[list_position($money_currencies, {unit})], {plain_style}
    ) as _money_style
from ({report})
where {is_in_part}
