"""What the tests of storage have in common."""

from collections.abc import AsyncIterator

import asyncpg
import pytest

from coupon_server.database.connection_budget import SERVING
from coupon_server.database.transactions import Database, DatabaseOptions
from support.app import TESTS


@pytest.fixture
async def database(database_url: str) -> AsyncIterator[Database]:
    """The service's own way to the test's database."""
    database = Database(DatabaseOptions(url=database_url, budget=(*SERVING, TESTS)))
    yield database
    await database.close()


@pytest.fixture
async def connection(database_url: str) -> AsyncIterator["asyncpg.Connection[asyncpg.Record]"]:
    """A connection of the test's own."""
    connection = await asyncpg.connect(database_url)
    yield connection
    await connection.close()
