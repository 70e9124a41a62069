"""Webhook endpoints, their delivery log and their dead letters."""

from datetime import datetime, timedelta
from typing import Any
from uuid import UUID

from sqlalchemy import (
    ColumnElement,
    RowMapping,
    Subquery,
    delete,
    func,
    insert,
    literal,
    select,
    update,
)
from sqlalchemy.dialects.postgresql import insert as upsert
from sqlalchemy.ext.asyncio import AsyncConnection

from coupon_server.database.paging import fetch_page
from coupon_server.database.tables import (
    outbox,
    tenants,
    webhook_attempts,
    webhook_dead_letters,
    webhook_endpoints,
    webhook_lanes,
)
from coupon_server.database.transactions import Database, driver_of
from coupon_server.database.trimming import trim_older
from coupon_server.delivery.domain.outbox import EventType
from coupon_server.delivery.domain.webhooks import (
    AttemptFilter,
    AttemptResult,
    DeadLetter,
    DeliveryError,
    EndpointStatus,
    LoggedAttempt,
    WebhookEndpoint,
)
from coupon_server.delivery.storage.webhook_lanes import log_attempt
from coupon_server.domain.errors import DomainError, Reason
from coupon_server.domain.paging import Page, PageRequest

_CLOSED_CIRCUIT: dict[str, Any] = {"failures": 0, "not_before": None}


def not_found() -> DomainError:
    return DomainError(Reason.WEBHOOK_ENDPOINT_NOT_FOUND, "Webhook endpoint not found")


def _endpoint(row: RowMapping) -> WebhookEndpoint:
    return WebhookEndpoint(
        tenant_id=row["tenant_id"],
        endpoint_id=row["endpoint_id"],
        revision=row["revision"],
        url=row["url"],
        description=row["description"],
        event_types=tuple(EventType(event_type) for event_type in row["event_types"]),
        status=EndpointStatus(row["status"]),
        ciphertext=row["ciphertext"],
        created_at=row["created_at"],
        updated_at=row["updated_at"],
        previous_ciphertext=row["previous_ciphertext"],
        previous_until=row["previous_until"],
    )


async def lock_endpoints(connection: AsyncConnection, tenant_id: UUID) -> int:
    """Serialise creations of the tenant's endpoints; return how many there are."""
    query = select(tenants.c.tenant_id).where(tenants.c.tenant_id == tenant_id)
    await connection.execute(query.with_for_update(key_share=True))
    return await count(connection, tenant_id)


async def count(connection: AsyncConnection, tenant_id: UUID) -> int:
    """How many endpoints the tenant has."""
    query = select(func.count()).where(webhook_endpoints.c.tenant_id == tenant_id)
    return await connection.scalar(query) or 0


async def fetch_list(
    connection: AsyncConnection, tenant_id: UUID, page: PageRequest
) -> Page[WebhookEndpoint]:
    query = select(webhook_endpoints).where(webhook_endpoints.c.tenant_id == tenant_id)
    return await fetch_page(connection, query, webhook_endpoints.c.endpoint_id, page, _endpoint)


async def fetch(
    connection: AsyncConnection, tenant_id: UUID, endpoint_id: UUID, *, lock: bool = False
) -> WebhookEndpoint:
    """The endpoint; `lock`: locked against changes. Raises WEBHOOK_ENDPOINT_NOT_FOUND."""
    query = select(webhook_endpoints).filter_by(tenant_id=tenant_id, endpoint_id=endpoint_id)
    if lock:
        query = query.with_for_update(key_share=True)
    row = (await connection.execute(query)).mappings().one_or_none()
    if row is None:
        raise not_found()
    return _endpoint(row)


async def add(connection: AsyncConnection, endpoint: WebhookEndpoint) -> None:
    await connection.execute(
        insert(webhook_endpoints).values(
            **_changeable(endpoint),
            tenant_id=endpoint.tenant_id,
            endpoint_id=endpoint.endpoint_id,
            created_at=endpoint.created_at,
            failures=0,
        )
    )


async def change(connection: AsyncConnection, endpoint: WebhookEndpoint) -> None:
    """Store the endpoint, and close its circuit."""
    await connection.execute(
        update(webhook_endpoints)
        .filter_by(tenant_id=endpoint.tenant_id, endpoint_id=endpoint.endpoint_id)
        .values(**_changeable(endpoint), **_CLOSED_CIRCUIT)
    )


