"""Whose turn it is: jobs and tenants take turns, on any number of servers, whatever fails."""

import asyncio
import uuid
from collections import Counter
from collections.abc import AsyncIterator
from contextlib import AsyncExitStack
from typing import Any
from unittest.mock import patch
from uuid import UUID

import asyncpg
import pytest
from sqlalchemy import text

from coupon_server.database.transactions import driver_of
from coupon_server.domain.errors import DomainError, Reason
from coupon_server.domain.jobs import GenerationJob, JobState, RevocationFilter
from coupon_server.services import job_steps
from coupon_server.services.generation import GenerationService
from coupon_server.storage import job_scheduler
from support.app import App
from support.builders import Shop
from support.serving import Served, Tenant, serving, settings_for


@pytest.fixture
async def server(database_url: str) -> AsyncIterator[Served]:
    async with serving(settings_for(database_url)) as served:
        yield served


@pytest.fixture(autouse=True)
def short_steps(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(job_steps, "STEP_SIZE", 10)


async def start(shop: Shop, quantity: int, definition_id: str = "") -> UUID:
    """A generation that waits; its id."""
    app, tenant = shop.tenant.server.app, shop.tenant
    definition_id = definition_id or (await shop.define(code_length=12)).id
    async with app.database.transaction() as transaction:
        job = await app.jobs.start_generation(
            transaction,
            tenant.uuid,
            tenant.credentials.api_key_id,
            UUID(definition_id),
            quantity,
        )
    return job.id


async def job_of(shop: Shop, job_id: UUID) -> GenerationJob:
    return await shop.tenant.server.app.jobs.get(GenerationJob, shop.tenant.uuid, job_id)


async def ended(shop: Shop, job_id: UUID) -> None:
    """Wait until the job has succeeded."""
    while True:
        if (await job_of(shop, job_id)).state is JobState.SUCCEEDED:
            return
        await asyncio.sleep(0.05)


async def end_pauses(connection: "asyncpg.Connection[asyncpg.Record]") -> None:
    await connection.execute("UPDATE jobs SET turn_at = now()")
    await connection.execute("UPDATE job_queues SET turn_at = now() WHERE turn_at IS NOT NULL")


async def pause_of(connection: "asyncpg.Connection[asyncpg.Record]", job_id: UUID) -> float:
    """Seconds until the job may have a turn."""
    left = "SELECT extract(epoch FROM turn_at - clock_timestamp()) FROM jobs WHERE id = $1"
    return float(await connection.fetchval(left, job_id))


async def take_turns(app: App, count: int = 10**6) -> list[UUID]:
    """Take so many turns; the jobs that had them."""
    had: list[UUID] = []
    claim = job_scheduler.lease_next

    async def noted(connection: Any) -> Any:
        job = await claim(connection)
        if job is not None:
            had.append(job.id)
        return job

    with patch.object(job_scheduler, "lease_next", noted):
        while len(had) < count and await app.background.job_steps.run_step():
            pass
    return had


async def test_jobs_of_a_tenant_take_turns(server: Served) -> None:
    shop = await Shop.open(await server.new_tenant())
    long, short = await start(shop, 50), await start(shop, 15)
    assert await take_turns(server.app) == [long, short, long, short, long, long, long]


async def test_tenants_take_turns_however_many_jobs_one_has(server: Served) -> None:
    busy, other = [await Shop.open(await server.new_tenant()) for _ in range(2)]
    for _ in range(4):
        await start(busy, 30)
    theirs = await start(other, 20)
    had = await take_turns(server.app, 4)
    assert had[1::2] == [theirs] * 2


async def test_servers_share_the_work_and_do_nothing_twice(database_url: str) -> None:
    async with AsyncExitStack() as stack:
        servers = [
            await stack.enter_async_context(serving(settings_for(database_url))) for _ in range(3)
        ]
        tenants = [await servers[0].new_tenant() for _ in range(3)]
        shops = [await Shop.open(tenant) for tenant in tenants]
        definitions = [await shop.define(code_length=12) for shop in shops]
        made = [
            (shop, await start(shop, 95, definition.id))
            for shop, definition in zip(shops, definitions, strict=True)
            for _ in range(2)
        ]

        async def work(app: App) -> None:
            # Passing over a tenant whose turn is taken looks like having nothing to do.
            for _ in range(200):
                await app.background.job_steps.run_step()

        await asyncio.gather(*(work(server.app) for server in servers))
        for shop, job_id in made:
            job = await job_of(shop, job_id)
            assert (job.state, job.processed, job.changed) == (JobState.SUCCEEDED, 95, 95)
        for shop, definition in zip(shops, definitions, strict=True):
            codes = Counter(coupon.code for coupon in await shop.coupons())
            assert len(codes) == 190
            assert (await shop.stats(definition)).issued == 190


async def test_a_lost_servers_step_is_undone_and_done_again(
    server: Served, connection: "asyncpg.Connection[asyncpg.Record]"
) -> None:
    shop = await Shop.open(await server.new_tenant())
    job_id = await start(shop, 25)
    await take_turns(server.app, 1)
    finish = job_scheduler.release

    alive = iter([True])

    async def lost(transaction: Any, tenant_id: UUID) -> None:
        """All of the step is written when the database loses the server."""
        if next(alive, False):
            driver = await driver_of(transaction)
            await connection.execute("SELECT pg_terminate_backend($1)", driver.get_server_pid())
        await finish(transaction, tenant_id)

    with patch.object(job_scheduler, "release", lost):
        assert await server.app.background.job_steps.run_step()
    assert (await job_of(shop, job_id)).processed == 10
    await end_pauses(connection)
    await take_turns(server.app)
    job = await job_of(shop, job_id)
    assert (job.state, job.changed) == (JobState.SUCCEEDED, 25)
    assert len(await shop.coupons()) == 25


async def test_a_lost_connection_postpones_a_job(
    server: Served,
    connection: "asyncpg.Connection[asyncpg.Record]",
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(job_steps, "MIN_BACKOFF", job_steps.MAX_BACKOFF)
    shop = await Shop.open(await server.new_tenant())
    job_id = await start(shop, 10)
    generate = GenerationService.generate

    async def lost(self: Any, transaction: Any, *rest: Any, **more: Any) -> Any:
        driver = await driver_of(transaction)
        await connection.execute("SELECT pg_terminate_backend($1)", driver.get_server_pid())
        return await generate(self, transaction, *rest, **more)

    with patch.object(GenerationService, "generate", lost):
        assert await take_turns(server.app) == [job_id]
    assert await pause_of(connection, job_id) > 0
    job = await job_of(shop, job_id)
    assert (job.state, job.processed, job.faults) == (JobState.PENDING, 0, 0)
    await end_pauses(connection)
    await take_turns(server.app)
    assert (await job_of(shop, job_id)).state is JobState.SUCCEEDED


@pytest.mark.parametrize(
    "error", [DomainError(Reason.SERVICE_UNAVAILABLE, "not now"), ZeroDivisionError()]
)
async def test_a_step_that_could_not_be_done_is_tried_by_no_other_process(
    server: Served, error: Exception
) -> None:
    shop = await Shop.open(await server.new_tenant())
    job_id = await start(shop, 10)
    lock_queue = job_scheduler.lock_queue
    others = iter([server.app])
    had: list[UUID] = []

    async def after_others(transaction: Any, tenant_id: UUID) -> int:
        for app in others:
            had.extend(await take_turns(app, 1))
        return await lock_queue(transaction, tenant_id)

    with (
        patch.object(GenerationService, "generate", side_effect=error),
        patch.object(job_scheduler, "lock_queue", after_others),
    ):
        had += await take_turns(server.app, 1)
    assert had == [job_id]


async def test_what_passes_by_itself_postpones_a_job_and_others_go_on(
    server: Served, connection: "asyncpg.Connection[asyncpg.Record]"
) -> None:
    shop, other = [await Shop.open(await server.new_tenant()) for _ in range(2)]
    stuck = await start(shop, 10)
    theirs = await start(other, 10)
    generate = GenerationService.generate

    async def away(self: Any, transaction: Any, tenant_id: UUID, *rest: Any, **more: Any) -> Any:
        if tenant_id == shop.tenant.uuid:
            raise DomainError(Reason.SERVICE_UNAVAILABLE, "not now")
        return await generate(self, transaction, tenant_id, *rest, **more)

    with patch.object(GenerationService, "generate", away):
        assert await take_turns(server.app) == [stuck, theirs]
    assert (await job_of(shop, stuck)).state is JobState.PENDING
    await end_pauses(connection)
    assert await take_turns(server.app) == [stuck]
    assert (await job_of(shop, stuck)).state is JobState.SUCCEEDED


@pytest.mark.parametrize(
    "error", [DomainError(Reason.SERVICE_UNAVAILABLE, "not now"), ZeroDivisionError()]
)
async def test_a_job_that_is_postponed_lets_the_others_of_its_tenant_go_first(
    server: Served, connection: "asyncpg.Connection[asyncpg.Record]", error: Exception
) -> None:
    shop = await Shop.open(await server.new_tenant())
    broken = await shop.define(code_length=12)
    stuck = await start(shop, 10, broken.id)
    other = await start(shop, 10)
    generate = GenerationService.generate

    async def failing(
        self: Any, transaction: Any, tenant_id: UUID, definition_id: UUID, **more: Any
    ) -> Any:
        if definition_id == UUID(broken.id):
            raise error
        return await generate(self, transaction, tenant_id, definition_id, **more)

    with patch.object(GenerationService, "generate", failing):
        assert await take_turns(server.app, 2) == [stuck, other]
    assert (await job_of(shop, stuck)).state is JobState.PENDING
    await end_pauses(connection)
    assert await take_turns(server.app) == [stuck]


async def test_a_new_job_waits_for_no_pause_of_another(
    server: Served, connection: "asyncpg.Connection[asyncpg.Record]"
) -> None:
    shop = await Shop.open(await server.new_tenant())
    stuck = await start(shop, 10)
    with patch.object(GenerationService, "generate", side_effect=ZeroDivisionError):
        await server.app.background.job_steps.run_step()
    fresh = await start(shop, 10)
    assert await take_turns(server.app) == [fresh]
    assert await pause_of(connection, stuck) > 0


async def test_a_lock_that_others_keep_stalls_no_other_tenant(
    server: Served, connection: "asyncpg.Connection[asyncpg.Record]"
) -> None:
    shop, other = [await Shop.open(await server.new_tenant()) for _ in range(2)]
    definition = await shop.define(code_length=12)
    stuck, theirs = await start(shop, 10, definition.id), await start(other, 10)
    async with connection.transaction():
        await connection.execute(
            "SELECT FROM coupon_definitions WHERE id = $1 FOR UPDATE", UUID(definition.id)
        )
        async with asyncio.timeout(3):
            assert await take_turns(server.app) == [stuck, theirs]
    await end_pauses(connection)
    assert await take_turns(server.app) == [stuck]
    assert (await job_of(shop, stuck)).state is JobState.SUCCEEDED


async def test_a_step_that_takes_long_stalls_no_other_tenant(server: Served) -> None:
    shop, other = [await Shop.open(await server.new_tenant()) for _ in range(2)]
    slow, theirs = await start(shop, 10), await start(other, 50)
    begun, end = asyncio.Event(), asyncio.Event()
    generate = GenerationService.generate

    async def slowly(self: Any, transaction: Any, tenant_id: UUID, *rest: Any, **more: Any) -> Any:
        if tenant_id == shop.tenant.uuid:
            begun.set()
            await end.wait()
        return await generate(self, transaction, tenant_id, *rest, **more)

    with patch.object(GenerationService, "generate", slowly):
        async with asyncio.timeout(60), server.app.background.periodic_tasks():
            await begun.wait()
            await ended(other, theirs)
            assert (await job_of(shop, slow)).state is JobState.PENDING
            end.set()
            await ended(shop, slow)


async def test_the_pause_of_a_job_doubles_up_to_a_minute(
    server: Served, connection: "asyncpg.Connection[asyncpg.Record]"
) -> None:
    shop = await Shop.open(await server.new_tenant())
    job_id = await start(shop, 10)
    unavailable = DomainError(Reason.SERVICE_UNAVAILABLE, "not now")
    for waited, pause in ((0, 1), (3, 3), (6, 6), (50, 50), (10_000, 60)):
        await connection.execute(
            "UPDATE jobs SET updated_at = clock_timestamp() - $1 * interval '1 second'", waited
        )
        await end_pauses(connection)
        with patch.object(GenerationService, "generate", side_effect=unavailable):
            assert await take_turns(server.app) == [job_id]
        assert pause - 1 < await pause_of(connection, job_id) < pause + 1


@pytest.mark.parametrize(
    ("quick", "sizes"),
    [
        # The first two take too long.
        (True, [10, 5, 2, 5, 10, 10]),
        (False, [10, 5, *[2] * 13, 1]),
    ],
)
async def test_steps_that_take_too_long_are_halved_and_quick_ones_grow(
    server: Served,
    connection: "asyncpg.Connection[asyncpg.Record]",
    monkeypatch: pytest.MonkeyPatch,
    quick: bool,
    sizes: list[int],
) -> None:
    monkeypatch.setattr(job_steps, "QUICK_SECONDS", float("inf") if quick else 0)
    shop = await Shop.open(await server.new_tenant())
    job_id = await start(shop, 27)
    asked: list[int] = []
    generate = GenerationService.generate

    async def slowly(self: Any, transaction: Any, *rest: Any, quantity: int, **more: Any) -> Any:
        asked.append(quantity)
        if len(asked) <= 2:
            await transaction.execute(text("SET LOCAL statement_timeout = 1"))
            await transaction.execute(text("SELECT pg_sleep(60)"))
        return await generate(self, transaction, *rest, quantity=quantity, **more)

    with patch.object(GenerationService, "generate", slowly):
        while (await job_of(shop, job_id)).state is not JobState.SUCCEEDED:
            await end_pauses(connection)
            assert await server.app.background.job_steps.run_step()
    assert asked == sizes
    assert len(await shop.coupons()) == 27


async def test_a_tenant_whose_jobs_were_cancelled_takes_no_turn_from_others(server: Served) -> None:
    shop, other = [await Shop.open(await server.new_tenant()) for _ in range(2)]
    cancelled, theirs = await start(shop, 10), await start(other, 10)
    app = server.app
    async with app.database.transaction() as transaction:
        await app.jobs.cancel(transaction, GenerationJob, shop.tenant.uuid, cancelled)
    assert await app.background.job_steps.run_step()
    assert (await job_of(other, theirs)).state is JobState.SUCCEEDED
    assert not await app.background.job_steps.run_step()


async def test_a_fault_postpones_a_job_and_the_fifth_in_a_row_fails_it(
    server: Served, connection: "asyncpg.Connection[asyncpg.Record]"
) -> None:
    shop = await Shop.open(await server.new_tenant())
    job_id = await start(shop, 10)

    async def broken(*_: Any, **__: Any) -> Any:
        raise ZeroDivisionError("a secret of the code")

    with patch.object(GenerationService, "generate", broken):
        for fault in range(1, 5):
            assert await server.app.background.job_steps.run_step()
            assert (await job_of(shop, job_id)).faults == fault
            assert not await server.app.background.job_steps.run_step(), (
                "it waits before the next try"
            )
            await end_pauses(connection)
        await server.app.background.job_steps.run_step()
    job = await job_of(shop, job_id)
    assert job.state is JobState.FAILED
    assert job.failure is not None
    assert (job.failure.reason, job.failure.message) == (
        "INTERNAL_FAULT",
        "An unexpected fault occurred",
    )
    assert not await server.app.background.job_steps.run_step()


async def test_a_good_step_forgets_the_faults_before(
    server: Served, connection: "asyncpg.Connection[asyncpg.Record]"
) -> None:
    shop = await Shop.open(await server.new_tenant())
    job_id = await start(shop, 20)
    with patch.object(GenerationService, "generate", side_effect=ZeroDivisionError):
        await server.app.background.job_steps.run_step()
    await end_pauses(connection)
    await take_turns(server.app, 1)
    job = await job_of(shop, job_id)
    assert (job.faults, job.processed) == (0, 10)


async def test_a_steady_stream_of_steps_starves_no_change_and_no_new_job(server: Served) -> None:
    shop = await Shop.open(await server.new_tenant())
    definition = await shop.define(code_length=12)
    await start(shop, 10_000, definition.id)
    running = asyncio.create_task(take_turns(server.app))
    try:
        async with asyncio.timeout(30):
            for number in range(5):
                await shop.change(definition, "max_uses_per_user", max_uses_per_user=number + 1)
                await shop.define(custom_code=f"SALE{number}")
                await start(shop, 1, definition.id)
                await shop.generate(definition, "ada")
    finally:
        running.cancel()
        await asyncio.gather(running, return_exceptions=True)


async def test_nothing_waits_when_every_job_has_ended(
    server: Served, connection: "asyncpg.Connection[asyncpg.Record]"
) -> None:
    shop = await Shop.open(await server.new_tenant())
    await start(shop, 5)
    async with server.app.database.transaction() as transaction:
        await server.app.jobs.start_revocation(
            transaction, shop.tenant.uuid, uuid.uuid4(), RevocationFilter(user_id="ada"), "x"
        )
    await take_turns(server.app)
    assert await connection.fetchval("SELECT array_agg(turn_at) FROM job_queues") == [None]


async def test_leftovers_are_trimmed_in_parts_by_several_at_once(
    server: Served, connection: "asyncpg.Connection[asyncpg.Record]"
) -> None:
    tenant: Tenant = await server.new_tenant()
    shop = await Shop.open(tenant)
    definition = await shop.define()
    for batch in range(3):
        intake = server.app.jobs.receive(
            tenant.uuid, tenant.credentials.api_key_id, UUID(definition.id)
        )
        await intake.open()
        await intake.add([f"user{number}" for number in range(25)])
        if batch:
            await intake.abandon()
    with patch.object(job_steps, "TRIM_ROWS", 10):
        await asyncio.gather(*(server.app.background.job_steps.trim() for _ in range(3)))
    left = "SELECT (SELECT count(*) FROM jobs), (SELECT count(*) FROM job_users)"
    assert tuple(await connection.fetchrow(left) or ()) == (1, 25)
