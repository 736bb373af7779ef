"""Messages about a name that is not allowed or does not exist."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from difflib import get_close_matches

from exporters.escaping import in_message, short

_LISTED = 8  # names shown of what is allowed, before the rest is only counted


def unknown_name(
    what: str, value: str, allowed: Iterable[str], of: str = "", listed_in: str = ""
) -> str:
    """The message about a name that does not exist: what is allowed, and the nearest match.

    `of` says whose name it would be, `listed_in` where a list can be seen when it is long.
    """
    names = list(allowed)
    value = short(value)
    listed = ", ".join(in_message(name) for name in names[:_LISTED]) or "none"
    more = f" and {len(names) - _LISTED} more{listed_in}" if len(names) > _LISTED else ""
    return f"unknown {what} {value!r}{of}: allowed are {listed}{more}{did_you_mean(value, names)}"


def did_you_mean(value: str, names: Sequence[str]) -> str:
    """The end of a message on a value that is none of `names`: the nearest, if one is near."""
    folded = {short(name).casefold(): short(name) for name in reversed(names)}
    near = get_close_matches(short(value).casefold(), folded, n=1, cutoff=0.5)
    return f"; did you mean {folded[near[0]]!r}?" if near else ""
