"""A report compared with an earlier period: columns for the earlier value and the change."""

from __future__ import annotations

from dataclasses import replace

from exporters import sql
from exporters.catalogue.columns import REPORT_DATE
from exporters.catalogue.percent import percent_sql, share_sql
from exporters.catalogue.types import Column, Kind, Report

_COMPARED = sql.load(__file__, "comparison.sql")
_BOTH_PERIODS = sql.load(__file__, "both_periods.sql")


def compared(report: Report) -> Report:
    """The report with three more columns for each measure: earlier value, change, change in %.

    Its query takes `$earlier_from_date` and `$earlier_to_date` too. A day belongs to one period
    only, so rows are added up over the days.
    """
    measures = report.total_line
    keys = tuple(
        column for column in report.columns if column not in measures and column is not REPORT_DATE
    )
    beside_each = {column.name: _beside(column) for column in measures}

    def beside(query: str) -> str:
        measured = report.compared_query or _both_periods(query, keys, measures)
        return _compared_query(measured, measures)

    return replace(
        report,
        columns=(*keys, *(column for each in beside_each.values() for column in each)),
        folded=tuple(
            column.name
            for name, each in beside_each.items()
            for column in each
            if report.leading and name not in report.leading
        ),
        query=beside(report.query),
        account_query=report.account_query and beside(report.account_query),
        allocated_query=report.allocated_query and beside(report.allocated_query),
    )


def _beside(measure: Column) -> tuple[Column, ...]:
    name, label = measure.name, measure.label
    before = replace(
        measure,
        name=f"{name}_before",
        label=f"{label} before",
        description=f"`{name}` of the earlier period; 0 where it has none.",
        share_of=measure.share_of
        and (f"{measure.share_of[0]}_before", f"{measure.share_of[1]}_before"),
    )
    change = replace(
        measure,
        name=f"{name}_change",
        label=f"{label} change",
        description=f"`{name}` less `{before.name}`.",
        share_of=None,
    )
    percent = Column(
        f"{name}_change_percent",
        f"{label} change %",
        Kind.PERCENT,
        f"`{change.name}` in percent of `{before.name}`, without its sign; empty where that is 0.",
        percent_of=None if measure.share_of else (name, before.name),
    )
    return measure, before, change, percent


def _both_periods(query: str, keys: tuple[Column, ...], measures: tuple[Column, ...]) -> str:
    """The rows that either period has, with the sums of both."""

    def each(pattern: str) -> str:
        return ", ".join(
            pattern.format(name=measure.name, type=measure.kind.sql_type)
            for measure in measures
            if measure.total
        )

    return _BOTH_PERIODS.format(
        keys=", ".join(key.name for key in keys),
        query=query,
        earlier_query=query.replace("$from_date", "$earlier_from_date").replace(
            "$to_date", "$earlier_to_date"
        ),
        now=each("cast({name} as {type}) as {name}, cast(0 as {type}) as {name}_before"),
        before=each("cast(0 as {type}) as {name}, cast({name} as {type}) as {name}_before"),
        sums=each("sum({name}) as {name}, sum({name}_before) as {name}_before"),
    )


def _compared_query(measured: str, measures: tuple[Column, ...]) -> str:
    shares = [
        f"{share_sql(*(f'{part}{period}' for part in measure.share_of))} as {measure.name}{period}"
        for measure in measures
        if measure.share_of
        for period in ("", "_before")
    ]
    return _COMPARED.format(
        measured=measured,
        shares=", ".join(["*", *shares]),
        changes=", ".join(
            f"{measure.name} - {measure.name}_before as {measure.name}_change"
            for measure in measures
        ),
        percents=", ".join(
            f"{percent_sql(f'{name}_change', f'{name}_before')} as {name}_change_percent"
            for name in (measure.name for measure in measures)
        ),
    )
