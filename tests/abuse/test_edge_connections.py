"""The same attacks on the REST edges, which are what most strangers reach."""

import socket
from collections.abc import Callable, Iterator
from contextlib import ExitStack, contextmanager
from pathlib import Path

import pytest

from support import edges
from support.abuse import (
    MIB,
    SCALE,
    AbuseTarget,
    Bystander,
    Figures,
    Question,
    attacked,
    bystanding,
)
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


@contextmanager
def before(
    kind: str, service: AbuseTarget, program: Path, temporary: pytest.TempPathFactory
) -> Iterator[Edge]:
    """An edge of this kind before the service."""
    directory = temporary.mktemp(kind)
    if kind == "envoy":
        with edges.envoy(service.port, directory) as edge:
            yield edge
    else:
        with edges.gateway(program, service.port, directory) as edge:
            yield edge


@pytest.fixture(scope="module", params=["envoy", "gateway"])
def running(
    request: pytest.FixtureRequest,
    target: AbuseTarget,
    quiet: Question,
    gateway_program: Path,
    tmp_path_factory: pytest.TempPathFactory,
) -> Iterator[tuple[Edge, Edge]]:
    """An edge before the target, and another before the service that nobody attacks."""
    with (
        before(request.param, target, gateway_program, tmp_path_factory) as edge,
        before(request.param, quiet.target, gateway_program, tmp_path_factory) as other,
    ):
        yield edge, other


@pytest.fixture(scope="module")
def edge(running: tuple[Edge, Edge]) -> Edge:
    return running[0]


@pytest.fixture(scope="module")
async def question(target: AbuseTarget) -> Question:
    return await Question.of(target)


@pytest.fixture(scope="module")
def bystander(
    quiet: Question, question: Question, running: tuple[Edge, Edge]
) -> Iterator[Bystander]:
    """As the others' bystander, over REST."""
    edge, other = running
    with bystanding(quiet.through(other.port), question.through(edge.port)) as bystander:
        yield bystander


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
    name = f"{edge.name}, {attack.__name__.replace('_', ' ')}"
    with attacked(target, bystander, figures, name) as outcome, ExitStack() as stack:
        for _ in range(CONNECTIONS):
            stack.enter_context(attack(edge))
        calls = outcome.seen.calls
        until(lambda: outcome.seen.calls > calls + 20)
    assert outcome.cost.peak_growth_bytes < 64 * MIB


async def test_rapid_reset_of_an_edge(
    target: AbuseTarget, bystander: Bystander, question: Question, figures: Figures, edge: Edge
) -> None:
    """CVE-2023-44487, of Envoy: the gateway speaks HTTP/2 with TLS alone."""
    if edge.name != "envoy":
        return
    resets = 10_000 * SCALE
    block = headers(f"/v1/coupons/{question.shop.id}/redeem/X")
    with attacked(target, bystander, figures, "envoy, rapid reset"):
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
