"""What passes by itself is SERVICE_UNAVAILABLE; everything else is a fault."""

import asyncio
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import AbstractAsyncContextManager, asynccontextmanager
from typing import Any

import asyncpg
import pytest
from sqlalchemy import text
from sqlalchemy.exc import DBAPIError, IntegrityError

from coupon_server.database import connecting
from coupon_server.database.transactions import Database, DatabaseOptions
from coupon_server.domain.errors import DomainError, Reason
from support.app import TESTS
from support.builders import Shop, refused
from support.serving import serving, settings_for

Run = Callable[[str], Awaitable[Any]]
Open = Callable[[Database], AbstractAsyncContextManager[Run]]

TERMINATE_OTHERS = """
SELECT pg_terminate_backend(pid) FROM pg_stat_activity
WHERE datname = current_database() AND pid <> pg_backend_pid()
"""


@asynccontextmanager
async def by_sqlalchemy(database: Database) -> AsyncIterator[Run]:
    async with database.transaction() as connection:
        yield lambda statement: connection.execute(text(statement))


@asynccontextmanager
async def by_driver(database: Database) -> AsyncIterator[Run]:
    async with database.driver_transaction(TESTS) as connection:
        yield connection.execute


@asynccontextmanager
async def by_driver_without_transaction(database: Database) -> AsyncIterator[Run]:
    async with database.driver_connection(TESTS) as connection:
        yield connection.execute


@pytest.fixture(params=[by_sqlalchemy, by_driver, by_driver_without_transaction])
def opened(request: pytest.FixtureRequest) -> Open:
    """Each way in which the service speaks to the database."""
    way: Open = request.param
    return way


async def run(open_: Open, database: Database, *statements: str) -> None:
    async with open_(database) as execute:
        for statement in statements:
            await execute(statement)


async def unavailable(call: Awaitable[None]) -> None:
    with pytest.raises(DomainError) as caught:
        await call
    assert caught.value.reason is Reason.SERVICE_UNAVAILABLE
    assert caught.value.message == "The service cannot answer now"


@pytest.fixture
async def impatient(database_url: str) -> AsyncIterator[Database]:
    database = Database(
        DatabaseOptions(
            url=database_url, budget=(TESTS,), lock_timeout_ms=50, statement_timeout_ms=200
        )
    )
    yield database
    await database.close()


async def test_a_lock_that_is_not_released_is_not_waited_for_longer_than_set(
    impatient: Database, connection: "asyncpg.Connection[asyncpg.Record]", opened: Open
) -> None:
    async with connection.transaction():
        await connection.execute("LOCK TABLE tenants")
        await unavailable(run(opened, impatient, "SELECT * FROM tenants"))
    await run(opened, impatient, "SELECT * FROM tenants")


async def test_a_statement_takes_no_longer_than_set(impatient: Database, opened: Open) -> None:
    await unavailable(run(opened, impatient, "SELECT pg_sleep(10)"))
    await run(opened, impatient, "SELECT 1")


async def test_after_a_lost_connection_the_next_call_gets_another(
    database: Database, connection: "asyncpg.Connection[asyncpg.Record]", opened: Open
) -> None:
    await run(opened, database, "SELECT 1")

    async def interrupted() -> None:
        async with opened(database) as execute:
            await execute("SELECT 1")
            await connection.execute(TERMINATE_OTHERS)
            await execute("SELECT 1")

    await unavailable(interrupted())
    await run(opened, database, "SELECT 1")


async def test_connections_that_die_while_idle_cost_no_call(
    database: Database,
    connection: "asyncpg.Connection[asyncpg.Record]",
    opened: Open,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    # Every pause is long enough for the server, or a firewall, to end the connection.
    monkeypatch.setattr(connecting, "IDLE_SECONDS", 0)
    for _ in range(3):
        await run(opened, database, "SELECT 1")
        await connection.execute(TERMINATE_OTHERS)
        await run(opened, database, "SELECT 1")


async def test_one_of_two_in_a_deadlock_may_try_again(database: Database) -> None:
    held = asyncio.Barrier(2)

    async def lock(first: int, second: int) -> str:
        try:
            async with database.driver_transaction(TESTS) as connection:
                await connection.execute(f"SELECT pg_advisory_xact_lock({first})")
                await held.wait()
                await connection.execute(f"SELECT pg_advisory_xact_lock({second})")
        except DomainError as error:
            return error.reason
        return ""

    outcomes = await asyncio.gather(lock(1, 2), lock(2, 1))
    assert sorted(outcomes) == ["", "SERVICE_UNAVAILABLE"]


async def test_a_server_that_is_not_there_is_unavailable(opened: Open) -> None:
    url = "postgresql://nobody:wrong@127.0.0.1:1/nothing"
    nowhere = Database(DatabaseOptions(url=url, budget=(TESTS,)))
    await unavailable(run(opened, nowhere, "SELECT 1"))
    await nowhere.close()


async def test_a_broken_rule_of_the_schema_is_a_fault_and_not_hidden(
    database: Database, opened: Open
) -> None:
    with pytest.raises((asyncpg.IntegrityConstraintViolationError, IntegrityError)):
        await run(opened, database, "INSERT INTO auth_revision VALUES (2, 1)")
    await run(opened, database, "SELECT 1")


@pytest.mark.parametrize("way", [by_sqlalchemy, by_driver])
async def test_what_failed_leaves_nothing_behind(database: Database, way: Open) -> None:
    change = "UPDATE auth_revision SET revision = 77"
    with pytest.raises((asyncpg.DataError, DBAPIError), match="division by zero"):
        await run(way, database, change, "SELECT 1 / 0")
    async with database.driver_connection(TESTS) as connection:
        assert await connection.fetchval("SELECT revision FROM auth_revision") != 77


async def test_a_cancelled_call_leaves_its_connection_fit_for_the_next(
    database: Database, opened: Open
) -> None:
    slow = asyncio.create_task(run(opened, database, "SELECT pg_sleep(30)"))
    await asyncio.sleep(0.1)
    slow.cancel()
    with pytest.raises(asyncio.CancelledError):
        await slow
    async with asyncio.timeout(5):
        for _ in range(5):
            await run(opened, database, "SELECT 1")


async def test_an_outage_is_answered_as_retryable_and_nothing_else(
    database_url: str, connection: "asyncpg.Connection[asyncpg.Record]"
) -> None:
    settings = settings_for(database_url, database_lock_timeout_ms=50)
    async with serving(settings) as server:
        shop = await Shop.open(await server.new_tenant())
        code = await shop.code_for(await shop.define(), "alice")
        async with connection.transaction():
            await connection.execute("SELECT 1 FROM coupons FOR UPDATE")
            error = await refused(shop.redeem(code, "alice", request_id="id-1"))
            assert error.reason == "SERVICE_UNAVAILABLE"
            assert error.message == "The service cannot answer now"
        await shop.redeem(code, "alice", request_id="id-1")


async def test_no_connection_to_a_server_that_takes_no_writes_any_more_is_used_again(
    database: Database, opened: Open
) -> None:
    """Behind a pooler the connection stays, when the primary becomes a standby."""
    read_only = "SET SESSION CHARACTERISTICS AS TRANSACTION READ ONLY"
    change = "UPDATE auth_revision SET revision = revision + 1"
    for way in (by_sqlalchemy, by_driver):
        await run(way, database, read_only)
    await unavailable(run(by_sqlalchemy, database, change))
    await run(opened, database, change)
