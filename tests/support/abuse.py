"""What tests of abuse measure: the work of a worker, and what a second tenant sees meanwhile.

Work is counted in CPU time and memory, never in wall-clock time: a busy machine fails no test.
"""

import asyncio
import os
import threading
import time
from collections.abc import AsyncIterator, Iterator
from contextlib import asynccontextmanager, contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, cast

import grpc
import psutil

from phoenix_coupons import CouponsError, TenantToken
from phoenix_coupons._channel import BlockingChannel, Preparation
from phoenix_coupons._client import _OPTIONS
from phoenix_coupons.v1 import CouponQueryStub, ValidateCouponRequest
from support.app import open_app
from support.builders import Shop, usage_limit
from support.processes import PATIENCE, ServerProcess, started, variables
from support.serving import Served, settings_for

SCALE = int(os.environ.get("COUPONS_TEST_ABUSE", "1"))
"""How many times as large an attack is as in an ordinary run; `make abuse` sets it."""

MEMORY_LIMIT = 2 * 1024**3
"""Bytes of data (`RLIMIT_DATA`, setrlimit(2)) that a process under attack may have: beyond it the
process fails, not the machine."""

DEADLINE = 20.0
"""Seconds that the bystander waits for an answer. Its calls fail when it gets none."""

PAUSE = 0.01
"""Seconds between the calls of the bystander."""

CODE = "BYSTANDER"


@dataclass(slots=True)
class Cost:
    """What a block of a test cost a process; complete when the block has ended."""

    cpu_seconds: float = 0.0
    peak_growth_bytes: int = 0
    """The largest resident set since the block began, less the one it began with."""
    kept_bytes: int = 0
    """The resident set at the end, less the one at the beginning."""


@contextmanager
def measured(process: psutil.Process) -> Iterator[Cost]:
    """The CPU time and memory that the process spends in the block."""
    cost = Cost()
    _reset_peak(process)
    resident, cpu = process.memory_info().rss, _cpu_seconds(process)
    try:
        yield cost
    finally:
        cost.cpu_seconds = _cpu_seconds(process) - cpu
        cost.peak_growth_bytes = max(0, _peak(process) - resident)
        cost.kept_bytes = process.memory_info().rss - resident


def _cpu_seconds(process: psutil.Process) -> float:
    times = process.cpu_times()
    return float(times.user + times.system)


def _reset_peak(process: psutil.Process) -> None:
    # proc_pid_clear_refs(5): 5 resets the peak resident set to the present one.
    Path(f"/proc/{process.pid}/clear_refs").write_text("5")


def _peak(process: psutil.Process) -> int:
    for line in Path(f"/proc/{process.pid}/status").read_text().splitlines():
        if line.startswith("VmHWM:"):
            return int(line.split()[1]) * 1024
    raise AssertionError("the kernel reports no peak resident set")


@dataclass(frozen=True, slots=True)
class AbuseTarget:
    """`coupons serve` with one worker, under `MEMORY_LIMIT`."""

    server: ServerProcess
    database_url: str
    served: Served

    @property
    def address(self) -> str:
        return self.server.address

    @property
    def port(self) -> int:
        return self.server.port

    @property
    def worker(self) -> psutil.Process:
        """The worker that answers calls; the same one as long as it does not fail."""
        [worker] = self.server.workers()
        return worker

    def measured(self) -> Any:
        """As `measured`, of the worker."""
        return measured(self.worker)

    async def new_shop(self) -> Shop:
        """A new tenant, with a reward item."""
        return await Shop.open(await self.served.new_tenant())


@asynccontextmanager
async def abuse_target(database_url: str, log: Path, **settings: Any) -> AsyncIterator[AbuseTarget]:
    """A target on a migrated database. `settings` are fields of Settings."""
    environ = variables(database_url, **{"workers": 1, "background": "false"} | settings)
    launcher = ("prlimit", f"--data={MEMORY_LIMIT}")
    with started("serve", log=log, environ=environ, launcher=launcher) as server:
        server.wait_until_ready()
        async with open_app(settings_for(database_url)) as app:
            served = Served(app, server.address)
            async with served.clients:
                yield AbuseTarget(server, database_url, served)


