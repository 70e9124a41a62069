"""Metrics of the background worker, as Prometheus reads them."""

import asyncio
from collections.abc import Iterable

from prometheus_client import CollectorRegistry, start_http_server
from prometheus_client.core import CounterMetricFamily, GaugeMetricFamily, Metric
from prometheus_client.registry import Collector

from coupon_server.domain.clock import Clock
from coupon_server.services.webhook_delivery import WebhookDelivery
from coupon_server.storage import backlog
from coupon_server.storage.backlog import Backlog
from coupon_server.storage.database import Database
from coupon_server.workers.repeat import repeat

MEASURE_SECONDS = 15.0


class Metrics(Collector):
    """The backlog of all tenants together, measured now and then, and this process's attempts."""

    def __init__(self, database: Database, delivery: WebhookDelivery, clock: Clock) -> None:
        self._database = database
        self._delivery = delivery
        self._clock = clock
        self._measured: Backlog | None = None

    async def serve(self, host: str, port: int) -> None:
        """Answer `/metrics` on the port until cancelled. Raises OSError if it is taken."""
        registry = CollectorRegistry()
        registry.register(self)
        server, _ = start_http_server(port, host, registry)
        try:
            await repeat("metrics", MEASURE_SECONDS, self.measure)
        finally:
            await asyncio.to_thread(server.shutdown)
            server.server_close()

    async def measure(self) -> None:
        self._measured = None
        self._measured = await backlog.measure(self._database, self._clock())

    def collect(self) -> Iterable[Metric]:
        """Called by the HTTP server's thread, with what was measured last."""
        attempts = CounterMetricFamily(
            "coupons_webhook_attempts",
            "Webhooks that this process sent, by what came of them.",
            labels=["outcome"],
        )
        for outcome, count in self._delivery.outcomes.copy().items():
            attempts.add_metric([outcome], count)
        yield attempts
        measured = self._measured
        if measured is None:
            return
        for name, text, value in (
            ("outbox_unsequenced", "Events that have no place yet.", measured.unsequenced),
            ("webhook_lanes", "Users with events that wait for an endpoint.", measured.lanes),
            (
                "oldest_pending_seconds",
                "Age of the oldest event that waits for an endpoint or a place.",
                measured.oldest_seconds,
            ),
            ("webhook_dead_letters", "Events that were given up.", measured.dead_letters),
            (
                "stream_unacknowledged",
                "Events not acknowledged by tenants that acknowledge.",
                measured.unacknowledged,
            ),
            ("broker_unpublished", "Events not published to the broker.", measured.unpublished),
            ("jobs", "Long jobs that have not ended.", measured.jobs),
            (
                "oldest_turn_seconds",
                "How long the jobs of a tenant have waited for their turn, at most.",
                measured.turn_seconds,
            ),
            (
                "guess_blocks",
                "Users, tokens and addresses that are blocked for failed attempts.",
                measured.guess_blocks,
            ),
            (
                "guessing_suspected_tenants",
                "Tenants whose failed attempts have reached their threshold.",
                measured.suspected_tenants,
            ),
        ):
            yield GaugeMetricFamily(f"coupons_{name}", text, value)
