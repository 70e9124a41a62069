"""Delivering webhooks: claiming lanes, and what becomes of them after an attempt.

A claim counts the attempt. Next event and number of attempts together therefore name one claim,
and what a process says of a lane holds only while that is the lane's claim: one that comes back
late changes nothing.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

import asyncpg

from coupon_server.database.driver_pool import DriverConnection
from coupon_server.database.tables import NO_EVENT
from coupon_server.delivery.domain.webhooks import AttemptResult, LoggedAttempt

EndpointKey = tuple[UUID, UUID]
"""Tenant and endpoint."""

# From endpoint to endpoint by index, and of each the lane that is due first: the cost is that
# of the endpoints which something waits for, however much it is.
_DUE = """
WITH RECURSIVE pending AS (
    (
        SELECT l.tenant_id, l.endpoint_id FROM webhook_lanes l
        ORDER BY l.tenant_id, l.endpoint_id LIMIT 1
    )
    UNION ALL
    SELECT n.tenant_id, n.endpoint_id FROM pending p CROSS JOIN LATERAL (
        SELECT l.tenant_id, l.endpoint_id FROM webhook_lanes l
        WHERE (l.tenant_id, l.endpoint_id) > (p.tenant_id, p.endpoint_id)
        ORDER BY l.tenant_id, l.endpoint_id LIMIT 1
    ) n
)
SELECT e.tenant_id, e.endpoint_id, e.failures
FROM pending p
JOIN webhook_endpoints e ON e.tenant_id = p.tenant_id AND e.endpoint_id = p.endpoint_id
CROSS JOIN LATERAL (
    SELECT l.next_attempt_at FROM webhook_lanes l
    WHERE l.tenant_id = p.tenant_id AND l.endpoint_id = p.endpoint_id
    ORDER BY l.next_attempt_at LIMIT 1
) l
WHERE e.status = 'active' AND (e.not_before IS NULL OR e.not_before <= $1)
    AND l.next_attempt_at <= $1
ORDER BY l.next_attempt_at
"""

_CLAIM = """
WITH due AS MATERIALIZED (
    SELECT l.tenant_id, l.endpoint_id, l.user_id, l.redelivers
    FROM unnest($1::uuid[], $2::uuid[], $3::int[]) w(tenant_id, endpoint_id, lanes)
    CROSS JOIN LATERAL (
        SELECT * FROM webhook_lanes l
        WHERE l.tenant_id = w.tenant_id AND l.endpoint_id = w.endpoint_id
            AND l.next_attempt_at <= $4
        ORDER BY l.next_attempt_at LIMIT w.lanes
        FOR UPDATE SKIP LOCKED
    ) l
)
UPDATE webhook_lanes l
SET next_attempt_at = $5, claimed = true, attempts = l.attempts + 1,
    first_attempt_at = coalesce(l.first_attempt_at, $4)
FROM due d
JOIN webhook_endpoints e ON e.tenant_id = d.tenant_id AND e.endpoint_id = d.endpoint_id
WHERE l.tenant_id = d.tenant_id AND l.endpoint_id = d.endpoint_id AND l.user_id = d.user_id
    AND l.redelivers = d.redelivers
RETURNING l.tenant_id, l.endpoint_id, l.user_id, l.redelivers, l.next_sequence, l.attempts,
    l.first_attempt_at, e.url, e.ciphertext, e.previous_ciphertext, e.previous_until
"""

_LOCK = """
SELECT l.last_sequence FROM webhook_lanes l
WHERE l.tenant_id = $1 AND l.endpoint_id = $2 AND l.user_id = $3 AND l.redelivers = $4
    AND l.next_sequence = $5 AND l.attempts = $6
