"""Attacks on connections and streams, by strangers and by a tenant, in frames made by hand."""

import asyncio
import threading
import time
from collections.abc import AsyncIterator, Callable
from contextlib import ExitStack

import pytest

from phoenix_coupons import TenantToken
from support.abuse import (
    MIB,
    SCALE,
    SLACK_BYTES,
    AbuseTarget,
    Attack,
    Bystander,
    Figures,
    Question,
    abuse_target,
    attacked,
    bystanding,
)
from support.http2 import (
    CANCEL,
    CONTINUATION,
    DATA,
    END_HEADERS,
    GOAWAY,
    HEADERS,
    PING,
    PRIORITY,
    RST_STREAM,
    SETTINGS,
    WINDOW_UPDATE,
    Http2Connection,
    Metadata,
    frame,
    headers,
    message,
    repeated_header,
)
from support.processes import PATIENCE, eventually, until

VALIDATE = "/phoenix_coupons.v1.CouponQuery/ValidateCoupon"
HEALTH = "/grpc.health.v1.Health/Check"
WATCH = "/grpc.health.v1.Health/Watch"
CHECK = "/envoy.service.auth.v3.Authorization/Check"
NOWHERE = "/nowhere.v1.Nothing/Do"
STRANGER: Metadata = (("authorization", "Bearer x"),)

MAX_STREAMS = 100
POUR_SECONDS = 3 if SCALE > 1 else 1
UNFINISHED_BYTES = 64 * 4 * MIB
"""What the defaults allow: COUPONS_MAX_CONNECTION_STREAMS, COUPONS_MAX_UNFINISHED_REQUESTS."""

CPU_SECONDS_PER_FRAME = 200e-6
"""More than a frame costs on a slow machine; a call that reaches Python is ten times as dear."""


@pytest.fixture(scope="module")
async def token(target: AbuseTarget) -> Metadata:
    """The credential of a tenant that attacks."""
    return await _token(target)


async def _token(target: AbuseTarget) -> Metadata:
    tenant = (await target.new_shop()).tenant
    metadata = TenantToken(tenant.id, tenant.credentials.tenant_secret).metadata("", b"")
    return [(key, str(value)) for key, value in metadata]


def signature() -> Metadata:
    """One that is well-formed and fresh, and nobody's."""
    return [
        ("x-tenant-id", "0198c2f0-5a3b-7c1d-8e2f-000000000001"),
        ("x-timestamp", str(int(time.time()))),
        ("x-signature", "hmac-sha256=" + 64 * "0"),
    ]


def _method(path: str) -> str:
    """The service and the method, without the package."""
    return path.rpartition(".")[2]


def assert_bounded(attack: Attack, *, frames: int, memory: int = SLACK_BYTES) -> None:
    cost = attack.cost
    assert cost.peak_growth_bytes <= memory
    assert cost.cpu_seconds <= 2 + frames * CPU_SECONDS_PER_FRAME


def open_streams(target: AbuseTarget, count: int, frames: Callable[[int], bytes]) -> None:
    """Send the frames of so many streams, on another connection whenever the server closes one."""
    sent = 0
    while sent < count:
        with Http2Connection(target.port) as connection:
            while sent < count and connection.send(*map(frames, connection.streams(100))):
                sent += 100
            connection.settle()


