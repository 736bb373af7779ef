"""The sums behind the seven reports, made of a landing folder with pandas and with polars.

As a data team would write it with each library: pandas vectorised, polars lazily. Both read the
files as they are, refuse what is broken, take each event's versions in order, reverse what was
corrected, find the posted date, the partner at the event date, the partner discount, cost and
margin, and write four Parquet files: `credit_entries` and `revenue_entries` (with the partner:
credit-topups and revenue-detail are filters of them), and `credit_days` and `revenue_days` (daily
sums, from which the other five reports add up).

What they give up: amounts are floats, blanks around text are taken as delivered, rows and files are
refused without a reason, nothing is kept of rows that are refused or repeated, nothing is tested,
and every run reads everything.

    python benchmarks/dataframes.py pandas|polars LANDING OUTPUT_FOLDER
"""

from __future__ import annotations

import sys
from pathlib import Path
from typing import Any

REFERENCE = Path(__file__).resolve().parent.parent / "seeds" / "reference"
ZONE = "Asia/Ho_Chi_Minh"
CLOSE_DAY = 5
CHARGE_TYPES = ["usage", "subscription", "one_time", "refund", "credit", "adjustment", "tax"]
NOT_DISCOUNTABLE = ["tax", "credit", "adjustment"]
PLAIN_NUMBER = r"-?[0-9]+(?:\.[0-9]+)?"

ACCOUNT_FIELDS = [
    "service_account_id", "service_account_name", "account_id", "account_name", "account_type",
    "partner_id", "partner_name", "billing_mode", "status", "updated_at",
]  # fmt: skip
DISCOUNT_FIELDS = [
    "discount_id", "subject", "partner_id", "service_account_id", "service_code", "deal_id",
    "rate_percent", "requested_on", "approved_on", "rejected_on", "revoked_on", "effective_from",
    "effective_to", "updated_at",
]  # fmt: skip
FOCUS_GROUP = ["ProviderName", "BillingAccountId", "BillingPeriodStart"]
FOCUS_CONTENT = [
    *FOCUS_GROUP, "BillingAccountName", "BillingCurrency", "SubAccountId", "SubAccountName",
    "ServiceName", "ListCost", "BilledCost", "ChargeCategory", "ChargeFrequency",
    "ChargePeriodStart", "ConsumedQuantity", "ConsumedUnit", "PricingQuantity", "PricingUnit",
]  # fmt: skip
MEASURES = ["quantity", "list_amount", "discount_amount", "net_amount", "tax_amount"]
CREDIT_KEYS = [
    "partner_id", "event_date", "posted_date", "service_account_id", "account_id", "account_type",
    "wallet", "movement_type", "service_code", "currency",
]  # fmt: skip
REVENUE_KEYS = [
    "partner_id", "event_date", "posted_date", "service_account_id", "account_id", "account_type",
    "service_code", "currency", "discount_id", "partner_discount_id",
]  # fmt: skip
REVENUE_SUMS = [
    "event_count", "list_amount", "discount_amount", "net_amount", "tax_amount",
    "partner_discount_amount", "partner_cost_amount", "partner_margin_amount",
]  # fmt: skip


def files(landing: Path, feed: str) -> list[tuple[str, Path]]:
    """Batch and path of each file of a feed, in the order in which they count."""
    found = [
        (path.parent.name.removeprefix("batch="), path)
        for path in (landing / feed).glob("batch=*/*")
        if path.name.endswith((".csv", ".csv.gz", ".parquet")) and path.stat().st_size
    ]
    return sorted(found, key=lambda each: (each[0], each[1].name))


def floats(table: Any) -> Any:
    """An Arrow table with its decimals as floats: as Python objects they would crawl."""
    from pyarrow import float64, types

    for place, column in enumerate(table.schema):
        if types.is_decimal(column.type):
            table = table.set_column(place, column.name, table.column(place).cast(float64()))
    return table


# -- pandas --------------------------------------------------------------------------------------


