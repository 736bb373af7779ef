"""`unattributed`: the events of accounts that no account record knows."""

from exporters.cli.commands.rejected import add_options, run

__all__ = ["add_options", "run"]
