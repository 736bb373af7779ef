"""What a matching has found, in words: the table `reconciled`, one row to a pair or a lone row."""

from __future__ import annotations

from typing import TYPE_CHECKING

from exporters.reconciliation.reconcile.matching import Class, Ledger
from exporters.request.report_request import Request

if TYPE_CHECKING:
    import duckdb


def _exact(column: str) -> str:
    """SQL for an amount as text, exact and without trailing zeros."""
    return f"rtrim(rtrim(cast({column} as varchar), '0'), '.')"


def explain(
    connection: duckdb.DuckDBPyConnection,
    request: Request,
    ledger: Ledger,
    zone: str,
    key: str | None,
) -> None:
    """Make the temporary table `reconciled`: the rows of all classes, each with its reason.

    It has a row for each row of the statement and of the ledger; a pair is one row, but two where
    the currencies differ, since amounts of two currencies have no difference. `key` is which of
    `event_id` and `other_id` the statement's key is, if it has one.
    """
    _remark(connection, ledger, zone, key)
    ledger_date = request.basis.blanks["date"]
    other_date = "posted_date" if ledger_date == "event_date" else "event_date"
    late = "late" if ledger_date == "event_date" else "posted later"
    within = "between $from_date and $to_date"
    # In two steps: a join to each side at a time is as much as fits into memory.
    connection.execute(
        f"""
        create or replace temp table placed as
        with together as (
            select *
            from pairs
            union all
            select '{Class.UNREADABLE}', null, false, id, null
            from statement
            where problem is not null
        )

        select
            together.class,
            together.match,
            together.ambiguous,
            unnest(
                case together.class
                    when '{Class.CURRENCY}' then ['statement', 'ledger'] else ['both']
                end
            ) as side,
            together.ledger_id,
            together.statement_id,
            stated.row as statement_row,
            stated.key as statement_key,
            stated.account as statement_account,
            stated.day as statement_date,
            stated.currency as statement_currency,
            stated.amount as stated_amount,
            stated.problem,
        from together
        left join statement as stated on together.statement_id = stated.id
        """
    )
    connection.execute(
        f"""
        create or replace temp table reconciled as
        with joined as (
            select
                placed.* exclude (ledger_id),
                case when entries.in_period then placed.ledger_id end as ledger_id,
                entries.event_id,
                entries.other_id,
                entries.entry_type,
                entries.account as service_account_id,
                entries.event_date,
                entries.posted_date,
                entries.utc_date,
                entries.{ledger_date} as ledger_date,
                entries.{other_date} as other_date,
                entries.currency as ledger_currency,
                entries.amount as entry_amount,
                case when entries.in_period then entries.amount end as ledger_amount,
                coalesce(entries.batch_id, remarks.batch_id) as batch_id,
                coalesce(entries.file, remarks.file) as file,
                coalesce(entries.row_number, remarks.row_number) as row_number,
                remarks.reasons,
                remarks.first_row,
                remarks.taken_back_by,
                unreadable_keys.row as unreadable_row,
            from placed
            left join ledger_rows as entries on placed.ledger_id = entries.id
            left join remarks on placed.statement_id = remarks.statement_id
            left join unreadable_keys
                on
                    case
                        when placed.class = '{Class.LEDGER_ONLY}'
                            then entries.{key or "event_id"}
                    end = unreadable_keys.key
        ),

        reasoned as (
            select
                *,
                case
                    when class = '{Class.PERIOD}'
                        then case
                            when other_date {within} and other_date <> ledger_date then '{late}'
                            when utc_date {within} then 'time zone'
                            else 'other period'
                        end
                    when
                        class = '{Class.DATE}'
                        or (class = '{Class.MATCHED}' and starts_with(match, 'nearest'))
                        then case
                            when statement_date = other_date
                                then replace('{other_date}', '_', ' ')
                            when statement_date = utc_date then 'time zone'
                            when statement_date not {within} then 'other period'
                            else 'other day'
                        end
                    when class = '{Class.AMOUNT}' and taken_back_by is not null then 'corrected'
                    when
                        class = '{Class.ACCOUNT}'
                        and ltrim(statement_account, '0') = ltrim(service_account_id, '0')
                        then 'leading zeros'
                    when class = '{Class.LEDGER_ONLY}'
                        then case
                            when unreadable_row is not null then 'unreadable'
                            when other_date not {within} then '{late}'
                            when utc_date not {within} then 'time zone'
                        end
                    when taken_back_by is not null then 'taken back'
                end as reason,
                case when statement_account <> service_account_id
                    then 'under service account ' || service_account_id end as elsewhere,
                case when stated_amount <> entry_amount
                    then 'with ' || {_exact("entry_amount")} || ' in place of '
                        || {_exact("stated_amount")} end as other_amount,
                case
                    when posted_date <> event_date
                        then 'it occurred on ' || event_date || ', was recorded with batch '
                            || batch_id || ' when its month was closed, and is posted on '
                            || posted_date
                    when utc_date <> event_date
                        then 'it occurred on ' || event_date || ' in the business time zone, on '
                            || utc_date || ' in UTC'
                end as dates,
            from joined
        )

        select
            class,
            statement_id,
            ledger_id,
            statement_row,
            statement_key,
            statement_account,
            statement_date,
            event_id,
            other_id,
            entry_type,
            service_account_id,
            event_date,
            posted_date,
            case side
                when 'ledger' then ledger_currency
                when 'statement' then statement_currency
                when 'both' then coalesce(statement_currency, ledger_currency)
            end as currency,
            case when side <> 'ledger' then stated_amount end as statement_amount,
            case when side <> 'statement' then ledger_amount end as ledger_amount,
            coalesce(case when side <> 'ledger' then stated_amount end, 0)
            - coalesce(case when side <> 'statement' then ledger_amount end, 0) as difference,
            match,
            case when ambiguous then 'yes' end as ambiguous,
            reason,
            nullif(
                concat_ws(
                    '; ',
                    problem,
                    case class
                        when '{Class.DATE}'
                            then 'the statement has ' || statement_date || ', the ledger '
                                || ledger_date
                        when '{Class.AMOUNT}'
                            then concat_ws(' ', 'the ledger has it', other_amount, elsewhere)
                                || coalesce(
                                    '; batch ' || taken_back_by || ' took '
                                    || {_exact("stated_amount")} || ' back',
                                    ''
                                )
                        when '{Class.CURRENCY}'
                            then case side
                                when 'statement'
                                    then concat_ws(
                                        ' ',
                                        'the ledger has it in ' || ledger_currency,
                                        other_amount,
                                        elsewhere
                                    )
                                else 'row ' || statement_row || ' of the statement has it in '
                                    || statement_currency
                            end
                        when '{Class.ACCOUNT}' then 'the ledger has it ' || elsewhere
                        when '{Class.PERIOD}'
                            then concat_ws(
                                ' ',
                                'the ledger has it in ' || strftime(ledger_date, '%Y-%m')
                                    || ', on ' || ledger_date,
                                other_amount,
                                elsewhere
                            )
                        when '{Class.REJECTED}' then array_to_string(reasons, '; ')
                        when '{Class.STATEMENT_DUPLICATE}'
                            then coalesce(
                                case
                                    when first_row < statement_row
                                        then 'its key stands in row ' || first_row || ' already'
                                    else 'its key stands in another row that fits better'
                                end,
                                'it repeats a row that was matched'
                            )
                        when '{Class.LEDGER_DUPLICATE}'
                            then 'another event is of the same transaction, account and amount'
                        when '{Class.LEDGER_ONLY}'
                            then 'row ' || unreadable_row
                                || ' of the statement has its key, but could not be read'
                        when '{Class.MATCHED}'
                            then case
                                when reason is not null
                                    then 'the statement has ' || statement_date || ', the ledger '
                                        || ledger_date
                            end
                    end,
                    case
                        when taken_back_by is not null and class <> '{Class.AMOUNT}'
                            then 'the ledger had it and took it back with batch ' || taken_back_by
                    end,
                    case
                        when
                            reason not in (
                                'other period', 'other day', 'taken back', 'corrected',
                                'leading zeros', 'unreadable'
                            )
                            then dates
                    end
                ),
                ''
            ) as explanation,
            batch_id,
            file,
            row_number,
        from reasoned
        """,
        {"from_date": request.from_date, "to_date": request.to_date},
    )
    connection.execute("drop table placed")


