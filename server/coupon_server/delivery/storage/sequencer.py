"""Giving the rows of the outbox their sequence, tenant by tenant.

Rows are numbered in the order of their positions, which are drawn while what the event is about
is locked. A statement that sees an event also sees whatever had been committed before that event
was written, so an event never gets a lower number than one that it followed. Numbers are given
under the lock of the tenant's stream, and so become visible in their order: a reader that goes
by them misses nothing, however late a row is committed.
"""

from collections.abc import Sequence
from datetime import datetime
from uuid import UUID

from coupon_server.database.driver_pool import DriverConnection
from coupon_server.database.statements import statements

_SQL = statements(__name__)
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
    """Number up to `limit` rows of each tenant, and queue them for its webhook endpoints.

    Tenants whose stream another process has locked are passed over. Returns how many rows it
    numbered.
    """
    await _ADD_STREAMS.execute(connection, tenant_ids=tenants)
    records = await _LOCK_STREAMS.fetch(connection, tenant_ids=tenants)
    locked = [record["tenant_id"] for record in records]
    if not locked:
        return 0
    return int(await _SEQUENCE.fetch_value(connection, tenant_ids=locked, limit=limit, now=now))
