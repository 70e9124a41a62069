"""The connection budget of each kind of process (bulkheads).

The allotted connections are the driver's own. Whoever takes one names its allotment, which bounds
how many it has: a part that is slow, or waits for locks, delays no other. All other work shares the
rest of the pool; one tenant leaves at least one of these to the others, if there are two.
"""

from typing import Final, NamedTuple


class Allotment(NamedTuple):
    """How many connections a part of the service may have at once, and what it is."""

    name: str
    connections: int


# One batch of each kind runs at a time.
REDEMPTIONS: Final = Allotment("redemptions", 1)
VALIDATIONS: Final = Allotment("validations", 1)
EVENTS: Final = Allotment("events", 1)
CREDENTIALS: Final = Allotment("look-ups of credentials", 1)

STREAMS: Final = Allotment("pages of streams", 1)
COUNTS: Final = Allotment("counts of failed attempts and of calls", 1)
POLLS: Final = Allotment("polls and metrics", 1)

SEQUENCER: Final = Allotment("sequencer", 1)
LEASES: Final = Allotment("leases of webhooks", 1)
RESULTS: Final = Allotment("results of webhooks", 2)
PUBLISHER: Final = Allotment("publisher", 1)
TRIMMING: Final = Allotment("trimming", 1)

Budget = tuple[Allotment, ...]

SERVING: Final[Budget] = (
    REDEMPTIONS,
    VALIDATIONS,
    EVENTS,
    CREDENTIALS,
    STREAMS,
    COUNTS,
    POLLS,
)
BACKGROUND: Final[Budget] = (SEQUENCER, LEASES, RESULTS, PUBLISHER, TRIMMING, POLLS)
CONSUMER: Final[Budget] = (EVENTS, POLLS)
OPERATOR: Final[Budget] = (POLLS,)


def size(budget: Budget) -> int:
    """How many connections are allotted."""
    return sum(allotment.connections for allotment in budget)


MIN_POOL_SIZE: Final = max(size(budget) for budget in (SERVING, BACKGROUND)) + 1
"""The least number of connections of a process: all that are allotted, and one that is shared."""
