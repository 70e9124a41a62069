"""The outbox sequencer: assigns sequences to outbox rows, tenant by tenant.

Sequences follow the order of positions, which are drawn while the rows that the event is about are
locked. A statement that sees an event also sees all that had been committed before that event was
written, so an event never gets a lower sequence than one that it followed. Sequences are assigned
under the lock of the tenant's stream, and so become visible in order: a reader that uses them
misses nothing, however late a row is committed.
"""

from collections.abc import Sequence
from datetime import datetime
from uuid import UUID

from coupon_server.database.driver import DriverConnection
from coupon_server.database.statements import statements
from coupon_server.database.tables import webhook_lanes

_SQL = statements(__name__, is_leased=webhook_lanes.c.is_leased.name)
_WAITING_TENANTS = _SQL["waiting_tenants"]
_ADD_STREAMS = _SQL["add_streams"]
_LOCK_STREAMS = _SQL["lock_streams"]
_SEQUENCE = _SQL["sequence"]


async def waiting_tenants(connection: DriverConnection, after: UUID, limit: int) -> list[UUID]:
    """Up to `limit` tenants with rows that have no sequence yet, by id, from `after` on."""
    records = await _WAITING_TENANTS.fetch(connection, after=after, limit=limit)
    return [record["tenant_id"] for record in records]


async def sequence(
    connection: DriverConnection, tenants: Sequence[UUID], limit: int, now: datetime
) -> int:
    """Assign sequences to up to `limit` rows of each tenant, and add them to its lanes.

    Skips tenants whose stream another process has locked. Returns how many rows it sequenced.
    """
    await _ADD_STREAMS.execute(connection, tenant_ids=tenants)
    records = await _LOCK_STREAMS.fetch(connection, tenant_ids=tenants)
    locked = [record["tenant_id"] for record in records]
    if not locked:
        return 0
    return int(await _SEQUENCE.fetch_value(connection, tenant_ids=locked, limit=limit, now=now))
