"""Each report on a published file whose every figure is known, as CSV, JSON and Parquet."""

from __future__ import annotations

import json
from datetime import date, datetime
from decimal import Decimal
from pathlib import Path
from typing import Any

import duckdb
import pytest
from support.published import write_published

from exporters.catalogue.reports import REPORTS
from exporters.cli import app

FEBRUARY = ("2024-02-01", "2024-02-29")


def export(home: Path, output: Path, report: str, *options: str, period: tuple[str, str]) -> str:
    """Export a report of P-001 and return the text of the file."""
    first, last = period
    arguments = ["export", report, "--home", str(home), "--from", first, "--to", last]
    if "--partner" not in options:
        arguments += ["--partner", "P-001"]
    assert app.main([*arguments, "--output", str(output), *options]) == 0
    return output.read_bytes().decode("utf-8")


TOPUPS_HEADER = (
    "report_date,occurred_at,transaction_id,event_id,entry_type,service_account_id,"
    "service_account_name,account_id,account_name,account_type,wallet,movement_type,"
    "counterparty_service_account_id,payment_method,currency,amount\n"
)
USAGE_HEADER = (
    "report_date,service_account_id,service_account_name,account_id,account_name,account_type,"
    "wallet,movement_type,service_code,service_name,currency,event_count,amount\n"
)
BALANCE_HEADER = (
    "service_account_id,service_account_name,account_id,account_name,account_type,wallet,"
    "currency,opening_balance,topped_up,transferred_in,accrued,used,transferred_out,expired,"
    "adjusted,net_movement,closing_balance,held,available\n"
)
DISCOUNTS_HEADER = (
    "subject,discount_id,service_account_id,service_account_name,service_code,service_name,"
    "deal_id,rate_percent,starts_on,ends_on,status,currency,event_count,list_amount,"
    "discount_amount\n"
)
DETAIL_HEADER = (
    "report_date,occurred_at,event_id,entry_type,order_id,service_account_id,"
    "service_account_name,account_id,account_name,account_type,service_code,service_name,"
    "charge_type,quantity,unit,currency,list_amount,discount_amount,net_amount,tax_amount,"
    "partner_discount_rate,partner_cost_amount,partner_margin_amount\n"
)
MEASURES = (
    "currency,event_count,list_amount,discount_amount,net_amount,tax_amount,"
    "partner_cost_amount,partner_margin_amount\n"
)
SERVICE_HEADER = "service_code,service_name," + MEASURES
ACCOUNT_HEADER = (
    "service_account_id,service_account_name,account_id,account_name,account_type," + MEASURES
)
STATEMENT_HEADER = (
    "service_account_id,wallet,currency,report_date,occurred_at,event_id,version,entry_type,"
    "movement_type,amount,balance_effect,balance_after,held_after,transaction_id,"
    "counterparty_service_account_id,payment_method,service_code,service_name,description,"
    "service_account_name,account_id,account_name,account_type\n"
)
OUTLOOK_HEADER = (
    "service_account_id,service_account_name,account_id,account_name,account_type,wallet,"
    "currency,closing_balance,available,used,daily_use,days_left,empty_on,level\n"
)
MARGINS_HEADER = (
    "service_account_id,service_account_name,account_id,account_name,account_type,service_code,"
    "service_name,currency,event_count,list_amount,discount_amount,net_amount,"
    "partner_cost_amount,partner_margin_amount,margin_percent\n"
)
DEFERRED_HEADER = (
    "service_account_id,service_account_name,account_id,account_name,account_type,service_code,"
    "service_name,currency,opening_deferred,billed,earned,closing_deferred\n"
)
WATERFALL_HEADER = "billed_month,earned_month,currency,event_count,net_amount\n"

SA1 = "SA-1,Alpha own,A-P1,Alpha,partner"
SA2 = "SA-2,Customer one,A-C1,One (old),customer"
SA2_LATER = "SA-2,Customer one,A-C1b,One Ltd,customer"
SA3 = "SA-3,,A-C2,,customer"