FOR UPDATE
"""

# A statement of its own after the lock: what the sequencer has added to the lane by then is seen.
_NEXT = """
SELECT o.sequence, o.occurred_at
FROM webhook_endpoints e
CROSS JOIN LATERAL (
    SELECT o.sequence, o.occurred_at FROM outbox o
    WHERE o.tenant_id = e.tenant_id AND o.user_id = $3
        AND o.sequence > $4 AND o.sequence <= $5
        AND (e.event_types = '{}' OR o.event_type = ANY(e.event_types))
    ORDER BY o.sequence LIMIT 1
) o
WHERE e.tenant_id = $1 AND e.endpoint_id = $2
"""

_ADVANCE = """
UPDATE webhook_lanes
SET next_sequence = $5, waiting_since = $6, claimed = false, attempts = 0,
    first_attempt_at = NULL, next_attempt_at = $7
WHERE tenant_id = $1 AND endpoint_id = $2 AND user_id = $3 AND redelivers = $4
"""

_CLOSE = """
DELETE FROM webhook_lanes
WHERE tenant_id = $1 AND endpoint_id = $2 AND user_id = $3 AND redelivers = $4
"""

_POSTPONE = """
UPDATE webhook_lanes SET next_attempt_at = $5, claimed = false
WHERE tenant_id = $1 AND endpoint_id = $2 AND user_id = $3 AND redelivers = $4
"""

_LOG = """
INSERT INTO webhook_attempts (tenant_id, id, endpoint_id, event_id, event_type, attempt,
    delivered, status_code, error, latency_ms, attempted_at)
VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11)
"""

_DELIVERED = """
UPDATE outbox SET delivered_at = $3
WHERE tenant_id = $1 AND id = $2 AND delivered_at IS NULL
"""

_REVIVED = """
DELETE FROM webhook_dead_letters WHERE tenant_id = $1 AND endpoint_id = $2 AND event_id = $3
"""

_BURY = """
INSERT INTO webhook_dead_letters AS d (tenant_id, endpoint_id, event_id, sequence, event_type,
    user_id, attempts, status_code, error, died_at)
VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10)
ON CONFLICT (tenant_id, endpoint_id, event_id) DO UPDATE
    SET attempts = d.attempts + excluded.attempts, status_code = excluded.status_code,
        error = excluded.error, died_at = excluded.died_at
"""

# Nothing is written while all is well.
_RECOVERED = """
UPDATE webhook_endpoints SET failures = 0, not_before = NULL
WHERE tenant_id = $1 AND endpoint_id = $2 AND failures > 0
"""

_FAILED = """
UPDATE webhook_endpoints SET failures = failures + 1
WHERE tenant_id = $1 AND endpoint_id = $2
RETURNING failures
"""

_REST = "UPDATE webhook_endpoints SET not_before = $3 WHERE tenant_id = $1 AND endpoint_id = $2"

_DISABLE = """
UPDATE webhook_endpoints SET status = 'disabled', revision = revision + 1, updated_at = $3
WHERE tenant_id = $1 AND endpoint_id = $2 AND status = 'active'
"""

_NO_EVENT = UUID(NO_EVENT)


@dataclass(frozen=True, slots=True)
class DueEndpoint:
    """An active endpoint with a lane that is due; `failures` in a row since the last success."""

    key: EndpointKey
    failures: int


@dataclass(frozen=True, slots=True)
class ClaimedLane:
    """A lane that this process alone may deliver from for a while, and where to."""

    tenant_id: UUID
    endpoint_id: UUID
    user_id: str
    redelivers: UUID
    sequence: int
    """Of the event to deliver."""
    attempts: int
    """How often it was tried, with the attempt that the claim is for."""
    first_attempt_at: datetime
    url: str
    ciphertext: bytes
    previous_ciphertext: bytes | None
    previous_until: datetime | None

    @property
    def endpoint(self) -> EndpointKey:
        return self.tenant_id, self.endpoint_id

    @property
    def key(self) -> tuple[UUID, UUID, str, UUID]:
        return self.tenant_id, self.endpoint_id, self.user_id, self.redelivers


async def due_endpoints(connection: DriverConnection, now: datetime) -> list[DueEndpoint]:
    """The endpoints with something to deliver, the one that has waited longest first."""
    return [
        DueEndpoint((record["tenant_id"], record["endpoint_id"]), record["failures"])
        for record in await connection.fetch(_DUE, now)
    ]


async def claim(
    connection: DriverConnection,
    wanted: Mapping[EndpointKey, int],
    now: datetime,
    until: datetime,
) -> list[ClaimedLane]:
    """Up to so many due lanes of each endpoint, claimed until that instant."""
    tenants = [tenant_id for tenant_id, _ in wanted]
    endpoints = [endpoint_id for _, endpoint_id in wanted]
    records = await connection.fetch(_CLAIM, tenants, endpoints, list(wanted.values()), now, until)
    return [ClaimedLane(*record) for record in records]


async def lock_claim(connection: DriverConnection, lane: ClaimedLane) -> int | None:
    """Lock the lane and return its last sequence; None: the claim is not this one any more."""
    last: int | None = await connection.fetchval(_LOCK, *lane.key, lane.sequence, lane.attempts)
    return last


async def advance(
    connection: DriverConnection, lane: ClaimedLane, last_sequence: int, now: datetime
) -> None:
    """Go on to the lane's next event, or close the lane if there is none."""
    record: asyncpg.Record | None = None
    if lane.redelivers == _NO_EVENT and last_sequence > lane.sequence:
        record = await connection.fetchrow(
            _NEXT,
            lane.tenant_id,
            lane.endpoint_id,
            lane.user_id,
            lane.sequence,
            last_sequence,
        )
    if record is None:
        await connection.execute(_CLOSE, *lane.key)
    else:
        await connection.execute(_ADVANCE, *lane.key, *record, now)


