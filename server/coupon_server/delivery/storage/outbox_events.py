"""The events of a tenant's stream with all that they tell."""

import json
from collections.abc import Collection, Iterable, Iterator
from dataclasses import dataclass
from typing import Any
from uuid import UUID

import asyncpg

from coupon_server.database.driver_pool import DriverConnection
from coupon_server.delivery.domain.events import DeliverableEvent, Grant, GuessingAlert
from coupon_server.delivery.domain.outbox import EventType
from coupon_server.domain.coupon import Coupon, CouponSource
from coupon_server.domain.redemption import Redemption, RedemptionKind
from coupon_server.domain.rewards import RewardItem

# The rows are looked up one by one, so that the plan holds whatever the size of the tables.
_EVENT = """
SELECT o.tenant_id, o.id, o.event_type, o.sequence, o.user_id, o.occurred_at,
    r.id AS redemption_id, r.kind, r.coupon_id, r.definition_id, r.code, r.redeemed_at,
    r.reference, r.metadata, r.credential_id, r.reward_item_id, r.reward_item_version,
    r.reverses_id,
    i.name, i.description, i.reward_type, i.payload, i.created_at, i.updated_at,
    c.id AS issued_id, c.definition_id AS issued_definition_id, c.code AS issued_code,
    c.source, c.generation_id, c.generated_at, c.valid_until, c.used,
    c.redeemed_at AS last_redeemed_at, c.revoked_at, c.revoke_reason,
    a.failures, a.threshold, a."window"
FROM ({picked}) o
LEFT JOIN LATERAL (
    SELECT * FROM redemptions r WHERE r.tenant_id = o.tenant_id AND r.id = o.subject_id
) r ON true
LEFT JOIN LATERAL (
    SELECT v.*, i.created_at
    FROM reward_item_versions v
    JOIN reward_items i ON i.tenant_id = v.tenant_id AND i.item_id = v.item_id
    WHERE v.tenant_id = r.tenant_id AND v.item_id = r.reward_item_id
        AND v.version = r.reward_item_version
) i ON true
LEFT JOIN LATERAL (
    SELECT * FROM coupons c WHERE c.tenant_id = o.tenant_id AND c.id = o.subject_id
) c ON true
LEFT JOIN LATERAL (
    SELECT * FROM guess_alerts a
    WHERE o.event_type = 'security.guessing_suspected'
        AND a.tenant_id = o.tenant_id AND a.id = o.subject_id
) a ON true
ORDER BY o.tenant_id, o.sequence
"""
_BY_SEQUENCE = _EVENT.format(
    picked="""
    SELECT o.* FROM unnest($1::uuid[], $2::bigint[]) w(tenant_id, sequence)
    CROSS JOIN LATERAL (
        SELECT * FROM outbox o WHERE o.tenant_id = w.tenant_id AND o.sequence = w.sequence
    ) o
    """
)
_BETWEEN = _EVENT.format(
    picked="""
    SELECT * FROM outbox o
    WHERE o.tenant_id = $1 AND o.sequence > $2 AND o.sequence <= $3
        AND (cardinality($4::text[]) = 0 OR o.event_type = ANY($4::text[]))
    """
)
# Where nothing is left, all up to the end of the stream was trimmed: what is numbered moves that
# end in the same transaction, so that one statement sees both or neither.
_SCANNED = """
SELECT coalesce(
    (
        SELECT max(sequence) FROM (
            SELECT o.sequence FROM outbox o WHERE o.tenant_id = $1 AND o.sequence > $2
            ORDER BY o.sequence LIMIT $3
        ) o
    ),
    (SELECT s.last_sequence FROM outbox_streams s WHERE s.tenant_id = $1),
    0
)
"""

EventKey = tuple[UUID, int]
"""Tenant and sequence."""


@dataclass(frozen=True, slots=True)
class UnreadableEvent:
    """A row that this release cannot read, because a newer one wrote it, say; and why."""

    id: UUID
    type: str
    cause: Exception