TOPUPS_EVENT = f"""\
{TOPUPS_HEADER}\
2024-02-02,2024-02-02 12:00:00,T13,c13,original,{SA3},main,top_up,,bank,VND,100000
2024-02-03,2024-02-03 10:11:12,T2,c2,original,{SA1},main,top_up,,card,USD,500.5
2024-02-05,2024-02-05 08:00:00,T3,c4,original,{SA2},main,transfer_in,SA-1,,USD,200
2024-02-06,2024-02-06 00:00:00,T4,c5,original,{SA2},main,transfer_in,,,VND,50000
2024-02-29,2024-02-29 12:00:00,0012,=1+1,original,{SA1},main,top_up,,@SUM(A1),KWD,1.234
"""
TOPUPS_POSTED = TOPUPS_EVENT.replace(
    "2024-02-29,",
    f"2024-02-08,2024-02-08 12:00:00,T8,c8,original,{SA1},main,top_up,,bank,USD,77\n2024-02-29,",
    1,
)
USAGE_EVENT = f"""\
{USAGE_HEADER}\
2024-02-05,{SA1},main,transfer_out,,,USD,1,200
2024-02-07,{SA2},main,usage,compute,Compute,USD,1,12.345678901234
2024-02-07,{SA2},main,usage,,,USD,1,0.000000000001
2024-02-20,{SA2_LATER},main,usage,compute,Compute,USD,1,1
"""
USAGE_POSTED = f"""\
{USAGE_HEADER}\
2024-02-01,{SA2},main,usage,compute,Compute,USD,1,30
2024-02-05,{SA1},main,transfer_out,,,USD,1,200
2024-02-07,{SA2},main,usage,compute,Compute,USD,1,12.345678901234
2024-02-07,{SA2},main,usage,,,USD,1,0.000000000001
2024-02-09,{SA2},main,usage,storage,Object storage,USD,0,0
2024-02-20,{SA2_LATER},main,usage,compute,Compute,USD,1,1
"""
BALANCE_EVENT = f"""\
{BALANCE_HEADER}\
{SA1},held only,USD,0,0,0,0,0,0,0,0,0,0,5,-5
{SA1},main,KWD,0,1.234,0,0,0,0,0,0,1.234,1.234,0,1.234
{SA1},main,USD,1000,500.5,0,0,0,200,0,0,300.5,1300.5,0,1300.5
{SA2_LATER},main,USD,-30,0,200,0,13.345678901235,0,0,0,186.654321098765,156.654321098765,25,\
131.654321098765
{SA2_LATER},main,VND,0,0,50000,0,0,0,0,0,50000,50000,0,50000
{SA2_LATER},poc,USD,10,0,0,0,0,0,3,0,-3,7,0,7
{SA3},main,VND,0,100000,0,0,0,0,0,0,100000,100000,0,100000
"""
BALANCE_POSTED = BALANCE_EVENT.replace(
    "USD,1000,500.5,0,0,0,200,0,0,300.5,1300.5,0,1300.5",
    "USD,1000,577.5,0,0,0,200,0,0,377.5,1377.5,0,1377.5",
).replace(
    "USD,-30,0,200,0,13.345678901235,0,0,0,186.654321098765",
    "USD,0,0,200,0,43.345678901235,0,0,0,156.654321098765",
)
DISCOUNTS_EVENT = f"""\
{DISCOUNTS_HEADER}\
customer,d-later-worth,SA-3,,compute,Compute,,7,2024-03-01,,awaiting_approval,USD,1,50,3.5
customer,d-over-worth,SA-2,Customer one,compute,Compute,,10,2023-01-01,2024-01-31,expired,USD,\
1,100,10
customer,d-rejected,SA-2,Customer one,storage,Object storage,,5,,,rejected,,0,0,0
partner,d-active,,,compute,Compute,,20,2024-01-01,,active,USD,2,110,22
partner,d-active,,,compute,Compute,,20,2024-01-01,,active,VND,2,1000,200
partner,d-deal,,,unlisted,unlisted,DEAL-1,12.5,2024-02-10,2024-02-20,expired,,0,0,0
partner,d-waiting,,,storage,Object storage,,5,,,awaiting_approval,,0,0,0
"""
# What was taken back in March still counts in February as it was reported.
DISCOUNTS_POSTED = DISCOUNTS_EVENT.replace("USD,2,110,22", "USD,1,100,20").replace(
    "partner,d-active",
    "customer,d-taken-back,SA-1,Alpha own,storage,Object storage,,7,2023-03-01,2024-01-30,"
    "revoked,USD,1,50,3.5\npartner,d-active",
    1,
)
R1 = f"2024-02-01 07:00:00,r1,original,O-1,{SA2},compute,Compute,usage,10,hour,USD"
R2 = f"2024-02-20 07:00:00,r2,original,O-1,{SA2_LATER},compute,Compute,usage,0.5,hour,USD"
R3 = f"{SA1},storage,Object storage,subscription"
DETAIL_EVENT = f"""\
{DETAIL_HEADER}\
2024-02-01,{R1},100,10,90,9,20,80,10
2024-02-04,2024-02-04 07:00:00,r4,original,,{R3},1,month,USD,7,0,7,0,0,7,0
2024-02-05,2024-02-05 07:00:00,r5,original,,{SA3},unlisted,unlisted,one_time,,,VND,100000,0,\
100000,10000,0,100000,0
2024-02-06,2024-02-06 07:00:00,r6,original,,{SA2},compute,Compute,tax,,,USD,1.5,0,1.5,0,0,1.5,0
2024-02-06,2024-02-06 08:00:00,r7,original,,{SA2},compute,Compute,credit,,,USD,-1.5,0,-1.5,0,0,\
-1.5,0
2024-02-20,{R2},10.25,0,10.25,0,12.5,8.96875,1.28125
"""
DETAIL_POSTED = DETAIL_EVENT.replace(
    f"2024-02-04,2024-02-04 07:00:00,r4,original,,{R3},1,month,USD,7,0,7,0,0,7,0",
    f"2024-02-03,2024-02-03 07:00:00,r3,original,,{R3},1,month,USD,50,0,50,0,0,50,0",
)
SERVICE_EVENT = f"""\
{SERVICE_HEADER}\
compute,Compute,USD,4,110.25,10,100.25,9,88.96875,11.28125
storage,Object storage,USD,1,7,0,7,0,7,0
unlisted,unlisted,VND,1,100000,0,100000,10000,100000,0
"""
SERVICE_POSTED = SERVICE_EVENT.replace("USD,1,7,0,7,0,7,0", "USD,1,50,0,50,0,50,0")
ACCOUNT_EVENT = f"""\
{ACCOUNT_HEADER}\
{SA1},USD,1,7,0,7,0,7,0
{SA2},USD,3,100,10,90,9,80,10
{SA2_LATER},USD,1,10.25,0,10.25,0,8.96875,1.28125
{SA3},VND,1,100000,0,100000,10000,100000,0
"""
ACCOUNT_POSTED = ACCOUNT_EVENT.replace("USD,1,7,0,7,0,7,0", "USD,1,50,0,50,0,50,0")
# The wallets of SA-1 in USD began with 1000, those of SA-2 with -30.
S1, S2, S2_LATER, S3 = (",".join(each.split(",")[1:]) for each in (SA1, SA2, SA2_LATER, SA3))
STATEMENT_EVENT = f"""\
{STATEMENT_HEADER}\
SA-1,main,KWD,2024-02-29,2024-02-29 12:00:00,=1+1,1,original,top_up,1.234,1.234,1.234,0,0012,,\
@SUM(A1),,,,{S1}
SA-1,main,USD,2024-02-03,2024-02-03 10:11:12,c2,1,original,top_up,500.5,500.5,1500.5,0,T2,,card,\
,,,{S1}
SA-1,main,USD,2024-02-05,2024-02-05 08:00:00,c3,1,original,transfer_out,200,-200,1300.5,0,T3,SA-2,\
,,,,{S1}
SA-2,main,USD,2024-02-05,2024-02-05 08:00:00,c4,1,original,transfer_in,200,200,170,0,T3,SA-1,\
,,,,{S2}
SA-2,main,USD,2024-02-07,2024-02-07 12:00:00,c7,1,original,usage,0.000000000001,\
-0.000000000001,169.999999999999,0,,,,,,,{S2}
SA-2,main,USD,2024-02-07,2024-02-07 23:59:59,c6,1,original,usage,12.345678901234,\
-12.345678901234,157.654321098765,0,,,,compute,Compute,,{S2}
SA-2,main,USD,2024-02-10,2024-02-10 12:00:00,c11,1,original,hold,40,0,157.654321098765,40,,,,,,,{S2}
SA-2,main,USD,2024-02-12,2024-02-12 12:00:00,c12,1,original,release,15,0,157.654321098765,25,\
,,,,,,{S2}
SA-2,main,USD,2024-02-20,2024-02-20 12:00:00,c17,1,original,usage,1,-1,156.654321098765,25,,,,\
compute,Compute,,{S2_LATER}
SA-2,main,VND,2024-02-06,2024-02-06 00:00:00,c5,1,original,transfer_in,50000,50000,50000,0,T4,\
,,,,,{S2}
SA-2,poc,USD,2024-02-28,2024-02-28 12:00:00,c16,1,original,expiry,3,-3,7,0,,,,,,,{S2_LATER}
SA-3,main,VND,2024-02-02,2024-02-02 12:00:00,c13,1,original,top_up,100000,100000,100000,0,T13,\
,bank,,,,{S3}
"""
STATEMENT_POSTED = STATEMENT_EVENT.replace(
    "SA-2,main,USD,2024-02-05",
    "SA-1,main,USD,2024-02-08,2024-02-08 12:00:00,c8,1,original,top_up,77,77,1377.5,0,T8,"
    f",bank,,,,{S1}\n"
    "SA-2,main,USD,2024-02-01,2024-01-25 12:00:00,c10,1,original,usage,30,-30,-30,0,,,,"
    f"compute,Compute,,{S2}\n"
    "SA-2,main,USD,2024-02-05",
).replace(
    "SA-2,main,USD,2024-02-10",
    "SA-2,main,USD,2024-02-09,2024-02-09 12:00:00,c9,1,original,usage,5,-5,"
    f"152.654321098765,0,,,,storage,Object storage,,{S2}\n"
    "SA-2,main,USD,2024-02-09,2024-02-09 12:00:00,c9,1,reversal,usage,-5,5,"
    f"157.654321098765,0,,,,storage,Object storage,,{S2}\n"
    "SA-2,main,USD,2024-02-10",
)
# 13.345678901235 in 29 days.
OUTLOOK = f"""\
{OUTLOOK_HEADER}\
{SA1},held only,USD,0,-5,0,0,0,2024-02-29,overdrawn
{SA1},main,KWD,1.234,1.234,0,0,,,idle
{SA1},main,USD,1300.5,1300.5,0,0,,,idle
{SA2_LATER},main,USD,156.654321098765,131.654321098765,13.345678901235,0.460195824181,286,\
2024-12-11,ok
{SA2_LATER},main,VND,50000,50000,0,0,,,idle
{SA2_LATER},poc,USD,7,7,0,0,,,idle
{SA3},main,VND,100000,100000,0,0,,,idle
"""
# Without tax and credits, which no discount can apply to.
MARGINS_EVENT = f"""\
{MARGINS_HEADER}\
{SA1},storage,Object storage,USD,1,7,0,7,7,0,0
{SA2},compute,Compute,USD,1,100,10,90,80,10,11.11
{SA2_LATER},compute,Compute,USD,1,10.25,0,10.25,8.96875,1.28125,12.5
{SA3},unlisted,unlisted,VND,1,100000,0,100000,100000,0,0
"""
MARGINS_POSTED = MARGINS_EVENT.replace("USD,1,7,0,7,7,0,0", "USD,1,50,0,50,50,0,0")
# No charge here has a service period: what is billed is earned.
DEFERRED = f"""\
{DEFERRED_HEADER}\
{SA1},storage,Object storage,USD,0,7,7,0
{SA2_LATER},compute,Compute,USD,0,100.25,100.25,0
{SA3},unlisted,unlisted,VND,0,100000,100000,0
"""
WATERFALL = f"""\
{WATERFALL_HEADER}\
2024-02-01,2024-02-01,USD,5,107.25
2024-02-01,2024-02-01,VND,1,100000
"""

