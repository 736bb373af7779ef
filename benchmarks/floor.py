"""The floor: one hand-written DuckDB script from a landing folder to entries and daily sums.

What a data engineer would write who knows the feeds and wants the figures and nothing else: the
same entries, row for row (whose they are is worked out for the sums and not stored with them), and
the daily sums behind the reports. It has no tests, no quality marts, no increments, no comments on
columns and no published copy, keeps no rejected rows, and trusts the form of the files (a ragged
CSV row or a missing required column stops it). It reads nothing that the project's models made.

    python benchmarks/floor.py LANDING OUTPUT.duckdb

Tables of the output: `credits_entries`, `revenue_entries` (columns as in the ledger, without those
of the attribution), `credit_days` (the roll-forward by partner, day, service account and wallet)
and `revenue_days` (by partner, day, service account and service, with partner discount, cost and
margin). Event ids of FOCUS lines are its own: how they are made is nobody's business.
"""

from __future__ import annotations

import sys
from collections.abc import Callable, Collection, Mapping
from pathlib import Path

import duckdb

REFERENCE = Path(__file__).resolve().parent.parent / "seeds" / "reference"
CHARGE_TYPES = "('usage', 'subscription', 'one_time', 'refund', 'credit', 'adjustment', 'tax')"
ZONE = "Asia/Ho_Chi_Minh"
CLOSE_DAY = 5

# Where a row came from, and from which day on its recorded month was open. A file's name is one
# constant for all of its rows, so none of this is worked out row by row.
ORIGIN = f"""
    regexp_extract(filename, '/batch=([^/]*)/[^/]*$', 1) as batch_id,
    regexp_extract(filename, '/([^/]*)$', 1) as file,
    row_number,
    cast(left(batch_id, 10) as date) as recorded_date,
    cast(date_trunc(
        'month',
        if(day(recorded_date) > {CLOSE_DAY}, recorded_date, recorded_date - {CLOSE_DAY})
    ) as date) as open_from
"""
# An instant as a timestamp in UTC, without asking the calendar of any zone.
UTC = "make_timestamp(epoch_us({}))"
BLANKS = "' ' || chr(9) || chr(10) || chr(13)"


# -- reading: a typed expression for a column, whatever type its file gives it -------------------


def text(name: str, kind: str) -> str:
    """Text; it has been trimmed."""
    return name if kind == "VARCHAR" else f"cast({name} as varchar)"


def code(name: str, kind: str) -> str:
    """A case-insensitive code."""
    return f"lower({text(name, kind)})"


def currency(name: str, kind: str) -> str:
    """An ISO 4217 code."""
    return f"upper({text(name, kind)})"


def _parsed(name: str, kind: str, pattern: str, target: str) -> str:
    if kind != "VARCHAR":
        return f"try_cast({name} as {target})"
    return f"case when regexp_full_match({name}, '{pattern}') then try_cast({name} as {target}) end"


def decimal(name: str, kind: str) -> str:
    """decimal(30, 12), rounded half away from zero."""
    return _parsed(name, kind, "-?[0-9]+([.][0-9]+)?", "decimal(30, 12)")


def rate(name: str, kind: str) -> str:
    """decimal(9, 6); more decimals than six are refused."""
    return _parsed(name, kind, "-?[0-9]+([.][0-9]{1,6}0*)?", "decimal(9, 6)")


def version(name: str, kind: str) -> str:
    """decimal(38, 0)."""
    return _parsed(name, kind, "[0-9]+", "decimal(38, 0)")


def day(name: str, kind: str) -> str:
    """A date."""
    return _parsed(name, kind, "[0-9]{4}-[0-9]{2}-[0-9]{2}", "date")


def instant(name: str, kind: str) -> str:
    """timestamp with time zone; a text without an offset is UTC, which is the session's zone."""
    clock = "([01][0-9]|2[0-3]):[0-5][0-9]:[0-5][0-9]([.][0-9]{1,6})?"
    offset = "(Z|[+-](0[0-9]|1[0-3]):[0-5][0-9]|[+-]14:00)?"
    pattern = f"[0-9]{{4}}-[0-9]{{2}}-[0-9]{{2}}[T ]{clock}{offset}"
    return _parsed(name, kind, pattern, "timestamptz")


Typing = Callable[[str, str], str]

