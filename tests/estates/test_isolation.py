"""A database whose default isolation is another: every transaction states its own."""

import asyncio
from collections.abc import AsyncIterator

import pytest
from sqlalchemy import text

from support.app import TESTS
from support.builders import Shop, outcome, usage_limit
from support.databases import ask
from support.serving import Served, serving, settings_for

LEVELS = ("read uncommitted", "read committed", "repeatable read", "serializable")


@pytest.fixture(params=LEVELS)
async def server(request: pytest.FixtureRequest, database_url: str) -> AsyncIterator[Served]:
    name = database_url.rpartition("/")[2]
    default = f"ALTER DATABASE {name} SET default_transaction_isolation = '{request.param}'"
    await ask(database_url, default)
    async with serving(settings_for(database_url)) as served:
        yield served


async def test_every_way_to_the_database_is_read_committed(server: Served) -> None:
    database = server.app.database
    show = "SHOW transaction_isolation"
    async with database.transaction() as transaction:
        assert await transaction.scalar(text(show)) == "read committed"
    async with database.driver_transaction(TESTS) as connection:
        assert await connection.fetchval(show) == "read committed"
    async with database.driver_connection(TESTS) as connection:
        assert await connection.fetchval(show) == "read committed"


async def test_races_are_decided_as_ever(server: Served) -> None:
    shop = await Shop.open(await server.new_tenant())
    defined = await asyncio.gather(
        *(
            outcome(shop.define(custom_code="RUSH", limit=usage_limit("global", 30)))
            for _ in range(4)
        )
    )
    assert sorted(defined) == ["", *["CODE_TAKEN"] * 3]
    attempts = [outcome(shop.redeem("RUSH", f"user{number}")) for number in range(90)]
    outcomes = await asyncio.gather(*attempts)
    assert (outcomes.count(""), outcomes.count("COUPON_LIMIT_REACHED")) == (30, 60)
