"""The end of each tenant's event stream, and its read positions."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from sqlalchemy import select
from sqlalchemy.ext.asyncio import AsyncConnection

from coupon_server.database.connection_budget import TRIMMING
from coupon_server.database.driver import DriverConnection
from coupon_server.database.statements import statements
from coupon_server.database.tables import outbox_streams
from coupon_server.database.transactions import Database, driver_of
from coupon_server.delivery.domain.delivered_events import StreamPosition

_SQL = statements(__name__)
_LAST_SEQUENCES = _SQL["last_sequences"]
_POSITION = _SQL["position"]
_ACKNOWLEDGE = _SQL["acknowledge"]
_LEASE_UNPUBLISHED = _SQL["lease_unpublished"]
_SET_PUBLISHED = _SQL["set_published"]
_TENANTS = _SQL["tenants"]
_TRIM = _SQL["trim"]


@dataclass(frozen=True, slots=True)
class Publication:
    """A tenant's events after `published`, leased for publishing."""

    tenant_id: UUID
    published: int


async def last_sequences(connection: DriverConnection, tenants: Iterable[UUID]) -> dict[UUID, int]:
    """The last sequence of these tenants' streams; a tenant without events is left out."""
    records = await _LAST_SEQUENCES.fetch(connection, tenant_ids=list(tenants))
    return {record["tenant_id"]: record["last_sequence"] for record in records}


async def position(connection: DriverConnection, tenant_id: UUID) -> StreamPosition:
    row = await _POSITION.fetch_row(connection, tenant_id=tenant_id)
    return StreamPosition(0, None) if row is None else StreamPosition(*row)


async def acknowledge(
    connection: AsyncConnection, tenant_id: UUID, sequence: int
) -> StreamPosition | None:
    """Move the tenant's cursor forward to `sequence`, never back; None: there is no such event."""
    row = await _ACKNOWLEDGE.fetch_row(
        await driver_of(connection), tenant_id=tenant_id, sequence=sequence
    )
    return None if row is None else StreamPosition(*row)


async def lock(connection: AsyncConnection, tenant_id: UUID) -> None:
    """Lock the tenant's stream against the sequencer, if it has one."""
    query = select(outbox_streams.c.tenant_id).where(outbox_streams.c.tenant_id == tenant_id)
    await connection.execute(query.with_for_update(key_share=True))


async def lease_unpublished(
    connection: DriverConnection,
    publisher: UUID,
    now: datetime,
    until: datetime,
    limit: int,
    after: UUID,
) -> list[Publication]:
    """Up to `limit` tenants with events to publish, for `publisher` alone until `until`.

    By id, from `after` on.
    """
    records = await _LEASE_UNPUBLISHED.fetch(
        connection, publisher_id=publisher, now=now, until=until, limit=limit, after=after
    )
    return [Publication(**record) for record in records]


async def set_published(
    connection: DriverConnection,
    tenant_id: UUID,
    publisher: UUID,
    sequence: int,
    until: datetime | None,
) -> bool:
    """Record up to where the tenant's events are published, and keep the lease until `until`.

    False: the lease has expired, and another process has it.
    """
    updated = await _SET_PUBLISHED.fetch_value(
        connection, tenant_id=tenant_id, publisher_id=publisher, sequence=sequence, until=until
    )
    return updated is not None


async def trim(database: Database, before: datetime, page_size: int) -> int:
    """Delete events before that instant that no reader still needs; return how many."""
    async with database.driver_connection(TRIMMING) as connection:
        tenants = [record["tenant_id"] for record in await _TENANTS.fetch(connection)]
    deleted = 0
    for tenant_id in tenants:
        deleted += await _trim_tenant(database, tenant_id, before, page_size)
    return deleted


async def _trim_tenant(
    database: Database, tenant_id: UUID, before: datetime, page_size: int
) -> int:
    deleted: int = 0
    after = 0
    while True:
        async with database.driver_transaction(TRIMMING) as connection:
            page = await _TRIM.fetch_row(
                connection, tenant_id=tenant_id, after=after, before=before, page_size=page_size
            )
        if page is None or not page["size"]:
            return deleted
        deleted += page["deleted"]
        after = page["last"]
        if not page["all_old"] or page["size"] < page_size:
            return deleted
