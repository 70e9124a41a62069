"""Who of a tenant has a connection, where its calls must not take all there are."""

import asyncio
from uuid import UUID
from weakref import WeakValueDictionary


class TenantTurns:
    """Lets `most` calls of a tenant go on at a time; the others wait, first come first served."""

    def __init__(self, most: int) -> None:
        self._most = most
        self._turns: WeakValueDictionary[UUID, asyncio.Semaphore] = WeakValueDictionary()
        """Of the tenants that have calls now."""

    def of(self, tenant_id: UUID) -> asyncio.Semaphore:
        """What a call of the tenant acquires, and releases at its end."""
        turn = self._turns.get(tenant_id)
        if turn is None:
            turn = self._turns[tenant_id] = asyncio.Semaphore(self._most)
        return turn
