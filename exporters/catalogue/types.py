"""The types that a report is defined with: columns and their kinds, conditions, bases."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum


class Kind(StrEnum):
    """What a column holds; it decides type, alignment and number format everywhere."""

    ID = "id"
    TEXT = "text"
    DATE = "date"
    TIMESTAMP = "timestamp"
    MONEY = "money"
    QUANTITY = "quantity"
    RATE = "rate"
    COUNT = "count"
    INTEGER = "integer"
    PERCENT = "percent"

    @property
    def is_number(self) -> bool:
        """Whether values of the kind are numbers (shown at the right)."""
        return self not in (Kind.ID, Kind.TEXT, Kind.DATE, Kind.TIMESTAMP)

    @property
    def sql_type(self) -> str:
        """The type that a column of the kind has in every result."""
        return _SQL_TYPES[self]


_SQL_TYPES = {
    Kind.ID: "varchar",
    Kind.TEXT: "varchar",
    Kind.DATE: "date",
    Kind.TIMESTAMP: "timestamp",
    Kind.MONEY: "decimal(38, 12)",
    Kind.QUANTITY: "decimal(38, 12)",
    Kind.RATE: "decimal(9, 6)",
    Kind.COUNT: "bigint",
    Kind.INTEGER: "decimal(38, 0)",
    Kind.PERCENT: "decimal(38, 2)",
}


@dataclass(frozen=True)
class Column:
    """One column of a report.

    Attributes:
        name: its name in CSV, JSON and Parquet, and in the query.
        label: its name for people, in workbooks and on the terminal.
        kind: what it holds.
        description: one sentence for documents.
        total: whether it is summed per currency.
        percent_of: names of the columns whose change it is in percent: the later, the earlier.
            It is never summed; that of a total comes from the two totals.
        share_of: names of the columns whose quotient it is in percent: the part, the whole. A
            total has that of its own sums.
    """

    name: str
    label: str
    kind: Kind
    description: str
    total: bool = False
    percent_of: tuple[str, str] | None = None
    share_of: tuple[str, str] | None = None


@dataclass(frozen=True)
class Condition:
    """One condition that a report may have.

    Attributes:
        name: its field in a request, and its flag on the command line with `-` for `_`.
        label: its name for people.
        allowed: the values it takes, empty when that depends on the published data.
        everything: what is said when the condition is left out.
        description: one line of help.
        predicate: its SQL, with its value as a bound parameter of the same name.
        many: whether it may be given several times.
    """

    name: str
    label: str
    allowed: tuple[str, ...]
    everything: str
    description: str
    predicate: str
    many: bool = False

    @property
    def flag(self) -> str:
        """The option of the command line."""
        return "--" + self.name.replace("_", "-")


# Those by one of an entry's two dates, which everything that shows entries has.
DATE_BASES = ("event", "posted")


@dataclass(frozen=True)
class Basis:
    """What decides the period to which an entry belongs, as pieces of a query.

    Attributes:
        name: the value of `--basis`.
        words: what it means, for people.
        blanks: the SQL for `{date}` (the date that counts), `{standing}` (is an entry listed?)
            and `{entries}` (an aggregate of daily sums that is not 0 where there is anything to
            list). On the event basis an original and its reversal share date and group, so the
            sum of their counts is the number of standing events; on the posted basis every
            entry counts, also one that another takes back. On the allocated basis amounts count
            by the days for which they were sold; its queries are the report's own.
    """

    name: str
    words: str
    blanks: dict[str, str]


@dataclass(frozen=True)
class Report:
    """One report.

    Attributes:
        id: its name on the command line and in file names.
        title: its name for people; the name of its sheet, so at most 25 characters.
        answers: the question it answers.
        conditions: names of the conditions it has besides the partner and the period.
        columns: as shown, from left to right; rows are sorted by them in this order.
        query: SQL with blanks that gives the columns, unsorted.
        account_query: the same from a finer mart, where the report's own does not know accounts.
        allocated_query: the same on the allocated basis, where the report has it.
        compared_query: the rows of two periods side by side, earlier measures as
            `<measure>_before`, where they are not simply those of both.
        internal_transfer: the movement type that totals leave out where both sides of a
            transfer are the same partner's, if the report has one.
        parts: the column whose values have totals of their own, if there is one.
        adds_parts: whether the sum over all values of `parts` means anything.
        folded: names of columns that a workbook folds away, so that its print can be read.
        leading: names of the measures that are not folded when it is compared; none: all.
        unit: SQL for the currency in which a row's amounts are shown; null: they are numbers of
            something.
    """

    id: str
    title: str
    answers: str
    conditions: tuple[str, ...]
    columns: tuple[Column, ...]
    query: str
    account_query: str | None = None
    allocated_query: str | None = None
    compared_query: str | None = None
    internal_transfer: str | None = None
    parts: str | None = None
    adds_parts: bool = True
    folded: tuple[str, ...] = ()
    leading: tuple[str, ...] = ()
    unit: str = "currency"

    @property
    def totals(self) -> tuple[Column, ...]:
        """The columns that are summed per currency."""
        return tuple(column for column in self.columns if column.total)

    @property
    def total_line(self) -> tuple[Column, ...]:
        """The columns that have a value in a line of totals: sums, and changes in percent."""
        return tuple(
            column
            for column in self.columns
            if column.total or column.percent_of or column.share_of
        )

    @property
    def bases(self) -> tuple[str, ...]:
        """The values that `--basis` takes; none where the report has no such condition."""
        if "basis" not in self.conditions:
            return ()
        return (*DATE_BASES, "allocated") if self.allocated_query else DATE_BASES