ACCOUNTS: Mapping[str, Typing] = {
    "service_account_id": text,
    "service_account_name": text,
    "account_id": text,
    "account_name": text,
    "account_type": code,
    "partner_id": text,
    "partner_name": text,
    "billing_mode": code,
    "status": code,
    "updated_at": instant,
}
CREDITS: Mapping[str, Typing] = {
    "event_id": text,
    "version": version,
    "operation": code,
    "service_account_id": text,
    "wallet": text,
    "movement_type": code,
    "amount": decimal,
    "currency": currency,
    "occurred_at": instant,
    "transaction_id": text,
    "counterparty_service_account_id": text,
    "payment_method": text,
    "service_code": text,
    "description": text,
}
DISCOUNTS: Mapping[str, Typing] = {
    "discount_id": text,
    "subject": code,
    "partner_id": text,
    "service_account_id": text,
    "service_code": text,
    "deal_id": text,
    "rate_percent": rate,
    "requested_on": day,
    "approved_on": day,
    "rejected_on": day,
    "revoked_on": day,
    "effective_from": day,
    "effective_to": day,
    "updated_at": instant,
}
REVENUE: Mapping[str, Typing] = {
    "event_id": text,
    "version": version,
    "operation": code,
    "service_account_id": text,
    "service_code": text,
    "charge_type": code,
    "order_id": text,
    "deal_id": text,
    "discount_id": text,
    "quantity": decimal,
    "unit": text,
    "currency": currency,
    "list_amount": decimal,
    "discount_amount": decimal,
    "net_amount": decimal,
    "tax_amount": decimal,
    "occurred_at": instant,
    "ordered_at": instant,
    "period_start": day,
    "period_end": day,
}
FOCUS: Mapping[str, Typing] = {
    "ProviderName": text,
    "BillingAccountId": text,
    "BillingAccountName": text,
    "BillingPeriodStart": instant,
    "BillingCurrency": currency,
    "SubAccountId": text,
    "SubAccountName": text,
    "ServiceName": text,
    "ListCost": decimal,
    "BilledCost": decimal,
    "ChargeCategory": code,
    "ChargeFrequency": text,
    "ChargePeriodStart": instant,
    "ConsumedQuantity": decimal,
    "ConsumedUnit": text,
    "PricingQuantity": decimal,
    "PricingUnit": text,
}
FIELDS = {
    "accounts": ACCOUNTS,
    "credits": CREDITS,
    "discounts": DISCOUNTS,
    "revenue": REVENUE,
    "focus": FOCUS,
}


def sources(connection: duckdb.DuckDBPyConnection, landing: Path, feed: str) -> list[str]:
    """A select of the raw rows for each format in which the feed has files.

    CSV rows, few in bulk deliveries, are numbered in a temporary table. A feed without files has
    one format without rows.
    """
    found = []
    folder = str(landing / feed).replace("'", "''")
    if any((landing / feed).glob("batch=*/*.parquet")):
        found.append(
            f"""
            select *, file_row_number + 1 as row_number
            from read_parquet(
                '{folder}/batch=*/*.parquet',
                union_by_name = true,
                hive_partitioning = false,
                filename = true,
                file_row_number = true
            )
            """
        )
    csv = [
        str(path)
        for path in (landing / feed).glob("batch=*/*")
        if path.name.endswith((".csv", ".csv.gz")) and path.stat().st_size
    ]
    if csv:
        null_text = ", nullstr = 'NULL'" if feed == "focus" else ""
        connection.execute(
            f"""
            create temp table {feed}_csv as
            select
                * exclude (position),
                position - min(position) over (partition by filename) + 1 as row_number
            from (
                select *, row_number() over () as position
                from read_csv(
                    {csv},
                    header = true,
                    all_varchar = true,
                    delim = ',',
                    quote = '"',
                    escape = '"',
                    union_by_name = true,
                    hive_partitioning = false,
                    filename = true,
                    parallel = false
                    {null_text}
                )
            )
            """
        )
        found.append(f"select * from {feed}_csv")
    if not found:
        nothing = ", ".join(f"cast(null as varchar) as {name}" for name in FIELDS[feed])
        found.append(f"select {nothing}, '' as filename, 0 as row_number where false")
    return found


