"""Queries: a request as SQL, its totals, totals by account, identities, key figures."""
