"""The outbox: events written in the transaction of what they tell of."""

from collections.abc import Iterable
from datetime import datetime

from sqlalchemy.ext.asyncio import AsyncConnection

from coupon_server.database.driver_pool import DriverConnection
from coupon_server.database.tables import outbox
from coupon_server.database.transactions import driver_of
from coupon_server.delivery.domain.outbox import EventType, OutboxEvent

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