# By basis; a report that has none is that of event dates.
EXPECTED = {
    ("credit-topups", "event"): TOPUPS_EVENT,
    ("credit-topups", "posted"): TOPUPS_POSTED,
    ("credit-usage", "event"): USAGE_EVENT,
    ("credit-usage", "posted"): USAGE_POSTED,
    ("credit-balance", "event"): BALANCE_EVENT,
    ("credit-balance", "posted"): BALANCE_POSTED,
    ("credit-statement", "event"): STATEMENT_EVENT,
    ("credit-statement", "posted"): STATEMENT_POSTED,
    ("credit-outlook", "event"): OUTLOOK,
    ("discounts", "event"): DISCOUNTS_EVENT,
    ("discounts", "posted"): DISCOUNTS_POSTED,
    ("revenue-detail", "event"): DETAIL_EVENT,
    ("revenue-detail", "posted"): DETAIL_POSTED,
    ("revenue-detail", "allocated"): DETAIL_EVENT,
    ("revenue-by-service", "event"): SERVICE_EVENT,
    ("revenue-by-service", "posted"): SERVICE_POSTED,
    ("revenue-by-service", "allocated"): SERVICE_EVENT,
    ("revenue-by-account", "event"): ACCOUNT_EVENT,
    ("revenue-by-account", "posted"): ACCOUNT_POSTED,
    ("revenue-by-account", "allocated"): ACCOUNT_EVENT,
    ("margins", "event"): MARGINS_EVENT,
    ("margins", "posted"): MARGINS_POSTED,
    ("margins", "allocated"): MARGINS_EVENT,
    ("deferred-revenue", "event"): DEFERRED,
    ("revenue-waterfall", "event"): WATERFALL,
}


