"""`make bench`: measures, in one run on this machine, and prints figures and ratios.

The no-op RPC is what gRPC itself allows, pgbench what PostgreSQL allows; redemptions and events
are counted in the database. One event in ten earns a coupon. The same redemption through the REST
edges is compared with the direct one; the Go gateway is left out where Go is not installed. Rounds
are interleaved and medians are printed, so that a machine whose speed drifts does not favour one
of them. At the end a long generation runs, beside a bare COPY of its rows.
"""

import argparse
import asyncio
import contextlib
import itertools
import json
import os
import re
import socket
import statistics
import subprocess
import sys
import tempfile
import time
import uuid
from collections import defaultdict
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from functools import partial
from pathlib import Path

import asyncpg
import psutil

from bench import jobs, noop
from bench.edges import Edge, edges
from bench.load import Load, write_bodies
from bench.rest_connection import request
from coupon_server.database import migrations
from coupon_server.embedded.postgres import EmbeddedPostgres, binaries
from coupon_server.operations import FirstCredentials, create_tenant
from coupon_server.settings import Settings
from phoenix_coupons import ApiKeyCredential, CouponsClient, TenantToken
from phoenix_coupons.v1 import (
    AutoGenerate,
    CouponConfig,
    CreateCouponDefinitionRequest,
    CreateRewardItemRequest,
    Event,
    GenerateCouponsRequest,
    RedeemCouponRequest,
    SendEventRequest,
    StreakMilestoneReached,
    TriggerConfig,
    ValidateCouponRequest,
)

WORKERS = 2
ROUNDS = 3
CALLS = 20_000
COUPONS = 1_000_000
WARM_UP = 4_000
UNLIMITED = (
    *("REDEEM_PER_SECOND", "REDEEM_IN_FLIGHT", "EVENTS_PER_SECOND", "EVENTS_IN_FLIGHT"),
    *("ADMIN_PER_SECOND",),
)
"""Limits of a tenant that the load does not reach."""
MASTER_KEYS = "bench:" + "A" * 43 + "="
VALIDATE = "/phoenix_coupons.v1.CouponQuery/ValidateCoupon"
REDEEM = "/phoenix_coupons.v1.CouponQuery/RedeemCoupon"
SEND = "/phoenix_coupons.v1.EventIngest/SendEvent"
STREAM = "/phoenix_coupons.v1.EventIngest/StreamEvents"
MILESTONE = 10

# One redemption in one statement, as a service without batches would make it.
PGBENCH_SCRIPT = """
\\set n random(1, :coupons)
WITH coupon AS (
    UPDATE coupons c SET used = used + 1, redeemed_at = now()
    FROM coupon_definitions d
    WHERE c.tenant_id = :tenant AND c.code_folded = (SELECT code FROM bench_codes WHERE n = :n)
        AND d.tenant_id = c.tenant_id AND d.id = c.definition_id AND d.status = 'active'
        AND c.revoked_at IS NULL
    RETURNING c.*, d.reward_item_id
), holder AS (
    INSERT INTO holders AS h (tenant_id, definition_id, user_id, used)
    SELECT tenant_id, definition_id, user_id, 1 FROM coupon
    ON CONFLICT (tenant_id, definition_id, user_id) DO UPDATE SET used = h.used + 1
), ledger AS (
    INSERT INTO redemptions (tenant_id, id, kind, coupon_id, definition_id, user_id, code,
        redeemed_at, reference, credential_id, reward_item_id, reward_item_version)
    SELECT tenant_id, gen_random_uuid(), 'redemption', id, definition_id, user_id, code, now(),
        '', id, reward_item_id, 1 FROM coupon
    RETURNING tenant_id, id, user_id
)
INSERT INTO outbox (tenant_id, id, event_type, user_id, subject_id, occurred_at)
SELECT tenant_id, gen_random_uuid(), 'coupon.redeemed', user_id, id, now() FROM ledger
"""


@dataclass(frozen=True, slots=True)
class Bench:
    """A service with a tenant, and codes that nobody has redeemed yet."""

    port: int
    database_url: str
    process: psutil.Process
    credentials: FirstCredentials
    authorization: str
    codes: list[tuple[str, str]]
    scratch: Path


