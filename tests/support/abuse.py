"""What tests of abuse measure: the work of a worker, and what a second tenant sees meanwhile.

Work is counted in CPU time and memory, never in wall-clock time: a busy machine fails no test.

So is what the second tenant feels, the bystander. How long it waits for an answer hangs on whoever
else uses the machine, the attacker first of all. What is asserted is how much CPU time the worker
spent between its question and the answer: on its own call, and on all that was done before it. How
long it waited is printed, beside how long it waited in the same run for a service that nobody
attacks.
"""

import asyncio
import json
import os
import subprocess
import sys
import threading
import time
from collections.abc import AsyncIterator, Iterator, Sequence
from contextlib import asynccontextmanager, contextmanager
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Any

import psutil

from support.app import open_app
from support.builders import Shop, usage_limit
from support.bystander_process import cpu_seconds
from support.processes import CLEAN, ServerProcess, started, until, variables
from support.serving import Served, settings_for

SCALE = int(os.environ.get("COUPONS_TEST_ABUSE", "1"))
"""How many times as large an attack is as in an ordinary run; `make abuse` sets it."""

MEMORY_LIMIT = 2 * 1024**3
"""Bytes of data (`RLIMIT_DATA`, setrlimit(2)) that a process under attack may have: beyond it the
process fails, not the machine."""

MIB = 1024**2

SLACK_BYTES = 256 * MIB
"""What the allocator may keep after an attack."""

CALL_SECONDS = 0.01
"""More CPU time than a call takes on a slow machine that others use, too."""

CALLS_AHEAD = 50
"""As much as so many calls cost may be done before one of the bystander's, unless an attack says
otherwise."""

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
    resident, cpu = process.memory_info().rss, cpu_seconds(process.pid)
    try:
        yield cost
    finally:
        cost.cpu_seconds = cpu_seconds(process.pid) - cpu
        cost.peak_growth_bytes = max(0, _peak(process) - resident)
        cost.kept_bytes = process.memory_info().rss - resident


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
class Calls:
    """What calls of the bystander to one service brought."""

    latencies: list[float] = field(default_factory=list)
    work: list[float] = field(default_factory=list)
    """CPU seconds that the service's worker spent while the bystander waited for an answer: on the
    bystander's call, and on all that came before it."""
    failures: list[str] = field(default_factory=list)

    def add(self, failure: str, seconds: float, work: float) -> None:
        if failure:
            self.failures.append(failure)
        self.latencies.append(seconds)
        self.work.append(work)


def quantile(values: Sequence[float], share: float) -> float:
    ordered = sorted(values)
    return ordered[min(len(ordered) - 1, int(share * len(ordered)))] if ordered else 0.0


@dataclass(slots=True)
class Seen:
    """What the bystander got, of a service that nobody attacks and of the target in turn; complete
    when the block has ended."""

    quiet: Calls = field(default_factory=Calls)
    attacked: Calls = field(default_factory=Calls)

    @property
    def calls(self) -> int:
        """How many the target was asked."""
        return len(self.attacked.latencies)

    @property
    def failures(self) -> list[str]:
        return self.attacked.failures


@dataclass(frozen=True, slots=True)
class Bystander:
    """A tenant that does nothing wrong, on a connection of its own."""

    process: "subprocess.Popen[str]"

    @contextmanager
    def watching(self) -> Iterator[Seen]:
        """Validates a code again and again while the block runs, at least once."""
        seen = Seen()
        self._send("begin")
        reader = threading.Thread(target=self._read, args=(seen,))
        reader.start()
        try:
            yield seen
        finally:
            self._send("end")
            reader.join()

    def _send(self, line: str) -> None:
        assert self.process.stdin is not None
        print(line, file=self.process.stdin, flush=True)

    def _read(self, seen: Seen) -> None:
        assert self.process.stdout is not None
        while line := self.process.stdout.readline().strip():
            quiet, attacked = json.loads(line)
            seen.quiet.add(**quiet)
            seen.attacked.add(**attacked)


