"""Long jobs and imports whose processes are killed: nothing is lost, and nothing done twice."""

import asyncio
import itertools
import os
from collections.abc import AsyncIterator, Awaitable, Callable, Iterator
from pathlib import Path
from typing import Any, TypeVar

import pytest

from coupon_server.embedded.postgres import EmbeddedPostgres
from phoenix_coupons import CouponsError, UnavailableError
from phoenix_coupons.v1 import (
    CouponDefinition,
    Generation,
    ImportCouponsRequest,
    Revocation,
    StartGenerationRequest,
    WatchGenerationRequest,
)
from support.builders import Shop, reason
from support.databases import ask, new_database
from support.jobs import Jobs, generation_messages, jobs_stub, line
from support.processes import ServerProcess, eventually, new_shop, serving

COUPONS = int(os.environ.get("COUPONS_TEST_JOB", "60000"))
"""How many coupons a job of the tests makes."""

State = Generation.State
T = TypeVar("T")


@pytest.fixture(scope="module")
def database(cluster: EmbeddedPostgres, template: str) -> Iterator[str]:
    with new_database(cluster.url("postgres"), template) as url:
        yield url


@pytest.fixture(scope="module")
def server(database: str, tmp_path_factory: pytest.TempPathFactory) -> Iterator[ServerProcess]:
    log = tmp_path_factory.mktemp("jobs") / "log"
    with serving(database, log, workers=1) as server:
        yield server


@pytest.fixture
async def shop(database: str, server: ServerProcess) -> AsyncIterator[Shop]:
    async with new_shop(database, server.address) as opened:
        yield opened


@pytest.fixture
async def jobs(shop: Shop) -> Jobs:
    return Jobs(shop, await jobs_stub(shop.tenant), shop.tenant.server.app.background.job_steps)


async def kill_background(server: ServerProcess) -> None:
    """Kill the background worker with no warning, and wait for its successor."""
    [worker] = server.background_workers()
    worker.kill()
    await eventually(lambda: [one for one in server.background_workers() if one.pid != worker.pid])


async def kill_worker(server: ServerProcess) -> None:
    """Kill the worker that serves calls with no warning, and wait until its successor serves."""
    before = len(server.events("worker_restarted"))
    [worker] = server.workers()
    worker.kill()
    await eventually(lambda: len(server.events("worker_restarted")) > before)


async def answering(jobs: Jobs) -> None:
    """Wait until the service answers: after a failure gRPC takes its time to connect again."""
    async with asyncio.timeout(60):
        while True:
            try:
                await jobs.generations()
            except UnavailableError:
                await asyncio.sleep(0.1)
            else:
                return


async def processed(jobs: Jobs, job: Generation, at_least: int) -> Generation:
    """Wait until so much of the job is done."""
    return await reached(lambda: jobs.generation(job.id), lambda now: now.processed >= at_least)


async def reached(ask: Callable[[], Awaitable[T]], wanted: Callable[[T], bool]) -> T:
    """Ask again and again until the answer is as wanted."""
    async with asyncio.timeout(300):
        while True:
            answer = await ask()
            if wanted(answer):
                return answer
            await asyncio.sleep(0.02)


async def counts(database: str, definition: CouponDefinition) -> tuple[Any, ...]:
    """Coupons, distinct codes, distinct holders, and the counter of the definition."""
    query = """
        SELECT array_agg(n) FROM (
            SELECT unnest(ARRAY[count(*), count(DISTINCT code), count(DISTINCT user_id), (
                SELECT issued FROM definition_counters WHERE definition_id = $1
            )]) AS n FROM coupons WHERE definition_id = $1
        ) counted
    """
    return tuple(await ask(database, query, definition.id))