def main() -> None:
    parser = argparse.ArgumentParser(prog="make bench", description=__doc__)
    parser.add_argument("--rounds", type=int, default=ROUNDS, help="of redemptions; 0 for none")
    parser.add_argument("--calls", type=int, default=CALLS, help="calls of each round")
    parser.add_argument(
        "--coupons", type=int, default=COUPONS, help="coupons of the long generation; 0 for none"
    )
    arguments = parser.parse_args()
    # Every round redeems directly and through two edges, after a warm-up of each.
    needed = 3 * (arguments.rounds * arguments.calls + WARM_UP)
    with (
        running(needed) as bench,
        noop_server() as noop_port,
        edges(bench.port, bench.scratch) as through,
    ):
        if arguments.rounds:
            measure(bench, noop_port, through, arguments.rounds, arguments.calls)
        if arguments.coupons:
            generation = jobs.measure(
                bench.port, bench.credentials, bench.database_url, bench.process, arguments.coupons
            )
            jobs.report(generation)


@contextlib.contextmanager
def running(coupons: int) -> Iterator[Bench]:
    """A durable PostgreSQL, the service, and the coupons."""
    with tempfile.TemporaryDirectory(prefix="coupons-bench-") as directory:
        scratch = Path(directory)
        with EmbeddedPostgres(scratch / "postgres") as postgres:
            asyncio.run(_execute(postgres.url("postgres"), "CREATE DATABASE coupons"))
            url = postgres.url("coupons")
            migrations.upgrade(url)
            port = free_port()
            environ = {
                "COUPONS_DATABASE_URL": url,
                "COUPONS_MASTER_KEYS": MASTER_KEYS,
                "COUPONS_GRPC_PORT": str(port),
                # One tenant makes all the calls.
                **{f"COUPONS_TENANT_{name}": "1000000" for name in UNLIMITED},
            }
            credentials = asyncio.run(create_tenant(Settings.load(environ), "Bench"))
            with service(environ, scratch / "service.log") as process:
                codes = generate(port, credentials, coupons)
                asyncio.run(_execute(url, "VACUUM ANALYZE"))
                token = TenantToken(str(credentials.tenant_id), credentials.tenant_secret)
                bearer = str(dict(token.metadata("", b""))["authorization"])
                yield Bench(port, url, process, credentials, bearer, codes, scratch)


@contextlib.contextmanager
def service(environ: dict[str, str], log: Path) -> Iterator[psutil.Process]:
    """`coupons serve`, whose log goes to a file: a pipe that nobody reads would stop it."""
    command = [sys.executable, "-m", "coupon_server", "serve", "--workers", str(WORKERS)]
    with log.open("w") as stderr:
        process = subprocess.Popen(command, env=os.environ | environ, stderr=stderr)
    try:
        while "server_ready" not in log.read_text():
            if process.poll() is not None:
                raise SystemExit(f"the service did not start: {log.read_text()}")
            time.sleep(0.1)
        yield psutil.Process(process.pid)
    finally:
        process.terminate()
        process.wait()


@contextlib.contextmanager
def noop_server() -> Iterator[int]:
    port = free_port()
    command = [sys.executable, "-m", "bench.noop", str(port)]
    processes = [
        subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE)
        for _ in range(WORKERS)
    ]
    for process in processes:
        assert process.stdout is not None
        process.stdout.readline()
    try:
        yield port
    finally:
        for process in processes:
            process.kill()
            process.wait()


def generate(port: int, credentials: FirstCredentials, count: int) -> list[tuple[str, str]]:
    """A definition with `count` coupons of as many users: pairs of user and code."""
    tenant_id = str(credentials.tenant_id)
    with CouponsClient(
        f"127.0.0.1:{port}", ApiKeyCredential(credentials.api_key), timeout=60
    ) as client:
        item = client.admin.CreateRewardItem(
            CreateRewardItemRequest(tenant_id=tenant_id, name="Gems", reward_type="currency")
        ).reward_item
        definition = client.admin.CreateCouponDefinition(
            CreateCouponDefinitionRequest(
                tenant_id=tenant_id,
                name="Bench",
                config=CouponConfig(reward_item_id=item.item_id, code_length=12),
            )
        ).definition
        client.admin.CreateCouponDefinition(
            CreateCouponDefinitionRequest(
                tenant_id=tenant_id, name="Earned", config=earned_by_a_streak(item.item_id)
            )
        )
        codes: list[tuple[str, str]] = []
        while len(codes) < count:
            users = [f"user-{len(codes) + n}" for n in range(min(10_000, count - len(codes)))]
            answer = client.admin.GenerateCoupons(
                GenerateCouponsRequest(tenant_id=tenant_id, id=definition.id, user_ids=users)
            )
            codes += [(coupon.user_id, coupon.code) for coupon in answer.coupons]
    return codes


