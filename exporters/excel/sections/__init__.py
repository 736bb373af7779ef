"""What stands around the rows: key figures, totals by account, what was checked."""
