"""Lanes: leases on them, and their state after an attempt.

A lease counts the attempt. So the next event and the count of attempts are its fencing token: a
process records an attempt only if the lane still has both. A process whose lease has expired
changes nothing.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

import asyncpg

from coupon_server.database.driver import DriverConnection
from coupon_server.database.statements import statements
from coupon_server.database.tables import NO_EVENT, webhook_lanes
from coupon_server.delivery.domain.webhooks import AttemptResult, LoggedAttempt

EndpointKey = tuple[UUID, UUID]
"""Tenant and endpoint."""

_SQL = statements(__name__, is_leased=webhook_lanes.c.is_leased.name)
_DUE_ENDPOINTS = _SQL["due_endpoints"]
_LEASE = _SQL["lease"]
_LOCK_LEASED = _SQL["lock_leased"]
_NEXT_EVENT = _SQL["next_event"]
_ADVANCE = _SQL["advance"]
_CLOSE = _SQL["close"]
_POSTPONE = _SQL["postpone"]
_LOG_ATTEMPT = _SQL["log_attempt"]
_SET_DELIVERED = _SQL["set_delivered"]
_DELETE_DEAD_LETTER = _SQL["delete_dead_letter"]
_ADD_DEAD_LETTER = _SQL["add_dead_letter"]
_RESET_FAILURES = _SQL["reset_failures"]
_COUNT_FAILURE = _SQL["count_failure"]
_BACK_OFF = _SQL["back_off"]
_DISABLE = _SQL["disable"]

_NO_EVENT = UUID(NO_EVENT)


@dataclass(frozen=True, slots=True)
class DueEndpoint:
    """An active endpoint with a lane that is due; `failures` in a row since the last success."""

    key: EndpointKey
    failures: int


@dataclass(frozen=True, slots=True)
class LeasedLane:
    """A lane that this process has leased, and its endpoint."""

    tenant_id: UUID
    endpoint_id: UUID
    user_id: str
    redelivers: UUID
    sequence: int
    """The sequence of the event to deliver."""
    attempts: int
    """The attempts so far, including that of this lease. Part of the fencing token."""
    first_attempt_at: datetime
    url: str
    ciphertext: bytes
    previous_ciphertext: bytes | None
    previous_until: datetime | None

    @property
    def endpoint(self) -> EndpointKey:
        return self.tenant_id, self.endpoint_id

    @property
    def key(self) -> dict[str, object]:
        return {
            "tenant_id": self.tenant_id,
            "endpoint_id": self.endpoint_id,
            "user_id": self.user_id,
            "redelivers": self.redelivers,
        }


async def due_endpoints(connection: DriverConnection, now: datetime) -> list[DueEndpoint]:
    """The endpoints with something to deliver, the one that has waited longest first."""
    return [
        DueEndpoint((record["tenant_id"], record["endpoint_id"]), record["failures"])
        for record in await _DUE_ENDPOINTS.fetch(connection, now=now)
    ]


async def lease(
    connection: DriverConnection,
    lanes: Mapping[EndpointKey, int],
    now: datetime,
    until: datetime,
) -> list[LeasedLane]:
    """Up to so many due lanes of each endpoint, leased until that instant."""
    records = await _LEASE.fetch(
        connection,
        tenant_ids=[tenant_id for tenant_id, _ in lanes],
        endpoint_ids=[endpoint_id for _, endpoint_id in lanes],
        lanes=list(lanes.values()),
        now=now,
        until=until,
    )
    return [LeasedLane(**record) for record in records]


async def lock_leased(connection: DriverConnection, lane: LeasedLane) -> int | None:
    """Lock the lane if its fencing token still holds; return its last sequence, else None."""
    last: int | None = await _LOCK_LEASED.fetch_value(
        connection, **lane.key, sequence=lane.sequence, attempts=lane.attempts
    )
    return last


async def advance(
    connection: DriverConnection, lane: LeasedLane, last_sequence: int, now: datetime
) -> None:
    """Go on to the lane's next event, or close the lane if there is none."""
    record: asyncpg.Record | None = None
    if lane.redelivers == _NO_EVENT and last_sequence > lane.sequence:
        record = await _NEXT_EVENT.fetch_row(
            connection,
            tenant_id=lane.tenant_id,
            endpoint_id=lane.endpoint_id,
            user_id=lane.user_id,
            after=lane.sequence,
            last=last_sequence,
        )
    if record is None:
        await _CLOSE.execute(connection, **lane.key)
    else:
        await _ADVANCE.execute(connection, **lane.key, **record, now=now)


