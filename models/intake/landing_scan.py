"""One row per data file in the landing folder, or per folder of which something is to be said."""

from pathlib import Path


def model(dbt, session):  # type: ignore[no-untyped-def]
    """dbt's entry point: the scan of the configured landing folder as a table."""
    from exporters.landing.scan import scan_into

    dbt.config(materialized="table")
    # dbt finds the key only in a call that stands by itself.
    meta = dbt.config.get("meta")
    this = (dbt.this.database, dbt.this.schema, dbt.this.identifier)
    return scan_into(session, Path(meta["landing"]).absolute(), this)
