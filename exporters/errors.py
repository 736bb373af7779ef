"""The two ways in which a command can end without its result.

Both carry a message for the user; the command line turns them into text on stderr and an exit
status, and nothing else does.
"""


class ReportError(Exception):
    """What was asked for is fine, but it could not be made (exit status 1)."""


class RequestError(Exception):
    """What was asked for is wrong: a name, a date, a combination (exit status 2)."""
