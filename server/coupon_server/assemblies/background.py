"""The background worker: work that no call waits for. Any number of processes may run it."""

import asyncio
from collections.abc import AsyncIterator, Callable, Iterator
from contextlib import AbstractAsyncContextManager, asynccontextmanager
from dataclasses import dataclass
from datetime import timedelta
from functools import partial
from typing import TYPE_CHECKING

from coupon_server.assemblies.core import Core, open_core, writable
from coupon_server.assemblies.webhooks import webhook_sender
from coupon_server.auth.secrets import Keyring
from coupon_server.database import connection_budget
from coupon_server.delivery import loops
from coupon_server.delivery.services import retention as delivery_retention
from coupon_server.delivery.services.publishing import Publisher
from coupon_server.delivery.services.sequencer import Sequencer
from coupon_server.delivery.services.webhook_delivery import WebhookDelivery
from coupon_server.domain.clock import Clock, utc_now
from coupon_server.periodic_tasks import FAILURE_SECONDS, Loop, periodic, running
from coupon_server.rpc.conversion.delivered_events import cloud_event, webhook_body
from coupon_server.services import limits, retention
from coupon_server.services.generation import GenerationService
from coupon_server.services.job_steps import JobSteps
from coupon_server.settings import Settings, nats_servers
from coupon_server.workers import jobs

if TYPE_CHECKING:
    from coupon_server.delivery.nats.publisher import NatsBroker


@dataclass(frozen=True)
class BackgroundWorker:
    settings: Settings
    core: Core
    job_steps: JobSteps
    sequencer: Sequencer
    webhook_delivery: WebhookDelivery
    broker: "NatsBroker | None"

    def periodic_tasks(self) -> AbstractAsyncContextManager[None]:
        """Run all periodic tasks while the block runs."""
        return running(
            self.core.watching(),
            periodic("limits_poll", limits.POLL_SECONDS, self.core.limits.poll),
            periodic("trim", retention.TRIM_SECONDS, self.trim),
            *self._trimming_ledger(),
            *jobs.work(self.job_steps),
            periodic("trim_jobs", jobs.TRIM_SECONDS, self.job_steps.trim),
            periodic("trim_outbox", delivery_retention.TRIM_SECONDS, self._trim_outbox),
            loops.sequence(self.sequencer),
            loops.deliver(self.webhook_delivery),
            *self._publishing(),
            *self._measuring(),
        )

    async def trim(self) -> None:
        """Delete expired rows."""
        await retention.trim(self.core.database, self.core.clock)

    async def _trim_outbox(self) -> None:
        database, clock = self.core.database, self.core.clock
        kept = timedelta(days=self.settings.outbox_retention_days)
        await delivery_retention.trim(database, clock, kept)
        await retention.trim_guess_alerts(database, clock, kept)

    def _trimming_ledger(self) -> Iterator[Loop]:
        days = self.settings.ledger_retention_days
        if days is not None:
            trim = partial(
                retention.trim_ledger, self.core.database, self.core.clock, timedelta(days=days)
            )
            yield periodic("trim_ledger", retention.TRIM_SECONDS, trim)

    def _publishing(self) -> Iterator[Loop]:
        if self.broker is not None:
            yield loops.publish(
                Publisher(self.core.database, self.broker, cloud_event, self.core.clock)
            )

    def _measuring(self) -> Iterator[Loop]:
        port = self.settings.metrics_port
        if port is not None:
            # Imported on demand, as the broker is, so that a process without it starts faster.
            from coupon_server.workers.metrics import Metrics

            metrics = Metrics(self.core.database, self.webhook_delivery, self.core.clock)
            serve = partial(metrics.serve, self.settings.metrics_host, port)
            # Retried while the port is taken.
            yield periodic("metrics_server", FAILURE_SECONDS, serve)


@asynccontextmanager
async def open_background_worker(settings: Settings, core: Core) -> AsyncIterator[BackgroundWorker]:
    """A background worker; closes its connection to the broker at the end."""
    database, clock = core.database, core.clock
    keyring = Keyring.parse(settings.master_keys.get_secret_value())
    sender = webhook_sender(settings, clock)
    broker = _broker(settings)
    try:
        yield BackgroundWorker(
            settings,
            core,
            JobSteps(database, GenerationService(clock, core.limits), clock),
            Sequencer(database, clock),
            WebhookDelivery(database, keyring, sender, webhook_body, clock),
            broker,
        )
    finally:
        if broker is not None:
            await broker.close()


def _broker(settings: Settings) -> "NatsBroker | None":
    if settings.nats_url is None:
        return None
    from coupon_server.delivery.nats.publisher import NatsBroker

    return NatsBroker(
        nats_servers(settings.nats_url.get_secret_value()),
        credentials_file=settings.nats_credentials_file,
        ca_file=settings.nats_ca_file,
    )


async def work(
    settings: Settings,
    *,
    ready: Callable[[], None],
    stop: asyncio.Event,
    waiting: Callable[[], None] = lambda: None,
    clock: Clock = utc_now,
) -> None:
    """Run a background worker until `stop` is set; calls `ready` once it has started.

    Raises DatabaseNotReady when the database can't be used at the start.
    """
    async with (
        open_core(settings, clock, connection_budget.BACKGROUND) as core,
        open_background_worker(settings, core) as worker,
    ):
        if not await writable(core.database, stop, waiting):
            return
        await core.limits.poll()
        async with worker.periodic_tasks():
            ready()
            await stop.wait()