def test_every_report_is_looked_at_on_every_basis() -> None:
    assert list(EXPECTED) == [
        (report.id, basis) for report in REPORTS.values() for basis in report.bases or ("event",)
    ]


@pytest.mark.parametrize(("report", "basis"), EXPECTED)
def test_a_report_lists_what_its_basis_lists(
    published_home: Path, tmp_path: Path, report: str, basis: str
) -> None:
    options = ("--basis", basis) if REPORTS[report].bases else ()
    text = export(published_home, tmp_path / "o.csv", report, *options, period=FEBRUARY)
    assert text == EXPECTED[report, basis]


def test_event_is_the_default_basis(published_home: Path, tmp_path: Path) -> None:
    for report in REPORTS:
        text = export(published_home, tmp_path / "o.csv", report, period=FEBRUARY)
        assert text == EXPECTED[report, "event"]


def rows_of(text: str, *beginnings: str) -> str:
    """The header and the lines that have one of `beginnings` in them."""
    header, *lines = text.splitlines(keepends=True)
    return header + "".join(line for line in lines if any(each in line for each in beginnings))


# The rows of the others name no account type or account: the next tests.
NAMING_ACCOUNTS = [
    report
    for report in REPORTS
    if report not in ("discounts", "revenue-by-service", "revenue-waterfall")
]


