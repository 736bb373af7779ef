"""SQL for percentages: exact, rounded half away from zero to 2 decimals."""

from __future__ import annotations


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


def share_sql(part: str, whole: str) -> str:
    """SQL for a part in percent of the whole, with the sign of their quotient; null of 0."""
    return f"case when {whole} < 0 then -1 else 1 end * {percent_sql(part, whole)}"