def typed(
    connection: duckdb.DuckDBPyConnection,
    feed: str,
    raw_rows: Collection[str],
    valid: str,
    only: str = "",
) -> str:
    """A select of the feed's valid rows with typed columns and where they came from.

    `valid` is what must hold besides: no value that is there may be one that cannot be read.
    `only` is a join that picks raw rows, before any work is spent on the others.
    """
    selects = []
    for source in raw_rows:
        kinds = {
            name.lower(): kind
            for name, kind, *_ in connection.execute(f"describe ({source})").fetchall()
        }
        trimmed, columns, readable = [], [], []
        for name, typing in FIELDS[feed].items():
            kind = kinds.get(name.lower())
            if kind is None:
                columns.append(f"{typing('cast(null as varchar)', 'VARCHAR')} as {name}")
                continue
            raw = trimmed_text(name) if kind == "VARCHAR" else name
            trimmed.append(f"{raw} as raw_{name}")
            columns.append(f"{typing(f'raw_{name}', kind)} as {name}")
            if typing not in (text, code, currency) and not always_fits(kind):
                readable.append(f"(raw_{name} is null or {name} is not null)")
        selects.append(
            f"""
            select {", ".join(FIELDS[feed])}, {ORIGIN}
            from (
                select *, {", ".join(columns)}
                from (
                    select {", ".join(trimmed)}, filename, row_number
                    from ({source}) as raw {only}
                )
            )
            where {" and ".join([valid, *readable])}
            """
        )
    return " union all ".join(selects)


def always_fits(kind: str) -> bool:
    """Whether every value of a Parquet type is one of ours, so that none need be looked at."""
    if kind.startswith("DECIMAL"):
        digits, decimals = map(int, kind.removeprefix("DECIMAL(").removesuffix(")").split(","))
        return digits - decimals <= 18
    return kind.startswith(("TIMESTAMP", "DATE", "INTEGER", "BIGINT"))


def trimmed_text(name: str) -> str:
    """Text without blanks at its ends, null when empty. Nearly all of it has none."""
    return (
        f"case when ascii({name}) > 32 and ascii({name}[-1]) > 32 then {name} "
        f"else nullif(trim({name}, {BLANKS}), '') end"
    )


def local_day(value: str) -> str:
    """The business date of an instant."""
    return f"cast(timezone('{ZONE}', {value}) as date)"


# -- the script ----------------------------------------------------------------------------------


def run(landing: Path, output: Path) -> None:
    """Write the output from the landing folder; `output` must not exist."""
    connection = duckdb.connect(str(output))
    connection.execute("set TimeZone = 'UTC'")
    for seed in ("movement_types", "currencies", "focus_billing_accounts"):
        connection.execute(
            f"create temp table {seed} as from read_csv('{REFERENCE}/{seed}.csv', "
            "header = true, all_varchar = true)"
        )
    write_focus_versions(connection, landing)
    write_history(connection, landing)
    write_partner_discounts(connection, landing)
    write_credits(connection, landing)
    write_revenue(connection, landing)
    connection.close()