def earned_by_a_streak(item_id: str) -> CouponConfig:
    trigger = AutoGenerate(
        enabled=True,
        trigger=AutoGenerate.Trigger.streak_milestone,
        trigger_config=TriggerConfig(streak_id="daily", milestone_threshold=MILESTONE),
    )
    return CouponConfig(reward_item_id=item_id, code_length=12, auto_generate=trigger)


def measure(bench: Bench, noop_port: int, through: list[Edge], rounds: int, calls: int) -> None:
    validate = [validation(bench, code) for code in bench.codes[: rounds * calls]]
    codes = iter(bench.codes)

    def some(count: int) -> list[tuple[str, str]]:
        return list(itertools.islice(codes, count))

    def redeem(count: int) -> Load:
        bodies = [redemption(bench, code) for code in some(count)]
        return load(bench, bench.port, bodies, REDEEM)

    def redeem_through(edge: Edge, count: int) -> Load:
        requests = [rest_redemption(bench, code) for code in some(count)]
        return load(bench, edge.port, requests)

    numbers = itertools.count()

    def send(count: int) -> Load:
        return load(bench, bench.port, events(bench, numbers, count), SEND)

    def stream(count: int) -> Load:
        return load(bench, bench.port, events(bench, numbers, count), STREAM, "bench.stream")

    load(bench, noop_port, validate[:WARM_UP], noop.PATH)
    load(bench, bench.port, validate[:WARM_UP], VALIDATE)
    redeem(WARM_UP)
    send(WARM_UP)
    for edge in through:
        redeem_through(edge, WARM_UP)
    prepare_pgbench(bench)
    rates: dict[str, list[float]] = defaultdict(list)
    cpu: dict[str, list[float]] = defaultdict(list)
    latencies: list[Load] = []
    for number in range(rounds):
        print(f"round {number + 1} of {rounds}", file=sys.stderr)
        chunk = validate[number * calls : (number + 1) * calls]
        rates["no-op"].append(load(bench, noop_port, chunk, noop.PATH).per_second)
        with cpu_of(bench, cpu["validate"]):
            rates["validate"].append(load(bench, bench.port, chunk, VALIDATE).per_second)
        with cpu_of(bench, cpu["redeem"]):
            latencies.append(counted(bench, rates["redeem"], partial(redeem, calls)))
        with cpu_of(bench, cpu["send"]):
            counted(bench, rates["send"], partial(send, calls), "events")
        with cpu_of(bench, cpu["stream"]):
            counted(bench, rates["stream"], partial(stream, calls), "events")
        for edge in through:
            counted(bench, rates[edge.name], partial(redeem_through, edge, calls))
        rates["pgbench"].append(run_pgbench(bench))
    report(
        {name: statistics.median(values) for name, values in rates.items()},
        {name: statistics.median(values) / calls for name, values in cpu.items()},
        latencies,
    )


@contextlib.contextmanager
def cpu_of(bench: Bench, spent: list[float]) -> Iterator[None]:
    """Record the CPU seconds that the service spends in the block, the database's aside."""

    def seconds() -> float:
        processes = [bench.process, *bench.process.children(recursive=True)]
        return sum(sum(process.cpu_times()[:2]) for process in processes)

    before = seconds()
    yield
    spent.append(seconds() - before)


def counted(
    bench: Bench, rates: list[float], work: Callable[[], Load], table: str = "redemptions"
) -> Load:
    """Do the work, and note how many rows per second have come into the table."""
    before = rows_of(bench, table)
    result = work()
    rates.append((rows_of(bench, table) - before) / result.seconds)
    return result


def validation(bench: Bench, code: tuple[str, str]) -> bytes:
    user, entered = code
    tenant_id = str(bench.credentials.tenant_id)
    message = ValidateCouponRequest(tenant_id=tenant_id, code=entered, user_id=user)
    return message.SerializeToString()


def redemption(bench: Bench, code: tuple[str, str]) -> bytes:
    user, entered = code
    return RedeemCouponRequest(
        tenant_id=str(bench.credentials.tenant_id),
        code=entered,
        user_id=user,
        request_id=str(uuid.uuid4()),
    ).SerializeToString()


def events(bench: Bench, numbers: Iterator[int], count: int) -> list[bytes]:
    """Messages for SendEvent, which are those of StreamEvents too: ten days of each user."""
    tenant_id = str(bench.credentials.tenant_id)
    messages = []
    for number in itertools.islice(numbers, count):
        user, day = divmod(number, MILESTONE)
        reached = StreakMilestoneReached(streak_id="daily", milestone=day + 1)
        event = Event(
            event_id=str(number), user_id=f"user-{user}", streak_milestone_reached=reached
        )
        event.occurred_at.FromSeconds(1_767_225_600 + day)
        request = SendEventRequest(tenant_id=tenant_id, event=event)
        messages.append(request.SerializeToString())
    return messages


