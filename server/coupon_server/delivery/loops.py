"""The loops of the background worker: sequence, deliver and publish the outbox."""

from coupon_server.delivery.services.publishing import Publisher
from coupon_server.delivery.services.sequencer import Sequencer
from coupon_server.delivery.services.webhook_delivery import WebhookDelivery
from coupon_server.periodic_tasks import FAILURE_SECONDS, continuous, run_task

POLL_SECONDS = 0.1
"""The polling interval of each loop. A poll that finds nothing is one query by index."""

SHUTDOWN_SECONDS = 3.0
"""How long a stopping process waits for webhooks in flight."""


async def sequence(sequencer: Sequencer) -> None:
    """Assign sequences to outbox events until cancelled."""
    await continuous("sequencer", POLL_SECONDS, sequencer.run_once)


async def deliver(delivery: WebhookDelivery) -> None:
    """Send webhooks until cancelled, then wait for those in flight."""
    try:
        while True:
            started = await run_task("webhooks", delivery.start_due)
            if not started:
                await delivery.wait_for_capacity(
                    FAILURE_SECONDS if started is None else POLL_SECONDS
                )
    finally:
        await delivery.finish(SHUTDOWN_SECONDS)


async def publish(publisher: Publisher) -> None:
    """Publish events to the broker until cancelled."""
    await continuous("publisher", POLL_SECONDS, publisher.run_once)