@pytest.mark.timeout(600)
@pytest.mark.parametrize("for_users", [False, True])
async def test_a_generation_whose_worker_is_killed_twice_makes_exactly_its_number(
    database: str, server: ServerProcess, shop: Shop, jobs: Jobs, for_users: bool
) -> None:
    definition = await shop.define(code_length=12)
    users = (f"user{number}" for number in range(COUPONS))
    batches = iter(lambda: list(itertools.islice(users, 1_000)), [])
    job = await (
        jobs.start(generation_messages(shop, definition, *batches))
        if for_users
        else jobs.generate(definition, quantity=COUPONS)
    )
    for share in (3, 2):
        await processed(jobs, job, COUPONS // share)
        await kill_background(server)
    done = await processed(jobs, job, COUPONS)
    assert (done.state, done.generated) == (State.succeeded, COUPONS)
    holders = COUPONS if for_users else 0
    assert await counts(database, definition) == (COUPONS, COUPONS, holders, COUPONS)


async def test_a_revocation_whose_worker_is_killed_revokes_each_once(
    database: str, server: ServerProcess, shop: Shop, jobs: Jobs
) -> None:
    definition = await shop.define(code_length=12)
    for batch in range(4):
        await shop.generate(definition, *(f"user{batch}-{n}" for n in range(10_000)))
    job = await jobs.revoke(definition_id=definition.id)
    await reached(lambda: jobs.revocation(job.id), lambda now: now.scanned > 0)
    await kill_background(server)
    done = await reached(
        lambda: jobs.revocation(job.id), lambda now: now.state == Revocation.State.succeeded
    )
    assert (done.scanned, done.revoked) == (40_000, 40_000)
    told = await ask(
        database,
        "SELECT count(DISTINCT subject_id) * 1000000 + count(*) FROM outbox"
        " WHERE tenant_id = $1 AND event_type = 'coupon.revoked'",
        shop.id,
    )
    assert told == 40_000 * 1_000_000 + 40_000


async def test_a_stream_of_users_whose_server_is_killed_leaves_nothing(
    server: ServerProcess, shop: Shop, jobs: Jobs
) -> None:
    definition = await shop.define()
    users = [f"user{number}" for number in range(3_000)]

    async def killing() -> AsyncIterator[StartGenerationRequest]:
        for message in generation_messages(shop, definition, users[:1_000], users[1_000:2_000]):
            yield message
        await asyncio.sleep(0.3)
        await kill_worker(server)
        yield StartGenerationRequest(user_ids=users[2_000:])

    with pytest.raises(CouponsError):
        await jobs.start(killing())
    await answering(jobs)
    assert await jobs.generations() == []
    job = await jobs.generate(definition, users[:1_000], users[1_000:2_000], users[2_000:])
    await processed(jobs, job, 3_000)
    assert len(await shop.coupons(user_id="user2999")) == 1


async def test_an_import_whose_server_is_killed_is_sent_again(
    database: str, server: ServerProcess, shop: Shop, jobs: Jobs
) -> None:
    definition = await shop.define()
    files = [
        [line(n, f"code-{n}", f"user{n}") for n in range(start, start + 500)]
        for start in range(0, 5_000, 500)
    ]

    async def messages(kill_after: int) -> AsyncIterator[ImportCouponsRequest]:
        for number, lines in enumerate(files):
            if number == kill_after:
                await kill_worker(server)
            yield ImportCouponsRequest(
                tenant_id=shop.id, definition_id=definition.id, coupons=lines
            )

    answered = []

    async def send_and_be_cut_off() -> None:
        async for answer in jobs.stub.ImportCoupons(messages(6)):
            answered.append(answer.imported)

    with pytest.raises(CouponsError):
        await send_and_be_cut_off()
    await answering(jobs)
    again = [answer async for answer in jobs.stub.ImportCoupons(messages(-1))]
    already = sum(answer.already_imported for answer in again)
    assert already >= sum(answered)
    assert sum(answer.imported for answer in again) == 5_000 - already
    assert await counts(database, definition) == (5_000, 5_000, 5_000, 5_000)


@pytest.mark.usefixtures("server")
async def test_a_job_goes_on_with_another_server_when_its_own_stops(
    database: str, tmp_path: Path
) -> None:
    with serving(database, tmp_path / "first", workers=1) as first:
        async with new_shop(database, first.address) as shop:
            jobs = Jobs(
                shop, await jobs_stub(shop.tenant), shop.tenant.server.app.background.job_steps
            )
            definition = await shop.define(code_length=12)
            job = await jobs.generate(definition, quantity=COUPONS)
            await processed(jobs, job, 1)
            assert await asyncio.to_thread(first.stop) == 0
    # The server of this module goes on with it.
    query = "SELECT processed FROM jobs WHERE id = $1"
    await reached(lambda: ask(database, query, job.id), lambda now: now == COUPONS)
    assert (await counts(database, definition))[:2] == (COUPONS, COUPONS)


async def test_streams_do_not_keep_a_server_from_stopping(database: str, tmp_path: Path) -> None:
    never = asyncio.Event()
    settings = {"workers": 1, "drain_seconds": 60, "background": False}
    with serving(database, tmp_path / "log", **settings) as server:
        async with new_shop(database, server.address) as shop:
            jobs = Jobs(
                shop, await jobs_stub(shop.tenant), shop.tenant.server.app.background.job_steps
            )
            definition = await shop.define(code_length=12)
            waiting = await jobs.generate(definition, quantity=10)

            async def users() -> AsyncIterator[StartGenerationRequest]:
                for message in generation_messages(shop, definition, ["ada"]):
                    yield message
                await never.wait()

            async def lines() -> AsyncIterator[ImportCouponsRequest]:
                yield ImportCouponsRequest(
                    tenant_id=shop.id, definition_id=definition.id, coupons=[line(1, "one")]
                )
                await never.wait()

            watched = WatchGenerationRequest(tenant_id=shop.id, generation_id=waiting.id)
            streams: list[Any] = [
                jobs.stub.ImportCoupons(lines()),
                jobs.stub.WatchGeneration(watched),
            ]
            starting = asyncio.create_task(jobs.start(users()))
            for stream in streams:
                await stream.read()
            async with asyncio.timeout(20):
                assert await asyncio.to_thread(server.stop) == 0
            with pytest.raises(UnavailableError):
                # By a retry of gRPC's own, which finds no server.
                await starting
            for stream in streams:
                assert await reason(stream.read()) == "SERVICE_UNAVAILABLE"
