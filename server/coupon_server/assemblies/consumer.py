"""A process that consumes events from a message broker."""

import asyncio
from collections.abc import Callable

from coupon_server.assemblies.core import open_core, writable
from coupon_server.assemblies.events import event_service
from coupon_server.database import connection_budget
from coupon_server.domain.clock import Clock, utc_now
from coupon_server.periodic_tasks import periodic, running
from coupon_server.rpc.broker_events import BrokerEvents
from coupon_server.services import limits
from coupon_server.services.tenants import Tenants
from coupon_server.settings import EventSettings
from coupon_server.workers import event_consumer
from coupon_server.workers.event_consumer import Broker


async def consume(
    settings: EventSettings,
    broker: Broker,
    *,
    ready: Callable[[], None],
    stop: asyncio.Event,
    waiting: Callable[[], None] = lambda: None,
    clock: Clock = utc_now,
) -> None:
    """Consume events from a broker until `stop` is set; calls `ready` once it has started.

    Raises DatabaseNotReady and BrokerNotReady when one of them can't be used at the start, and
    BrokerNotReady when the connection is closed for good.
    """
    async with open_core(settings, clock, connection_budget.CONSUMER) as core:
        if not await writable(core.database, stop, waiting):
            return
        await core.limits.poll()
        events = event_service(core, settings)
        messages = BrokerEvents(Tenants(core.database), events, clock)
        try:
            async with running(
                core.watching(), periodic("limits_poll", limits.POLL_SECONDS, core.limits.poll)
            ):
                await event_consumer.consume(broker, messages.ingest, ready=ready, stop=stop)
        finally:
            await events.close()
