"""A partner's own statement against the ledger."""