@dataclass(slots=True)
class Seen:
    """What the bystander got; complete when the block has ended."""

    latencies: list[float] = field(default_factory=list)
    failures: list[str] = field(default_factory=list)

    @property
    def calls(self) -> int:
        return len(self.latencies) + len(self.failures)

    @property
    def p50(self) -> float:
        """Seconds; for reports alone."""
        return self._quantile(0.5)

    @property
    def p99(self) -> float:
        """Seconds; for reports alone."""
        return self._quantile(0.99)

    def _quantile(self, share: float) -> float:
        ordered = sorted(self.latencies)
        return ordered[min(len(ordered) - 1, int(share * len(ordered)))] if ordered else 0.0


@dataclass(frozen=True, slots=True)
class Bystander:
    """A tenant that does nothing wrong, on a connection of its own."""

    address: str
    shop: Shop

    @classmethod
    async def of(cls, target: AbuseTarget) -> "Bystander":
        shop = await target.new_shop()
        await shop.define(custom_code=CODE, limit=usage_limit("unlimited"))
        return cls(target.address, shop)

    @contextmanager
    def watching(self) -> Iterator[Seen]:
        """Validates a code again and again while the block runs, at least once."""
        seen, over = Seen(), threading.Event()
        thread = threading.Thread(target=self._watch, args=(seen, over))
        thread.start()
        try:
            yield seen
        finally:
            over.set()
            thread.join(PATIENCE)

    def _watch(self, seen: Seen, over: threading.Event) -> None:
        token = TenantToken(self.shop.id, self.shop.tenant.credentials.tenant_secret)
        request = ValidateCouponRequest(tenant_id=self.shop.id, code=CODE, user_id="bystander")
        # Otherwise gRPC has one connection for all channels to an address.
        options = [*_OPTIONS, ("grpc.use_local_subchannel_pool", 1)]
        with grpc.insecure_channel(self.address, options) as channel:
            prepared = BlockingChannel(channel, Preparation(token, DEADLINE))
            query = CouponQueryStub(cast("grpc.Channel", prepared))
            while True:
                started_at = time.perf_counter()
                try:
                    assert query.ValidateCoupon(request).valid
                    seen.latencies.append(time.perf_counter() - started_at)
                except CouponsError as error:
                    seen.failures.append(error.reason or str(error))
                if over.wait(PAUSE):
                    return


@dataclass(slots=True)
class Longest:
    """The most CPU time that one callback of the event loop took."""

    seconds: float = 0.0
    callback: str = ""


@contextmanager
def longest_callback() -> Iterator[Longest]:
    """Measures every callback of asyncio's own loop in the block; not of uvloop's."""
    longest = Longest()
    original = asyncio.Handle._run

    def run(handle: asyncio.Handle) -> None:
        before = time.thread_time()
        try:
            original(handle)
        finally:
            taken = time.thread_time() - before
            if taken > longest.seconds:
                longest.seconds, longest.callback = taken, repr(handle)[:500]

    asyncio.Handle._run = run  # type: ignore[assignment,method-assign]
    try:
        yield longest
    finally:
        asyncio.Handle._run = original  # type: ignore[method-assign]


class Figures:
    """Rows of the table that a run of the abuse tests ends with."""

    def __init__(self) -> None:
        self.rows: list[tuple[str, dict[str, float]]] = []

    def add(self, attack: str, **values: float) -> None:
        """`values` by what they are, with the unit in the name, such as `cpu_ms`."""
        self.rows.append((attack, values))

    def lines(self) -> list[str]:
        """The rows, a line each."""
        return [
            f"{attack}: " + ", ".join(f"{name} {value:,.6g}" for name, value in values.items())
            for attack, values in self.rows
        ]
