"""`coupons` as its users run it: programs of their own, found by their port."""

import asyncio
import json
import os
import signal
import subprocess
import sys
import time
from collections.abc import AsyncIterator, Callable, Iterator, Mapping, Sequence
from contextlib import AsyncExitStack, asynccontextmanager, contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any, cast

import grpc
import grpc.aio
import psutil

from coupon_server.supervisor import BACKGROUND
from phoenix_coupons import ApiKeyCredential, TenantToken
from phoenix_coupons._channel import AsyncChannel, Preparation
from phoenix_coupons._client import _OPTIONS
from phoenix_coupons.v1 import CouponQueryStub
from phoenix_coupons_cli import env_files
from support.app import open_app
from support.builders import Shop
from support.serving import MASTER_KEYS, Served, settings_for

if TYPE_CHECKING:
    from phoenix_coupons.v1.coupon_query_pb2_grpc import CouponQueryAsyncStub

COUPONS = (sys.executable, "-m", "coupon_server")
PATIENCE = 100
"""Seconds. Long, because the machine may be busy with other tests."""

CLEAN = {name: text for name, text in os.environ.items() if not name.startswith("COUPONS_")}
"""The environment without what would steer the service."""


def until(condition: Callable[[], object]) -> None:
    """Wait until the condition holds."""
    deadline = time.monotonic() + PATIENCE
    while not condition():
        assert time.monotonic() < deadline
        time.sleep(0.02)


async def eventually(condition: Callable[[], object]) -> None:
    """`until`, while the event loop goes on."""
    await asyncio.to_thread(until, condition)


def variables(database_url: str, **settings: object) -> dict[str, str]:
    """The environment of the service on any free port; `settings` are fields of Settings."""
    fields = {"database_url": database_url, "master_keys": MASTER_KEYS, "grpc_port": 0} | settings
    return CLEAN | {f"COUPONS_{name.upper()}": str(value) for name, value in fields.items()}


def coupons(
    *arguments: str,
    environ: Mapping[str, str] = CLEAN,
    launcher: Sequence[str] = (),
    **options: Any,
) -> "subprocess.CompletedProcess[str]":
    """Run a command to its end."""
    command = [*launcher, *COUPONS, *arguments]
    return subprocess.run(
        command, env=environ, capture_output=True, text=True, timeout=PATIENCE, **options
    )


@dataclass(frozen=True)
class ServerProcess:
    """A running `coupons serve` or `coupons dev`, whose port is in its log."""

    process: "subprocess.Popen[str]"
    log: Path

    @property
    def port(self) -> int:
        return int(self.events("server_ready")[0]["port"])

    @property
    def address(self) -> str:
        return f"127.0.0.1:{self.port}"

    def events(self, name: str) -> list[dict[str, Any]]:
        """The lines of the log with this event."""
        lines = self.log.read_text().splitlines()
        logged = [json.loads(line) for line in lines if line.startswith("{") and line[-1] == "}"]
        return [event for event in logged if event["event"] == name]

    def workers(self) -> list[psutil.Process]:
        """The workers that serve calls."""
        return [worker for worker in self._workers() if BACKGROUND not in command_line(worker)]

    def background_workers(self) -> list[psutil.Process]:
        """The workers that serve none."""
        return [worker for worker in self._workers() if BACKGROUND in command_line(worker)]

    def _workers(self) -> list[psutil.Process]:
        children = psutil.Process(self.process.pid).children()
        return [child for child in children if "coupon_server.worker" in command_line(child)]

    def busy_workers(self) -> list[psutil.Process]:
        """The workers to which clients are connected."""
        return [worker for worker in self.workers() if _clients(worker, self.port)]

    def wait_until_ready(self) -> None:
        def ready() -> bool:
            assert self.process.poll() is None, self.log.read_text()
            return bool(self.events("server_ready"))

        until(ready)

    def stop(self, number: signal.Signals = signal.SIGTERM) -> int:
        """Send a signal; returns the exit code."""
        self.process.send_signal(number)
        return self.process.wait(PATIENCE)


