"""Exact amounts in Python: as text, and changes in percent."""

from __future__ import annotations

from decimal import ROUND_HALF_UP, Decimal, localcontext

# Python's decimals are rounded to 28 digits unless told otherwise; sums here have up to 38.
DIGITS = 60


def exact(value: Decimal) -> str:
    """A decimal as text: exact, without trailing zeros or an exponent."""
    text = f"{value:f}"
    return text.rstrip("0").rstrip(".") if "." in text else text


def share_percent(part: Decimal, whole: Decimal) -> Decimal | None:
    """A part in percent of the whole, rounded like `change_percent`; None of 0."""
    if whole == 0:
        return None
    with localcontext(prec=2 * DIGITS, rounding=ROUND_HALF_UP):
        return (part * 100 / whole).quantize(Decimal("0.01"))


def change_percent(now: Decimal, before: Decimal) -> Decimal | None:
    """The change in percent, rounded half away from zero to 2 decimals; None of 0.

    The same as in the rows of a compared report, where SQL works it out.
    """
    if before == 0:
        return None
    # Two sums of 38 digits are told from a tie well within twice their length.
    with localcontext(prec=2 * DIGITS, rounding=ROUND_HALF_UP):
        return ((now - before) * 100 / abs(before)).quantize(Decimal("0.01"))
