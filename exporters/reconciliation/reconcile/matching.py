"""A statement against the ledger: every row of either side placed in exactly one class.

Everything happens in SQL over temporary tables. Rows are paired in passes; each takes only what
the passes before it have left, and pairs rows one to one in the order of the file and the ledger:

With a key in the statement's row:

1.  same key, account, currency, amount and day         matched
2.  the same but the day                                date differs
3.  same key, currency and amount, another account      another account
4.  a copy of a row that was paired                     duplicate in statement
5.  same key, account and currency, another amount      amount differs
6.  same key, account and amount, another currency      currency differs
7.  same key and currency, another amount and account   amount differs
8.  same key, another currency                          currency differs
9.  same key, in another period                         another period
10. same key, refused when it was delivered             rejected
11. the key has stood on another row                    duplicate in statement
12. anything else                                       only in statement

Without one:

1.  same account, currency, amount and day              matched
2.  the same, one day before or after                   matched
3.  a copy of a row that was paired                     duplicate in statement
4.  the same in another period                          another period
5.  same currency, amount and day, another account      another account
6.  anything else                                       only in statement

What the ledger is then left with is a duplicate in ledger (another event of the same
transaction, account, currency and amount) or only in ledger. A row of the statement in which
something cannot be read takes no part. An account or a day that a row does not name is not
compared.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date
from enum import StrEnum
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    import duckdb


# By way of text: a cast of a decimal is not the nearest double.
_FIFTEEN_DIGITS = "printf('%.15g', cast(cast({0}.amount as varchar) as double))"


class Class(StrEnum):
    """What became of a row, in the order in which people are told of it."""

    MATCHED = "matched"
    DATE = "date differs"
    AMOUNT = "amount differs"
    CURRENCY = "currency differs"
    ACCOUNT = "another account"
    PERIOD = "another period"
    REJECTED = "rejected"
    STATEMENT_DUPLICATE = "duplicate in statement"
    LEDGER_DUPLICATE = "duplicate in ledger"
    STATEMENT_ONLY = "only in statement"
    LEDGER_ONLY = "only in ledger"
    UNREADABLE = "unreadable"


@dataclass(frozen=True)
class Ledger:
    """Where a report's ledger rows come from.

    Attributes:
        rows: SQL that gives `event_id, other_id, entry_type, movement_type, is_standing, account,
            currency, amount, event_date, posted_date, occurred_at` (business time), `batch_id,
            file, row_number` of the partner's rows of all time.
        standing: SQL, which of them count.
        date: SQL, the date that decides to which period they belong.
        parameters: values for `rows`.
        feeds: the feeds whose refused rows may be meant.
        rejected_id: what `other_id` is called in a delivered row.
    """

    rows: str
    standing: str
    date: str
    parameters: Mapping[str, object]
    feeds: tuple[str, ...]
    rejected_id: str


class Matching:
    """One matching, over the temporary table `statement`; its result is the table `reconciled`.

    Args:
        connection: where the temporary tables are.
        ledger: the ledger's side.
        from_date, to_date: the period.
        zone: the business time zone.
    """

    def __init__(
        self,
        connection: duckdb.DuckDBPyConnection,
        ledger: Ledger,
        from_date: date,
        to_date: date,
        zone: str,
    ) -> None:
        self._connection = connection
        self._ledger = ledger
        self._period = {"from_date": from_date, "to_date": to_date}
        self._zone = zone
        self._key = "event_id"

    def take_ledger(self) -> None:
        """Put the ledger's rows of the period into the temporary table `ledger_rows`."""
        self._run(
            f"""
            create or replace temp table ledger_rows as
            select
                row_number() over (order by event_date, event_id, batch_id, entry_type desc) as id,
                true as in_period,
                {self._columns()}
            from ({self._ledger.rows}) as entries
            where {self._ledger.standing} and {self._ledger.date} between $from_date and $to_date
            """
        )

    def choose_key(self, named: str | None) -> str:
        """Decide which key the statement has: as `named`, else the one that finds more rows."""
        if named is None:
            found = self._run(
                """
                select
                    count(*) filter (key in (select event_id from known)),
                    count(*) filter (key in (select other_id from known)),
                from statement
                """,
                f"with known as (select event_id, other_id from ({self._ledger.rows}) as entries)",
            ).fetchone()
            assert found is not None
            named = "other_id" if found[1] > found[0] else "event_id"
        self._key = named
        return named

    def run(self, *, as_doubles: bool, transactions: bool) -> None:
        """Place all rows; see the module for the order.

        With `as_doubles` amounts of the statement are what a spreadsheet can hold, about 15
        digits. With `transactions` an `other_id` is one payment or transfer, so the same account
        and amount should not have it twice.
        """
        self._run(
            "create or replace temp table pairs "
            "(class varchar, match varchar, ambiguous boolean, statement_id bigint, "
            "ledger_id bigint)"
        )
        self._run(
            """
            create or replace temp table open_statement as
            select id, key, account, currency, amount, day from statement where problem is null
            """
        )
        self._run(
            f"""
            create or replace temp table open_ledger as
            select
                id,
                {self._key} as key,
                account,
                currency,
                amount,
                {self._ledger.date} as day,
            from ledger_rows
            """
        )
        self._with_keys(as_doubles)
        self._without_keys(as_doubles)
        self._ledger_left(transactions)

    # -- with a key ------------------------------------------------------------------------------

    def _with_keys(self, as_doubles: bool) -> None:
        keyed = "key is not null"
        everything = ("key", "account", "currency", "amount", "day")
        self._single_keys(as_doubles)
        self._pass(Class.MATCHED, "key", everything, keyed)
        if as_doubles:
            self._pass(Class.MATCHED, "key, to 15 digits", everything, keyed, as_doubles=True)
        self._pass(Class.DATE, "key", ("key", "account", "currency", "amount"), keyed)
        self._pass(Class.ACCOUNT, "key", ("key", "currency", "amount"), keyed)
        self._copies(keyed)
        self._pass(Class.AMOUNT, "key", ("key", "account", "currency"), keyed)
        self._pass(Class.CURRENCY, "key", ("key", "account", "amount"), keyed)
        self._pass(Class.AMOUNT, "key", ("key", "currency"), keyed)
        self._pass(Class.CURRENCY, "key", ("key",), keyed)
        if self._any_open(keyed):
            self._take_elsewhere(
                f"{self._key} in (select key from open_statement where {keyed})", self._key
            )
            elsewhere = "open_elsewhere"
            self._pass(
                *(Class.PERIOD, "key", ("key", "account", "currency", "amount"), keyed),
                ledger=elsewhere,
            )
            self._pass(Class.PERIOD, "key", ("key", "currency", "amount"), keyed, ledger=elsewhere)
            # A key that has been found already is a duplicate rather than another state of it.
            once = f"{keyed} and key not in (select key from placed_keys)"
            self._placed_keys()
            self._pass(Class.PERIOD, "key", ("key",), once, ledger=elsewhere)
        if self._any_open(keyed):
            self._rejected()
        self._placed_keys()
        self._place(
            Class.STATEMENT_DUPLICATE,
            """
            select id from open_statement
            where key in (select key from placed_keys)
            union
            select id from open_statement
            where key is not null
            qualify row_number() over (partition by key order by id) > 1
            """,
        )
        self._place(Class.STATEMENT_ONLY, f"select id from open_statement where {keyed}")

    def _single_keys(self, as_doubles: bool) -> None:
        """Place what has a key that stands once on either side: one join in place of the passes."""
        same_double = f"{_FIFTEEN_DIGITS.format('mine')} = {_FIFTEEN_DIGITS.format('theirs')}"
        self._run(
            f"""
            create or replace temp table new_pairs as
            with single as (
                select key
                from (
                    select key, true as is_mine from open_statement where key is not null
                    union all
                    select key, false as is_mine from open_ledger where key is not null
                ) as keys
                group by key
                having count(*) = 2 and bool_or(is_mine) and not bool_and(is_mine)
            ),

            compared as (
                select
                    mine.id as statement_id,
                    theirs.id as ledger_id,
                    mine.currency = theirs.currency as same_currency,
                    mine.amount = theirs.amount as same_amount,
                    {same_double if as_doubles else "false"} as same_double,
                    coalesce(mine.account = theirs.account, true) as same_account,
                    coalesce(mine.day = theirs.day, true) as same_day,
                from open_statement as mine
                inner join open_ledger as theirs on mine.key = theirs.key
                semi join single on mine.key = single.key
            )

            select
                case
                    when not same_currency then '{Class.CURRENCY}'
                    when not same_amount
                        then case
                            when same_double and same_account and same_day then '{Class.MATCHED}'
                            else '{Class.AMOUNT}'
                        end
                    when not same_account then '{Class.ACCOUNT}'
                    when not same_day then '{Class.DATE}'
                    else '{Class.MATCHED}'
                end as class,
                case
                    when not same_amount and class = '{Class.MATCHED}' then 'key, to 15 digits'
                    else 'key'
                end as match,
                false as ambiguous,
                statement_id,
                ledger_id,
            from compared
            """
        )
        self._close()

    def _placed_keys(self) -> None:
        """The keys of which a row of the statement has its place."""
        self._run(
            """
            create or replace temp table placed_keys as
            select statement.key
            from pairs
            inner join statement on pairs.statement_id = statement.id
            where statement.key is not null
            """
        )

    def _rejected(self) -> None:
        """Rows that were refused when they were delivered, where they are surely the partner's.

        They are when their service account was the partner's at the end of the day they name, or
        was never anybody else's where they name none.
        """
        rejected_id = "event_id" if self._key == "event_id" else self._ledger.rejected_id
        self._run(
            """
            create or replace temp table rejected_rows_found as
            with delivered as (
                select
                    batch_id,
                    file,
                    row_number,
                    reasons,
                    raw,
                    list_transform(json_keys(raw), lambda name: lower(trim(name))) as names,
                    json_keys(raw) as spelled,
                from reports.rejected_rows
                where list_contains($feeds, feed)
            ),

            named as (
                select
                    * exclude (raw, names, spelled),
                    trim(raw ->> spelled[list_position(names, $rejected_id)]) as key,
                    trim(raw ->> spelled[list_position(names, 'service_account_id')])
                        as service_account_id,
                    trim(raw ->> spelled[list_position(names, 'occurred_at')]) as occurred_at,
                from delivered
            ),

            dated as (
                select
                    *,
                    cast(
                        timezone(
                            $zone,
                            try_cast(
                                case
                                    when regexp_matches(occurred_at, '(Z|[+-][0-9:]+)$')
                                        then occurred_at
                                    else occurred_at || 'Z'
                                end
                                as timestamptz
                            )
                        ) as date
                    ) as event_date,
                from named
                where key in (select key from open_statement)
            )

            select dated.*
            from dated
            where
                $partner = all (
                    select history.partner_id
                    from ledger.account_history as history
                    where
                        history.service_account_id = dated.service_account_id
                        and coalesce(
                            dated.event_date between history.valid_from and history.valid_to, true
                        )
                )
                and exists (
                    select 1
                    from ledger.account_history as history
                    where history.service_account_id = dated.service_account_id
                )
            qualify
                row_number() over (
                    partition by dated.key
                    order by dated.batch_id desc, dated.file desc, dated.row_number desc
                ) = 1
            """,
            rejected_id=rejected_id,
            feeds=list(self._ledger.feeds),
        )
        self._place(
            Class.REJECTED,
            """
            select id from open_statement
            where key in (select key from rejected_rows_found)
            qualify row_number() over (partition by key order by id) = 1
            """,
        )

    # -- without a key ---------------------------------------------------------------------------

    def _without_keys(self, as_doubles: bool) -> None:
        alike = ("account", "currency", "amount")
        if not self._any_open("true"):
            return
        self._pass(Class.MATCHED, "date", (*alike, "day"))
        if as_doubles:
            self._pass(Class.MATCHED, "date, to 15 digits", (*alike, "day"), as_doubles=True)
        self._nearest(alike, "account is not null")
        self._nearest(("currency", "amount"), "account is null")
        self._copies("true")
        if self._any_open("true"):
            self._take_elsewhere(
                """
                exists (
                    select 1
                    from open_statement
                    where
                        open_statement.currency = entries.currency
                        and open_statement.amount = entries.amount
                )
                """,
                "cast(null as varchar)",
            )
            for day, match in (
                ("event_date", "event date"),
                ("posted_date", "posted date"),
                ("utc_date", "day in UTC"),
            ):
                self._pass(
                    *(Class.PERIOD, match, (*alike, "day")), ledger="open_elsewhere", day=day
                )
        self._pass(Class.ACCOUNT, "date", ("currency", "amount", "day"))
        self._place(Class.STATEMENT_ONLY, "select id from open_statement")

    def _nearest(self, alike: tuple[str, ...], where: str) -> None:
        """Pair what lies one day apart: from the earliest day on, the day before first.

        All rows of a day that the exact pass has left are of one side. Along a run of days
        without a gap, and with the sides in turn, a day's rows go to the day before as far as
        that has rows left, and the rest to the day after.
        """
        where = f"key is null and day is not null and {where}"
        if not self._any_open(where):
            return
        group = ", ".join(alike)

        def same(left: str, right: str) -> str:
            return " and ".join(f"{left}.{column} = {right}.{column}" for column in alike)

        self._run(
            f"""
            create or replace temp table near_rows as
            select 'statement' as side, id, {group}, day,
            from open_statement
            where {where}
            union all
            select 'ledger' as side, id, {group}, day,
            from open_ledger as entries
            where
                exists (
                    select 1
                    from open_statement
                    where
                        {where}
                        and {same("open_statement", "entries")}
                        and open_statement.day between entries.day - 1 and entries.day + 1
                )
            """
        )
        self._run(
            f"""
            create or replace temp table near_days as
            select
                *,
                coalesce(
                    lag(day) over days = day - 1 and lag(side) over days <> side, false
                ) as is_linked,
            from (
                select {group}, day, side, count(*) as row_count
                from near_rows
                group by {group}, day, side
            ) as counted
            window days as (partition by {group} order by day)
            """
        )
        # `taken` is how many rows of a day go to the day before; `place` counts a run's days.
        self._run(
            f"""
            create or replace temp table near_links as
            with recursive chain as (
                select {group}, day, row_count, cast(0 as bigint) as taken, 1 as place,
                from near_days
                where not is_linked
                union all
                select
                    {", ".join(f"near_days.{column}" for column in alike)},
                    near_days.day,
                    near_days.row_count,
                    least(near_days.row_count, chain.row_count - chain.taken) as taken,
                    chain.place + 1 as place,
                from chain
                inner join near_days
                    on
                        {same("near_days", "chain")}
                        and near_days.day = chain.day + 1
                        and near_days.is_linked
            )

            select
                *,
                lag(taken) over days as taken_before,
                place > 2 or coalesce(lead(place) over days = 3, false) as is_long,
            from chain
            window days as (partition by {group} order by day)
            """
        )
        self._run(
            f"""
            create or replace temp table new_pairs as
            with sides as (
                select
                    *,
                    row_number() over (partition by {group}, day order by id) as number,
                    count(*) over (partition by {group}, day) as alike,
                from near_rows
            )

            select
                '{Class.MATCHED}' as class,
                'nearest date' || case
                    when earlier.alike = 1 and later.alike = 1 then '' else ', by order'
                end as match,
                links.is_long as ambiguous,
                case earlier.side when 'statement' then earlier.id else later.id end
                    as statement_id,
                case earlier.side when 'ledger' then earlier.id else later.id end as ledger_id,
            from near_links as links
            inner join sides as later
                on
                    {same("later", "links")}
                    and later.day = links.day
                    and later.number <= links.taken
            inner join sides as earlier
                on
                    {same("earlier", "links")}
                    and earlier.day = links.day - 1
                    and earlier.number = later.number + coalesce(links.taken_before, 0)
            where links.taken > 0
            """
        )
        self._close()

    # -- what both have --------------------------------------------------------------------------

    def _pass(
        self,
        class_: Class,
        match: str,
        alike: tuple[str, ...],
        where: str = "true",
        *,
        ledger: str = "open_ledger",
        day: str = "day",
        as_doubles: bool = False,
    ) -> None:
        """Pair open rows that are alike in these columns, one to one, in their order.

        What a row of the statement does not name (account, day) is not compared.
        """
        silent = self._run(
            f"""
            select account is null as no_account, day is null as no_day
            from open_statement
            where {where}
            group by no_account, no_day
            order by no_account, no_day
            """
        ).fetchall()
        for no_account, no_day in silent:
            if no_day and day != "day":
                continue
            compared = [
                column
                for column in alike
                if not (column == "account" and no_account) and not (column == "day" and no_day)
            ]
            self._pair(
                class_,
                match,
                compared,
                f"({where}) and (account is null) = {no_account} and (day is null) = {no_day}",
                ledger,
                day,
                as_doubles,
            )

    def _pair(
        self,
        class_: Class,
        match: str,
        compared: list[str],
        where: str,
        ledger: str,
        day: str,
        as_doubles: bool,
    ) -> None:
        def spelled(column: str, table: str, day: str) -> str:
            if column == "amount" and as_doubles:
                return _FIFTEEN_DIGITS.format(table)
            return f"{table}.{day if column == 'day' else column}"

        columns = ", ".join(f"c{place}" for place in range(len(compared)))

        def named(table: str, day: str) -> str:
            return ", ".join(
                f"{spelled(column, table, day)} as c{place}"
                for place, column in enumerate(compared)
            )

        # The groups get numbers, so that what is sorted is narrow however long the keys are.
        self._run(
            f"""
            create or replace temp table pass_groups as
            select row_number() over () as group_id, {columns},
            from (
                select {named("open_statement", "day")},
                from open_statement
                where {where}
                group by {columns}
            ) as stated
            semi join (select {named(ledger, day)} from {ledger}) as booked using ({columns})
            """
        )
        found = self._run("select count(*) from pass_groups").fetchone()
        if found == (0,):
            return
        for side, table, side_day, condition in (
            ("mine", "open_statement", "day", where),
            ("theirs", ledger, day, "true"),
        ):
            self._run(
                f"""
                create or replace temp table pass_{side} as
                select
                    id,
                    group_id,
                    row_number() over (partition by group_id order by day, amount, id) as number,
                    count(*) over (partition by group_id) as alike,
                from (
                    select candidates.id, candidates.day, candidates.amount, group_id,
                    from (
                        select id, {side_day} as day, amount, {named(table, side_day)},
                        from {table}
                        where {condition}
                    ) as candidates
                    inner join pass_groups using ({columns})
                ) as grouped
                """
            )
        is_choice = class_ is Class.ACCOUNT or not {"amount", "day"} <= set(compared)
        self._run(
            f"""
            create or replace temp table new_pairs as
            select
                '{class_}' as class,
                '{match}' || case
                    when mine.alike = 1 and theirs.alike = 1 then ''
                    else ', by order'
                end as match,
                {is_choice} and (mine.alike > 1 or theirs.alike > 1) as ambiguous,
                mine.id as statement_id,
                theirs.id as ledger_id,
            from pass_mine as mine
            inner join pass_theirs as theirs using (group_id, number)
            """
        )
        self._close(ledger)

    def _copies(self, where: str) -> None:
        """Rows of the statement that repeat one that was paired, in everything that they say."""
        said = """
            coalesce(key, '') as key, coalesce(account, '') as account, currency, amount, day
        """
        self._place(
            Class.STATEMENT_DUPLICATE,
            f"""
            with candidates as (
                select id, {said},
                from open_statement
                where {where} and day is not null
            ),

            alike as (
                select stated.*
                from (select id, {said} from statement where problem is null) as stated
                semi join candidates using (key, account, currency, amount, day)
            )

            select id
            from candidates
            semi join (
                select alike.*
                from alike
                semi join pairs on alike.id = pairs.statement_id
            ) as paired using (key, account, currency, amount, day)
            """,
        )

    def _place(self, class_: Class, rows: str) -> None:
        """Put rows of the statement, alone, into a class."""
        self._run(
            f"""
            create or replace temp table new_pairs as
            select
                '{class_}' as class,
                cast(null as varchar) as match,
                false as ambiguous,
                id as statement_id,
                cast(null as bigint) as ledger_id,
            from ({rows}) as placed
            """
        )
        self._close()

    def _close(self, ledger: str = "open_ledger") -> None:
        """Keep the new pairs, and take what has its place out of what is open."""
        if self._run("select count(*) from new_pairs").fetchone() == (0,):
            return
        self._run("insert into pairs from new_pairs")
        for table, column in (("open_statement", "statement_id"), (ledger, "ledger_id")):
            self._run(
                f"""
                create or replace temp table {table} as
                select open_rows.*
                from {table} as open_rows
                anti join new_pairs on open_rows.id = new_pairs.{column}
                """
            )

    def _take_elsewhere(self, condition: str, key: str) -> None:
        """Add rows of other periods to `ledger_rows`, and to what is open of those."""
        last = self._run("select coalesce(max(id), 0) from ledger_rows").fetchone()
        assert last is not None
        self._run(
            f"""
            insert into ledger_rows
            select
                {last[0]} + row_number() over (
                    order by event_date, event_id, batch_id, entry_type desc
                ) as id,
                false as in_period,
                {self._columns()}
            from ({self._ledger.rows}) as entries
            where
                {self._ledger.standing}
                and {self._ledger.date} not between $from_date and $to_date
                and {condition}
            """
        )
        self._run(
            f"""
            create or replace temp table open_elsewhere as
            select
                id,
                {key} as key,
                account,
                currency,
                amount,
                {self._ledger.date} as day,
                event_date,
                posted_date,
                utc_date,
            from ledger_rows
            where id > {last[0]}
            """
        )

    def _ledger_left(self, transactions: bool) -> None:
        if transactions:
            self._run(
                f"""
                create or replace temp table new_pairs as
                with firsts as (
                    select
                        id,
                        first_value(id) over same_transaction as first_id,
                        first_value(event_id) over same_transaction as first_event,
                        event_id,
                    from ledger_rows
                    left join (select ledger_id from pairs) as paired
                        on ledger_rows.id = paired.ledger_id
                    where in_period and other_id is not null
                    window same_transaction as (
                        partition by other_id, account, currency, amount, movement_type
                        order by paired.ledger_id is null, id
                    )
                )

                select
                    '{Class.LEDGER_DUPLICATE}' as class,
                    cast(null as varchar) as match,
                    false as ambiguous,
                    cast(null as bigint) as statement_id,
                    id as ledger_id,
                from firsts
                where
                    first_id <> id
                    and first_event <> event_id
                    and id in (select id from open_ledger)
                """
            )
            self._close()
        self._run(
            f"insert into pairs "
            f"select '{Class.LEDGER_ONLY}', null, false, null, id from open_ledger"
        )

    def _columns(self) -> str:
        return """
                event_id,
                other_id,
                entry_type,
                movement_type,
                account,
                currency,
                cast(amount as decimal(38, 12)) as amount,
                event_date,
                posted_date,
                cast(timezone('UTC', timezone($zone, occurred_at)) as date) as utc_date,
                batch_id,
                file,
                row_number,
        """

    def _any_open(self, where: str) -> bool:
        row = self._run(f"select exists (select 1 from open_statement where {where})").fetchone()
        return bool(row and row[0])

    def _run(self, sql: str, before: str = "", **more: object) -> duckdb.DuckDBPyConnection:
        """Run a statement with those of the known parameters that it names."""
        sql = f"{before}\n{sql}"
        known = {
            **self._ledger.parameters,
            **self._period,
            "zone": self._zone,
            **more,
        }
        used = {name: value for name, value in known.items() if f"${name}" in sql}
        return self._connection.execute(sql, used)
