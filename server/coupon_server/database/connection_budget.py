"""The connection budget of each kind of process (bulkheads).

The allotted connections are the driver's own: as many as its users need to run concurrently, each
with one at a time. All other work shares the rest of the pool; one tenant leaves at least one of
these to the others, if there are two.
"""

from collections.abc import Mapping
from typing import Final

Allotments = Mapping[str, int]
"""Connections by what they are for."""

SERVING: Final[Allotments] = {
    # One batch of each kind runs at a time.
    "redemptions": 1,
    "validations": 1,
    "events": 1,
    "look-ups of credentials": 1,
    # One query for all readers of streams.
    "streams": 1,
    "counts of failed attempts and of calls": 1,
    "polls": 1,
}

BACKGROUND: Final[Allotments] = {
    "sequencer": 1,
    "leases of webhooks": 1,
    "results of webhooks": 2,
    "publisher": 1,
    "trimming": 1,
    "polls and metrics": 1,
}

CONSUMER: Final[Allotments] = {
    "events": 1,
    "polls": 1,
}

OPERATOR: Final[Allotments] = {
    "polls": 1,
}

MIN_POOL_SIZE: Final = max(sum(allotments.values()) for allotments in (SERVING, BACKGROUND)) + 1
"""The least number of connections of a process: all that are allotted, and one that is shared."""