async def close_circuit(connection: AsyncConnection, tenant_id: UUID, endpoint_id: UUID) -> None:
    """Close the endpoint's circuit, and reset its count of failures."""
    await connection.execute(
        update(webhook_endpoints)
        .filter_by(tenant_id=tenant_id, endpoint_id=endpoint_id)
        .values(**_CLOSED_CIRCUIT)
    )


def _changeable(endpoint: WebhookEndpoint) -> dict[str, Any]:
    return {
        "revision": endpoint.revision,
        "url": endpoint.url,
        "description": endpoint.description,
        "event_types": [str(event_type) for event_type in endpoint.event_types],
        "status": endpoint.status,
        "ciphertext": endpoint.ciphertext,
        "previous_ciphertext": endpoint.previous_ciphertext,
        "previous_until": endpoint.previous_until,
        "updated_at": endpoint.updated_at,
    }


async def remove(connection: AsyncConnection, tenant_id: UUID, endpoint_id: UUID) -> None:
    """Delete the endpoint, its lanes and its dead letters; the delivery log stays."""
    await connection.execute(
        delete(webhook_endpoints).filter_by(tenant_id=tenant_id, endpoint_id=endpoint_id)
    )


async def reschedule(
    connection: AsyncConnection, tenant_id: UUID, endpoint_id: UUID, now: datetime
) -> None:
    """Make all lanes of the endpoint due now, except leased ones."""
    lanes = webhook_lanes.c
    waiting = (
        select(lanes.user_id, lanes.redelivers)
        .where(
            lanes.tenant_id == tenant_id,
            lanes.endpoint_id == endpoint_id,
            _waits(now),
        )
        # The lock order of the sequencer.
        .order_by(lanes.user_id, lanes.redelivers)
        .with_for_update()
        .cte("waiting")
    )
    await connection.execute(
        update(webhook_lanes)
        .where(
            lanes.tenant_id == tenant_id,
            lanes.endpoint_id == endpoint_id,
            lanes.user_id == waiting.c.user_id,
            lanes.redelivers == waiting.c.redelivers,
        )
        .values(next_attempt_at=now)
    )


async def log(connection: AsyncConnection, attempt: LoggedAttempt) -> None:
    await log_attempt(await driver_of(connection), attempt)


async def fetch_attempts(
    connection: AsyncConnection, attempt_filter: AttemptFilter, page: PageRequest
) -> Page[LoggedAttempt]:
    query = select(webhook_attempts).where(
        webhook_attempts.c.tenant_id == attempt_filter.tenant_id,
        webhook_attempts.c.endpoint_id == attempt_filter.endpoint_id,
    )
    if attempt_filter.event_id is not None:
        query = query.where(webhook_attempts.c.event_id == attempt_filter.event_id)
    if attempt_filter.delivered is not None:
        query = query.where(webhook_attempts.c.delivered == attempt_filter.delivered)
    return await fetch_page(connection, query, webhook_attempts.c.id, page, _attempt)


def _attempt(row: RowMapping) -> LoggedAttempt:
    return LoggedAttempt(
        tenant_id=row["tenant_id"],
        id=row["id"],
        endpoint_id=row["endpoint_id"],
        event_id=row["event_id"],
        event_type=row["event_type"],
        attempt=row["attempt"],
        result=AttemptResult(
            DeliveryError(row["error"]),
            row["status_code"],
            timedelta(milliseconds=row["latency_ms"]),
        ),
        attempted_at=row["attempted_at"],
    )


async def fetch_dead_letters(
    connection: AsyncConnection, tenant_id: UUID, endpoint_id: UUID, page: PageRequest
) -> Page[DeadLetter]:
    query = select(webhook_dead_letters).where(
        webhook_dead_letters.c.tenant_id == tenant_id,
        webhook_dead_letters.c.endpoint_id == endpoint_id,
    )
    return await fetch_page(connection, query, webhook_dead_letters.c.event_id, page, _dead_letter)


def _dead_letter(row: RowMapping) -> DeadLetter:
    return DeadLetter(
        event_id=row["event_id"],
        event_type=row["event_type"],
        user_id=row["user_id"],
        attempts=row["attempts"],
        status_code=row["status_code"],
        error=DeliveryError(row["error"]),
        died_at=row["died_at"],
    )


