"""The commands, one file each: its options (`add_options`) and what it does (`run`).

A file is loaded when its command was chosen. Beyond that `run` loads what needs the database or
openpyxl, so that a wrong request is answered at once.
"""
