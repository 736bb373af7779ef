"""dbt by itself works too, with the same settings."""

from __future__ import annotations

from pathlib import Path

from support.homes import SAMPLE, dbt


def test_plain_dbt_build_works_from_nothing(place: Path) -> None:
    """Unit tests included; the variables, seeds and tests are those of the command."""
    has_succeeded, printed = dbt(place / "home", SAMPLE, "build")
    assert has_succeeded, printed
    assert "WARN=0 ERROR=0 SKIP=0" in printed


def test_senseless_variables_are_refused(place: Path) -> None:
    variables = "{close_day: 29, business_time_zone: Hanoi}"
    has_succeeded, printed = dbt(
        place / "home", SAMPLE, "build", "--vars", variables, "--select", "+build_settings"
    )
    assert not has_succeeded
    assert 'close_day is "29"; allowed are the whole numbers 0 to 28' in printed
    assert 'business_time_zone is "Hanoi"; allowed are IANA names' in printed