def rest_redemption(bench: Bench, code: tuple[str, str]) -> bytes:
    user, entered = code
    path = f"/v1/coupons/{bench.credentials.tenant_id}/redeem/{entered}"
    body = json.dumps({"user_id": user, "request_id": str(uuid.uuid4())})
    return request(path, bench.authorization, body.encode())


def report(median: dict[str, float], cpu: dict[str, float], latencies: list[Load]) -> None:
    """`median`: calls a second; `cpu`: the service's CPU seconds a call."""
    noop_rate = median["no-op"]
    print(f"{WORKERS} workers, {os.cpu_count()} cores, median of {len(latencies)} rounds")
    print(f"  no-op RPC            {noop_rate:8.0f} per s")
    for name, label in (
        ("validate", "ValidateCoupon"),
        ("redeem", "RedeemCoupon"),
        ("send", "SendEvent"),
        ("stream", "StreamEvents"),
    ):
        rate = median[name]
        print(
            f"  {label:20} {rate:8.0f} per s   {rate / noop_rate:.2f} of the no-op"
            f"   {1e6 * cpu[name]:4.0f} µs of CPU"
        )
    rate = median["pgbench"]
    print(
        f"  pgbench, 8 clients   {rate:8.0f} per s   redeem is {median['redeem'] / rate:.2f} of it"
    )
    for name, rate in median.items():
        if name.startswith("through "):
            print(f"  {name:20} {rate:8.0f} per s   {rate / median['redeem']:.2f} of direct gRPC")
    p50 = statistics.median(round_.p50 for round_ in latencies)
    p99 = statistics.median(round_.p99 for round_ in latencies)
    print(f"  redeem latency with 128 calls in flight: {p50:.1f} ms median, {p99:.1f} ms p99")


def load(
    bench: Bench, port: int, bodies: list[bytes], path: str = "", program: str = "bench.load"
) -> Load:
    """Send calls of the method `path`, or HTTP requests, from a process of its own.

    Every one must succeed.
    """
    file = bench.scratch / "bodies"
    write_bodies(file, bodies)
    command = [sys.executable, "-m", program, f"--port={port}", f"--path={path}"]
    command += [f"--bodies={file}", f"--authorization={bench.authorization}"]
    result = subprocess.run(command, check=True, capture_output=True, text=True, timeout=300)
    sent = Load(**json.loads(result.stdout))
    if sent.succeeded != len(bodies):
        raise SystemExit(f"{path or port}: {sent.succeeded} of {len(bodies)} calls succeeded")
    return sent


def prepare_pgbench(bench: Bench) -> None:
    """Give pgbench the codes of the warm-up: it redeems without asking for limits."""
    spent = bench.codes[:WARM_UP]

    async def prepare() -> None:
        connection = await asyncpg.connect(bench.database_url)
        await connection.execute("CREATE TABLE bench_codes (n int PRIMARY KEY, code text)")
        await connection.copy_records_to_table(
            "bench_codes",
            records=[(n, code.lower()) for n, (_, code) in enumerate(spent, start=1)],
        )
        await connection.execute("VACUUM ANALYZE")
        await connection.close()

    asyncio.run(prepare())
    (bench.scratch / "redeem.sql").write_text(PGBENCH_SCRIPT)


def run_pgbench(bench: Bench) -> float:
    command = [
        str(binaries() / "pgbench"),
        bench.database_url,
        "--no-vacuum",
        "--client=8",
        "--jobs=1",
        "--time=5",
        "--protocol=prepared",
        f"--file={bench.scratch / 'redeem.sql'}",
        f"--define=coupons={WARM_UP}",
        f"--define=tenant={bench.credentials.tenant_id}",
    ]
    result = subprocess.run(command, capture_output=True, text=True, timeout=60)
    if result.returncode:
        raise SystemExit(result.stderr)
    match = re.search(r"tps = ([\d.]+)", result.stdout)
    assert match is not None, result.stdout
    return float(match[1])


def rows_of(bench: Bench, table: str) -> int:
    async def count() -> int:
        connection = await asyncpg.connect(bench.database_url)
        try:
            return int(await connection.fetchval(f"SELECT count(*) FROM {table}"))
        finally:
            await connection.close()

    return asyncio.run(count())


async def _execute(url: str, statement: str) -> None:
    connection = await asyncpg.connect(url)
    try:
        await connection.execute(statement)
    finally:
        await connection.close()


def free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


if __name__ == "__main__":
    main()
