-- Lines of a delivery that are restated, or are not.
select
    numbers.line,
    {is_final} as is_final,
    numbers.line // {day_lines} as day,
    numbers.line // {account_lines} % {accounts} as partner
from range({first}, {last}) as numbers (line)
where numbers.line % 100 <> {left_out}
