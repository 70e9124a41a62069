"""The same attacks on the REST edges, which are what most strangers reach."""

import json
import socket
import threading
import time
from collections.abc import AsyncIterator, Callable, Iterator
from contextlib import ExitStack, contextmanager
from http.client import HTTPConnection, HTTPException
from pathlib import Path

import pytest

from phoenix_coupons import TenantToken
from support import edges
from support.abuse import CODE, SCALE, AbuseTarget, Bystander, Figures, Seen
from support.edges import Edge
from support.http2 import (
    CANCEL,
    END_HEADERS,
    HEADERS,
    RST_STREAM,
    Http2Connection,
    frame,
    headers,
)
from support.processes import until

CONNECTIONS = 100 * SCALE
BODY = 1024 * 1024


@pytest.fixture(scope="module")
async def running(
    target: AbuseTarget, gateway_program: Path, tmp_path_factory: pytest.TempPathFactory
) -> AsyncIterator[dict[str, Edge]]:
    """Both edges before the target."""
    with (
        edges.envoy(target.port, tmp_path_factory.mktemp("envoy")) as envoy,
        edges.gateway(gateway_program, target.port, tmp_path_factory.mktemp("gateway")) as gateway,
    ):
        yield {edge.name: edge for edge in (envoy, gateway)}


@pytest.fixture(params=["envoy", "gateway"])
def edge(running: dict[str, Edge], request: pytest.FixtureRequest) -> Edge:
    return running[request.param]


@contextmanager
def watching(edge: Edge, bystander: Bystander) -> Iterator[Seen]:
    """As the bystander's own, over REST."""
    seen, over = Seen(), threading.Event()
    shop = bystander.shop
    token = TenantToken(shop.id, shop.tenant.credentials.tenant_secret).token()
    path = f"/v1/coupons/{shop.id}/validate/{CODE}?user_id=bystander"

    def watch() -> None:
        connection = HTTPConnection("127.0.0.1", edge.port, timeout=20)
        while not over.wait(0.01):
            started = time.perf_counter()
            try:
                connection.request("GET", path, headers={"authorization": f"Bearer {token}"})
                answer = connection.getresponse()
                body = answer.read()
            except (OSError, HTTPException) as error:
                seen.failures.append(repr(error))
                connection.close()
                continue
            if answer.status == 200 and json.loads(body)["valid"]:
                seen.latencies.append(time.perf_counter() - started)
            else:
                seen.failures.append(f"{answer.status} {body!r}")
        connection.close()

    thread = threading.Thread(target=watch)
    thread.start()
    try:
        until(lambda: seen.calls)
        yield seen
    finally:
        over.set()
        thread.join()


def request(edge: Edge, beginning: str) -> socket.socket:
    """A connection with the beginning of a request."""
    connection = socket.create_connection(("127.0.0.1", edge.port))
    connection.sendall(beginning.replace("\n", "\r\n").encode())
    return connection


def half_headers(edge: Edge) -> socket.socket:
    return request(edge, "POST /v1/events HTTP/1.1\nhost: a\nx-api-key: pk_")


def half_body(edge: Edge) -> socket.socket:
    begun = request(
        edge, f"POST /v1/events/bulk HTTP/1.1\nhost: a\ncontent-length: {BODY}\n\n" + "{"
    )
    begun.sendall(bytes(BODY // 4))
    return begun


def nothing(edge: Edge) -> socket.socket:
    return request(edge, "")


@pytest.mark.parametrize("attack", [nothing, half_headers, half_body])
async def test_requests_that_do_not_end(
    target: AbuseTarget,
    bystander: Bystander,
    figures: Figures,
    edge: Edge,
    attack: Callable[[Edge], socket.socket],
) -> None:
    with target.measured() as cost, watching(edge, bystander) as seen, ExitStack() as stack:
        for _ in range(CONNECTIONS):
            stack.enter_context(attack(edge))
        calls = seen.calls
        until(lambda: seen.calls > calls + 20)
    figures.add(
        f"{edge.name}, {attack.__name__.replace('_', ' ')}",
        cpu_s=round(cost.cpu_seconds, 2),
        bystander_calls=seen.calls,
        failures=len(seen.failures),
        p50_ms=round(seen.p50 * 1000, 1),
        p99_ms=round(seen.p99 * 1000, 1),
    )
    assert not seen.failures
    assert cost.peak_growth_bytes < 64 * 1024 * 1024


async def test_rapid_reset_of_an_edge(
    target: AbuseTarget, bystander: Bystander, figures: Figures, running: dict[str, Edge]
) -> None:
    """CVE-2023-44487, of Envoy: the gateway speaks HTTP/2 with TLS alone."""
    edge = running["envoy"]
    resets = 10_000 * SCALE
    block = headers(f"/v1/coupons/{bystander.shop.id}/redeem/X")
    with target.measured() as cost, watching(edge, bystander) as seen:
        for _ in range(10):
            with Http2Connection(edge.port) as connection:
                for _ in range(resets // 1000):
                    connection.send(
                        *(
                            frame(HEADERS, END_HEADERS, stream, block)
                            + frame(RST_STREAM, 0, stream, CANCEL)
                            for stream in connection.streams(100)
                        )
                    )
                # Envoy closes a connection whose requests are mostly reset.
                assert connection.wait_until(lambda: connection.is_closed)
    figures.add(
        "envoy, rapid reset",
        cpu_s=round(cost.cpu_seconds, 2),
        bystander_calls=seen.calls,
        failures=len(seen.failures),
        p99_ms=round(seen.p99 * 1000, 1),
    )
    assert not seen.failures