class WithPandas:
    """The sums with pandas."""

    def __init__(self, landing: Path, output: Path) -> None:
        import pandas

        self.pd = pandas
        self.landing, self.output = landing, output
        self.currencies = set(pandas.read_csv(REFERENCE / "currencies.csv")["currency"])
        self.movements = pandas.read_csv(REFERENCE / "movement_types.csv").set_index(
            "movement_type"
        )

    def run(self) -> None:
        """Write the four files."""
        lines = self.focus()
        history = self.history(lines)
        credits = self.attributed(self.credits(), history)
        credits["event_count"] = self.counts(credits)
        credits.to_parquet(self.output / "credit_entries.parquet")
        days = credits.groupby(CREDIT_KEYS, dropna=False, sort=False, observed=True)
        days[["event_count", "amount"]].sum().reset_index().to_parquet(
            self.output / "credit_days.parquet"
        )
        revenue = self.pd.concat([self.revenue(), lines], ignore_index=True)
        revenue = self.priced(self.attributed(revenue, history))
        revenue.to_parquet(self.output / "revenue_entries.parquet")
        days = revenue.groupby(REVENUE_KEYS, dropna=False, sort=False, observed=True)
        days[REVENUE_SUMS].sum().reset_index().to_parquet(self.output / "revenue_days.parquet")

    def read(self, feed: str) -> Any:
        """All rows of a feed; `order` is their order within the batch."""
        from pyarrow import parquet

        pd, parts = self.pd, []
        for batch, path in files(self.landing, feed):
            if path.suffix == ".parquet":
                part = floats(parquet.read_table(path, partitioning=None)).to_pandas(
                    date_as_object=False
                )
            else:
                part = pd.read_csv(path, dtype="str", keep_default_na=False, na_values=["", "NULL"])
            for name in ("occurred_at", "ordered_at"):
                if name in part:
                    part[name] = self.instants(part[name])
            for name in ("period_start", "period_end"):
                if name in part:
                    part[name] = pd.to_datetime(part[name], errors="coerce")
            for name in ("amount", *MEASURES):
                if name in part:
                    part[name] = self.numbers(part[name])
            for name in ("version", "operation"):
                if name in part:
                    part[name] = part[name].astype("str")
            part["batch_id"] = batch
            parts.append(part)
        rows = pd.concat(parts, ignore_index=True)
        rows["order"] = range(len(rows))
        return rows

    def numbers(self, values: Any) -> Any:
        """Floats; what is no plain number is NaN, and so is what is missing."""
        if isinstance(values.dtype, self.pd.StringDtype):
            values = values.where(values.str.fullmatch(PLAIN_NUMBER))
        return self.pd.to_numeric(values, errors="coerce").astype("float64")

    def instants(self, values: Any) -> Any:
        """Instants in UTC; what is none is NaT."""
        return self.pd.to_datetime(values, utc=True, errors="coerce", format="ISO8601").astype(
            "datetime64[us, UTC]"
        )

    def days(self, instants: Any) -> Any:
        """Business days."""
        return instants.dt.tz_convert(ZONE).dt.tz_localize(None).dt.normalize()

    def counts(self, entries: Any) -> Any:
        """1 for an original, -1 for a reversal."""
        return (entries["entry_type"] == "original").astype("int64") * 2 - 1

    def posted(self, entries: Any) -> Any:
        """Entries with the posted date: not before the first month open at their batch."""
        pd = self.pd
        batches = pd.Series(entries["batch_id"].unique())
        recorded = pd.to_datetime(batches.str[:10])
        shifted = recorded.where(
            recorded.dt.day > CLOSE_DAY, recorded - pd.Timedelta(days=CLOSE_DAY)
        )
        opened = dict(zip(batches, shifted.dt.to_period("M").dt.to_timestamp(), strict=True))
        floor = entries["batch_id"].map(opened).astype("datetime64[us]")
        entries["posted_date"] = entries["event_date"].where(entries["event_date"] > floor, floor)
        return entries

    def entries(self, rows: Any, measures: list[str]) -> Any:
        """Originals and reversals of valid rows of events."""
        pd = self.pd
        rows["event_date"] = self.days(rows["occurred_at"])
        again = rows["event_id"].duplicated(keep=False)
        once = rows[~again & (rows["operation"] != "void")]
        several = rows[again].sort_values(
            ["event_id", "batch_id", "version", "order"], ascending=[True, True, False, True]
        )
        several = several.drop_duplicates(["event_id", "batch_id"])
        highest = several.groupby("event_id")["version"].cummax()
        before = highest.groupby(several["event_id"]).shift()
        effective = several[before.isna() | (several["version"] > before)]
        posts = effective[effective["operation"] != "void"]
        # What comes after a post in an event takes that post back.
        later = effective.groupby("event_id")["batch_id"].shift(-1)
        reversals = posts.assign(batch_id=later.reindex(posts.index)).dropna(subset="batch_id")
        reversals[measures] = -reversals[measures]
        entries = pd.concat([once, posts, reversals], ignore_index=True)
        entries["entry_type"] = "original"
        entries.loc[len(once) + len(posts) :, "entry_type"] = "reversal"
        return self.posted(entries)

    def event_rows(self, feed: str) -> Any:
        """Rows of credits or revenue that have what both need."""
        rows = self.read(feed)
        rows["version"] = self.pd.to_numeric(rows["version"].fillna("1"), errors="coerce")
        rows["operation"] = rows["operation"].str.lower().fillna("post")
        rows["currency"] = rows["currency"].str.upper()
        return rows[
            rows["event_id"].notna()
            & rows["version"].notna()
            & rows["operation"].isin(["post", "void"])
            & rows["service_account_id"].notna()
            & rows["currency"].isin(self.currencies)
            & rows["occurred_at"].notna()
        ]

    def credits(self) -> Any:
        """Entries of credits."""
        rows = self.event_rows("credits")
        rows = rows.assign(
            movement_type=rows["movement_type"].str.lower(), wallet=rows["wallet"].fillna("main")
        )
        rule = rows["movement_type"].map(self.movements["amount_rule"])
        return self.entries(
            rows[
                ((rule == "positive") & (rows["amount"] > 0))
                | ((rule == "nonzero") & (rows["amount"] != 0) & rows["amount"].notna())
            ].copy(),
            ["amount"],
        )

    def revenue(self) -> Any:
        """Entries of revenue."""
        rows = self.event_rows("revenue")
        rows = rows.assign(
            charge_type=rows["charge_type"].str.lower(),
            discount_amount=rows["discount_amount"].fillna(0.0),
            tax_amount=rows["tax_amount"].fillna(0.0),
        )
        difference = rows["list_amount"] - rows["discount_amount"] - rows["net_amount"]
        rows = rows[
            rows["service_code"].notna()
            & rows["charge_type"].isin(CHARGE_TYPES)
            & (difference.abs() < 1e-6)
        ].copy()
        entries = self.entries(rows, MEASURES)
        ordered = entries["ordered_at"].notna()
        entries["order_date"] = entries["event_date"]
        entries.loc[ordered, "order_date"] = self.days(entries.loc[ordered, "ordered_at"])
        return entries

    def focus(self) -> Any:
        """Entries of FOCUS lines."""
        pd = self.pd
        lines = self.read("focus")
        for name in ("BillingPeriodStart", "ChargePeriodStart"):
            lines[name] = self.instants(lines[name])
        for name in ("ListCost", "BilledCost", "ConsumedQuantity", "PricingQuantity"):
            lines[name] = self.numbers(lines[name])
        lines["ChargeCategory"] = lines["ChargeCategory"].str.lower()
        lines = lines[
            lines[[*FOCUS_GROUP, "ChargePeriodStart", "ServiceName", "ListCost", "BilledCost"]]
            .notna()
            .all(axis=1)
            & lines["BillingCurrency"].isin(self.currencies)
            & lines["ChargeCategory"].isin(["usage", "purchase", "tax", "credit", "adjustment"])
        ].copy()
        group = lines.groupby(FOCUS_GROUP, sort=False).ngroup()
        lines["group"] = group
        deliveries = lines[["group", "batch_id"]].drop_duplicates()
        deliveries["delivery"] = deliveries.groupby("group")["batch_id"].rank().astype("int64")
        following = deliveries.assign(delivery=deliveries["delivery"] - 1).rename(
            columns={"batch_id": "next_batch_id"}
        )
        lines = lines.merge(deliveries, on=["group", "batch_id"])
        content = lines.groupby(FOCUS_CONTENT, dropna=False, sort=False).ngroup()
        number = lines.groupby([content, lines["batch_id"]]).cumcount()
        lines["event_id"] = "focus:" + content.astype("str") + ":" + number.astype("str")
        lines = lines.sort_values(["event_id", "delivery"])
        seen = lines.groupby("event_id")["delivery"]
        posts = lines[seen.shift() != lines["delivery"] - 1].copy()
        gone = lines[seen.shift(-1) != lines["delivery"] + 1]
        voids = gone.merge(following, on=["group", "delivery"])
        voids["batch_id"] = voids["next_batch_id"]
        posts["entry_type"], voids["entry_type"] = "original", "reversal"
        both = pd.concat([posts, voids], ignore_index=True)
        sign = self.counts(both)
        consumed = both["ConsumedQuantity"].notna()
        purchase = both["ChargeCategory"] == "purchase"
        recurring = both["ChargeFrequency"] == "Recurring"
        entries = pd.DataFrame(
            {
                "event_id": both["event_id"],
                "entry_type": both["entry_type"],
                "service_account_id": both["SubAccountId"].fillna(both["BillingAccountId"]),
                "service_code": both["ServiceName"],
                "charge_type": both["ChargeCategory"]
                .mask(purchase & recurring, "subscription")
                .mask(purchase & ~recurring, "one_time"),
                "quantity": sign
                * both["ConsumedQuantity"].where(consumed, both["PricingQuantity"]),
                "unit": both["ConsumedUnit"].where(consumed, both["PricingUnit"]),
                "currency": both["BillingCurrency"],
                "list_amount": sign * both["ListCost"],
                "discount_amount": sign * (both["ListCost"] - both["BilledCost"]),
                "net_amount": sign * both["BilledCost"],
                "tax_amount": 0.0,
                "occurred_at": both["ChargePeriodStart"],
                "event_date": self.days(both["ChargePeriodStart"]),
                "batch_id": both["batch_id"],
                "sub_account_id": both["SubAccountId"],
                "billing_account_id": both["BillingAccountId"],
            }
        )
        entries["order_date"] = entries["event_date"]
        return self.posted(entries)

    def history(self, lines: Any) -> Any:
        """Who each service account belonged to, from which day on."""
        pd = self.pd
        records = self.read("accounts")
        records["account_type"] = records["account_type"].str.lower()
        records["updated_at"] = self.instants(records["updated_at"])
        needed = ["service_account_id", "account_id", "partner_id", "updated_at"]
        records = records[
            records[needed].notna().all(axis=1)
            & records["account_type"].isin(["partner", "customer"])
        ].drop_duplicates(ACCOUNT_FIELDS)
        posts = lines[lines["entry_type"] == "original"]
        posts = posts.drop_duplicates(["service_account_id", "batch_id"], keep="last")
        known = pd.read_csv(REFERENCE / "focus_billing_accounts.csv", dtype="str")
        mapping = known.set_index("billing_account_id")["partner_id"]
        partner = posts["billing_account_id"].map(mapping).fillna(posts["billing_account_id"])
        direct = posts["sub_account_id"].isna()
        from_focus = pd.DataFrame(
            {
                "service_account_id": posts["service_account_id"],
                "account_id": partner.where(direct, posts["service_account_id"]),
                "account_type": direct.map({True: "partner", False: "customer"}),
                "partner_id": partner,
                "updated_at": pd.to_datetime(posts["batch_id"].str[:10])
                .dt.tz_localize(ZONE)
                .dt.tz_convert("UTC")
                .astype("datetime64[us, UTC]"),
                "batch_id": posts["batch_id"],
            }
        )
        records = pd.concat([records, from_focus], ignore_index=True)
        records = records.sort_values(["updated_at", "batch_id"], kind="stable")
        records["valid_from"] = self.days(records["updated_at"])
        days = records.drop_duplicates(["service_account_id", "valid_from"], keep="last")
        first = records["updated_at"] == records.groupby("service_account_id")[
            "updated_at"
        ].transform("min")
        beginnings = records[first].drop_duplicates("service_account_id", keep="last")
        beginnings = beginnings.assign(valid_from=pd.Timestamp("1900-01-01"))
        history = pd.concat([beginnings, days])
        history["valid_from"] = history["valid_from"].astype("datetime64[us]")
        columns = ["service_account_id", "partner_id", "account_id", "account_type", "valid_from"]
        return history[columns].sort_values("valid_from", kind="stable")

    def attributed(self, entries: Any, history: Any) -> Any:
        """Entries of known service accounts, with the partner at their event date."""
        entries["event_date"] = entries["event_date"].astype("datetime64[us]")
        merged = self.pd.merge_asof(
            entries.sort_values("event_date"),
            history,
            left_on="event_date",
            right_on="valid_from",
            by="service_account_id",
        )
        return merged[merged["partner_id"].notna()].drop(columns=["valid_from", "order"])

    def discounts(self) -> Any:
        """Partner discounts with their first and last days."""
        pd = self.pd
        rows = self.read("discounts")
        rows["subject"] = rows["subject"].str.lower()
        rows["rate_percent"] = self.numbers(rows["rate_percent"])
        rows["updated_at"] = self.instants(rows["updated_at"])
        for name in DISCOUNT_FIELDS:
            if name.endswith(("_on", "_from", "_to")):
                rows[name] = pd.to_datetime(rows[name], errors="coerce", format="%Y-%m-%d")
        needed = ["discount_id", "partner_id", "service_code", "requested_on", "effective_from"]
        rows = rows[
            rows[[*needed, "updated_at"]].notna().all(axis=1)
            & rows["rate_percent"].between(0, 100)
            & rows["subject"].isin(["partner", "customer"])
            & ((rows["subject"] == "customer") == rows["service_account_id"].notna())
        ].drop_duplicates(DISCOUNT_FIELDS)
        latest = rows.sort_values(["updated_at", "order"]).drop_duplicates(
            "discount_id", keep="last"
        )
        own = latest[
            (latest["subject"] == "partner")
            & latest["approved_on"].notna()
            & latest["rejected_on"].isna()
        ]
        own = own.assign(
            starts_on=own[["effective_from", "approved_on"]].max(axis=1),
            ends_on=own[["effective_to"]]
            .assign(revoked=own["revoked_on"] - pd.Timedelta(days=1))
            .min(axis=1)
            .fillna(pd.Timestamp("2261-12-31")),
        )
        own = own[own["ends_on"] >= own["starts_on"]]
        scope = ["partner_id", "service_code", "deal_id"]
        own = own.sort_values(["starts_on", "requested_on", "discount_id"]).drop_duplicates(
            [*scope, "starts_on"], keep="last"
        )
        following = own.groupby(scope, dropna=False)["starts_on"].shift(-1)
        ends = (following - pd.Timedelta(days=1)).fillna(pd.Timestamp("2261-12-31"))
        own["ends_on"] = own["ends_on"].where(own["ends_on"] < ends, ends)
        own = own.rename(columns={"discount_id": "partner_discount_id"})
        for name in ("starts_on", "ends_on"):
            own[name] = own[name].astype("datetime64[us]")
        return own[[*scope, "partner_discount_id", "rate_percent", "starts_on", "ends_on"]]

    def priced(self, entries: Any) -> Any:
        """Entries with the partner discount, cost and margin."""
        discounts = self.discounts()
        entries["order_date"] = entries["order_date"].astype("datetime64[us]")
        entries = entries.sort_values("order_date", kind="stable").reset_index(drop=True)
        entries["event_count"] = self.counts(entries)
        discountable = ~entries["charge_type"].isin(NOT_DISCOUNTABLE)
        entries["partner_discount_id"], entries["rate_percent"] = None, 0.0
        for scope, chosen, terms in (
            (["partner_id", "service_code"], discountable, discounts["deal_id"].isna()),
            (
                ["partner_id", "service_code", "deal_id"],
                discountable & entries["deal_id"].notna(),
                discounts["deal_id"].notna(),
            ),
        ):
            found = self.pd.merge_asof(
                entries.loc[chosen, [*scope, "order_date"]].reset_index(),
                discounts.loc[terms, [*scope, "partner_discount_id", "rate_percent", "starts_on",
                                      "ends_on"]],
                left_on="order_date",
                right_on="starts_on",
                by=scope,
            )  # fmt: skip
            found = found[found["order_date"] <= found["ends_on"]].set_index("index")
            entries.loc[found.index, "partner_discount_id"] = found["partner_discount_id"]
            entries.loc[found.index, "rate_percent"] = found["rate_percent"]
        amount = entries["list_amount"]
        entries["partner_discount_amount"] = amount * entries["rate_percent"] / 100
        cost = amount - entries["partner_discount_amount"]
        # What is not discountable is passed on as it is.
        entries["partner_cost_amount"] = cost.where(discountable, entries["net_amount"])
        entries["partner_margin_amount"] = entries["net_amount"] - entries["partner_cost_amount"]
        return entries


