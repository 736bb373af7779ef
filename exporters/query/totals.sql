select
    {part} as part,
    report.currency,
    coalesce(any_value(currencies.minor_units), 2) as minor_units,
    count(*) as row_count,
    {sums}
from ({report}) as report
left join reference.currencies as currencies
    on report.currency = currencies.currency
group by part, report.currency
order by report.currency, part