def write_focus_versions(connection: duckdb.DuckDBPyConnection, landing: Path) -> None:
    """FOCUS lines, and when each was posted and voided: `focus_lines`, `focus_versions`."""
    valid = """
        ProviderName is not null
        and BillingAccountId is not null
        and BillingPeriodStart is not null
        and BillingCurrency in (select currency from currencies)
        and ChargeCategory in ('usage', 'purchase', 'tax', 'credit', 'adjustment')
        and ChargePeriodStart is not null
        and ServiceName is not null
        and ListCost is not null
        and BilledCost is not null
    """
    values = ", ".join(f"coalesce(cast({name} as varchar), chr(30))" for name in FOCUS)
    rows = typed(connection, "focus", sources(connection, landing, "focus"), valid)
    connection.execute(
        f"""
        create temp table focus_lines as
        select
            'focus:' || content || ':' || row_number() over (
                partition by content, batch_id order by file, row_number
            ) as event_id,
            coalesce(SubAccountId, BillingAccountId) as service_account_id,
            {local_day("ChargePeriodStart")} as event_date,
            *
        from (
            select *, md5(concat_ws(chr(31), {values})) as content
            from ({rows})
        )
        """
    )
    connection.execute(
        """
        create temp table focus_versions as
        with deliveries as (
            select
                *,
                row_number() over (
                    partition by ProviderName, BillingAccountId, BillingPeriodStart
                    order by batch_id
                ) as delivery
            from (
                select distinct
                    ProviderName, BillingAccountId, BillingPeriodStart, batch_id, open_from
                from focus_lines
            )
        ),

        present as (
            select
                ProviderName,
                BillingAccountId,
                BillingPeriodStart,
                event_id,
                batch_id,
                delivery,
                lag(delivery) over each_line as seen_before,
                lead(delivery) over each_line as seen_next
            from focus_lines
            inner join deliveries
                using (ProviderName, BillingAccountId, BillingPeriodStart, batch_id)
            window each_line as (partition by event_id order by delivery)
        ),

        changes as (
            select event_id, 'post' as operation, delivery, batch_id, null as open_from
            from present
            where seen_before is distinct from delivery - 1
            union all
            select present.event_id, 'void', next.delivery, next.batch_id, next.open_from
            from present
            inner join deliveries as next
                on present.ProviderName = next.ProviderName
                and present.BillingAccountId = next.BillingAccountId
                and present.BillingPeriodStart = next.BillingPeriodStart
                and present.delivery + 1 = next.delivery
            where present.seen_next is distinct from present.delivery + 1
        )

        select
            event_id,
            operation,
            batch_id,
            open_from,
            cast(row_number() over (partition by event_id order by delivery) as decimal(38, 0))
                as version
        from changes
        """
    )


def write_history(connection: duckdb.DuckDBPyConnection, landing: Path) -> None:
    """Who a service account belonged to at the end of each day: `history`."""
    valid = """
        service_account_id is not null
        and account_id is not null
        and account_type in ('partner', 'customer')
        and partner_id is not null
        and (billing_mode is null or billing_mode in ('prepaid', 'postpaid'))
        and (status is null or status in ('pending', 'active', 'suspended', 'closed'))
        and updated_at is not null
    """
    known = ", ".join(ACCOUNTS)
    rows = typed(connection, "accounts", sources(connection, landing, "accounts"), valid)
    connection.execute(
        f"""
        create temp table history as
        with delivered as (
            select {known}, batch_id, 'accounts' as feed, file, row_number
            from ({rows})
            qualify row_number() over (
                partition by {known} order by batch_id, file, row_number
            ) = 1
            union all by name
            select
                service_account_id,
                coalesce(partners.partner_id, BillingAccountId) as partner_id,
                if(SubAccountId is null, 'partner', 'customer') as account_type,
                if(
                    SubAccountId is null,
                    coalesce(partners.partner_id, BillingAccountId),
                    service_account_id
                ) as account_id,
                timezone('{ZONE}', cast(recorded_date as timestamp)) as updated_at,
                batch_id,
                'focus' as feed,
                file,
                row_number
            from focus_lines
            semi join (from focus_versions where operation = 'post') as posted
                using (event_id, batch_id)
            left join focus_billing_accounts as partners
                on BillingAccountId = partners.billing_account_id
            qualify row_number() over (
                partition by service_account_id, batch_id order by file desc, row_number desc
            ) = 1
        ),

        records as (
            select *, {local_day("updated_at")} as updated_on
            from delivered
            qualify row_number() over (
                partition by service_account_id, updated_at
                order by batch_id desc, feed desc, file desc, row_number desc
            ) = 1
        ),

        states as (
            select *, updated_on as valid_from
            from records
            qualify row_number() over (
                partition by service_account_id, updated_on order by updated_at desc
            ) = 1
            union all
            select *, date '0001-01-01' as valid_from
            from records
            qualify row_number() over (partition by service_account_id order by updated_at) = 1
        )

        select
            row_number() over () as span,
            service_account_id,
            partner_id,
            account_id,
            account_type,
            valid_from,
            coalesce(
                lead(valid_from) over (partition by service_account_id order by valid_from) - 1,
                date '9999-12-31'
            ) as valid_to
        from states
        """
    )