async def redeliver_event(
    connection: AsyncConnection, tenant_id: UUID, endpoint_id: UUID, event_id: UUID, now: datetime
) -> None:
    """Queue the event in a lane of its own for the endpoint, or make it due if it is queued.

    Raises WEBHOOK_EVENT_NOT_FOUND for one that is not kept, or not yet in the stream.
    """
    event = select(outbox.c.user_id, outbox.c.id.label("event_id"), outbox.c.sequence).where(
        outbox.c.tenant_id == tenant_id,
        outbox.c.id == event_id,
        outbox.c.sequence.is_not(None),
    )
    if (await connection.execute(event)).one_or_none() is None:
        raise DomainError(Reason.WEBHOOK_EVENT_NOT_FOUND, "The event is not kept any more")
    await _redeliver(connection, tenant_id, endpoint_id, event.subquery(), now)


async def redeliver_dead_letters(
    connection: AsyncConnection, tenant_id: UUID, endpoint_id: UUID, now: datetime, limit: int
) -> int:
    """Queue the endpoint's dead letters, the oldest first, up to a limit; return how many.

    Those queued already are made due; those due or in flight are skipped.
    """
    dead, lanes = webhook_dead_letters.c, webhook_lanes.c
    left_alone = (
        select(lanes.redelivers)
        .where(
            lanes.tenant_id == dead.tenant_id,
            lanes.endpoint_id == dead.endpoint_id,
            lanes.user_id == dead.user_id,
            lanes.redelivers == dead.event_id,
            ~_waits(now),
        )
        .exists()
    )
    letters = (
        select(dead.user_id, dead.event_id, dead.sequence)
        .where(dead.tenant_id == tenant_id, dead.endpoint_id == endpoint_id, ~left_alone)
        .order_by(dead.event_id)
        .limit(limit)
    )
    return await _redeliver(connection, tenant_id, endpoint_id, letters.subquery(), now)


async def _redeliver(
    connection: AsyncConnection,
    tenant_id: UUID,
    endpoint_id: UUID,
    events: Subquery,
    now: datetime,
) -> int:
    """Queue each event in a lane of its own, or make it due if it is queued; return how many."""
    columns = {
        "tenant_id": literal(tenant_id),
        "endpoint_id": literal(endpoint_id),
        "user_id": events.c.user_id,
        "redelivers": events.c.event_id,
        "next_sequence": events.c.sequence,
        "last_sequence": events.c.sequence,
        "waiting_since": literal(now),
        "is_leased": literal(False),
        "attempts": literal(0),
        "next_attempt_at": literal(now),
    }
    # The lock order of `reschedule`.
    queued = select(*columns.values()).order_by(events.c.user_id, events.c.event_id)
    result = await connection.execute(
        upsert(webhook_lanes)
        .from_select(list(columns), queued)
        .on_conflict_do_update(
            index_elements=webhook_lanes.primary_key,
            set_={"next_attempt_at": now},
            where=_waits(now),
        )
    )
    return result.rowcount


def _waits(now: datetime) -> ColumnElement[bool]:
    """Whether a lane's next attempt is in the future, and it is not leased."""
    return ~webhook_lanes.c.is_leased & (webhook_lanes.c.next_attempt_at > now)


async def all_endpoints(connection: AsyncConnection) -> list[WebhookEndpoint]:
    """Every endpoint of every tenant, locked, for re-encryption."""
    query = select(webhook_endpoints).with_for_update(key_share=True)
    return [_endpoint(row) for row in (await connection.execute(query)).mappings()]


async def set_ciphertexts(
    connection: AsyncConnection,
    endpoint: WebhookEndpoint,
    ciphertext: bytes,
    previous_ciphertext: bytes | None,
) -> None:
    await connection.execute(
        update(webhook_endpoints)
        .filter_by(tenant_id=endpoint.tenant_id, endpoint_id=endpoint.endpoint_id)
        .values(ciphertext=ciphertext, previous_ciphertext=previous_ciphertext)
    )


async def trim_attempts(database: Database, before: datetime, limit: int) -> int:
    """Delete up to `limit` lines of the delivery log of before this instant; return how many."""
    return await trim_older(database, webhook_attempts.c.attempted_at, before, limit)