@pytest.mark.parametrize("report", NAMING_ACCOUNTS)
def test_account_type_and_account_leave_other_rows_out(
    published_home: Path, tmp_path: Path, report: str
) -> None:
    whole = EXPECTED[report, "event"]
    for options, kept in (
        (("--account-type", "partner"), [",partner"]),
        (("--account-type", "customer"), [",customer"]),
        (("--account", "SA-2"), [SA2, SA2_LATER, "SA-2,main,", "SA-2,poc,"]),
    ):
        text = export(published_home, tmp_path / "o.csv", report, *options, period=FEBRUARY)
        assert text == rows_of(whole, *kept), options
        # Something is left, and something is left out.
        assert whole.splitlines()[0] + "\n" != text != whole, options
    both = export(
        published_home, tmp_path / "o.csv", report, "--account-type", "both", period=FEBRUARY
    )
    assert both == whole
    none = ("--account", "SA-1", "--account-type", "customer")
    text = export(published_home, tmp_path / "o.csv", report, *none, period=FEBRUARY)
    assert text == rows_of(whole)


@pytest.mark.parametrize(
    ("options", "rows"),
    [
        (("--account-type", "partner"), "storage,Object storage,USD,1,7,0,7,0,7,0\n"),
        (("--account", "SA-1"), "storage,Object storage,USD,1,7,0,7,0,7,0\n"),
        (
            ("--account", "SA-1", "--basis", "posted"),
            "storage,Object storage,USD,1,50,0,50,0,50,0\n",
        ),
        (
            ("--account", "SA-2"),
            "compute,Compute,USD,4,110.25,10,100.25,9,88.96875,11.28125\n",
        ),
        (("--account", "SA-2", "--account-type", "partner"), ""),
    ],
)
def test_revenue_by_service_of_one_account(
    published_home: Path, tmp_path: Path, options: tuple[str, ...], rows: str
) -> None:
    text = export(
        published_home, tmp_path / "o.csv", "revenue-by-service", *options, period=FEBRUARY
    )
    assert text == SERVICE_HEADER + rows


@pytest.mark.parametrize(
    ("options", "rows"),
    [
        (("--account-type", "partner"), "2024-02-01,2024-02-01,USD,1,7\n"),
        (("--account", "SA-1"), "2024-02-01,2024-02-01,USD,1,7\n"),
        (("--account", "SA-2"), "2024-02-01,2024-02-01,USD,4,100.25\n"),
        (("--account", "SA-2", "--account-type", "partner"), ""),
    ],
)
def test_the_waterfall_of_one_account(
    published_home: Path, tmp_path: Path, options: tuple[str, ...], rows: str
) -> None:
    text = export(
        published_home, tmp_path / "o.csv", "revenue-waterfall", *options, period=FEBRUARY
    )
    assert text == WATERFALL_HEADER + rows


