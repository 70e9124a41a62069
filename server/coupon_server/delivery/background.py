"""The outbox's way out: numbered, delivered, published, trimmed."""

from datetime import timedelta

from coupon_server.database.transactions import Database
from coupon_server.delivery.services.publishing import Publisher
from coupon_server.delivery.services.sequencer import Sequencer
from coupon_server.delivery.services.webhook_delivery import WebhookDelivery
from coupon_server.delivery.storage import streams
from coupon_server.delivery.storage import webhook_endpoints as webhooks
from coupon_server.domain.clock import Clock
from coupon_server.periodic_tasks import FAILURE_SECONDS, continuous, run_task

POLL_SECONDS = 0.1
"""How soon a new event is noticed; each costs one small query by index while nothing happens."""

SHUTDOWN_SECONDS = 3.0
"""How long webhooks that are being sent may take once the process is told to stop."""

TRIM_SECONDS = 600.0
TRIM_ROWS = 2_000


async def sequence(sequencer: Sequencer) -> None:
    """Number the outbox until cancelled."""
    await continuous("sequencer", POLL_SECONDS, sequencer.run_once)


async def deliver(delivery: WebhookDelivery) -> None:
    """Send webhooks until cancelled, then let those finish that are being sent."""
    try:
        while True:
            started = await run_task("webhooks", delivery.start_due)
            if not started:
                await delivery.pause(FAILURE_SECONDS if started is None else POLL_SECONDS)
    finally:
        await delivery.finish(SHUTDOWN_SECONDS)


async def publish(publisher: Publisher) -> None:
    """Publish events to the broker until cancelled."""
    await continuous("publisher", POLL_SECONDS, publisher.run_once)


async def trim(database: Database, clock: Clock, kept: timedelta) -> None:
    """Delete old events that nobody waits for, and the old part of the delivery log."""
    before = clock() - kept
    await streams.trim(database, before, TRIM_ROWS)
    while await webhooks.trim_attempts(database, before, TRIM_ROWS):
        pass
