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
from coupon_server.delivery.services.webhook_delivery import WebhookDelivery
from coupon_server.delivery.storage import backlog
from coupon_server.delivery.storage.backlog import Backlog
from coupon_server.domain.clock import Clock
from coupon_server.periodic_tasks import periodic

MEASURE_SECONDS = 15.0


MAX_REQUESTS = 8
"""The most requests that are answered at a time; a further connection is closed."""

REQUEST_SECONDS = 10.0
"""How long a request may take, from its connection to the end of its answer."""


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
        server = start_server(registry, host, port)
        try:
            await periodic("metrics", MEASURE_SECONDS, self.measure)
        finally:
            await asyncio.to_thread(stop_server, server)

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


def start_server(registry: CollectorRegistry, host: str, port: int) -> WSGIServer:
    """Answer requests for metrics, in threads. Raises OSError if the port is taken."""
    server_class = _Server6 if ":" in host else _Server
    server = make_server(host, port, make_wsgi_app(registry), server_class, _Handler)
    Thread(target=server.serve_forever, name="metrics", daemon=True).start()
    return server


def stop_server(server: WSGIServer) -> None:
    """Take no more requests; waits for the server's thread."""
    server.shutdown()
    server.server_close()


class _Server(ThreadingWSGIServer):
    """The library's own server gives every connection a thread for as long as it stays open, even
    if nothing is ever asked."""

    def __init__(self, *arguments: Any, **options: Any) -> None:
        self._places = BoundedSemaphore(MAX_REQUESTS)
        super().__init__(*arguments, **options)

    def process_request(self, request: Any, client_address: Any) -> None:
        if self._places.acquire(blocking=False):
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
            self._places.release()

    def handle_error(self, request: Any, client_address: Any) -> None:
        """A client that goes away is no error; a trace would be no JSON in the log."""


class _Server6(_Server):
    address_family = socket.AF_INET6


class _Handler(WSGIRequestHandler):
    def log_message(self, format: str, *arguments: object) -> None:  # noqa: A002 - the base's name
        """Requests are not logged."""


def _end(request: socket.socket) -> None:
    with suppress(OSError):
        request.shutdown(socket.SHUT_RDWR)
