"""Workbooks: `workbook` writes one from reports; `template` and `assembly` say how."""