@dataclass(frozen=True, slots=True)
class EventPage:
    """Events after a place in a stream, in order, and up to where the stream was searched.

    An event is made when it is its turn, so that a page takes no more memory than its rows. Then
    one that can't be read raises, and those before it have been told.
    """

    events: Iterator[DeliverableEvent]
    scanned: int


async def fetch_events(
    connection: DriverConnection, keys: Iterable[EventKey]
) -> dict[EventKey, DeliverableEvent | UnreadableEvent]:
    """Those of the events that are still kept. One that can't be read keeps no other back."""
    columns = list(zip(*set(keys), strict=True)) or [(), ()]
    records = await connection.fetch(_BY_SEQUENCE, *columns)
    return {(record["tenant_id"], record["sequence"]): _if_readable(record) for record in records}


async def fetch_page(
    connection: DriverConnection,
    tenant_id: UUID,
    after: int,
    event_types: Collection[EventType],
    limit: int,
) -> EventPage:
    """Events after a sequence, of these types, or of all when there are none.

    At most `limit` rows of the outbox are looked at, so the page may be empty though the stream
    goes on. At the end of the stream `scanned` is `after`.
    """
    # First how far, so that what is numbered meanwhile is left to the next page.
    scanned: int = await connection.fetchval(_SCANNED, tenant_id, after, limit)
    if scanned <= after:
        return EventPage(iter(()), after)
    types = [str(event_type) for event_type in event_types]
    records = await connection.fetch(_BETWEEN, tenant_id, after, scanned, types)
    return EventPage(map(_event, records), scanned)


def _if_readable(record: asyncpg.Record) -> DeliverableEvent | UnreadableEvent:
    try:
        return _event(record)
    except (TypeError, ValueError) as error:
        return UnreadableEvent(record["id"], record["event_type"], error)


def _event(record: asyncpg.Record) -> DeliverableEvent:
    event_type = EventType(record["event_type"])
    return DeliverableEvent(
        tenant_id=record["tenant_id"],
        id=record["id"],
        type=event_type,
        sequence=record["sequence"],
        user_id=record["user_id"],
        occurred_at=record["occurred_at"],
        subject=_subject(event_type, record),
    )


def _subject(event_type: EventType, record: asyncpg.Record) -> Grant | Coupon | GuessingAlert:
    if event_type is EventType.GUESSING_SUSPECTED:
        return GuessingAlert(record["failures"], record["threshold"], record["window"])
    return _coupon(record) if record["redemption_id"] is None else _grant(record)


def _grant(record: asyncpg.Record) -> Grant:
    return Grant(
        Redemption(
            tenant_id=record["tenant_id"],
            id=record["redemption_id"],
            kind=RedemptionKind(record["kind"]),
            coupon_id=record["coupon_id"],
            definition_id=record["definition_id"],
            user_id=record["user_id"],
            code=record["code"],
            redeemed_at=record["redeemed_at"],
            reference=record["reference"],
            metadata=_json(record["metadata"]) or {},
            credential_id=record["credential_id"],
            reward_item_id=record["reward_item_id"],
            reward_item_version=record["reward_item_version"],
            reverses_id=record["reverses_id"],
        ),
        RewardItem(
            tenant_id=record["tenant_id"],
            item_id=record["reward_item_id"],
            version=record["reward_item_version"],
            name=record["name"],
            description=record["description"],
            reward_type=record["reward_type"],
            payload=_json(record["payload"]),
            created_at=record["created_at"],
            updated_at=record["updated_at"],
        ),
    )


def _coupon(record: asyncpg.Record) -> Coupon:
    return Coupon(
        tenant_id=record["tenant_id"],
        id=record["issued_id"],
        definition_id=record["issued_definition_id"],
        user_id=record["user_id"],
        code=record["issued_code"],
        source=CouponSource(record["source"]),
        generation_id=record["generation_id"],
        generated_at=record["generated_at"],
        valid_until=record["valid_until"],
        used=record["used"],
        redeemed_at=record["last_redeemed_at"],
        revoked_at=record["revoked_at"],
        revoke_reason=record["revoke_reason"],
    )


def _json(text: str | None) -> Any:
    # The driver hands json over as text.
    return None if text is None else json.loads(text)
