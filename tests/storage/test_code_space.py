"""Who makes codes of a tenant, and who claims or changes what they are of, queue for one lock."""

import asyncio
from collections.abc import Awaitable, Callable
from datetime import timedelta
from typing import Any
from uuid import UUID, uuid4

import asyncpg
import pytest

from coupon_server.database import transactions as storage
from coupon_server.database.transactions import Database
from coupon_server.settings import Settings
from coupon_server.storage import issuing, job_scheduler
from phoenix_coupons.v1 import CouponDefinition
from support.app import TESTS
from support.builders import Shop, outcome
from support.jobs import Jobs, line
from support.serving import serving, settings_for

# By far longer than the test may take: nobody gives up.
PATIENCE_MS = 120_000

Make = Callable[[Jobs, CouponDefinition], Awaitable[object]]


def with_long_timeouts(database_url: str) -> Settings:
    return settings_for(
        database_url,
        database_lock_timeout_ms=PATIENCE_MS,
        database_statement_timeout_ms=PATIENCE_MS,
    )


async def until_waiting(
    connection: "asyncpg.Connection[asyncpg.Record]", count: int, call: asyncio.Future[Any]
) -> None:
    """Return when so many transactions wait for a lock, or the call has not had to."""
    query = (
        "SELECT count(*) FROM pg_stat_activity"
        " WHERE datname = current_database() AND wait_event_type = 'Lock'"
    )
    while True:
        if call.done() or await connection.fetchval(query) >= count:
            return
        await asyncio.sleep(0.01)


@pytest.mark.parametrize(
    "make",
    [
        lambda jobs, definition: jobs.shop.generate(definition, "bob"),
        lambda jobs, definition: jobs.load(definition, [line(1, "one", "bob")]),
    ],
    ids=["generation", "import"],
)
async def test_a_change_that_waits_is_not_overtaken(
    database_url: str, connection: "asyncpg.Connection[asyncpg.Record]", make: Make
) -> None:
    settings = with_long_timeouts(database_url)
    async with serving(settings) as server:
        shop = await Shop.open(await server.new_tenant())
        jobs = await Jobs.of(shop)
        first, second, changed = [await shop.define() for _ in range(3)]
        done: list[str] = []

        async def noted(name: str, call: Awaitable[object]) -> None:
            await call
            done.append(name)

        async with server.app.database.transaction() as transaction:
            await server.app.generation.generate(
                transaction, shop.tenant.uuid, UUID(first.id), user_ids=["ada"], quantity=0
            )
            change = shop.change(changed, "max_uses_per_user", max_uses_per_user=2)
            changing = asyncio.create_task(noted("change", change))
            await until_waiting(connection, 1, changing)
            making = asyncio.create_task(noted("make", make(jobs, second)))
            await until_waiting(connection, 2, making)
        await asyncio.gather(changing, making)
        assert done == ["change", "make"]


@pytest.mark.parametrize(
    "make",
    [
        lambda jobs, definition: jobs.shop.generate(definition, "bob"),
        lambda jobs, definition: jobs.load(definition, [line(1, f"code-{uuid4()}")]),
        lambda jobs, definition: jobs.generate(definition, ["bob"]),
    ],
    ids=["generations", "imports", "long generations"],
)
async def test_calls_that_queue_leave_connections_to_other_tenants(
    database_url: str,
    database: Database,
    connection: "asyncpg.Connection[asyncpg.Record]",
    make: Make,
) -> None:
    settings = with_long_timeouts(database_url)
    async with serving(settings) as server:
        busy, other = [await Shop.open(await server.new_tenant()) for _ in range(2)]
        jobs, definition = await Jobs.of(busy), await busy.define()
        async with database.transaction() as transaction:
            await job_scheduler.lock_queue(transaction, busy.tenant.uuid)
            await issuing.lock_code_space(transaction, busy.tenant.uuid)
            calls = [
                asyncio.ensure_future(make(jobs, definition))
                for _ in range(settings.database_pool_size)
            ]
            await until_waiting(connection, 1, calls[0])
            await other.define()
        await asyncio.gather(*calls)


async def test_calls_that_queue_for_too_long_are_rejected(
    database_url: str, database: Database, monkeypatch: pytest.MonkeyPatch
) -> None:
    settings = with_long_timeouts(database_url)
    async with serving(settings) as server:
        shop = await Shop.open(await server.new_tenant())
        definition = await shop.define()
        monkeypatch.setattr(storage, "WAIT_SECONDS", 0.1)
        async with database.transaction() as transaction:
            await issuing.lock_code_space(transaction, shop.tenant.uuid)
            calls = [
                asyncio.create_task(outcome(shop.generate(definition, f"user{number}")))
                for number in range(settings.database_pool_size)
            ]
            for ended in asyncio.as_completed(calls):
                assert await ended == "SERVICE_UNAVAILABLE"
                break
        # Those whose turn it is wait for the lock as long as any call.
        assert {*await asyncio.gather(*calls)} == {"", "SERVICE_UNAVAILABLE"}


async def test_a_secret_is_rotated_while_coupons_are_made(
    database_url: str, database: Database
) -> None:
    async with serving(with_long_timeouts(database_url)) as server:
        tenant = await server.new_tenant()
        async with database.transaction() as making:
            await issuing.lock_code_space(making, tenant.uuid)
            async with server.app.database.transaction() as rotating:
                await server.app.credentials.rotate_secret(rotating, tenant.uuid, timedelta())


# In the release before, what makes codes locks the tenant's row, and counts in `code_spaces`.
LOCK_BEFORE = "SELECT tenant_id FROM tenants WHERE tenant_id = $1 FOR NO KEY UPDATE"
COUNT_BEFORE = """
INSERT INTO code_spaces AS s (tenant_id, prefix_folded, code_length, issued, unassigned)
VALUES ($1, 'old', 8, 2, 1)
ON CONFLICT (tenant_id, prefix_folded, code_length) DO UPDATE
    SET issued = s.issued + excluded.issued, unassigned = s.unassigned + excluded.unassigned
"""
USE_BEFORE = """
SELECT issued FROM code_spaces WHERE tenant_id = $1 AND prefix_folded = 'old' FOR UPDATE
"""


async def test_servers_of_the_release_before_make_codes_beside_those_of_this_one(
    database_url: str, connection: "asyncpg.Connection[asyncpg.Record]"
) -> None:
    async with serving(with_long_timeouts(database_url)) as server:
        shop = await Shop.open(await server.new_tenant())
        definition = await shop.define()
        await shop.generate(definition, "ada")
        async with server.app.database.driver_transaction(TESTS) as before:
            await before.execute(LOCK_BEFORE, shop.tenant.uuid)
            making = asyncio.ensure_future(shop.generate(definition, "bob"))
            await until_waiting(connection, 1, making)
            assert not making.done()
            for _ in range(2):
                await before.execute(COUNT_BEFORE, shop.tenant.uuid)
            assert await before.fetchval(USE_BEFORE, shop.tenant.uuid) == 4
        await making
    counts = "SELECT issued, unassigned FROM key_spaces ORDER BY issued"
    assert [tuple(row) for row in await connection.fetch(counts)] == [(2, 0), (4, 2)]
