"""Attacks on connections and streams, by strangers and by a tenant, in frames made by hand."""

import itertools
import struct
import threading
from collections.abc import Callable, Iterator, Sequence
from contextlib import ExitStack, contextmanager

import pytest

from phoenix_coupons import TenantToken
from support.abuse import SCALE, AbuseTarget, Bystander, Cost, Figures, Seen
from support.processes import until
from support.http2 import (
    CANCEL,
    CONTINUATION,
    DATA,
    END_HEADERS,
    END_STREAM,
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
)

MIB = 1024 * 1024
VALIDATE = "/phoenix_coupons.v1.CouponQuery/ValidateCoupon"
HEALTH = "/grpc.health.v1.Health/Check"
WATCH = "/grpc.health.v1.Health/Watch"
CHECK = "/envoy.service.auth.v3.Authorization/Check"
NOWHERE = "/nowhere.v1.Nothing/Do"

SIGNED: Metadata = (
    ("x-tenant-id", "0198c2f0-5a3b-7c1d-8e2f-000000000001"),
    ("x-timestamp", "1"),
    ("x-signature", "hmac-sha256=" + 64 * "0"),
)
MAX_STREAMS = 100
"""The default of COUPONS_MAX_CONNECTION_STREAMS."""


@contextmanager
def attacked(
    target: AbuseTarget, bystander: Bystander, figures: Figures, attack: str
) -> Iterator[Cost]:
    """Nobody else notices what happens in the block, whose cost is added to the figures."""
    worker = target.worker.pid
    with target.measured() as cost, bystander.watching() as seen:
        until(lambda: seen.calls)
        yield cost
    figures.add(
        attack,
        cpu_s=cost.cpu_seconds,
        peak_mib=cost.peak_growth_bytes / MIB,
        kept_mib=cost.kept_bytes / MIB,
        bystander_calls=seen.calls,
        bystander_failures=len(seen.failures),
        p50_ms=seen.p50 * 1000,
        p99_ms=seen.p99 * 1000,
    )
    assert target.worker.pid == worker
    assert seen.calls > 0
    assert not seen.failures


def at_once(*attackers: Callable[[], object]) -> None:
    """Run each in a thread."""
    threads = [threading.Thread(target=attacker) for attacker in attackers]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()


async def test_quiet(target: AbuseTarget, bystander: Bystander, figures: Figures) -> None:
    import time
    with attacked(target, bystander, figures, "quiet"):
        time.sleep(3)


@pytest.mark.parametrize("connections", [1, 4, 16])
@pytest.mark.parametrize("path", [VALIDATE, NOWHERE])
async def test_rapid_reset(
    target: AbuseTarget, bystander: Bystander, figures: Figures, connections: int, path: str
) -> None:
    resets = 40_000 * SCALE // connections
    block = headers(path, [("authorization", "Bearer x")])

    def attack() -> None:
        with Http2Connection(target.port) as connection:
            for _ in range(resets // 100):
                connection.send(
                    *(
                        frame(HEADERS, END_HEADERS, stream, block)
                        + frame(RST_STREAM, 0, stream, CANCEL)
                        for stream in connection.streams(100)
                    )
                )
                if not connection.settle(): break
            print(connection.received, connection._next)

    with attacked(target, bystander, figures, f"rapid reset, {connections} {path}"):
        at_once(*[attack] * connections)