async def postpone(connection: DriverConnection, lane: ClaimedLane, until: datetime) -> None:
    """Try the lane's event again then."""
    await connection.execute(_POSTPONE, *lane.key, until)


async def log_attempt(connection: DriverConnection, attempt: LoggedAttempt) -> None:
    result = attempt.result
    await connection.execute(
        _LOG,
        attempt.tenant_id,
        attempt.id,
        attempt.endpoint_id,
        attempt.event_id,
        attempt.event_type,
        attempt.attempt,
        result.delivered,
        result.status_code,
        result.error,
        result.latency_ms,
        attempt.attempted_at,
    )


async def set_delivered(
    connection: DriverConnection, lane: ClaimedLane, event_id: UUID, now: datetime
) -> None:
    """Note that an endpoint took the event, which is no dead letter of its any more."""
    await connection.execute(_DELIVERED, lane.tenant_id, event_id, now)
    await connection.execute(_REVIVED, lane.tenant_id, lane.endpoint_id, event_id)


async def bury(
    connection: DriverConnection,
    lane: ClaimedLane,
    event_id: UUID,
    event_type: str,
    result: AttemptResult,
    now: datetime,
) -> None:
    """Make the event a dead letter of the endpoint."""
    await connection.execute(
        _BURY,
        lane.tenant_id,
        lane.endpoint_id,
        event_id,
        lane.sequence,
        event_type,
        lane.user_id,
        lane.attempts,
        result.status_code,
        result.error,
        now,
    )


async def forget_failures(connection: DriverConnection, endpoint: EndpointKey) -> None:
    """Note that the endpoint takes webhooks. Locks its row if it has just failed."""
    await connection.execute(_RECOVERED, *endpoint)


async def count_failure(connection: DriverConnection, endpoint: EndpointKey) -> int:
    """Count a failed attempt; return how many there are in a row. Locks the endpoint's row."""
    failures: int | None = await connection.fetchval(_FAILED, *endpoint)
    return failures or 0


async def let_rest(connection: DriverConnection, endpoint: EndpointKey, until: datetime) -> None:
    """Leave the endpoint alone until then."""
    await connection.execute(_REST, *endpoint, until)


async def disable(connection: DriverConnection, endpoint: EndpointKey, now: datetime) -> None:
    """Deliver nothing more to the endpoint until an admin resumes it."""
    await connection.execute(_DISABLE, *endpoint, now)
