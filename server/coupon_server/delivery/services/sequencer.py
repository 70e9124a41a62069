"""The outbox sequencer: assigns each event its sequence, the order in which readers see it."""

from uuid import UUID

from coupon_server.database.connection_budget import SEQUENCER
from coupon_server.database.transactions import Database
from coupon_server.delivery.storage import sequencer as outbox
from coupon_server.domain.clock import Clock

MAX_TENANTS = 64
"""The most tenants in one transaction."""

MAX_EVENTS = 2_000
"""The most events in one transaction, divided among its tenants."""

MIN_EVENTS = 100
"""The least of one tenant's share of them."""

_FIRST = UUID(int=0)


class Sequencer:
    """Assigns sequences. Any number of processes may run it; each skips tenants that another has
    locked (SKIP LOCKED)."""

    def __init__(self, database: Database, clock: Clock) -> None:
        self._database = database
        self._clock = clock
        # Round robin by tenant id, so that busy tenants do not starve those after them.
        self._after = _FIRST

    async def run_once(self) -> int:
        """Assign sequences to new events of some tenants; return how many."""
        async with self._database.driver_connection(SEQUENCER) as connection:
            tenants = await outbox.waiting_tenants(connection, self._after, MAX_TENANTS)
            if not tenants and self._after != _FIRST:
                tenants = await outbox.waiting_tenants(connection, _FIRST, MAX_TENANTS)
        if not tenants:
            return 0
        self._after = tenants[-1] if len(tenants) == MAX_TENANTS else _FIRST
        async with self._database.driver_transaction(SEQUENCER) as connection:
            share = max(MAX_EVENTS // len(tenants), MIN_EVENTS)
            return await outbox.sequence(connection, tenants, share, self._clock())
