"""A server whose log can't be written: it serves, works in the background, restarts and stops."""

import fcntl
import os
import signal
import subprocess
from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager, contextmanager
from pathlib import Path

import grpc.aio
import pytest
from grpc_health.v1 import health_pb2, health_pb2_grpc

from coupon_server.embedded.processes import free_port
from phoenix_coupons.v1 import WatchGrantsRequest
from support.builders import Shop, usage_limit
from support.processes import COUPONS, PATIENCE, ServerProcess, eventually, new_shop, variables

REDEMPTIONS = 40
"""More lines of an access log than a page of memory holds."""


@contextmanager
def full_disk() -> Iterator[int]:
    descriptor = os.open("/dev/full", os.O_WRONLY)
    yield descriptor
    os.close(descriptor)


@contextmanager
def reader_gone() -> Iterator[int]:
    reader, writer = os.pipe()
    os.close(reader)
    yield writer
    os.close(writer)


@contextmanager
def reader_stuck() -> Iterator[int]:
    """A pipe that nobody reads, with a page left, which is soon full."""
    reader, writer = os.pipe()
    fcntl.fcntl(writer, fcntl.F_SETPIPE_SZ, 4096)
    yield writer
    os.close(writer)
    os.close(reader)


LOGS = {"full disk": full_disk, "reader gone": reader_gone, "reader stuck": reader_stuck}


@contextmanager
def serving(database_url: str, log: int) -> Iterator[tuple[ServerProcess, str]]:
    """`coupons serve` with this descriptor as its log, which does not tell when it is ready."""
    port = free_port(0)
    environ = variables(database_url, grpc_port=port, workers=1, access_log="all", drain_seconds=1)
    with subprocess.Popen(
        [*COUPONS, "serve"], env=environ, stdout=subprocess.DEVNULL, stderr=log, text=True
    ) as process:
        try:
            yield ServerProcess(process, Path(os.devnull)), f"127.0.0.1:{port}"
        finally:
            process.kill()


async def serves(address: str) -> None:
    async with grpc.aio.insecure_channel(address) as channel:
        await health_pb2_grpc.HealthStub(channel).Check(
            health_pb2.HealthCheckRequest(), wait_for_ready=True, timeout=PATIENCE
        )


async def redeems_and_delivers(shop: Shop, user: str) -> None:
    """Every redemption is answered, and every event is given its place in the stream."""
    for _ in range(REDEMPTIONS):
        await shop.redeem("ALL", user)
    request = WatchGrantsRequest(tenant_id=shop.id, event_types=["coupon.redeemed"])
    call = shop.grants.WatchGrants(request)
    left = REDEMPTIONS
    async for response in call:
        left -= response.event.user_id == user
        if not left:
            break
    call.cancel()


@pytest.mark.parametrize("log", LOGS.values(), ids=LOGS.keys())
async def test_the_server_works_on(
    database_url: str, log: Callable[[], AbstractContextManager[int]]
) -> None:
    with log() as descriptor, serving(database_url, descriptor) as (server, address):
        await serves(address)
        async with new_shop(database_url, address) as shop:
            await shop.define(limit=usage_limit("unlimited"), custom_code="ALL")
            await redeems_and_delivers(shop, "alice")
            [killed] = server.workers()
            killed.kill()
            killed.wait(PATIENCE)
            await eventually(server.workers)
            await serves(address)
            await redeems_and_delivers(shop, "bob")
        assert server.stop(signal.SIGTERM) == 0
