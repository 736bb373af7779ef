"""Workbooks: one report, or a pack of all."""
