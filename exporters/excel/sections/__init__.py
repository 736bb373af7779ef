"""Sections of the control sheet: what was checked, what is missing, cut or continued."""
