"""A PostgreSQL for the whole run, and a database of its own for each test."""

import asyncio
import uuid
from collections.abc import AsyncIterator, Iterator
from pathlib import Path
from urllib.parse import urlsplit

import asyncpg
import pytest
from hypothesis import HealthCheck, settings

from coupon_server.database import migrations
from coupon_server.embedded.postgres import EmbeddedPostgres
from phoenix_coupons import AsyncCouponsClient
from support.clock import MovableClock
from support.logs import configure_plain_logs
from support.serving import Served, Tenant, serving, settings_for
from support.toolchains import Builds

TEMPLATE = "template_coupons"


def pytest_configure() -> None:
    configure_plain_logs()
    # How long Hypothesis takes for an example depends on the machine.
    settings.register_profile(
        "any machine", deadline=None, suppress_health_check=[HealthCheck.too_slow]
    )
    settings.load_profile("any machine")


@pytest.fixture(scope="session")
def cluster(tmp_path_factory: pytest.TempPathFactory) -> Iterator[EmbeddedPostgres]:
    """PostgreSQL, one for each process that runs tests; nothing of it survives a crash."""
    with EmbeddedPostgres(tmp_path_factory.mktemp("postgres"), durable=False) as postgres:
        # Each of the many connections would hash the password 4,096 times.
        password = urlsplit(postgres.url()).password
        change = f"SET scram_iterations = 1; ALTER ROLE coupons PASSWORD '{password}'"
        asyncio.run(_execute(postgres, change))
        yield postgres


@pytest.fixture(scope="session")
def template(cluster: EmbeddedPostgres) -> str:
    """A migrated database, from which tests clone theirs: so they can really commit."""
    asyncio.run(_execute(cluster, f"CREATE DATABASE {TEMPLATE}"))
    migrations.upgrade(cluster.url(TEMPLATE))
    return TEMPLATE


@pytest.fixture
async def database_url(cluster: EmbeddedPostgres, template: str) -> AsyncIterator[str]:
    """A migrated database for one test."""
    name = f"test_{uuid.uuid4().hex}"
    await _execute(cluster, f"CREATE DATABASE {name} TEMPLATE {template} STRATEGY FILE_COPY")
    yield cluster.url(name)
    await _execute(cluster, f"DROP DATABASE {name} WITH (FORCE)")


async def _execute(cluster: EmbeddedPostgres, statement: str) -> None:
    connection = await asyncpg.connect(cluster.url("postgres"))
    try:
        await connection.execute(statement)
    finally:
        await connection.close()


@pytest.fixture
def clock() -> MovableClock:
    return MovableClock()


@pytest.fixture
async def server(database_url: str, clock: MovableClock) -> AsyncIterator[Served]:
    """A running server whose clock the test moves."""
    async with serving(settings_for(database_url), clock) as served:
        yield served


@pytest.fixture
async def tenant(server: Served) -> Tenant:
    return await server.new_tenant()


@pytest.fixture
async def admin(tenant: Tenant) -> AsyncCouponsClient:
    """The tenant's back office."""
    return await tenant.admin()


@pytest.fixture
async def backend(tenant: Tenant) -> AsyncCouponsClient:
    """The tenant's own backend."""
    return await tenant.backend()


@pytest.fixture(scope="session")
def builds(tmp_path_factory: pytest.TempPathFactory, worker_id: str) -> Builds:
    """What is written in other languages, built once for all processes of the run."""
    own = tmp_path_factory.getbasetemp()
    return Builds(own if worker_id == "master" else own.parent)


@pytest.fixture(scope="session")
def gateway_program(builds: Builds) -> Path:
    return builds.gateway()


@pytest.fixture(scope="session")
def project() -> Path:
    """The root of the checkout."""
    return Path(__file__).resolve().parents[1]