# -- polars --------------------------------------------------------------------------------------


class WithPolars:
    """The sums with polars, lazily: what is used twice is kept once, the rest streams."""

    def __init__(self, landing: Path, output: Path) -> None:
        import polars

        self.pl = polars
        self.landing, self.output = landing, output
        self.currencies = polars.read_csv(REFERENCE / "currencies.csv")["currency"].to_list()
        self.movements = polars.scan_csv(REFERENCE / "movement_types.csv").select(
            "movement_type", "amount_rule"
        )

    def run(self) -> None:
        """Write the four files."""
        pl = self.pl
        lines = self.focus().collect().lazy()
        history = self.history(lines).collect().lazy()
        credits = self.attributed(self.credits(), history).collect()
        credits.write_parquet(self.output / "credit_entries.parquet")
        credits.lazy().group_by(CREDIT_KEYS).agg(
            pl.col("event_count", "amount").sum()
        ).sink_parquet(self.output / "credit_days.parquet")
        revenue = pl.concat([self.revenue(), lines], how="diagonal")
        priced = self.priced(self.attributed(revenue, history)).collect()
        priced.write_parquet(self.output / "revenue_entries.parquet")
        priced.lazy().group_by(REVENUE_KEYS).agg(pl.col(REVENUE_SUMS).sum()).sink_parquet(
            self.output / "revenue_days.parquet"
        )

    def read(self, feed: str) -> Any:
        """All rows of a feed, typed; `batch_id`, `file` and `row` are their order."""
        pl, frames = self.pl, []
        paths = [path for _, path in files(self.landing, feed)]
        native = [path for path in paths if path.suffix == ".parquet"]
        text = [path for path in paths if path.suffix != ".parquet"]
        if native:
            frames.append(
                pl.scan_parquet(
                    native,
                    row_index_name="row",
                    include_file_paths="path",
                    hive_partitioning=False,
                )
            )
        if text:
            frames.append(
                pl.scan_csv(
                    text,
                    infer_schema=False,
                    null_values=["", "NULL"],
                    row_index_name="row",
                    include_file_paths="path",
                )
            )
        return pl.concat([self.typed(frame) for frame in frames], how="diagonal").with_columns(
            batch_id=pl.col("path").str.extract("batch=([^/]*)/"),
            file=pl.col("path").str.extract("([^/]*)$"),
        )

    def typed(self, frame: Any) -> Any:
        """Columns by what their names say; null where a text does not say it."""
        pl, kinds, columns = self.pl, frame.collect_schema(), []
        for name, kind in kinds.items():
            column = pl.col(name)
            is_text = kind == pl.String
            if name in ("amount", "rate_percent", "ListCost", "BilledCost", *MEASURES) or (
                name.endswith("Quantity")
            ):
                if is_text:
                    column = pl.when(column.str.contains(f"^{PLAIN_NUMBER}$")).then(column)
                columns.append(column.cast(pl.Float64, strict=False).alias(name))
            elif name == "version":
                columns.append(column.cast(pl.Int64, strict=False).fill_null(1))
            elif name.endswith(("_at", "PeriodStart")):
                columns.append(
                    pl.coalesce(
                        column.str.to_datetime(f"%Y-%m-%d %H:%M:%S{zone}", strict=False)
                        .cast(pl.Datetime("us"))
                        .dt.replace_time_zone("UTC")
                        if zone == ""
                        else column.str.to_datetime(
                            f"%Y-%m-%d %H:%M:%S{zone}", time_unit="us", strict=False
                        ).dt.convert_time_zone("UTC")
                        for zone in ("%:z", "")
                    ).alias(name)
                    if is_text
                    else column.cast(pl.Datetime("us", "UTC"))
                )
            elif name in ("period_start", "period_end") or name.endswith(("_on", "_from", "_to")):
                columns.append(column.str.to_date("%Y-%m-%d", strict=False) if is_text else column)
        return frame.with_columns(columns)

    def days(self, instants: Any) -> Any:
        """Business days."""
        return instants.dt.convert_time_zone(ZONE).dt.date()

    def posted(self, entries: Any) -> Any:
        """Entries with the posted date: not before the first month open at their batch."""
        pl = self.pl
        recorded = pl.col("batch_id").str.head(10).str.to_date("%Y-%m-%d")
        shifted = recorded - pl.duration(
            days=pl.when(recorded.dt.day() <= CLOSE_DAY).then(CLOSE_DAY).otherwise(0)
        )
        return entries.with_columns(
            posted_date=pl.max_horizontal("event_date", shifted.dt.month_start())
        )

    def entries(self, rows: Any, measures: list[str]) -> Any:
        """Originals and reversals of valid rows of events."""
        pl = self.pl
        again = pl.len().over("event_id") > 1
        rows = rows.with_columns(event_date=self.days(pl.col("occurred_at")), again=again)
        rows = rows.collect().lazy()
        once = rows.filter(~pl.col("again") & (pl.col("operation") == "post"))
        several = (
            rows.filter("again")
            .sort(
                "event_id", "batch_id", "version", "file", "row",
                descending=[False, False, True, False, False],
            )
            .unique(["event_id", "batch_id"], keep="first", maintain_order=True)
            .with_columns(before=pl.col("version").cum_max().shift().over("event_id"))
            .filter(pl.col("before").is_null() | (pl.col("version") > pl.col("before")))
            .with_columns(later=pl.col("batch_id").shift(-1).over("event_id"))
            .filter(pl.col("operation") == "post")
        )  # fmt: skip
        reversals = several.filter(pl.col("later").is_not_null()).with_columns(
            *(-pl.col(name) for name in measures),
            batch_id=pl.col("later"),
            entry_type=pl.lit("reversal"),
        )
        originals = pl.concat([once, several], how="diagonal").with_columns(
            entry_type=pl.lit("original")
        )
        return self.posted(pl.concat([originals, reversals], how="diagonal"))

    def event_rows(self, feed: str) -> Any:
        """Rows of credits or revenue that have what both need."""
        pl = self.pl
        return (
            self.read(feed)
            .with_columns(
                pl.col("operation").str.to_lowercase().fill_null("post"),
                pl.col("currency").str.to_uppercase(),
            )
            .filter(
                pl.col("event_id", "service_account_id", "occurred_at").is_not_null(),
                pl.col("operation").is_in(["post", "void"]),
                pl.col("currency").is_in(self.currencies),
            )
        )

    def credits(self) -> Any:
        """Entries of credits."""
        pl = self.pl
        rows = (
            self.event_rows("credits")
            .with_columns(
                pl.col("movement_type").str.to_lowercase(), pl.col("wallet").fill_null("main")
            )
            .join(self.movements, on="movement_type")
            .filter(
                pl.when(pl.col("amount_rule") == "positive")
                .then(pl.col("amount") > 0)
                .otherwise(pl.col("amount") != 0)
            )
        )
        return self.entries(rows, ["amount"])

    def revenue(self) -> Any:
        """Entries of revenue."""
        pl = self.pl
        rows = (
            self.event_rows("revenue")
            .with_columns(
                pl.col("charge_type").str.to_lowercase(),
                pl.col("discount_amount", "tax_amount").fill_null(0.0),
            )
            .filter(
                pl.col("service_code").is_not_null(),
                pl.col("charge_type").is_in(CHARGE_TYPES),
                (pl.col("list_amount") - pl.col("discount_amount") - pl.col("net_amount")).abs()
                < 1e-6,
            )
        )
        return self.entries(rows, MEASURES).with_columns(
            order_date=self.days(pl.coalesce("ordered_at", "occurred_at"))
        )

    def focus(self) -> Any:
        """Entries of FOCUS lines."""
        pl = self.pl
        needed = [*FOCUS_GROUP, "ChargePeriodStart", "ServiceName", "ListCost", "BilledCost"]
        lines = (
            self.read("focus")
            .with_columns(pl.col("ChargeCategory").str.to_lowercase())
            .filter(
                pl.col(needed).is_not_null(),
                pl.col("BillingCurrency").is_in(self.currencies),
                pl.col("ChargeCategory").is_in(
                    ["usage", "purchase", "tax", "credit", "adjustment"]
                ),
            )
            .sort("batch_id", "file", "row")
            .with_columns(
                delivery=pl.col("batch_id").rank("dense").over(FOCUS_GROUP).cast(pl.Int64),
                number=pl.int_range(pl.len()).over([*FOCUS_CONTENT, "batch_id"]),
            )
            .collect()
            .lazy()
        )
        following = lines.select(
            *FOCUS_GROUP, pl.col("delivery") - 1, next_batch_id="batch_id"
        ).unique()
        line = [*FOCUS_CONTENT, "number"]
        lines = lines.with_columns(
            seen_before=pl.col("delivery").shift().over(line, order_by="delivery"),
            seen_next=pl.col("delivery").shift(-1).over(line, order_by="delivery"),
        )
        posts = lines.filter(pl.col("seen_before").ne_missing(pl.col("delivery") - 1))
        voids = (
            lines.filter(pl.col("seen_next").ne_missing(pl.col("delivery") + 1))
            .join(following, on=[*FOCUS_GROUP, "delivery"])
            .with_columns(batch_id=pl.col("next_batch_id"))
        )
        sign = pl.col("sign")
        both = pl.concat(
            [
                posts.with_columns(entry_type=pl.lit("original"), sign=pl.lit(1.0)),
                voids.with_columns(entry_type=pl.lit("reversal"), sign=pl.lit(-1.0)),
            ],
            how="diagonal",
        )
        consumed = pl.col("ConsumedQuantity").is_not_null()
        day = self.days(pl.col("ChargePeriodStart"))
        return self.posted(
            both.select(
                "entry_type",
                "batch_id",
                event_id=pl.concat_str(pl.lit("focus:"), pl.struct(FOCUS_CONTENT).hash(), "number"),
                service_account_id=pl.coalesce("SubAccountId", "BillingAccountId"),
                service_code="ServiceName",
                charge_type=pl.when(pl.col("ChargeCategory") != "purchase")
                .then("ChargeCategory")
                .when(pl.col("ChargeFrequency") == "Recurring")
                .then(pl.lit("subscription"))
                .otherwise(pl.lit("one_time")),
                quantity=sign * pl.coalesce("ConsumedQuantity", "PricingQuantity"),
                unit=pl.when(consumed).then("ConsumedUnit").otherwise("PricingUnit"),
                currency="BillingCurrency",
                list_amount=sign * pl.col("ListCost"),
                discount_amount=sign * (pl.col("ListCost") - pl.col("BilledCost")),
                net_amount=sign * pl.col("BilledCost"),
                tax_amount=pl.lit(0.0),
                occurred_at="ChargePeriodStart",
                event_date=day,
                order_date=day,
                sub_account_id="SubAccountId",
                billing_account_id="BillingAccountId",
            )
        )

    def history(self, lines: Any) -> Any:
        """Who each service account belonged to, from which day on."""
        pl = self.pl
        records = (
            self.read("accounts")
            .with_columns(pl.col("account_type").str.to_lowercase())
            .filter(
                pl.col(
                    "service_account_id", "account_id", "partner_id", "updated_at"
                ).is_not_null(),
                pl.col("account_type").is_in(["partner", "customer"]),
            )
            .sort("batch_id", "file", "row")
            .unique(ACCOUNT_FIELDS, keep="first", maintain_order=True)
        )
        mapping = pl.scan_csv(REFERENCE / "focus_billing_accounts.csv", infer_schema=False)
        direct = pl.col("sub_account_id").is_null()
        from_focus = (
            lines.filter(pl.col("entry_type") == "original")
            .unique(["service_account_id", "batch_id"], keep="last", maintain_order=True)
            .join(mapping, on="billing_account_id", how="left")
            .with_columns(pl.coalesce("partner_id", "billing_account_id").alias("partner_id"))
            .select(
                "service_account_id",
                "partner_id",
                "batch_id",
                account_id=pl.when(direct).then("partner_id").otherwise("service_account_id"),
                account_type=pl.when(direct).then(pl.lit("partner")).otherwise(pl.lit("customer")),
                updated_at=pl.col("batch_id")
                .str.head(10)
                .str.to_datetime("%Y-%m-%d", time_unit="us")
                .dt.replace_time_zone(ZONE)
                .dt.convert_time_zone("UTC"),
            )
        )
        records = (
            pl.concat([records, from_focus], how="diagonal")
            .sort("updated_at", "batch_id", maintain_order=True)
            .with_columns(valid_from=self.days(pl.col("updated_at")))
        )
        days = records.unique(
            ["service_account_id", "valid_from"], keep="last", maintain_order=True
        )
        beginnings = (
            records.filter(
                pl.col("updated_at") == pl.col("updated_at").min().over("service_account_id")
            )
            .unique("service_account_id", keep="last", maintain_order=True)
            .with_columns(valid_from=pl.date(1900, 1, 1))
        )
        return (
            pl.concat([beginnings, days])
            .select("service_account_id", "partner_id", "account_id", "account_type", "valid_from")
            .sort("valid_from", maintain_order=True)
        )

    def attributed(self, entries: Any, history: Any) -> Any:
        """Entries of known service accounts, with the partner at their event date."""
        pl = self.pl
        return (
            entries.sort("event_date")
            .join_asof(
                history,
                left_on="event_date",
                right_on="valid_from",
                by="service_account_id",
                check_sortedness=False,
            )
            .filter(pl.col("partner_id").is_not_null())
            .with_columns(
                event_count=pl.when(pl.col("entry_type") == "original").then(1).otherwise(-1)
            )
        )

    def discounts(self) -> Any:
        """Partner discounts with their first and last days."""
        pl = self.pl
        scope = ["partner_id", "service_code", "deal_id"]
        required = ["discount_id", "partner_id", "service_code", "requested_on", "effective_from"]
        return (
            self.read("discounts")
            .with_columns(pl.col("subject").str.to_lowercase())
            .filter(
                pl.col(*required, "updated_at").is_not_null(),
                pl.col("rate_percent").is_between(0, 100),
                pl.col("subject").is_in(["partner", "customer"]),
                (pl.col("subject") == "customer") == pl.col("service_account_id").is_not_null(),
            )
            .sort("batch_id", "file", "row")
            .unique(DISCOUNT_FIELDS, keep="first", maintain_order=True)
            .sort("updated_at", maintain_order=True)
            .unique("discount_id", keep="last", maintain_order=True)
            .filter(
                pl.col("subject") == "partner",
                pl.col("approved_on").is_not_null(),
                pl.col("rejected_on").is_null(),
            )
            .with_columns(
                starts_on=pl.max_horizontal("effective_from", "approved_on"),
                ends_on=pl.min_horizontal(
                    "effective_to", pl.col("revoked_on") - pl.duration(days=1)
                ).fill_null(pl.date(9999, 12, 31)),
            )
            .filter(pl.col("ends_on") >= pl.col("starts_on"))
            .sort("starts_on", "requested_on", "discount_id")
            .unique([*scope, "starts_on"], keep="last", maintain_order=True)
            .with_columns(
                ends_on=pl.min_horizontal(
                    "ends_on",
                    pl.col("starts_on").shift(-1).over(scope) - pl.duration(days=1),
                )
            )
            .select(
                *scope,
                "rate_percent",
                "starts_on",
                "ends_on",
                partner_discount_id="discount_id",
            )
        )

    def priced(self, entries: Any) -> Any:
        """Entries with the partner discount, cost and margin."""
        pl = self.pl
        discounts = self.discounts().collect().lazy()
        discountable = ~pl.col("charge_type").is_in(NOT_DISCOUNTABLE)
        entries = entries.sort("order_date")
        for scope, terms, suffix in (
            (["partner_id", "service_code"], pl.col("deal_id").is_null(), ""),
            (
                ["partner_id", "service_code", "deal_id"],
                pl.col("deal_id").is_not_null(),
                "_of_deal",
            ),
        ):
            found = discounts.filter(terms).select(
                *scope,
                pl.col("rate_percent", "ends_on", "partner_discount_id").name.suffix(suffix),
                pl.col("starts_on").alias(f"starts_on{suffix}"),
            )
            entries = entries.join_asof(
                found,
                left_on="order_date",
                right_on=f"starts_on{suffix}",
                by=scope,
                check_sortedness=False,
            )
        applies = discountable & (pl.col("order_date") <= pl.col("ends_on"))
        of_deal = discountable & (pl.col("order_date") <= pl.col("ends_on_of_deal"))
        amount = pl.col("list_amount")
        return (
            entries.with_columns(
                (
                    pl.when(of_deal)
                    .then(pl.col(f"{name}_of_deal"))
                    .when(applies)
                    .then(pl.col(name))
                    .alias(name)
                    for name in ("rate_percent", "partner_discount_id")
                ),
            )
            .with_columns(
                partner_discount_amount=amount * pl.col("rate_percent").fill_null(0.0) / 100
            )
            .with_columns(
                partner_cost_amount=pl.when(discountable)
                .then(amount - pl.col("partner_discount_amount"))
                # What is not discountable is passed on as it is.
                .otherwise(pl.col("net_amount"))
            )
            .with_columns(
                partner_margin_amount=pl.col("net_amount") - pl.col("partner_cost_amount")
            )
        )


def main(library: str, landing: Path, output: Path) -> None:
    """Write the sums of a landing folder with one library."""
    output.mkdir(parents=True, exist_ok=True)
    if library == "pandas":
        WithPandas(landing, output).run()
    else:
        WithPolars(landing, output).run()


if __name__ == "__main__":
    main(sys.argv[1], Path(sys.argv[2]), Path(sys.argv[3]))
