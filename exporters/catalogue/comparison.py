"""A report compared with an earlier period: columns for the earlier value and the change."""

from __future__ import annotations

from dataclasses import replace

from exporters import sql
from exporters.catalogue.columns import REPORT_DATE
from exporters.catalogue.types import Column, Kind, Report

_COMPARED = sql.load(__file__, "comparison.sql")


def compared(report: Report) -> Report:
    """The report with three more columns for each measure: earlier value, change, change in %.

    Its query takes `$earlier_from_date` and `$earlier_to_date` too. A day belongs to one period
    only, so rows are added up over the days.
    """
    keys = tuple(
        column for column in report.columns if not column.total and column is not REPORT_DATE
    )
    columns = list(keys)
    for column in report.totals:
        columns += _beside(column)
    return replace(
        report,
        columns=tuple(columns),
        query=_compared_query(report.query, keys, report.totals),
        account_query=report.account_query
        and _compared_query(report.account_query, keys, report.totals),
    )


def _beside(measure: Column) -> tuple[Column, ...]:
    name, label = measure.name, measure.label
    before = replace(
        measure,
        name=f"{name}_before",
        label=f"{label} before",
        description=f"`{name}` of the earlier period; 0 where it has none.",
    )
    change = replace(
        measure,
        name=f"{name}_change",
        label=f"{label} change",
        description=f"`{name}` less `{before.name}`.",
    )
    percent = Column(
        f"{name}_change_percent",
        f"{label} change %",
        Kind.PERCENT,
        f"`{change.name}` in percent of `{before.name}`, without its sign; empty where that is 0.",
        percent_of=(name, before.name),
    )
    return measure, before, change, percent


def _compared_query(query: str, keys: tuple[Column, ...], measures: tuple[Column, ...]) -> str:
    def each(pattern: str) -> str:
        return ", ".join(
            pattern.format(name=measure.name, type=measure.kind.sql_type) for measure in measures
        )

    return _COMPARED.format(
        keys=", ".join(key.name for key in keys),
        query=query,
        earlier_query=query.replace("$from_date", "$earlier_from_date").replace(
            "$to_date", "$earlier_to_date"
        ),
        now=each("cast({name} as {type}) as {name}, cast(0 as {type}) as {name}_before"),
        before=each("cast(0 as {type}) as {name}, cast({name} as {type}) as {name}_before"),
        sums=each("sum({name}) as {name}, sum({name}_before) as {name}_before"),
        changes=each("{name} - {name}_before as {name}_change"),
        percents=", ".join(
            f"{percent_sql(f'{name}_change', f'{name}_before')} as {name}_change_percent"
            for name in (measure.name for measure in measures)
        ),
    )


def percent_sql(change: str, before: str) -> str:
    """SQL for a change in percent, rounded half away from zero to 2 decimals; null of 0.

    Decimals are divided as doubles, so it is worked out in whole units of the 12th decimal. Of
    amounts beyond 22 digits before the point it is null too: there are no wider integers.
    """
    part, whole = _units(change), _units(before)
    hundredths = (
        f"{part} // {whole} * 10000 + ({part} % {whole} * 20000 + {whole}) // ({whole} * 2)"
    )
    percent = f"cast({hundredths} as decimal(36, 0)) * cast(0.01 as decimal(2, 2))"
    return (
        f"case when {before} <> 0 then try(case when {change} < 0 then -1 else 1 end * {percent}) "
        "end"
    )


def _units(value: str) -> str:
    digits = f"replace(cast(abs(cast({value} as decimal(38, 12))) as varchar), '.', '')"
    return f"cast({digits} as uhugeint)"