def write_partner_discounts(connection: duckdb.DuckDBPyConnection, landing: Path) -> None:
    """The days on which each partner discount applies: `partner_discounts`."""
    valid = """
        discount_id is not null
        and subject in ('partner', 'customer')
        and (subject = 'customer') = (service_account_id is not null)
        and partner_id is not null
        and service_code is not null
        and rate_percent between 0 and 100
        and requested_on is not null
        and effective_from is not null
        and updated_at is not null
    """
    rows = typed(connection, "discounts", sources(connection, landing, "discounts"), valid)
    connection.execute(
        f"""
        create temp table partner_discounts as
        with records as (
            from ({rows})
            qualify row_number() over (
                partition by {", ".join(DISCOUNTS)} order by batch_id, file, row_number
            ) = 1
        ),

        latest as (
            select
                *,
                greatest(effective_from, approved_on) as starts_on,
                least(effective_to, revoked_on - 1) as last_day
            from records
            qualify row_number() over (
                partition by discount_id
                order by updated_at desc, batch_id desc, file desc, row_number desc
            ) = 1
        ),

        winners as (
            from latest
            where
                subject = 'partner'
                and approved_on is not null
                and rejected_on is null
                and coalesce(last_day >= starts_on, true)
            qualify row_number() over (
                partition by partner_id, service_code, deal_id, starts_on
                order by requested_on desc, discount_id desc
            ) = 1
        )

        select
            partner_id,
            service_code,
            deal_id,
            cast(rate_percent * cast(0.01 as decimal(2, 2)) as decimal(9, 8)) as factor,
            starts_on,
            coalesce(
                least(
                    last_day,
                    lead(starts_on) over (
                        partition by partner_id, service_code, deal_id order by starts_on
                    ) - 1
                ),
                date '9999-12-31'
            ) as ends_on
        from winners
        """
    )


def write_entries(
    connection: duckdb.DuckDBPyConnection,
    landing: Path,
    feed: str,
    valid: str,
    columns: Mapping[str, str],
    measures: Collection[str],
) -> None:
    """The entries of credits or revenue, as `<feed>_entries`.

    `columns` are the entry's columns between `reversed_version` and `recorded_date`, each with
    the SQL that makes it of a typed row; a reversal turns the sign of the `measures`.
    """
    found = sources(connection, landing, feed)
    values = ", ".join(f"{value} as {name}" for name, value in columns.items())
    reversed_values = ", ".join(f"-originals.{name} as {name}" for name in measures)
    entry = f"{values}, recorded_date, greatest(event_date, open_from) as posted_date"
    # Events that came once, nearly all of them, need no window; a hash finds them as well as an id
    # does, for two events of one hash only meet in the windows, which know their ids.
    id_hash = f"hash({trimmed_text('event_id')})"
    ids = " union all ".join(f"select event_id from ({source})" for source in found)
    connection.execute(
        f"""
        create temp table {feed}_repeated as
        select {id_hash} as id_hash
        from ({ids})
        group by id_hash
        having count(*) > 1
        """
    )
    repeated = f"{feed}_repeated on {id_hash} = id_hash"
    connection.execute(
        f"""
        create temp table {feed}_versions as
        with rows as ({typed(connection, feed, found, valid, f"semi join {repeated}")}),

        newest_of_batch as (
            from rows
            qualify row_number() over (
                partition by event_id, batch_id
                order by coalesce(version, 1) desc, file, row_number
            ) = 1
        ),

        effective as (
            select * replace (coalesce(version, 1) as version)
            from newest_of_batch
            qualify coalesce(
                coalesce(version, 1) > max(coalesce(version, 1)) over (
                    partition by event_id
                    order by batch_id
                    rows between unbounded preceding and 1 preceding
                ),
                true
            )
        )

        select
            *,
            lag(version) over (partition by event_id order by batch_id) as version_before
        from effective
        """
    )
    connection.execute(
        f"""
        create table {feed}_entries as
        with once as ({typed(connection, feed, found, valid, f"anti join {repeated}")})

        select
            'original' as entry_type,
            event_id,
            coalesce(version, 1) as version,
            cast(null as decimal(38, 0)) as reversed_version,
            {entry},
            batch_id,
            file,
            row_number
        from once
        where operation is null or operation = 'post'
        """
    )
    connection.execute(
        f"""
        insert into {feed}_entries
        with originals as (
            select
                'original' as entry_type,
                event_id,
                version,
                null as reversed_version,
                {entry},
                batch_id,
                file,
                row_number
            from {feed}_versions
            where operation is null or operation = 'post'
        )

        from originals
        union all
        select originals.* replace (
            'reversal' as entry_type,
            later.version as version,
            later.version_before as reversed_version,
            {reversed_values},
            later.recorded_date as recorded_date,
            greatest(originals.event_date, later.open_from) as posted_date,
            later.batch_id as batch_id,
            later.file as file,
            later.row_number as row_number
        )
        from {feed}_versions as later
        inner join originals
            on later.event_id = originals.event_id and later.version_before = originals.version
        """
    )


