"""The outbox: events written in the transaction of the change that they report."""

from collections.abc import Iterable
from datetime import datetime
from typing import Any

from sqlalchemy import Column, ColumnElement, ScalarSelect, case, exists, or_, select
from sqlalchemy.ext.asyncio import AsyncConnection

from coupon_server.database.driver import DriverConnection
from coupon_server.database.statements import fragments
from coupon_server.database.tables import outbox, outbox_streams, webhook_dead_letters
from coupon_server.database.transactions import driver_of
from coupon_server.delivery.domain.outbox import EventType, OutboxEvent
from coupon_server.domain.redemption import GrantState

INSERT_LEDGER_EVENTS = fragments(__name__)["insert_ledger_events"]
"""SQL for the statement that adds rows to the ledger: it spares the hot path a round trip."""

_COLUMNS = ("tenant_id", "id", "event_type", "user_id", "subject_id", "occurred_at")


async def add(
    connection: AsyncConnection, event_type: EventType, events: Iterable[OutboxEvent], now: datetime
) -> None:
    """Write events of one type, by one COPY."""
    await copy_events(await driver_of(connection), event_type, events, now)


async def copy_events(
    driver: DriverConnection, event_type: EventType, events: Iterable[OutboxEvent], now: datetime
) -> None:
    """The same on the driver's connection."""
    records = [
        (event.tenant_id, event.id, event_type.value, event.user_id, event.subject_id, now)
        for event in events
    ]
    if records:
        await driver.copy_records_to_table(outbox.name, records=records, columns=_COLUMNS)


def grant_state(tenant_id: Column[Any], event_id: Column[Any]) -> ScalarSelect[Any]:
    """The delivery state (`GrantState`) of the event of these columns, as an SQL expression; NULL
    when the event was trimmed."""
    dead = (
        select(webhook_dead_letters.c.event_id)
        .where(
            webhook_dead_letters.c.tenant_id == outbox.c.tenant_id,
            webhook_dead_letters.c.event_id == outbox.c.id,
        )
        .exists()
    )
    # Comparisons with NULL are not true: nothing was acknowledged or published yet.
    acknowledged = outbox.c.sequence <= outbox_streams.c.acknowledged_sequence
    published = outbox.c.sequence <= outbox_streams.c.published_sequence
    return (
        select(
            case(
                (dead, GrantState.DEAD),
                (acknowledged, GrantState.ACKNOWLEDGED),
                (or_(outbox.c.delivered_at.is_not(None), published), GrantState.DELIVERED),
                else_=GrantState.PENDING,
            )
        )
        .select_from(
            outbox.outerjoin(outbox_streams, outbox_streams.c.tenant_id == outbox.c.tenant_id)
        )
        .where(outbox.c.tenant_id == tenant_id, outbox.c.id == event_id)
        .scalar_subquery()
    )


def is_kept(tenant_id: Column[Any], event_id: Column[Any]) -> ColumnElement[bool]:
    """Whether the event of these columns was not trimmed yet, as an expression for a query."""
    return exists().where(outbox.c.tenant_id == tenant_id, outbox.c.id == event_id)