def test_margins_below_a_percentage(published_home: Path, tmp_path: Path) -> None:
    for below, kept in (
        ("0", []),
        ("0.01", [",7,7,0,0", "VND"]),
        ("11.11", [",7,7,0,0", "VND"]),
        ("11.12", [",7,7,0,0", "VND", "11.11"]),
        ("100", ["USD", "VND"]),
    ):
        text = export(
            published_home, tmp_path / "o.csv", "margins", "--below", below, period=FEBRUARY
        )
        assert text == rows_of(MARGINS_EVENT, *kept), below


def test_a_service_period_is_billed_at_once_and_earned_by_the_day(tmp_path: Path) -> None:
    """r1 is sold for the 29 days of February and the 31 of March."""
    write_published(
        tmp_path, "insert into fixture.service_periods values ('r1', '2024-02-01', '2024-03-31');"
    )

    def exported(report: str, *options: str, period: tuple[str, str] = FEBRUARY) -> list[str]:
        text = export(
            tmp_path, tmp_path / "o.csv", report, "--account", "SA-2", *options, period=period
        )
        return text.splitlines()[1:]

    march = ("2024-03-01", "2024-03-31")
    # 90 x 29 / 60 and 90 x 31 / 60, beside 10.25; tax and credit cancel out.
    assert exported("deferred-revenue") == [f"{SA2_LATER},compute,Compute,USD,0,100.25,53.75,46.5"]
    assert exported("deferred-revenue", period=march) == [
        f"{SA2_LATER},compute,Compute,USD,46.5,0,46.5,0"
    ]
    assert exported("revenue-waterfall") == [
        "2024-02-01,2024-02-01,USD,4,53.75",
        "2024-02-01,2024-03-01,USD,1,46.5",
    ]
    allocated = ("--basis", "allocated")
    # List 100, discount 10, net 90, tax 9, cost 80, margin 10.
    assert exported("revenue-by-account", *allocated, period=march) == [
        f"{SA2},USD,1,51.666666666667,5.166666666667,46.5,4.65,41.333333333333,5.166666666667"
    ]
    assert exported("revenue-by-account") == ACCOUNT_EVENT.splitlines()[2:4]


def test_subject_and_status_leave_discounts_out(published_home: Path, tmp_path: Path) -> None:
    for options, kept in (
        (("--subject", "partner"), ["partner,d-"]),
        (("--subject", "customer"), ["customer,d-"]),
        (("--status", "active"), [",active,"]),
        (("--status", "active", "--status", "rejected"), [",active,", ",rejected,"]),
        (("--subject", "partner", "--status", "expired"), ["d-deal"]),
        (("--status", "awaiting_active"), []),
    ):
        text = export(published_home, tmp_path / "o.csv", "discounts", *options, period=FEBRUARY)
        assert text == rows_of(DISCOUNTS_EVENT, *kept), options


def test_a_discount_whose_entries_cancel_out_is_listed_as_posted_only(
    published_home: Path, tmp_path: Path
) -> None:
    both_months = ("2024-02-01", "2024-03-31")
    output = tmp_path / "o.csv"
    posted = export(published_home, output, "discounts", "--basis", "posted", period=both_months)
    assert "d-taken-back" in posted and ",revoked,USD,0,0,0\n" in posted
    event = export(published_home, output, "discounts", period=both_months)
    assert "d-taken-back" not in event


def test_a_balance_is_listed_while_something_is_held_and_moves_to_the_next_period(
    published_home: Path, tmp_path: Path
) -> None:
    march = ("2024-03-01", "2024-03-31")
    text = export(published_home, tmp_path / "o.csv", "credit-balance", period=march)
    february = {tuple(line.split(",")[:7]): line.split(",") for line in BALANCE_EVENT.split("\n")}
    lines = text.splitlines()[1:]
    assert len(lines) == 7
    for line in lines:
        fields = line.split(",")
        before = february[tuple(fields[:7])]
        assert fields[7] == before[16], "closing of a period is the opening of the next"
        assert fields[17] == before[17], "what is held stays held"
        assert set(fields[8:16]) == {"0"}


def test_the_account_shown_in_a_balance_is_the_last_one_up_to_the_end_of_the_period(
    published_home: Path, tmp_path: Path
) -> None:
    before_the_change = ("2024-02-01", "2024-02-14")
    output = tmp_path / "o.csv"
    text = export(
        published_home, output, "credit-balance", "--account", "SA-2", period=before_the_change
    )
    assert text == (
        f"{BALANCE_HEADER}"
        f"{SA2},main,USD,-30,0,200,0,12.345678901235,0,0,0,187.654321098765,157.654321098765,"
        "25,132.654321098765\n"
        f"{SA2},main,VND,0,0,50000,0,0,0,0,0,50000,50000,0,50000\n"
        f"{SA2},poc,USD,10,0,0,0,0,0,0,0,0,10,0,10\n"
    )