def command_line(process: psutil.Process) -> str:
    """Empty for a process that has ended."""
    try:
        return " ".join(process.cmdline())
    except psutil.Error:
        return ""


def _clients(worker: psutil.Process, port: int) -> int:
    connections = worker.net_connections("tcp")
    return sum(one.laddr.port == port and one.status == "ESTABLISHED" for one in connections)


@contextmanager
def started(
    *arguments: str,
    log: Path,
    environ: Mapping[str, str],
    launcher: Sequence[str] = (),
    **options: Any,
) -> Iterator[ServerProcess]:
    """A command that runs until it is stopped, at the latest with the block."""
    command = [*launcher, *COUPONS, *arguments]
    with (
        log.open("w") as file,
        subprocess.Popen(
            command, env=environ, stdout=file, stderr=file, text=True, **options
        ) as process,
    ):
        try:
            yield ServerProcess(process, log)
        finally:
            process.terminate()
            try:
                process.wait(PATIENCE)
            except subprocess.TimeoutExpired:
                process.kill()


@contextmanager
def serving(database_url: str, log: Path, **settings: object) -> Iterator[ServerProcess]:
    """`coupons serve`, ready. `settings` are fields of Settings."""
    environ = variables(database_url, **settings)
    with started("serve", log=log, environ=environ) as server:
        server.wait_until_ready()
        yield server


@contextmanager
def developing(folder: Path) -> Iterator[dict[str, str]]:
    """`coupons dev` in the folder, ready, on ports of its own; the variables of its dev.env."""
    ports = ("COUPONS_GRPC_PORT", "COUPONS_REST_PORT", "COUPONS_WEBHOOK_PORT")
    environ = CLEAN | dict.fromkeys(ports, "0") | {"COUPONS_WORKERS": "1"}
    log = folder / "log"
    with started("dev", log=log, environ=environ, cwd=folder) as server:

        def ready() -> bool:
            assert server.process.poll() is None, log.read_text()
            return "Ctrl-C stops it" in log.read_text()

        until(ready)
        yield dict(env_files.read(folder / ".coupons/dev.env"))
        assert server.stop(signal.SIGINT) == 0


@asynccontextmanager
async def new_shop(
    database_url: str, address: str, tls: grpc.ChannelCredentials | None = None
) -> AsyncIterator[Shop]:
    """A new tenant of the service at the address, with a reward item."""
    async with open_app(settings_for(database_url)) as app:
        served = Served(app, address)
        async with served.clients:
            tenant = await served.new_tenant()
            key = ApiKeyCredential(tenant.credentials.api_key)
            token = TenantToken(tenant.id, tenant.credentials.tenant_secret)
            admin, backend = [
                await served.client(credential, timeout=PATIENCE, tls=tls)
                for credential in (key, token)
            ]
            shop = Shop(tenant, admin, backend)
            shop.item = await shop.reward_item()
            yield shop


@asynccontextmanager
async def connections(
    shop: Shop, address: str, count: int
) -> AsyncIterator[list["CouponQueryAsyncStub"]]:
    """The shop's backend on connections that are not shared, so that all workers take part."""
    async with channels(shop, address, count) as opened:
        yield [CouponQueryStub(channel) for channel in opened]


@asynccontextmanager
async def channels(shop: Shop, address: str, count: int) -> AsyncIterator[list[grpc.aio.Channel]]:
    """What the stubs of the shop's backend need, each on a connection of its own."""
    token = TenantToken(shop.id, shop.tenant.credentials.tenant_secret)
    # Otherwise gRPC has one connection for all channels to an address.
    options = [*_OPTIONS, ("grpc.use_local_subchannel_pool", 1)]
    async with AsyncExitStack() as opened:
        made = []
        for _ in range(count):
            channel = grpc.aio.insecure_channel(address, options)
            await opened.enter_async_context(channel)
            prepared = AsyncChannel(channel, Preparation(token, PATIENCE))
            made.append(cast("grpc.aio.Channel", prepared))
        yield made
