"""Strangers at the port for metrics: they get few threads, and none for long."""

import socket
import threading
import urllib.request
from collections.abc import Iterator
from contextlib import ExitStack, suppress

import pytest
from prometheus_client import CollectorRegistry

from coupon_server.workers import metrics
from support.processes import until

SECONDS = 0.5
CONNECTIONS = 10 * metrics.MAX_REQUESTS


@pytest.fixture
def port(monkeypatch: pytest.MonkeyPatch) -> Iterator[int]:
    monkeypatch.setattr(metrics, "REQUEST_SECONDS", SECONDS)
    server = metrics.start_server(CollectorRegistry(), "127.0.0.1", 0)
    yield server.server_port
    metrics.stop_server(server)


def answered(port: int) -> bool:
    try:
        with urllib.request.urlopen(f"http://127.0.0.1:{port}/metrics", timeout=5) as answer:
            return bool(answer.status == 200)
    except OSError:
        return False


@pytest.mark.parametrize(
    "sent", [b"", b"GET /metrics HTTP/1.1\r\n", b"GET /metrics HTTP/1.1\r\nx: y"]
)
def test_requests_without_end_take_few_threads_and_end(port: int, sent: bytes) -> None:
    before = threading.active_count()
    with ExitStack() as connections:
        for _ in range(CONNECTIONS):
            connection = socket.create_connection(("127.0.0.1", port))
            connections.enter_context(connection)
            with suppress(OSError):
                connection.sendall(sent)
        # Each has a thread that answers and one that waits for its end.
        assert threading.active_count() - before <= 2 * metrics.MAX_REQUESTS
        until(lambda: answered(port))
    until(lambda: threading.active_count() <= before)


def test_requests_that_go_on_for_ever_end(port: int) -> None:
    """Every byte comes before any timeout of the socket's."""
    with socket.create_connection(("127.0.0.1", port)) as connection:
        connection.sendall(b"GET /metrics HTTP/1.1\r\n")
        ended = threading.Event()

        def drip() -> None:
            with suppress(OSError):
                while not ended.wait(SECONDS / 10):
                    connection.sendall(b"x")

        dripping = threading.Thread(target=drip)
        dripping.start()
        try:
            connection.settimeout(30)
            received = b""
            with suppress(ConnectionError):
                while data := connection.recv(4096):
                    received += data
        finally:
            ended.set()
            dripping.join()
    assert b" 200 " not in received
    assert answered(port)
