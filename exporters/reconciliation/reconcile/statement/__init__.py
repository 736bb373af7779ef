"""A partner's own statement, CSV or a workbook: its columns found, its rows typed in a table.

Nothing is guessed about a value: a column is read in the one way that reads most of it, or its user
is asked. Whatever cannot be read keeps its row, with the reason in words; no row is left out but
blank ones, and what is no line (titles, totals, notes, signatures) is listed as that.

`reading` is what its user says of it. `load` opens the file (`csv_file`, `workbook`), finds the
header (`columns`, by `labels`; `own` knows our exports), tells lines from the rest (`lines`) and
puts the texts into a table; `values` makes amounts, days and currencies of them in the way that
`ways` chooses; `sums` finds totals by their amount.
"""
