"""A PgBouncer in transaction mode: it is recognised, and its servers' memory does not grow."""

import asyncio
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import asyncpg
import pytest

from coupon_server.database import poolers
from coupon_server.database.poolers import DIRECT, TRANSACTION_POOLER
from support.builders import Shop, usage_limit
from support.installed import pgbouncer
from support.scale import LONG
from support.serving import serving, settings_for

CALLS = 10_000 if LONG else 1_500

MOST_STATEMENTS = 5
"""Prepared statements of a server connection, whatever its number of calls."""


@dataclass(frozen=True)
class Pool:
    url: str
    connections: int


async def prepared_statements(pool: Pool) -> list[int]:
    """How many each of the pooler's server connections has."""
    there: asyncio.Barrier = asyncio.Barrier(pool.connections)

    async def count() -> int:
        connection = await asyncpg.connect(pool.url, statement_cache_size=0)
        try:
            # The transactions run at once, so each has a server connection of its own.
            async with connection.transaction():
                await connection.execute("SELECT 1")
                await there.wait()
                number: int = await connection.fetchval(
                    "SELECT count(*) FROM pg_prepared_statements"
                )
                return number
        finally:
            await connection.close()

    return await asyncio.gather(*(count() for _ in range(pool.connections)))


async def mixed_calls(shop: Shop, count: int) -> None:
    definition = await shop.define(limit=usage_limit("unlimited"), custom_code="ALL")
    other = await shop.define(name="other")

    async def work(number: int) -> None:
        user = f"user{number % 50}"
        calls: list[Any] = [
            lambda: shop.redeem("ALL", user),
            lambda: shop.validate("ALL", user),
            lambda: shop.coupons(user_id=user, definition_id=definition.id),
            lambda: shop.ledger(user_id=user),
            lambda: shop.generate(other, user),
            lambda: shop.reward_item(f"item {number}"),
            lambda: shop.progress(user),
        ]
        await calls[number % len(calls)]()

    at_once = 20
    for begin in range(0, count, at_once):
        await asyncio.gather(*(work(number) for number in range(begin, begin + at_once)))


@pytest.fixture(params=[1, 4])
def pool(request: pytest.FixtureRequest, database_url: str, tmp_path: Path) -> Iterator[Pool]:
    """A PgBouncer with so many connections to the server."""
    with pgbouncer(database_url, tmp_path, request.param) as url:
        yield Pool(url, request.param)


async def test_prepared_statements_do_not_pile_up(pool: Pool) -> None:
    async with serving(settings_for(pool.url)) as server:
        shop = await Shop.open(await server.new_tenant())
        await mixed_calls(shop, CALLS // 2)
    assert max(await prepared_statements(pool)) <= MOST_STATEMENTS


async def test_the_way_to_the_server_is_found_out(pool: Pool, database_url: str) -> None:
    async def found(url: str) -> poolers.PoolingMode:
        connection = await asyncpg.connect(url, statement_cache_size=0)
        try:
            return await poolers.pooling_mode(connection)
        finally:
            await connection.close()

    assert await found(database_url) == DIRECT
    # Again, on connections of the pooler that have been used.
    assert [await found(pool.url) for _ in range(3)] == [TRANSACTION_POOLER] * 3
    assert max(await prepared_statements(pool)) == 0
