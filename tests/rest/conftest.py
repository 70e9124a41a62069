"""One service with both REST edges before it, for all tests of a process."""

from collections.abc import AsyncIterator, Iterator
from pathlib import Path

import pytest

from coupon_server.embedded.postgres import EmbeddedPostgres
from support import edges
from support.app import open_app
from support.builders import Shop
from support.databases import new_database
from support.edges import Edge
from support.processes import ServerProcess, serving
from support.rest import Rest
from support.serving import Served, settings_for


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Building the gateway for the first time takes a while."""
    for item in items:
        if item.path.is_relative_to(Path(__file__).parent):
            item.add_marker(pytest.mark.timeout(600))


@pytest.fixture(scope="session")
def rest_database(cluster: EmbeddedPostgres, template: str) -> Iterator[str]:
    """A migrated database, whose tests make tenants of their own."""
    with new_database(cluster.url("postgres"), template) as url:
        yield url


@pytest.fixture(scope="session")
def service(
    rest_database: str, tmp_path_factory: pytest.TempPathFactory
) -> Iterator[ServerProcess]:
    """`coupons serve` with two workers, which logs every call and trusts the edge's word on where
    it comes from."""
    log = tmp_path_factory.mktemp("service") / "log"
    with serving(rest_database, log, workers=2, access_log="all", trusted_hops=1) as server:
        yield server


@pytest.fixture(scope="session")
def envoy(service: ServerProcess, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Edge]:
    with edges.envoy(service.port, tmp_path_factory.mktemp("envoy")) as edge:
        yield edge


@pytest.fixture(scope="session")
def gateway(
    service: ServerProcess, gateway_program: Path, tmp_path_factory: pytest.TempPathFactory
) -> Iterator[Edge]:
    directory = tmp_path_factory.mktemp("gateway")
    with edges.gateway(gateway_program, service.port, directory) as edge:
        yield edge


@pytest.fixture(params=["envoy", "gateway"])
def edge(request: pytest.FixtureRequest) -> Edge:
    """Each of the edges: what a test promises holds for both."""
    found: Edge = request.getfixturevalue(request.param)
    return found


@pytest.fixture(scope="session")
async def served(rest_database: str, service: ServerProcess) -> AsyncIterator[Served]:
    """The service as the makers of tenants and clients see it."""
    async with open_app(settings_for(rest_database)) as app:
        served = Served(app, service.address)
        async with served.clients:
            yield served


@pytest.fixture
async def shop(served: Served) -> Shop:
    """A new tenant, with a reward item."""
    return await Shop.open(await served.new_tenant())


@pytest.fixture
def rest(edge: Edge, shop: Shop) -> Rest:
    """The shop's requests through the edge."""
    return Rest(edge, shop.tenant)
