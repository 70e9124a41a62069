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

# From tenant to tenant by index, so that the cost is that of the tenants and not of their rows.
_WAITING = """
WITH RECURSIVE waiting AS (
    (
        SELECT o.tenant_id FROM outbox o
        WHERE o.sequence IS NULL AND o.tenant_id > $1
        ORDER BY o.tenant_id LIMIT 1
    )
    UNION ALL
    SELECT n.tenant_id FROM waiting w CROSS JOIN LATERAL (
        SELECT o.tenant_id FROM outbox o
        WHERE o.sequence IS NULL AND o.tenant_id > w.tenant_id
        ORDER BY o.tenant_id LIMIT 1
    ) n
)
SELECT w.tenant_id FROM waiting w LIMIT $2
"""

_ADD_STREAMS = """
INSERT INTO outbox_streams (tenant_id, last_sequence)
SELECT w.tenant_id, 0 FROM unnest($1::uuid[]) w(tenant_id)
WHERE NOT EXISTS (SELECT FROM outbox_streams s WHERE s.tenant_id = w.tenant_id)
ORDER BY 1
ON CONFLICT DO NOTHING
"""

_LOCK = """
SELECT s.tenant_id
FROM unnest($1::uuid[]) w(tenant_id)
CROSS JOIN LATERAL (
    SELECT s.tenant_id FROM outbox_streams s WHERE s.tenant_id = w.tenant_id
    FOR NO KEY UPDATE SKIP LOCKED
) s
"""

# A statement of its own after the lock: it sees what the lock's last owner committed.
_SEQUENCE = """
WITH fresh AS MATERIALIZED (
    SELECT s.tenant_id, o.id, o.user_id, o.event_type, o.occurred_at, s.last_sequence
        + row_number() OVER (PARTITION BY s.tenant_id ORDER BY o.position NULLS FIRST, o.id)
        AS sequence
    FROM outbox_streams s
    CROSS JOIN LATERAL (
        (
            SELECT o.* FROM outbox o
            WHERE o.tenant_id = s.tenant_id AND o.sequence IS NULL AND o.position IS NULL
            ORDER BY o.id LIMIT $2
        )
        UNION ALL
        (
            SELECT o.* FROM outbox o
            WHERE o.tenant_id = s.tenant_id AND o.sequence IS NULL AND o.position IS NOT NULL
            ORDER BY o.position LIMIT $2
        )
        LIMIT $2
    ) o
    WHERE s.tenant_id = ANY($1::uuid[])
), sequenced AS (
    UPDATE outbox o SET sequence = f.sequence
    FROM fresh f
    WHERE o.tenant_id = f.tenant_id AND o.id = f.id
), advanced AS (
    UPDATE outbox_streams s SET last_sequence = f.last
    FROM (SELECT tenant_id, max(sequence) AS last FROM fresh GROUP BY 1) f
    WHERE s.tenant_id = f.tenant_id
), lanes AS (
    INSERT INTO webhook_lanes AS l (tenant_id, endpoint_id, user_id, next_sequence, last_sequence,
        waiting_since, claimed, attempts, next_attempt_at)
    SELECT f.tenant_id, e.endpoint_id, f.user_id, min(f.sequence), max(f.sequence),
        min(f.occurred_at), false, 0, $3
    FROM fresh f
    JOIN webhook_endpoints e ON e.tenant_id = f.tenant_id
        AND (e.event_types = '{}' OR f.event_type = ANY(e.event_types))
    GROUP BY 1, 2, 3
    ORDER BY 1, 2, 3
    ON CONFLICT (tenant_id, endpoint_id, user_id, redelivers)
        DO UPDATE SET last_sequence = excluded.last_sequence
)
SELECT count(*) FROM fresh
"""


async def waiting_tenants(connection: DriverConnection, after: UUID, limit: int) -> list[UUID]:
    """Up to `limit` tenants with rows that have no sequence yet, by id, from `after` on."""
    return [record["tenant_id"] for record in await connection.fetch(_WAITING, after, limit)]


async def sequence(
    connection: DriverConnection, tenants: Sequence[UUID], limit: int, now: datetime
) -> int:
    """Number up to `limit` rows of each tenant, and queue them for its webhook endpoints.

    Tenants whose stream another process has locked are passed over. Returns how many rows it
    numbered.
    """
    await connection.execute(_ADD_STREAMS, tenants)
    locked = [record["tenant_id"] for record in await connection.fetch(_LOCK, tenants)]
    if not locked:
        return 0
    return int(await connection.fetchval(_SEQUENCE, locked, limit, now))
