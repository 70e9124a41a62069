"""How far each tenant's stream of events reaches, and how far it has been read."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from sqlalchemy import BigInteger, Uuid, bindparam, select, text
from sqlalchemy.ext.asyncio import AsyncConnection

from coupon_server.database.driver_pool import DriverConnection
from coupon_server.database.tables import outbox_streams
from coupon_server.database.transactions import Database
from coupon_server.delivery.domain.events import StreamPosition

_LAST = """
SELECT tenant_id, last_sequence FROM outbox_streams WHERE tenant_id = ANY($1::uuid[])
"""

_POSITION = """
SELECT last_sequence, acknowledged_sequence FROM outbox_streams WHERE tenant_id = $1
"""

_ACKNOWLEDGE = text("""
INSERT INTO outbox_streams AS s (tenant_id, last_sequence, acknowledged_sequence)
SELECT :tenant_id, 0, 0
WHERE :sequence = 0 OR EXISTS (SELECT FROM outbox_streams s WHERE s.tenant_id = :tenant_id)
ON CONFLICT (tenant_id) DO UPDATE
    SET acknowledged_sequence = greatest(s.acknowledged_sequence, :sequence)
    WHERE :sequence <= s.last_sequence
RETURNING last_sequence, acknowledged_sequence
""").bindparams(bindparam("tenant_id", type_=Uuid), bindparam("sequence", type_=BigInteger))

_CLAIM = """
UPDATE outbox_streams s SET publisher_id = $1, publishing_until = $3
FROM (
    SELECT tenant_id FROM outbox_streams
    WHERE coalesce(published_sequence, 0) < last_sequence
        AND (publishing_until IS NULL OR publishing_until <= $2) AND tenant_id > $5
    ORDER BY tenant_id LIMIT $4
    FOR NO KEY UPDATE SKIP LOCKED
) c
WHERE s.tenant_id = c.tenant_id
RETURNING s.tenant_id, coalesce(s.published_sequence, 0) AS published
"""

_PUBLISHED = """
UPDATE outbox_streams SET published_sequence = $3, publishing_until = $4
WHERE tenant_id = $1 AND publisher_id = $2
RETURNING 1
"""

_TENANTS = "SELECT tenant_id FROM outbox_streams WHERE last_sequence > 0"

# What a lane or a dead letter waits for is told by the row's user and id. Nothing is looked at
# that the reader or the broker, where there is one, has not got.
_TRIM = """
WITH page AS MATERIALIZED (
    SELECT o.tenant_id, o.id, o.user_id, o.sequence, o.occurred_at
    FROM outbox o
    WHERE o.tenant_id = $1 AND o.sequence > $2 AND o.sequence <= (
        SELECT least(s.last_sequence, s.acknowledged_sequence, s.published_sequence)
        FROM outbox_streams s WHERE s.tenant_id = $1
    )
    ORDER BY o.sequence LIMIT $4
), done AS (
    DELETE FROM outbox o USING page p
    WHERE o.tenant_id = p.tenant_id AND o.id = p.id
        AND p.occurred_at < $3
        AND NOT EXISTS (
            SELECT FROM webhook_endpoints e
            JOIN webhook_lanes l ON l.tenant_id = e.tenant_id AND l.endpoint_id = e.endpoint_id
            WHERE e.tenant_id = p.tenant_id AND l.user_id = p.user_id
                AND p.sequence BETWEEN l.next_sequence AND l.last_sequence
        )
        AND NOT EXISTS (
            SELECT FROM webhook_dead_letters d
            WHERE d.tenant_id = p.tenant_id AND d.event_id = p.id
        )
    RETURNING 1
)
SELECT (SELECT count(*) FROM done) AS deleted, max(p.sequence) AS last,
    bool_and(p.occurred_at < $3) AS all_old, count(*) AS size
FROM page p
"""


@dataclass(frozen=True, slots=True)
class Publication:
    """A tenant's events after `published`, claimed for publishing."""

    tenant_id: UUID
    published: int


async def last_sequences(connection: DriverConnection, tenants: Iterable[UUID]) -> dict[UUID, int]:
    """How far these tenants' streams reach; a tenant without events is left out."""
    records = await connection.fetch(_LAST, list(tenants))
    return {record["tenant_id"]: record["last_sequence"] for record in records}


async def position(connection: DriverConnection, tenant_id: UUID) -> StreamPosition:
    record = await connection.fetchrow(_POSITION, tenant_id)
    if record is None:
        return StreamPosition(0, None)
    return StreamPosition(record["last_sequence"], record["acknowledged_sequence"])


async def acknowledge(
    connection: AsyncConnection, tenant_id: UUID, sequence: int
) -> StreamPosition | None:
    """Move the tenant's cursor forward to `sequence`, never back; None: there is no such event."""
    result = await connection.execute(_ACKNOWLEDGE, {"tenant_id": tenant_id, "sequence": sequence})
    row = result.one_or_none()
    return None if row is None else StreamPosition(row.last_sequence, row.acknowledged_sequence)


async def lock(connection: AsyncConnection, tenant_id: UUID) -> None:
    """Keep the sequencer from the tenant's events, if it has any."""
    query = select(outbox_streams.c.tenant_id).where(outbox_streams.c.tenant_id == tenant_id)
    await connection.execute(query.with_for_update(key_share=True))


async def claim_unpublished(
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
    records = await connection.fetch(_CLAIM, publisher, now, until, limit, after)
    return [Publication(*record) for record in records]


async def set_published(
    connection: DriverConnection,
    tenant_id: UUID,
    publisher: UUID,
    sequence: int,
    until: datetime | None,
) -> bool:
    """Note how far the tenant's events are published, and keep the claim until `until`.

    False: another process has the claim by now.
    """
    found = await connection.fetchval(_PUBLISHED, tenant_id, publisher, sequence, until)
    return found is not None


async def trim(database: Database, before: datetime, page_size: int) -> int:
    """Delete the events of before that instant that nobody waits for; return how many."""
    async with database.driver_connection() as connection:
        tenants = [record["tenant_id"] for record in await connection.fetch(_TENANTS)]
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
        async with database.driver_transaction() as connection:
            page = await connection.fetchrow(_TRIM, tenant_id, after, before, page_size)
        if page is None or not page["size"]:
            return deleted
        deleted += page["deleted"]
        after = page["last"]
        if not page["all_old"] or page["size"] < page_size:
            return deleted
