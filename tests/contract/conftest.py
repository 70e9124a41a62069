"""What the tests of the contract have in common."""

from collections.abc import AsyncIterator, Iterator

import pytest

from coupon_server.embedded.postgres import EmbeddedPostgres
from support.contract import World, open_world
from support.databases import new_database


@pytest.fixture(scope="session")
def shared_database(cluster: EmbeddedPostgres, template: str) -> Iterator[str]:
    """A migrated database for all tests of a process, which make tenants of their own."""
    with new_database(cluster.url("postgres"), template) as url:
        yield url


@pytest.fixture(scope="session")
async def world(shared_database: str) -> AsyncIterator[World]:
    """A server for all tests of a process."""
    async with open_world(shared_database) as world:
        yield world