def _remark(
    connection: duckdb.DuckDBPyConnection, ledger: Ledger, zone: str, key: str | None
) -> None:
    """Make the temporary tables `remarks` and `unreadable_keys`.

    `remarks` is what is known of rows of the statement that the ledger has not, or has with
    another amount: where the row was refused and why, in which row its key stands first, and
    which batch took back what the ledger had. `unreadable_keys` are the keys of rows that could
    not be read, with the first such row.
    """
    connection.execute(
        "create temp table if not exists rejected_rows_found "
        "(key varchar, batch_id varchar, file varchar, row_number bigint, reasons varchar[])"
    )
    connection.execute(
        f"""
        create or replace temp table unpaired as
        select statement.id as statement_id, statement.key, pairs.class
        from statement
        inner join pairs on statement.id = pairs.statement_id
        where
            statement.key is not null
            and pairs.class in (
                '{Class.REJECTED}', '{Class.STATEMENT_DUPLICATE}', '{Class.STATEMENT_ONLY}'
            )
        """
    )
    ledger_key = key or "event_id"
    sql = f"""
        create or replace temp table remarks as
        with taken_back as (
            select {ledger_key} as key, max(batch_id) as batch_id,
            from ({ledger.rows}) as entries
            where
                entry_type = 'reversal'
                and {ledger_key} in (select key from unpaired)
            group by {ledger_key}
        ),

        first_rows as (
            select statement.key, min(statement.row) as row,
            from statement
            semi join unpaired
                on statement.key = unpaired.key and unpaired.class = '{Class.STATEMENT_DUPLICATE}'
            group by statement.key
        )

        select
            unpaired.statement_id,
            rejected.batch_id,
            rejected.file,
            rejected.row_number,
            rejected.reasons,
            first_rows.row as first_row,
            taken_back.batch_id as taken_back_by,
        from unpaired
        left join rejected_rows_found as rejected
            on unpaired.key = rejected.key and unpaired.class = '{Class.REJECTED}'
        left join first_rows
            on unpaired.key = first_rows.key and unpaired.class = '{Class.STATEMENT_DUPLICATE}'
        left join taken_back
            on unpaired.key = taken_back.key and unpaired.class = '{Class.STATEMENT_ONLY}'
        union all by name
        select pairs.statement_id, max(reversals.batch_id) as taken_back_by,
        from ({ledger.rows}) as reversals
        inner join ledger_rows on reversals.event_id = ledger_rows.event_id
        inner join pairs on ledger_rows.id = pairs.ledger_id and pairs.class = '{Class.AMOUNT}'
        inner join statement
            on pairs.statement_id = statement.id and reversals.amount = -statement.amount
        where reversals.entry_type = 'reversal'
        group by pairs.statement_id
    """
    parameters = {**ledger.parameters, "zone": zone}
    connection.execute(
        sql, {name: value for name, value in parameters.items() if f"${name}" in sql}
    )
    connection.execute(
        """
        create or replace temp table unreadable_keys as
        select key, min(row) as row,
        from statement
        where problem is not null and key is not null
        group by key
        """
    )
