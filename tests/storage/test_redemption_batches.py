"""Batches under adverse conditions: rows that appear, stay locked, or are not worth keeping."""

import asyncio
from collections.abc import AsyncIterator, Sequence

import asyncpg
import pytest

from coupon_server.domain.redemption import Attempt
from coupon_server.storage import redemption_batch
from coupon_server.storage.driver_pool import DriverConnection
from coupon_server.storage.redemption_batch import Found
from support.builders import Shop, outcome, usage_limit
from support.serving import Served, serving, settings_for

LOCK_TIMEOUT_MS = 300


@pytest.fixture
async def served(database_url: str) -> AsyncIterator[Served]:
    settings = settings_for(database_url, database_lock_timeout_ms=LOCK_TIMEOUT_MS)
    async with serving(settings) as served:
        yield served


@pytest.fixture
async def shop(served: Served) -> Shop:
    return await Shop.open(await served.new_tenant())


@pytest.fixture
async def other_shop(served: Served) -> Shop:
    return await Shop.open(await served.new_tenant("Another tenant"))


async def test_a_definition_that_appears_between_locking_and_loading_is_locked_first(
    shop: Shop, monkeypatch: pytest.MonkeyPatch
) -> None:
    load = redemption_batch.load
    loads = 0

    async def load_after_the_definition_appeared(
        connection: DriverConnection, attempts: Sequence[Attempt]
    ) -> list[Found]:
        nonlocal loads
        loads += 1
        if loads == 1:
            await shop.define(custom_code="LAUNCH", limit=usage_limit("global", 1))
        return await load(connection, attempts)

    monkeypatch.setattr(redemption_batch, "load", load_after_the_definition_appeared)
    assert await outcome(shop.redeem("LAUNCH", "alice")) == ""
    assert loads == 2
    assert await outcome(shop.redeem("LAUNCH", "bob")) == "COUPON_LIMIT_REACHED"


async def test_a_row_that_stays_locked_fails_those_alone_who_want_it(
    shop: Shop, other_shop: Shop, connection: "asyncpg.Connection[asyncpg.Record]"
) -> None:
    locked = await shop.define(custom_code="LOCKED")
    await other_shop.define(custom_code="FREE")
    # The first call's batch is under way when the others come, which makes them one batch.
    async with connection.transaction():
        await connection.execute(
            "SELECT FROM definition_counters WHERE definition_id = $1 FOR UPDATE", locked.id
        )
        found = await asyncio.gather(
            *(outcome(shop.redeem("LOCKED", f"user-{n}")) for n in range(3)),
            *(outcome(other_shop.redeem("FREE", f"user-{n}")) for n in range(20)),
        )
    assert set(found[3:]) == {""}
    assert "SERVICE_UNAVAILABLE" in found[:3] or set(found[:3]) == {""}
    assert (await other_shop.ledger())[0].code == "FREE"


async def test_a_refusal_leaves_nothing_behind(
    shop: Shop, connection: "asyncpg.Connection[asyncpg.Record]"
) -> None:
    await shop.define(custom_code="SPENT", limit=usage_limit("global", 1))
    await shop.redeem("SPENT", "alice")
    for number in range(5):
        assert await outcome(shop.redeem("SPENT", f"late-{number}")) == "COUPON_LIMIT_REACHED"
    assert await connection.fetchval("SELECT count(*) FROM holders") == 1