def write_credits(connection: duckdb.DuckDBPyConnection, landing: Path) -> None:
    """`credits_entries`, and `credit_days`: the balance's movements by account, day and wallet."""
    valid = """
        event_id is not null
        and (version is null or version >= 0)
        and (operation is null or operation in ('post', 'void'))
        and service_account_id is not null
        and currency in (select currency from currencies)
        and occurred_at is not null
        and case
            when movement_type in (
                select movement_type from movement_types where amount_rule = 'positive'
            )
                then amount > 0
            else amount <> 0 and movement_type in (select movement_type from movement_types)
        end
    """
    columns = {
        "service_account_id": "service_account_id",
        "wallet": "coalesce(wallet, 'main')",
        "movement_type": "movement_type",
        "amount": "amount",
        "currency": "currency",
        "occurred_at": UTC.format("occurred_at"),
        "transaction_id": "transaction_id",
        "counterparty_service_account_id": "counterparty_service_account_id",
        "payment_method": "payment_method",
        "service_code": "service_code",
        "description": "description",
        "event_date": local_day("occurred_at"),
    }
    write_entries(connection, landing, "credits", valid, columns, ("amount",))
    increasing = ("topped_up", "transferred_in", "accrued", "adjusted")
    decreasing = ("used", "transferred_out", "expired")
    sums = ", ".join(
        f"coalesce(sum({sign}amount * effect) filter (balance_column = '{column}'), 0) as {column}"
        for sign, names in (("", increasing), ("-", decreasing))
        for column in names
    )
    connection.execute(
        f"""
        create table credit_days as
        with sums as (
            select
                service_account_id,
                event_date,
                posted_date,
                wallet,
                movement_type,
                currency,
                sum(amount) as amount,
                sum(if(entry_type = 'original', 1, -1)) as entry_count
            from credits_entries
            group by all
        ),

        effects as (
            select
                movement_type,
                balance_column,
                cast(balance_effect as decimal(1, 0)) as effect,
                cast(held_effect as decimal(1, 0)) as held_effect
            from movement_types
        )

        select
            partner_id,
            event_date,
            posted_date,
            service_account_id,
            account_id,
            account_type,
            wallet,
            currency,
            {sums},
            sum(amount * effect) as net_movement,
            sum(amount * held_effect) as held,
            cast(sum(entry_count) as bigint) as event_count
        from sums
        inner join effects using (movement_type)
        inner join history using (service_account_id)
        where event_date between valid_from and valid_to
        group by all
        """
    )


