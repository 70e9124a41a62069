"""Numbering the outbox, so that it can be delivered."""

from uuid import UUID

from coupon_server.database.transactions import Database
from coupon_server.delivery.storage import sequencer as outbox
from coupon_server.domain.clock import Clock

MAX_TENANTS = 64
"""The most tenants in one transaction."""

MAX_EVENTS = 2_000
"""The most events in one transaction, of a single tenant; with more tenants each gets its part."""

LEAST_EVENTS = 100
"""The least of a tenant's part."""

_FIRST = UUID(int=0)


class Sequencer:
    """Gives events their sequence. Any number of processes may; they pass over one another."""

    def __init__(self, database: Database, clock: Clock) -> None:
        self._database = database
        self._clock = clock
        # Goes round, so that busy tenants do not keep those after them waiting.
        self._after = _FIRST

    async def run_once(self) -> int:
        """Number what waits, of some tenants; return how many events that were."""
        async with self._database.driver_connection() as connection:
            tenants = await outbox.waiting_tenants(connection, self._after, MAX_TENANTS)
            if not tenants and self._after != _FIRST:
                tenants = await outbox.waiting_tenants(connection, _FIRST, MAX_TENANTS)
        if not tenants:
            return 0
        self._after = tenants[-1] if len(tenants) == MAX_TENANTS else _FIRST
        async with self._database.driver_transaction() as connection:
            part = max(MAX_EVENTS // len(tenants), LEAST_EVENTS)
            return await outbox.sequence(connection, tenants, part, self._clock())
