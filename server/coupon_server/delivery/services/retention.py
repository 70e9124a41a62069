"""Deletes old events and old attempts of the delivery log."""

from datetime import timedelta

from coupon_server.database.transactions import Database
from coupon_server.delivery.storage import streams
from coupon_server.delivery.storage import webhook_endpoints as webhooks
from coupon_server.domain.clock import Clock

TRIM_SECONDS = 600.0
TRIM_ROWS = 2_000


async def trim(database: Database, clock: Clock, retention: timedelta) -> None:
    """Delete old events that no reader still needs, and old attempts from the delivery log."""
    before = clock() - retention
    await streams.trim(database, before, TRIM_ROWS)
    while await webhooks.trim_attempts(database, before, TRIM_ROWS):
        pass