def test_an_account_that_moved_leaves_its_history_with_its_former_partner(
    published_home: Path, tmp_path: Path
) -> None:
    text = export(
        published_home,
        tmp_path / "o.csv",
        "credit-usage",
        "--partner",
        "P-002",
        period=("2024-01-01", "2024-12-31"),
    )
    assert text == (
        f"{USAGE_HEADER}2024-02-20,SA-3,,A-C9,Nine,customer,main,usage,unlisted,unlisted,VND,1,"
        "30000\n"
    )


def test_rows_are_sorted_by_all_columns_text_by_code_point_and_empty_last(
    tmp_path: Path,
) -> None:
    values = ["b", "a", "Z", "é", "😀", "\uffee", "10", "9", "null"]
    rows = ", ".join(
        f"('n{number}', 'original', true, '2024-02-01 00:00:00', '2024-02-01', "
        f"{'null' if value == 'null' else repr(value)}, 'SA-1', 'main', 'top_up', null, null, "
        "null, 'USD', 1)"
        for number, value in enumerate(values)
    )
    amounts = ", ".join(
        f"('same', 'original', true, '2024-02-01 00:00:00', '2024-02-01', '0', 'SA-1', 'main', "
        f"'top_up', null, null, null, 'USD', {amount})"
        for amount in (10, 9, -1)
    )
    write_published(tmp_path, f"insert into fixture.credits values {rows}, {amounts};")
    text = export(
        tmp_path, tmp_path / "o.csv", "credit-topups", period=("2024-02-01", "2024-02-01")
    )
    fields = [line.split(",") for line in text.splitlines()[1:]]
    assert [line[2] for line in fields] == [
        *["0", "0", "0", "10", "9", "Z", "a", "b", "é", "\uffee", "😀", ""],
    ]
    assert [line[-1] for line in fields[:3]] == ["-1", "9", "10"]


AWKWARD = [
    'say "hello"',
    "a,b",
    "line\nbreak",
    "carriage\rreturn",
    "both\r\n",
    "tab\there",
    "\x00nul\x1b",
    "'; drop table x; --",
    "\ufeffmark",
    "# not a comment",
    "=cmd|' /C calc'!A0",
    "Đại lý 😀 e\u0301",
    "\\n \\",
    "null",
]


