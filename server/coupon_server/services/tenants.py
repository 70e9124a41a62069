"""Whether tenants exist."""

from uuid import UUID

from coupon_server.database.transactions import Database
from coupon_server.lru import LruCache
from coupon_server.storage import credentials


class Tenants:
    """Checks whether tenants exist. Hits are cached without expiry: no tenant is ever deleted."""

    def __init__(self, database: Database, capacity: int = 10_000) -> None:
        self._database = database
        self._known = LruCache[UUID, bool](capacity)

    async def exists(self, tenant_id: UUID) -> bool:
        """Raises SERVICE_UNAVAILABLE."""
        if self._known.get(tenant_id):
            return True
        async with self._database.transaction() as transaction:
            exists = await credentials.tenant_exists(transaction, tenant_id)
        if exists:
            self._known.put(tenant_id, True)
        return exists