@dataclass(frozen=True, slots=True)
class Question:
    """How the bystander asks a service."""

    target: AbuseTarget
    shop: Shop
    edge_port: int | None = None
    """Of a REST edge before it; None: over gRPC."""

    @classmethod
    async def of(cls, target: AbuseTarget) -> "Question":
        shop = await target.new_shop()
        await shop.define(custom_code=CODE, limit=usage_limit("unlimited"))
        return cls(target, shop)

    def through(self, edge_port: int) -> "Question":
        return replace(self, edge_port=edge_port)

    def service(self) -> dict[str, object]:
        """For `support.bystander_process`."""
        port = self.edge_port or self.target.port
        return {
            "protocol": "rest" if self.edge_port else "grpc",
            "address": f"127.0.0.1:{port}",
            "tenant_id": self.shop.id,
            "secret": self.shop.tenant.credentials.tenant_secret,
            "code": CODE,
            "worker": self.target.worker.pid,
        }


@contextmanager
def bystanding(quiet: Question, attacked: Question) -> Iterator[Bystander]:
    """A bystander of the attacked service, which compares it with the quiet one."""
    command = [sys.executable, "-m", "support.bystander_process"]
    environ = CLEAN | {"PYTHONPATH": str(Path(__file__).parents[1])}
    with subprocess.Popen(
        command, env=environ, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True
    ) as process:
        assert process.stdin is not None
        print(json.dumps([quiet.service(), attacked.service()]), file=process.stdin, flush=True)
        yield Bystander(process)
        process.stdin.close()


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


@dataclass(slots=True)
class Attack:
    """An attack on a target, and what it cost and whom; complete when the block has ended."""

    cost: Cost
    seen: Seen
    notes: dict[str, float] = field(default_factory=dict)

    def note(self, **values: float) -> None:
        """Figures of this attack alone."""
        self.notes |= values


@contextmanager
def attacked(
    target: AbuseTarget,
    bystander: Bystander,
    figures: Figures,
    name: str,
    *,
    ahead: int = CALLS_AHEAD,
) -> Iterator[Attack]:
    """What happens in the block fails no call of the bystander, keeps 99 of 100 waiting for no more
    than what is `ahead` of them, and ends no process. Its cost is added to the figures; memory
    returns when it has ended.

    Args:
        ahead: how many calls the attacker has under way at a time. gRPC hands calls to Python in
            the order in which they came, whoever makes them.
    """
    worker = target.worker
    resident = worker.memory_info().rss
    with measured(worker) as cost, bystander.watching() as seen:
        until(lambda: seen.calls)
        attack = Attack(cost, seen)
        yield attack
    until(lambda: worker.memory_info().rss - resident <= SLACK_BYTES)
    kept = worker.memory_info().rss - resident
    figures.add(name, **(_row(cost, kept, seen) | attack.notes))
    assert target.worker == worker
    assert not seen.failures
    most = 3 * quantile(seen.quiet.work, 0.99) + ahead * CALL_SECONDS
    assert quantile(seen.attacked.work, 0.99) <= most


def _row(cost: Cost, kept: int, seen: Seen) -> dict[str, float]:
    return {
        "cpu_s": cost.cpu_seconds,
        "peak_mib": cost.peak_growth_bytes / MIB,
        "kept_mib": kept / MIB,
        "calls": seen.calls,
        "errors": len(seen.failures),
        "p50_ms": quantile(seen.attacked.latencies, 0.5) * 1000,
        "quiet_p50_ms": quantile(seen.quiet.latencies, 0.5) * 1000,
        "p99_ms": quantile(seen.attacked.latencies, 0.99) * 1000,
        "quiet_p99_ms": quantile(seen.quiet.latencies, 0.99) * 1000,
        "work_p99_ms": quantile(seen.attacked.work, 0.99) * 1000,
        "quiet_work_p99_ms": quantile(seen.quiet.work, 0.99) * 1000,
    }
