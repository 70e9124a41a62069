"""The events of a tenant's stream with their content."""

from collections.abc import Collection, Iterator
from dataclasses import dataclass
from uuid import UUID

from coupon_server.database import rows
from coupon_server.database.driver import DriverConnection
from coupon_server.database.statements import statements
from coupon_server.delivery.domain.delivered_events import DeliverableEvent, Grant, GuessingAlert
from coupon_server.delivery.domain.outbox import EventType
from coupon_server.domain.coupon import Coupon

_SQL = statements(__name__)
_BY_SEQUENCE = _SQL["by_sequence"]
_BETWEEN = _SQL["between"]
_SCAN = _SQL["scan"]

EventKey = tuple[UUID, int]
"""Tenant and sequence."""


@dataclass(frozen=True, slots=True)
class UnreadableEvent:
    """A row that this release cannot read, for example because a newer one wrote it."""

    id: UUID
    type: str
    cause: Exception


@dataclass(frozen=True, slots=True)
class EventPage:
    """Events after a sequence, in order, and up to which sequence the stream was scanned.

    Events are built lazily, so that a page takes no more memory than its rows. An unreadable one
    raises, after the events before it.
    """

    events: Iterator[DeliverableEvent]
    scanned: int


async def fetch_events(
    connection: DriverConnection, keys: Collection[EventKey]
) -> dict[EventKey, DeliverableEvent | UnreadableEvent]:
    """Those of the events that were not trimmed. An unreadable one does not affect the others."""
    tenant_ids, sequences = zip(*set(keys), strict=True) if keys else ((), ())
    records = await _BY_SEQUENCE.fetch(connection, tenant_ids=tenant_ids, sequences=sequences)
    return {(record["tenant_id"], record["sequence"]): _if_readable(record) for record in records}


async def fetch_page(
    connection: DriverConnection,
    tenant_id: UUID,
    after: int,
    event_types: Collection[EventType],
    limit: int,
) -> EventPage:
    """Events after a sequence, of these types, or of all when there are none.

    Scans at most `limit` rows of the outbox, so the page may be empty before the end of the
    stream. At the end of the stream `scanned` is `after`.
    """
    # Read the end first, so that events sequenced meanwhile are left to the next page.
    scanned: int = await _SCAN.fetch_value(
        connection, tenant_id=tenant_id, after=after, limit=limit
    )
    if scanned <= after:
        return EventPage(iter(()), after)
    types = [str(event_type) for event_type in event_types]
    records = await _BETWEEN.fetch(
        connection, tenant_id=tenant_id, after=after, last=scanned, types=types
    )
    return EventPage(map(_event, records), scanned)


def _if_readable(row: rows.Row) -> DeliverableEvent | UnreadableEvent:
    try:
        return _event(row)
    except (TypeError, ValueError) as error:
        return UnreadableEvent(row["event_id"], row["event_type"], error)


def _event(row: rows.Row) -> DeliverableEvent:
    event_type = EventType(row["event_type"])
    return DeliverableEvent(
        tenant_id=row["tenant_id"],
        id=row["event_id"],
        type=event_type,
        sequence=row["sequence"],
        user_id=row["user_id"],
        occurred_at=row["occurred_at"],
        subject=_subject(event_type, row),
    )


def _subject(event_type: EventType, row: rows.Row) -> Grant | Coupon | GuessingAlert:
    if event_type is EventType.GUESSING_SUSPECTED:
        return GuessingAlert(row["failures"], row["threshold"], row["window"])
    if row["is_redemption"]:
        return Grant(rows.redemption(row), rows.reward_item(row))
    return rows.coupon(row)
