"""Servers that several tests share."""

from collections.abc import AsyncIterator, Iterator

import pytest

from coupon_server.embedded.postgres import EmbeddedPostgres
from support.builders import Shop
from support.databases import new_database
from support.processes import ServerProcess, new_shop, serving

UNLIMITED = {"tenant_redeem_per_second": 1_000_000, "tenant_redeem_in_flight": 1_000_000}


@pytest.fixture(scope="module")
def shared_database(cluster: EmbeddedPostgres, template: str) -> Iterator[str]:
    """A migrated database for a module, whose tests make tenants of their own."""
    with new_database(cluster.url("postgres"), template) as url:
        yield url


@pytest.fixture(scope="module")
def fleet(
    shared_database: str, tmp_path_factory: pytest.TempPathFactory
) -> Iterator[ServerProcess]:
    """`coupons serve` with four workers, and no limits to how fast one tenant may race."""
    log = tmp_path_factory.mktemp("fleet") / "log"
    with serving(shared_database, log, workers=4, **UNLIMITED) as server:
        yield server


@pytest.fixture
async def shop(shared_database: str, fleet: ServerProcess) -> AsyncIterator[Shop]:
    """A new tenant of the fleet, with a reward item."""
    async with new_shop(shared_database, fleet.address) as opened:
        yield opened
