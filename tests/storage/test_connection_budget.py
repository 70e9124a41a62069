"""An allotment bounds how many connections its part of the service has, and no other part."""

import asyncio
from collections.abc import AsyncIterator, Callable
from contextlib import AbstractAsyncContextManager

import pytest

from coupon_server.database import transactions
from coupon_server.database.connection_budget import Allotment
from coupon_server.database.driver import DriverConnection
from coupon_server.database.transactions import Database, DatabaseOptions
from coupon_server.domain.errors import Unavailable

NARROW, WIDE, FOREIGN = Allotment("narrow", 1), Allotment("wide", 2), Allotment("foreign", 1)
Access = Callable[[Allotment], AbstractAsyncContextManager[DriverConnection]]


@pytest.fixture
async def budgeted(database_url: str) -> AsyncIterator[Database]:
    database = Database(DatabaseOptions(url=database_url, budget=(NARROW, WIDE)))
    yield database
    await database.close()


@pytest.fixture(params=["driver_connection", "driver_transaction"])
def access(request: pytest.FixtureRequest, budgeted: Database) -> Access:
    opened: Access = getattr(budgeted, request.param)
    return opened


async def backend(access: Access, allotment: Allotment) -> int:
    """The server process that one of the allotment's connections leads to."""
    async with access(allotment) as connection:
        process: int = await connection.fetchval("SELECT pg_backend_pid()")
        return process


async def test_what_is_over_an_allotment_waits_and_delays_no_other(access: Access) -> None:
    async with access(NARROW):
        waiting = asyncio.create_task(backend(access, NARROW))
        async with access(WIDE) as one:
            # The pool has a third connection, which is not the narrow one's to take.
            assert await backend(access, WIDE) != await one.fetchval("SELECT pg_backend_pid()")
        assert not waiting.done()
    assert await waiting


async def test_a_failure_gives_the_connection_back(access: Access) -> None:
    for _ in range(3):
        with pytest.raises(ZeroDivisionError):
            async with access(NARROW):
                raise ZeroDivisionError
    assert await backend(access, NARROW)


async def test_a_caller_that_waits_for_too_long_is_rejected(
    access: Access, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(transactions, "WAIT_SECONDS", 0.05)
    async with access(NARROW):
        with pytest.raises(Unavailable):
            await backend(access, NARROW)
    assert await backend(access, NARROW)


async def test_a_process_has_only_what_its_budget_names(access: Access) -> None:
    with pytest.raises(KeyError):
        await backend(access, FOREIGN)
