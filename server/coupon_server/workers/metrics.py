"""Metrics of the background worker, as Prometheus reads them."""

import asyncio
import socket
from collections.abc import Iterable
from contextlib import suppress
from threading import BoundedSemaphore, Thread, Timer
from typing import Any
from wsgiref.simple_server import WSGIRequestHandler, WSGIServer, make_server

from prometheus_client import CollectorRegistry, make_wsgi_app
from prometheus_client.core import CounterMetricFamily, GaugeMetricFamily, Metric
from prometheus_client.exposition import ThreadingWSGIServer
from prometheus_client.registry import Collector

from coupon_server.database.transactions import Database
from coupon_server.delivery.domain.backlog import DeliveryBacklog
from coupon_server.delivery.services import backlog as delivery_backlog
from coupon_server.delivery.services.webhook_delivery import WebhookDelivery
from coupon_server.domain.clock import Clock
from coupon_server.logs import dropped_lines
from coupon_server.periodic_tasks import periodic
from coupon_server.services import backlog
from coupon_server.services.backlog import Backlog

MEASURE_SECONDS = 15.0


MAX_REQUESTS = 8
"""The most concurrent requests; further connections are closed."""

REQUEST_SECONDS = 10.0
"""The timeout of a request, from its connection to the end of the response."""


class Metrics(Collector):
    """Gauges of the backlog of all tenants together, and counters of this process's webhooks."""

    def __init__(self, database: Database, delivery: WebhookDelivery, clock: Clock) -> None:
        self._database = database
        self._delivery = delivery
        self._clock = clock
        self._measured: tuple[DeliveryBacklog, Backlog] | None = None

    async def serve(self, host: str, port: int) -> None:
        """Answer `/metrics` on the port until cancelled. Raises OSError if it is taken."""
        registry = CollectorRegistry()
        registry.register(self)
        server = start_server(registry, host, port)
        try:
            await periodic("metrics", MEASURE_SECONDS, self.measure).run()
        finally:
            await asyncio.to_thread(stop_server, server)

    async def measure(self) -> None:
        self._measured = None
        now = self._clock()
        self._measured = (
            await delivery_backlog.measure(self._database, now),
            await backlog.measure(self._database, now),
        )

    def collect(self) -> Iterable[Metric]:
        """Called by the HTTP server's thread; returns the last measurement."""
        attempts = CounterMetricFamily(
            "coupons_webhook_attempts",
            "Webhooks that this process sent, by outcome.",
            labels=["outcome"],
        )
        for outcome, count in self._delivery.outcomes.copy().items():
            attempts.add_metric([outcome], count)
        yield attempts
        yield CounterMetricFamily(
            "coupons_log_lines_dropped",
            "Lines of the log that this process could not write.",
            value=dropped_lines(),
        )
        # Read once: the event loop's thread replaces it.
        measured = self._measured
        if measured is None:
            return
        deliveries, rest = measured
        for name, text, value in (
            ("outbox_unsequenced", "Events that have no sequence yet.", deliveries.unsequenced),
            (
                "webhook_lanes",
                "Lanes (an endpoint and a user) with pending events.",
                deliveries.lanes,
            ),
            (
                "oldest_pending_seconds",
                "Age of the oldest event that waits for its sequence or an endpoint.",
                deliveries.oldest_seconds,
            ),
            ("webhook_dead_letters", "Dead letters.", deliveries.dead_letters),
            (
                "stream_unacknowledged",
                "Events not acknowledged by tenants that acknowledge.",
                deliveries.unacknowledged,
            ),
            ("broker_unpublished", "Events not published to the broker.", deliveries.unpublished),
            ("jobs", "Long jobs that have not ended.", rest.jobs),
            (
                "oldest_due_job_seconds",
                "Age of the oldest job step that is due.",
                rest.oldest_due_job_seconds,
            ),
            (
                "guess_blocks",
                "Users, tokens and addresses that are blocked for failed attempts.",
                rest.guess_blocks,
            ),
            (
                "guessing_suspected_tenants",
                "Tenants whose failed attempts have reached their threshold.",
                rest.suspected_tenants,
            ),
        ):
            yield GaugeMetricFamily(f"coupons_{name}", text, value)


def start_server(registry: CollectorRegistry, host: str, port: int) -> WSGIServer:
    """Answer requests for metrics, in threads. Raises OSError if the port is taken."""
    server_class = _Server6 if ":" in host else _Server
    server = make_server(host, port, make_wsgi_app(registry), server_class, _Handler)
    Thread(target=server.serve_forever, name="metrics", daemon=True).start()
    return server


def stop_server(server: WSGIServer) -> None:
    """Stop serving, and wait for the server's thread."""
    server.shutdown()
    server.server_close()


class _Server(ThreadingWSGIServer):
    """The library's own server gives every connection a thread for as long as it stays open, even
    if nothing is ever asked."""

    def __init__(self, *arguments: Any, **options: Any) -> None:
        self._slots = BoundedSemaphore(MAX_REQUESTS)
        super().__init__(*arguments, **options)

    def process_request(self, request: Any, client_address: Any) -> None:
        if self._slots.acquire(blocking=False):
            super().process_request(request, client_address)
        else:
            self.shutdown_request(request)

    def process_request_thread(self, request: Any, client_address: Any) -> None:
        ending = Timer(REQUEST_SECONDS, _end, [request])
        ending.start()
        try:
            super().process_request_thread(request, client_address)
        finally:
            ending.cancel()
            self._slots.release()

    def handle_error(self, request: Any, client_address: Any) -> None:
        """A disconnected client is no error, and a plain traceback would not be JSON."""


class _Server6(_Server):
    address_family = socket.AF_INET6


class _Handler(WSGIRequestHandler):
    def log_message(self, format: str, *arguments: object) -> None:  # noqa: A002 - the base's name
        """Requests are not logged."""


def _end(request: socket.socket) -> None:
    with suppress(OSError):
        request.shutdown(socket.SHUT_RDWR)
