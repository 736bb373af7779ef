"""A partner's own statement, CSV or a workbook: its columns found, its rows typed in a table.

Nothing is guessed about a value. Amounts are plain decimals, dates ISO dates or, where that was
said, days and months in a fixed order. Whatever cannot be read keeps its row, with the reason in
words; no row is left out but blank ones, and the lines of totals and notes that `Statement` lists.

`load` opens the file (`csv_file`, `workbook`), finds the header (`columns`), keeps what is a row
(`lines`) and puts the texts into a table; `values` makes amounts, days and currencies of them.
"""
