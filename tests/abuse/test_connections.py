"""Attacks on connections and streams, by strangers and by a tenant, in frames made by hand."""

import asyncio
import threading
import time
from collections.abc import Callable, Iterator, Sequence
from contextlib import ExitStack, contextmanager

import pytest

from phoenix_coupons import TenantToken
from support.abuse import SCALE, AbuseTarget, Bystander, Cost, Figures, Seen
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
from support.processes import until

MIB = 1024 * 1024
VALIDATE = "/phoenix_coupons.v1.CouponQuery/ValidateCoupon"
HEALTH = "/grpc.health.v1.Health/Check"
WATCH = "/grpc.health.v1.Health/Watch"
CHECK = "/envoy.service.auth.v3.Authorization/Check"
NOWHERE = "/nowhere.v1.Nothing/Do"
STRANGER: Metadata = (("authorization", "Bearer x"),)

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


@pytest.fixture(scope="module")
async def token(target: AbuseTarget) -> Metadata:
    """The credential of a tenant that attacks."""
    tenant = (await target.new_shop()).tenant
    metadata = TenantToken(tenant.id, tenant.credentials.tenant_secret).metadata("", b"")
    return [(key, str(value)) for key, value in metadata]


async def test_quiet(target: AbuseTarget, bystander: Bystander, figures: Figures) -> None:
    with attacked(target, bystander, figures, "nothing"):
        await asyncio.sleep(1)


@pytest.mark.parametrize("connections", [1, 4, 16])
async def test_rapid_reset(
    target: AbuseTarget, bystander: Bystander, figures: Figures, connections: int
) -> None:
    """CVE-2023-44487."""
    resets = 20_000 * SCALE // connections
    block = headers(VALIDATE, STRANGER)

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
            connection.settle()

    with attacked(target, bystander, figures, f"rapid reset, {connections} connections"):
        at_once(*[attack] * connections)


@pytest.mark.parametrize("path", [VALIDATE, WATCH, CHECK, NOWHERE])
async def test_half_open_streams(
    target: AbuseTarget, bystander: Bystander, figures: Figures, path: str, token: Metadata
) -> None:
    connections, streams = 10 * SCALE, 2_000
    for credential, metadata in (("no", ()), ("a", token)):
        block = headers(path, metadata)

        def attack() -> None:
            with Http2Connection(target.port) as connection:
                for _ in range(streams // 100):
                    connection.send(
                        *(
                            frame(HEADERS, END_HEADERS, stream, block)
                            for stream in connection.streams(100)
                        )
                    )
                connection.settle()

        with attacked(
            target, bystander, figures, f"half-open streams, {path}, {credential} credential"
        ):
            at_once(*[attack] * connections)


@pytest.mark.parametrize("path", [VALIDATE, HEALTH, WATCH, CHECK])
@pytest.mark.parametrize("credential", ["none", "signature", "token"])
async def test_unfinished_messages(
    target: AbuseTarget,
    bystander: Bystander,
    figures: Figures,
    token: Metadata,
    path: str,
    credential: str,
) -> None:
    signature = (*SIGNED[:1], ("x-timestamp", str(int(time.time()))), *SIGNED[2:])
    block = headers(path, {"none": (), "signature": signature, "token": token}[credential])
    body = message(4 * MIB - 100)[:-1]
    sent = []

    def attack() -> None:
        with Http2Connection(target.port) as connection:
            streams = [connection.open(block) for _ in range(MAX_STREAMS)]
            for stream in streams:
                sent.append(connection.pour(stream, body))

    with attacked(target, bystander, figures, f"unfinished messages, {path}, {credential}"):
        at_once(*[attack] * 4 * SCALE)
    print(path, credential, sum(sent) / MIB)