async def postpone(connection: DriverConnection, lane: LeasedLane, until: datetime) -> None:
    """Retry the lane's event then."""
    await _POSTPONE.execute(connection, **lane.key, until=until)


async def log_attempt(connection: DriverConnection, attempt: LoggedAttempt) -> None:
    result = attempt.result
    await _LOG_ATTEMPT.execute(
        connection,
        tenant_id=attempt.tenant_id,
        id=attempt.id,
        endpoint_id=attempt.endpoint_id,
        event_id=attempt.event_id,
        event_type=attempt.event_type,
        attempt=attempt.attempt,
        delivered=result.delivered,
        status_code=result.status_code,
        error=result.error,
        latency_ms=result.latency_ms,
        attempted_at=attempt.attempted_at,
    )


async def set_delivered(
    connection: DriverConnection, lane: LeasedLane, event_id: UUID, now: datetime
) -> None:
    """Record that the endpoint accepted the event, and delete its dead letter, if there is one."""
    await _SET_DELIVERED.execute(connection, tenant_id=lane.tenant_id, event_id=event_id, now=now)
    await _DELETE_DEAD_LETTER.execute(
        connection, tenant_id=lane.tenant_id, endpoint_id=lane.endpoint_id, event_id=event_id
    )


async def dead_letter(
    connection: DriverConnection,
    lane: LeasedLane,
    event_id: UUID,
    event_type: str,
    result: AttemptResult,
    now: datetime,
) -> None:
    """Dead-letter the event for the endpoint."""
    await _ADD_DEAD_LETTER.execute(
        connection,
        tenant_id=lane.tenant_id,
        endpoint_id=lane.endpoint_id,
        event_id=event_id,
        sequence=lane.sequence,
        event_type=event_type,
        user_id=lane.user_id,
        attempts=lane.attempts,
        status_code=result.status_code,
        error=result.error,
        now=now,
    )


async def reset_failures(connection: DriverConnection, endpoint: EndpointKey) -> None:
    """Close the endpoint's circuit. Locks its row only if it had failures."""
    tenant_id, endpoint_id = endpoint
    await _RESET_FAILURES.execute(connection, tenant_id=tenant_id, endpoint_id=endpoint_id)


async def count_failure(connection: DriverConnection, endpoint: EndpointKey) -> int:
    """Count a failed attempt; return how many there are in a row. Locks the endpoint's row."""
    tenant_id, endpoint_id = endpoint
    failures: int | None = await _COUNT_FAILURE.fetch_value(
        connection, tenant_id=tenant_id, endpoint_id=endpoint_id
    )
    return failures or 0


async def back_off(connection: DriverConnection, endpoint: EndpointKey, until: datetime) -> None:
    """Open the endpoint's circuit until then."""
    tenant_id, endpoint_id = endpoint
    await _BACK_OFF.execute(connection, tenant_id=tenant_id, endpoint_id=endpoint_id, until=until)


async def disable(connection: DriverConnection, endpoint: EndpointKey, now: datetime) -> None:
    """Disable the endpoint until an admin resumes it."""
    tenant_id, endpoint_id = endpoint
    await _DISABLE.execute(connection, tenant_id=tenant_id, endpoint_id=endpoint_id, now=now)