@pytest.fixture(scope="module")
def awkward_home(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A published file with every awkward text as a transaction of 5 February."""
    home: Path = tmp_path_factory.mktemp("awkward")
    literals = [
        "'" + value.replace("'", "''").replace("\x00", "' || chr(0) || '") + "'"
        for value in AWKWARD
    ]
    rows = ", ".join(
        f"('c{number:03}', 'original', true, '2024-02-05 00:00:00', '2024-02-05', {literal}, "
        "'SA-1', 'main', 'top_up', null, null, null, 'USD', 1)"
        for number, literal in enumerate(literals)
    )
    write_published(home, f"insert into fixture.credits values {rows};")
    return home


def parse_csv(text: str) -> list[list[str]]:
    """RFC 4180, character by character; anything it does not allow fails."""
    rows: list[list[str]] = [[]]
    place = 0
    while place < len(text):
        if text[place] == '"':
            field, place = "", place + 1
            while True:
                end = text.index('"', place)
                field += text[place:end]
                if text[end + 1 : end + 2] != '"':
                    break
                field, place = field + '"', end + 2
            place = end + 1
        else:
            end = place
            while text[end] not in ",\n":
                assert text[end] not in '"\r', "to be quoted"
                end += 1
            field, place = text[place:end], end
        rows[-1].append(field)
        assert text[place] in ",\n"
        if text[place] == "\n":
            rows.append([])
        place += 1
    assert rows.pop() == []
    return rows


def test_text_is_written_exactly_as_it_is(awkward_home: Path, tmp_path: Path) -> None:
    day = ("2024-02-05", "2024-02-05")
    csv_text = export(awkward_home, tmp_path / "o.csv", "credit-topups", period=day)
    in_csv = [row[2] for row in parse_csv(csv_text)[1:]]
    assert in_csv == [*sorted(AWKWARD, key=lambda text: text.encode()), "T3"]
    json_text = export(awkward_home, tmp_path / "o.json", "credit-topups", period=day)
    assert [row["transaction_id"] for row in json.loads(json_text)] == in_csv
    export_parquet(awkward_home, tmp_path / "o.parquet", day)
    in_parquet = read(f"select transaction_id from '{tmp_path / 'o.parquet'}'")
    assert [row[0] for row in in_parquet] == in_csv


def read(sql: str) -> list[tuple[Any, ...]]:
    with duckdb.connect() as connection:
        return connection.execute(sql).fetchall()


def export_parquet(home: Path, output: Path, period: tuple[str, str]) -> None:
    first, last = period
    arguments = ["export", "credit-topups", "--home", str(home), "--partner", "P-001"]
    assert app.main([*arguments, "--from", first, "--to", last, "--output", str(output)]) == 0


def test_csv_is_utf8_without_a_mark_and_with_line_feeds(
    published_home: Path, tmp_path: Path
) -> None:
    export(published_home, tmp_path / "o.csv", "credit-topups", period=FEBRUARY)
    content = (tmp_path / "o.csv").read_bytes()
    assert content.startswith(b"report_date,") and content.endswith(b"1.234\n")
    assert b"\r" not in content


def test_json_is_one_list_of_objects_with_decimals_as_text(
    published_home: Path, tmp_path: Path
) -> None:
    text = export(published_home, tmp_path / "o.json", "credit-usage", period=FEBRUARY)
    rows = json.loads(text)
    assert rows[2] == {
        "report_date": "2024-02-07",
        "service_account_id": "SA-2",
        "service_account_name": "Customer one",
        "account_id": "A-C1",
        "account_name": "One (old)",
        "account_type": "customer",
        "wallet": "main",
        "movement_type": "usage",
        "service_code": None,
        "service_name": None,
        "currency": "USD",
        "event_count": 1,
        "amount": "0.000000000001",
    }
    assert len(rows) == 4
    assert list(rows[0]) == [column.name for column in REPORTS["credit-usage"].columns]


def test_parquet_has_types_of_its_own(published_home: Path, tmp_path: Path) -> None:
    output = tmp_path / "o.parquet"
    arguments = ["--partner", "P-001", "--from", FEBRUARY[0], "--to", FEBRUARY[1]]
    for report in ("revenue-detail", "discounts"):
        named = ["export", report, "--home", str(published_home), "--output", str(output)]
        assert app.main([*named, *arguments]) == 0
        types = read(f"describe select * from '{output}'")
        columns = REPORTS[report].columns
        assert [(name, kind.lower()) for name, kind, *_ in types] == [
            (column.name, column.kind.sql_type.replace(" ", "")) for column in columns
        ]
        if report == "revenue-detail":
            first = read(f"select * from '{output}'")[0]
            assert first[0] == date(2024, 2, 1)
            assert first[1] == datetime(2024, 2, 1, 7)
            assert first[16] == Decimal(100)
            assert first[20] == Decimal(20)


@pytest.mark.parametrize(("ending", "content"), [("csv", TOPUPS_HEADER), ("json", "[\n\t\n]\n")])
def test_an_empty_result_is_a_file_without_rows(
    published_home: Path,
    tmp_path: Path,
    capsys: pytest.CaptureFixture[str],
    ending: str,
    content: str,
) -> None:
    output = tmp_path / f"o.{ending}"
    nothing = ("2024-02-11", "2024-02-11")
    assert export(published_home, output, "credit-topups", period=nothing) == content
    said = capsys.readouterr()
    assert said.out == f"{output}\n"
    assert said.err == "no rows for these conditions\n"


@pytest.mark.parametrize("ending", ["csv", "json", "parquet", "xlsx"])
def test_the_same_request_gives_the_same_bytes(
    published_home: Path, tmp_path: Path, ending: str
) -> None:
    first, second = tmp_path / f"1.{ending}", tmp_path / "deeper" / f"2.{ending}"
    for output in (first, second):
        arguments = ["export", "revenue-detail", "--home", str(published_home)]
        arguments += ["--partner", "P-001", "--from", FEBRUARY[0], "--to", FEBRUARY[1]]
        assert app.main([*arguments, "--output", str(output)]) == 0
    assert first.read_bytes() == second.read_bytes()


def test_the_first_and_the_last_day_of_the_calendar_are_a_period(
    published_home: Path, tmp_path: Path
) -> None:
    always = ("0001-01-01", "9999-12-31")
    for report in REPORTS:
        text = export(published_home, tmp_path / "o.csv", report, period=always)
        assert len(text.splitlines()) > 2
