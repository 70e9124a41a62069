"""Empties what callers said of old redemptions.

The rows stay: reversals, a user's history and exports go by them.
"""

from datetime import datetime
from uuid import UUID

from coupon_server.database.connection_budget import TRIMMING
from coupon_server.database.driver import DriverConnection
from coupon_server.database.statements import statements
from coupon_server.database.transactions import Database
from coupon_server.domain.ids import id_range

_SQL = statements(__name__)
_TENANTS = _SQL["tenants"]
_LOCK = _SQL["lock"]
_TRIM = _SQL["trim"]
_SET_TRIMMED = _SQL["set_trimmed"]


async def tenants(connection: DriverConnection, before: datetime) -> list[UUID]:
    """Tenants with rows from before an instant that were not gone through yet."""
    _, last = id_range(None, before)
    return [row["tenant_id"] for row in await _TENANTS.fetch(connection, last=last)]


async def trim(database: Database, tenant_id: UUID, before: datetime, limit: int) -> int:
    """Empty `reference` and `metadata` of up to `limit` of a tenant's rows from before an instant.

    Goes on where it ended before; returns how many rows it went through. Rows whose event is still
    kept, and all later ones, wait until it is not.
    """
    # Ids have milliseconds: a row of the same one may be younger.
    _, last = id_range(None, before)
    async with database.driver_transaction(TRIMMING) as connection:
        trimmed_to = await _LOCK.fetch_value(connection, tenant_id=tenant_id)
        [page] = await _TRIM.fetch(
            connection, tenant_id=tenant_id, trimmed_to=trimmed_to, last=last, limit=limit
        )
        if page["size"]:
            await _SET_TRIMMED.execute(connection, tenant_id=tenant_id, trimmed_to=page["newest"])
    return int(page["size"])