def at_once(count: int, attack: Callable[[], object]) -> None:
    """Attack in so many threads."""
    threads = [threading.Thread(target=attack) for _ in range(count)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()


def from_connections(target: AbuseTarget, count: int, attack: Callable[..., None]) -> None:
    """Attack on so many connections at a time, each of which stays until all have ended."""
    with ExitStack() as open_connections:
        threads = [
            threading.Thread(
                target=attack, args=(open_connections.enter_context(Http2Connection(target.port)),)
            )
            for _ in range(count)
        ]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join()


async def test_nothing(target: AbuseTarget, bystander: Bystander, figures: Figures) -> None:
    with attacked(target, bystander, figures, "nothing, for comparison"):
        await asyncio.sleep(2 if SCALE > 1 else 0.2)


@pytest.mark.parametrize("connections", [1, 16])
async def test_rapid_reset(
    target: AbuseTarget, bystander: Bystander, figures: Figures, connections: int
) -> None:
    """CVE-2023-44487."""
    resets = 20_000 * SCALE
    block = headers(VALIDATE, STRANGER)

    def reset(stream: int) -> bytes:
        return frame(HEADERS, END_HEADERS, stream, block) + frame(RST_STREAM, 0, stream, CANCEL)

    name = f"rapid reset, {connections} connections"
    # A stream that was reset is ahead until the core comes to it.
    with attacked(target, bystander, figures, name, ahead=16 * MAX_STREAMS) as outcome:
        at_once(connections, lambda: open_streams(target, resets // connections, reset))
    assert_bounded(outcome, frames=2 * resets)


@pytest.mark.parametrize(
    ("path", "known"), [(VALIDATE, False), (VALIDATE, True), (WATCH, False), (NOWHERE, False)]
)
async def test_half_open_streams(
    target: AbuseTarget,
    bystander: Bystander,
    figures: Figures,
    token: Metadata,
    path: str,
    known: bool,
) -> None:
    """Streams whose headers came, and nothing else."""
    connections, streams = 10, 2_000 * SCALE
    block = headers(path, token if known else ())

    def begin(stream: int) -> bytes:
        return frame(HEADERS, END_HEADERS, stream, block)

    whose = "a tenant" if known else "a stranger"
    name = f"half-open streams of {whose}, {_method(path)}"
    ahead = connections * MAX_STREAMS
    with attacked(target, bystander, figures, name, ahead=ahead) as outcome:
        at_once(connections, lambda: open_streams(target, streams, begin))
    assert_bounded(outcome, frames=connections * streams)


@pytest.mark.parametrize(
    ("path", "credential"),
    [
        (VALIDATE, "none"),
        (VALIDATE, "signature"),
        (VALIDATE, "token"),
        (CHECK, "none"),
        (HEALTH, "none"),
        (WATCH, "none"),
    ],
)
async def test_unfinished_messages(
    target: AbuseTarget,
    bystander: Bystander,
    figures: Figures,
    token: Metadata,
    path: str,
    credential: str,
) -> None:
    """Messages of 4 MiB that lack their last byte."""
    metadata = {"none": (), "signature": signature(), "token": token}[credential]
    block = headers(path, metadata)
    body = message(4 * MIB - 100)[:-1]

    def attack(connection: Http2Connection) -> None:
        streams = [connection.open(block) for _ in range(MAX_STREAMS)]
        began = time.monotonic()
        for stream in streams:
            if time.monotonic() < began + POUR_SECONDS:
                connection.pour(stream, body, patience=0.05)

    name = f"unfinished messages, credential: {credential}, {_method(path)}"
    with attacked(target, bystander, figures, name, ahead=4 * MAX_STREAMS) as outcome:
        from_connections(target, 4, attack)
    assert_bounded(outcome, frames=100_000, memory=UNFINISHED_BYTES + SLACK_BYTES)


FLOODS: dict[str, Callable[[Http2Connection, int], bytes]] = {
    "pings": lambda _, __: frame(PING, 0, 0, bytes(8)),
    "settings": lambda _, __: frame(SETTINGS),
    "window updates": lambda _, __: frame(WINDOW_UPDATE, 0, 0, b"\0\0\0\1"),
    "priorities": lambda _, stream: frame(PRIORITY, 0, stream, b"\0\0\0\0\1"),
    "empty data": lambda _, stream: frame(DATA, 0, stream),
    "resets of no stream": lambda _, stream: frame(RST_STREAM, 0, stream + 1000, CANCEL),
}
"""CVE-2019-9512, 9513, 9515, 9517, 9518 and relatives: frames that cost their sender nothing."""


@pytest.mark.parametrize("flood", FLOODS)
async def test_floods_of_frames(
    target: AbuseTarget, bystander: Bystander, figures: Figures, flood: str
) -> None:
    count = 20_000 * SCALE

    def attack(connection: Http2Connection) -> None:
        stream = connection.open(headers(VALIDATE, signature()))
        frames = FLOODS[flood](connection, stream) * 100
        for _ in range(count // 100):
            if not connection.send(frames):
                break
        connection.settle()

    with attacked(target, bystander, figures, f"flood of {flood}") as outcome:
        from_connections(target, 2, attack)
    assert_bounded(outcome, frames=2 * count)


async def test_too_many_pings_end_a_connection(target: AbuseTarget) -> None:
    with Http2Connection(target.port) as connection:
        connection.send(frame(PING, 0, 0, bytes(8)) * 10)
        assert connection.wait_until(lambda: connection.is_closed)
        assert connection.received[GOAWAY]


async def test_headers_without_end(
    target: AbuseTarget, bystander: Bystander, figures: Figures
) -> None:
    """CVE-2024-27316."""
    part = headers(VALIDATE, [("x", 10_000 * "y")])
    count = 1_000 * SCALE

    def attack(connection: Http2Connection) -> None:
        [stream] = connection.streams(1)
        connection.send(frame(HEADERS, 0, stream, part))
        for _ in range(count):
            if not connection.send(frame(CONTINUATION, 0, stream, part)):
                break

    with attacked(target, bystander, figures, "headers without end") as outcome:
        from_connections(target, 4, attack)
    assert_bounded(outcome, frames=4 * count)


async def test_headers_that_unpack_to_much(
    target: AbuseTarget, bystander: Bystander, figures: Figures
) -> None:
    """CVE-2016-6581: a header of 4,000 bytes, named again and again in a byte each."""
    count = 100 * SCALE

    def attack(connection: Http2Connection) -> None:
        for stream in connection.streams(count):
            block = headers(VALIDATE, STRANGER) + repeated_header("x", 3_900 * "y", 10_000)
            connection.send(frame(HEADERS, END_HEADERS, stream, block))
        connection.settle()

    name = "headers that unpack to 39 MB"
    # They are decoded even of streams that are refused: the next ones may refer to them.
    with attacked(target, bystander, figures, name, ahead=4 * count) as outcome:
        from_connections(target, 4, attack)
    assert_bounded(outcome, frames=4 * count * 100)


@pytest.fixture(scope="module")
async def small(
    target_database: str, tmp_path_factory: pytest.TempPathFactory
) -> AsyncIterator[AbuseTarget]:
    """A target for twenty connections, and requests of a second."""
    log = tmp_path_factory.mktemp("small") / "log"
    limits = {"max_connections": 20, "request_seconds": 1, "connection_idle_seconds": 2}
    async with abuse_target(target_database, log, **limits) as started:
        yield started


async def test_connections_beyond_the_limit_are_closed(
    small: AbuseTarget, quiet: Question, figures: Figures
) -> None:
    question = await Question.of(small)
    with (
        bystanding(quiet, question) as bystander,
        attacked(small, bystander, figures, "more connections than there may be"),
        ExitStack() as stack,
    ):
        made = [stack.enter_context(Http2Connection(small.port)) for _ in range(50 * SCALE)]
        await eventually(lambda: sum(not one.is_closed for one in made) < 20)
        # Those that make no call lose their places, which others can have then.
        await eventually(lambda: all(one.received[GOAWAY] or one.is_closed for one in made))
    with bystanding(quiet, question) as another, another.watching() as seen:
        until(lambda: seen.calls)
    assert not seen.failures


async def test_slow_senders(small: AbuseTarget, quiet: Question, figures: Figures) -> None:
    """A byte now and then."""
    block = headers(VALIDATE, await _token(small))

    def attack(connection: Http2Connection) -> None:
        streams = [connection.open(block) for _ in range(MAX_STREAMS)]
        deadline = time.monotonic() + PATIENCE
        for byte in message(1_000_000):
            waiting = [stream for stream in streams if stream not in connection.ended]
            if not waiting:
                return
            assert time.monotonic() < deadline
            connection.send(*(frame(DATA, 0, stream, bytes([byte])) for stream in waiting))
            time.sleep(0.1)
        raise AssertionError("a slow request was not ended")

    with (
        bystanding(quiet, await Question.of(small)) as bystander,
        attacked(small, bystander, figures, "slow senders", ahead=4 * MAX_STREAMS) as outcome,
    ):
        from_connections(small, 4, attack)
    assert_bounded(outcome, frames=100_000)
