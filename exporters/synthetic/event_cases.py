"""What happens to events: late, repeated, corrected, voided or broken deliveries."""

from __future__ import annotations

from collections.abc import Sequence
from typing import NamedTuple

from exporters.synthetic.tally import Tally


class Delivery(NamedTuple):
    """One row of an event: how many days after the event it arrives, and what it says."""

    after: int
    version: int = 1
    operation: str = "post"
    is_broken: bool = False


class EventCase(NamedTuple):
    """What happens to `per_mille` of 1,000 events."""

    name: str
    per_mille: int
    deliveries: tuple[Delivery, ...]


IN_TIME = Delivery(0)
UNKNOWN_ACCOUNT = EventCase("of unknown account", 1, (IN_TIME,))
EVENT_CASES = (
    EventCase("late", 20, (Delivery(1),)),
    EventCase("late", 5, (Delivery(3),)),
    EventCase("late", 2, (Delivery(40),)),  # its month is closed
    EventCase("repeated", 4, (IN_TIME, Delivery(0))),
    EventCase("repeated", 4, (IN_TIME, Delivery(1))),
    EventCase("repeated", 2, (IN_TIME, Delivery(1), Delivery(35))),
    EventCase("corrected", 5, (IN_TIME, Delivery(2, 2))),
    EventCase("corrected", 2, (IN_TIME, Delivery(36, 2))),
    EventCase("corrected", 1, (IN_TIME, Delivery(1, 2), Delivery(4, 3))),
    EventCase("corrected", 1, (Delivery(0, 2), Delivery(1))),  # before what it corrects
    EventCase("voided", 3, (IN_TIME, Delivery(2, 2, "void"))),
    EventCase("voided", 1, (IN_TIME, Delivery(38, 2, "void"))),
    EventCase("voided", 1, (Delivery(0, 2, "void"), Delivery(1))),  # before what it voids
    EventCase("posted again", 1, (IN_TIME, Delivery(1, 2, "void"), Delivery(5, 3))),
    EventCase("broken", 3, (IN_TIME, Delivery(0, is_broken=True))),
    EventCase("broken", 1, (Delivery(0, is_broken=True), Delivery(1))),  # the good row comes later
    UNKNOWN_ACCOUNT,
)
# The cases of 1,000 events with the remainders by 1,000 of their numbers; any step without a common
# divisor with 1,000 scatters them.
SLOTS = tuple(
    (number * 617 % 1000, case)
    for number, case in enumerate(case for case in EVENT_CASES for _ in range(case.per_mille))
)


def count_case(
    tally: Tally, case: EventCase, arrivals: Sequence[tuple[int, bool]], events: int
) -> None:
    """Count events of a case whose deliveries arrive in these batches.

    Of a batch the highest version counts, if it is higher than those of earlier batches.
    """
    newest: dict[tuple[int, bool], int] = {}
    for arrival, delivery in zip(arrivals, case.deliveries, strict=True):
        if not delivery.is_broken:
            newest[arrival] = max(newest.get(arrival, 0), delivery.version)
    accepted = highest = 0
    for arrival in sorted(newest):
        if newest[arrival] > highest:
            highest = newest[arrival]
            accepted += 1
    broken = sum(delivery.is_broken for delivery in case.deliveries)
    # One row of every event is counted already.
    tally.accepted += events * (accepted - 1)
    tally.rejected += events * broken
    tally.ignored += events * (len(case.deliveries) - broken - accepted)
    tally.unattributed += events if case is UNKNOWN_ACCOUNT else 0
    tally.cases[case.name] += events
