"""A long generation, beside a bare COPY of the rows that it made."""

import asyncio
import tempfile
import time
from dataclasses import dataclass
from pathlib import Path

import asyncpg
import psutil

from coupon_server.operations import FirstCredentials
from coupon_server.supervisor import BACKGROUND
from phoenix_coupons import AdminToken, CouponsClient
from phoenix_coupons.v1 import (
    CouponConfig,
    CreateCouponDefinitionRequest,
    CreateRewardItemRequest,
    Generation,
    StartGenerationRequest,
    WatchGenerationRequest,
)


@dataclass(frozen=True, slots=True)
class Job:
    """What a generation took, and the bare COPY.

    `idle` and `peak` are bytes of the background worker, before the generation and at most.
    """

    coupons: int
    seconds: float
    idle: int
    peak: int
    copy_seconds: float


def measure(
    port: int, credentials: FirstCredentials, database_url: str, service: psutil.Process, count: int
) -> Job:
    """Let the running service make `count` coupons; then copy them to a table of their own."""
    token = AdminToken(str(credentials.api_key_id), credentials.api_key)
    worker = _background_worker(service)
    idle = _peak_memory(worker)
    with CouponsClient(f"127.0.0.1:{port}", token, timeout=60) as client:
        definition_id = _define(client, str(credentials.tenant_id))
        seconds = _generate(client, str(credentials.tenant_id), definition_id, count)
    peak = _peak_memory(worker)
    copy_seconds = asyncio.run(_copy(database_url, definition_id, count))
    return Job(count, seconds, idle, peak, copy_seconds)


def report(job: Job) -> None:
    rate, bare = job.coupons / job.seconds, job.coupons / job.copy_seconds
    print(f"{job.coupons:,} coupons in the background")
    print(f"  long generation      {rate:8.0f} per s   {job.seconds:.1f} s")
    print(
        f"  bare COPY            {bare:8.0f} per s   {job.copy_seconds:.1f} s;"
        f" the generation is {rate / bare:.2f} of it"
    )
    print(
        f"  the background worker took {job.peak / 2**20:.0f} MiB at most,"
        f" {job.idle / 2**20:.0f} before"
    )


def _define(client: CouponsClient, tenant_id: str) -> str:
    item = client.admin.CreateRewardItem(
        CreateRewardItemRequest(tenant_id=tenant_id, name="Gems", reward_type="currency")
    ).reward_item
    created = client.admin.CreateCouponDefinition(
        CreateCouponDefinitionRequest(
            tenant_id=tenant_id,
            name="Long",
            config=CouponConfig(reward_item_id=item.item_id, code_length=12),
        )
    )
    return created.definition.id


def _generate(client: CouponsClient, tenant_id: str, definition_id: str, count: int) -> float:
    """Seconds from the start of the job to its end, as they are seen from outside."""
    started = time.perf_counter()
    first = StartGenerationRequest(tenant_id=tenant_id, definition_id=definition_id, quantity=count)
    job = client.jobs.StartGeneration(iter([first])).generation
    request = WatchGenerationRequest(tenant_id=tenant_id, generation_id=job.id)
    for message in client.jobs.WatchGeneration(request):
        job = message.generation
    if job.state != Generation.State.succeeded or job.generated != count:
        raise SystemExit(f"the generation did not succeed: {job}")
    return time.perf_counter() - started


def _background_worker(service: psutil.Process) -> psutil.Process:
    [worker] = [child for child in service.children() if BACKGROUND in child.cmdline()]
    return worker


def _peak_memory(process: psutil.Process) -> int:
    """The most memory that the process has had resident (VmHWM, proc_pid_status(5)), in bytes."""
    status = Path(f"/proc/{process.pid}/status").read_text()
    [line] = [line for line in status.splitlines() if line.startswith("VmHWM:")]
    return int(line.split()[1]) * 1024


async def _copy(database_url: str, definition_id: str, count: int) -> float:
    """Seconds to COPY the coupons into an empty table of the same shape and indexes."""
    connection = await asyncpg.connect(database_url, command_timeout=600)
    try:
        await connection.execute("CREATE TABLE bare_coupons (LIKE coupons INCLUDING ALL)")
        distinct = await connection.fetchval(
            "SELECT count(DISTINCT code) FROM coupons WHERE definition_id = $1", definition_id
        )
        if distinct != count:
            raise SystemExit(f"{distinct} distinct codes instead of {count}")
        with tempfile.TemporaryFile() as rows:
            query = "SELECT * FROM coupons WHERE definition_id = $1"
            await connection.copy_from_query(query, definition_id, output=rows, format="binary")
            rows.seek(0)
            started = time.perf_counter()
            await connection.copy_to_table("bare_coupons", source=rows, format="binary")
            return time.perf_counter() - started
    finally:
        await connection.close()
