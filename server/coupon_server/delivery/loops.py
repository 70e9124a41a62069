"""The loops of the background worker: sequence, deliver and publish the outbox."""

from functools import partial

from coupon_server.delivery.services.publishing import Publisher
from coupon_server.delivery.services.sequencer import Sequencer
from coupon_server.delivery.services.webhook_delivery import WebhookDelivery
from coupon_server.periodic_tasks import FAILURE_SECONDS, Loop, continuous, run_task

POLL_SECONDS = 0.1
"""The polling interval of each loop. A poll that finds nothing is one query by index."""

SHUTDOWN_SECONDS = 3.0
"""How long a stopping process waits for webhooks in flight."""


def sequence(sequencer: Sequencer) -> Loop:
    """Assign sequences to outbox events until cancelled."""
    return continuous("sequencer", POLL_SECONDS, sequencer.run_once)


def deliver(delivery: WebhookDelivery) -> Loop:
    """Send webhooks until cancelled, then wait for those in flight."""
    return Loop("webhooks", partial(_deliver, delivery))


async def _deliver(delivery: WebhookDelivery) -> None:
    try:
        while True:
            started = await run_task("webhooks", delivery.start_due)
            if not started:
                await delivery.wait_for_capacity(
                    FAILURE_SECONDS if started is None else POLL_SECONDS
                )
    finally:
        await delivery.finish(SHUTDOWN_SECONDS)


def publish(publisher: Publisher) -> Loop:
    """Publish events to the broker until cancelled."""
    return continuous("publisher", POLL_SECONDS, publisher.run_once)