def write_revenue(connection: duckdb.DuckDBPyConnection, landing: Path) -> None:
    """`revenue_entries`, and `revenue_days`: the sums by account, day and service."""
    valid = f"""
        event_id is not null
        and (version is null or version >= 0)
        and (operation is null or operation in ('post', 'void'))
        and service_account_id is not null
        and service_code is not null
        and charge_type in {CHARGE_TYPES}
        and currency in (select currency from currencies)
        and list_amount - coalesce(discount_amount, 0) = net_amount
        and occurred_at is not null
    """
    amounts = {
        "list_amount": "list_amount",
        "discount_amount": "coalesce(discount_amount, 0)",
        "net_amount": "net_amount",
        "tax_amount": "coalesce(tax_amount, 0)",
    }
    columns = {
        "feed": "'revenue'",
        "service_account_id": "service_account_id",
        "service_code": "service_code",
        "charge_type": "charge_type",
        "order_id": "order_id",
        "deal_id": "deal_id",
        "discount_id": "discount_id",
        "quantity": "quantity",
        "unit": "unit",
        "currency": "currency",
        **{name: f"cast({value} as decimal(30, 12))" for name, value in amounts.items()},
        "occurred_at": UTC.format("occurred_at"),
        "event_date": local_day("occurred_at"),
        "order_date": f"if(ordered_at is null, event_date, {local_day('ordered_at')})",
        "period_start": "period_start",
        "period_end": "period_end",
    }
    measures = ("quantity", *amounts)
    write_entries(connection, landing, "revenue", valid, columns, measures)
    connection.execute(
        f"""
        insert into revenue_entries by name
        with originals as (
            select
                'focus' as feed,
                'original' as entry_type,
                lines.event_id,
                posts.version,
                null as reversed_version,
                service_account_id,
                ServiceName as service_code,
                case
                    when ChargeCategory <> 'purchase' then ChargeCategory
                    when ChargeFrequency = 'Recurring' then 'subscription'
                    else 'one_time'
                end as charge_type,
                coalesce(ConsumedQuantity, PricingQuantity) as quantity,
                if(ConsumedQuantity is null, PricingUnit, ConsumedUnit) as unit,
                BillingCurrency as currency,
                ListCost as list_amount,
                ListCost - BilledCost as discount_amount,
                BilledCost as net_amount,
                cast(0 as decimal(30, 12)) as tax_amount,
                {UTC.format("ChargePeriodStart")} as occurred_at,
                event_date,
                event_date as order_date,
                recorded_date,
                greatest(event_date, lines.open_from) as posted_date,
                lines.batch_id,
                file,
                row_number
            from focus_lines as lines
            inner join focus_versions as posts
                on lines.event_id = posts.event_id
                and lines.batch_id = posts.batch_id
                and posts.operation = 'post'
        )

        from originals
        union all by name
        select originals.* replace (
            'reversal' as entry_type,
            voids.version as version,
            originals.version as reversed_version,
            {", ".join(f"-originals.{name} as {name}" for name in measures)},
            cast(left(voids.batch_id, 10) as date) as recorded_date,
            greatest(event_date, voids.open_from) as posted_date,
            voids.batch_id as batch_id,
            null as file,
            null as row_number
        )
        from originals
        inner join focus_versions as voids
            on originals.event_id = voids.event_id
            and originals.version + 1 = voids.version
            and voids.operation = 'void'
        """
    )
    # Each entry's product is rounded before it is summed, so prices are made entry by entry. A span
    # of an account's history is one number; its names join the sums.
    connection.execute(
        """
        create table revenue_days as
        with attributed as (
            select
                entries.*,
                span,
                partner_id,
                charge_type not in ('tax', 'credit', 'adjustment') as is_discountable
            from revenue_entries as entries
            inner join history using (service_account_id)
            where event_date between valid_from and valid_to
        ),

        priced as (
            select
                attributed.*,
                coalesce(of_deal.factor, general.factor) as factor
            from attributed
            left join (from partner_discounts where deal_id is not null) as of_deal
                on is_discountable
                and attributed.partner_id = of_deal.partner_id
                and attributed.service_code = of_deal.service_code
                and attributed.deal_id = of_deal.deal_id
                and order_date between of_deal.starts_on and of_deal.ends_on
            left join (from partner_discounts where deal_id is null) as general
                on is_discountable
                and attributed.partner_id = general.partner_id
                and attributed.service_code = general.service_code
                and order_date between general.starts_on and general.ends_on
        ),

        sums as (
            select
                span,
                event_date,
                posted_date,
                service_code,
                currency,
                cast(sum(if(entry_type = 'original', 1, -1)) as bigint) as event_count,
                sum(list_amount) as list_amount,
                sum(discount_amount) as discount_amount,
                sum(net_amount) as net_amount,
                sum(tax_amount) as tax_amount,
                coalesce(sum(cast(list_amount * factor as decimal(30, 12))), 0)
                    as partner_discount_amount,
                coalesce(sum(
                    case
                        when not is_discountable then net_amount
                        when factor is null then list_amount
                        else cast(
                            list_amount * cast(1 - factor as decimal(9, 8)) as decimal(30, 12)
                        )
                    end
                ), 0) as partner_cost_amount
            from priced
            group by all
        )

        select
            partner_id,
            service_account_id,
            account_id,
            account_type,
            sums.* exclude (span),
            net_amount - partner_cost_amount as partner_margin_amount
        from sums
        inner join history using (span)
        """
    )


if __name__ == "__main__":
    run(Path(sys.argv[1]), Path(sys.argv[2]))
