"""`ignored`: the valid rows that changed nothing, with why."""

from exporters.cli.commands.rejected import add_options, run

__all__ = ["add_options", "run"]
