"""Every row of a statement and of the ledger placed in exactly one class, in passes.

`passes` describes them as data, `executor` runs them, and each has its SQL in a file; `tables.sql`
has the tables that they read and write.
"""
