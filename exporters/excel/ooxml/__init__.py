"""The inside of a workbook file: cells, rows, formulas, the archive."""
