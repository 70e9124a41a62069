"""A service to attack, a tenant beside the attack, and the figures that are kept."""

from collections.abc import AsyncIterator, Iterator
from pathlib import Path

import pytest

from coupon_server.embedded.postgres import EmbeddedPostgres
from support.abuse import (
    AbuseTarget,
    Bystander,
    Figures,
    Question,
    abuse_target,
    bystanding,
)
from support.databases import new_database

_figures = pytest.StashKey[Figures]()


def pytest_configure(config: pytest.Config) -> None:
    config.stash[_figures] = Figures()


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Attacks of a larger scale take their time."""
    for item in items:
        if item.path.is_relative_to(Path(__file__).parent):
            item.add_marker(pytest.mark.timeout(1200))


def pytest_terminal_summary(
    terminalreporter: pytest.TerminalReporter, config: pytest.Config
) -> None:
    if rows := config.stash[_figures].lines():
        terminalreporter.section("figures")
        for row in rows:
            terminalreporter.write_line(row)


@pytest.fixture
def figures(pytestconfig: pytest.Config) -> Figures:
    """Where a test adds what it measured. Workers of pytest-xdist report none."""
    return pytestconfig.stash[_figures]


@pytest.fixture(scope="module")
def target_database(cluster: EmbeddedPostgres, template: str) -> Iterator[str]:
    """A migrated database for a module."""
    with new_database(cluster.url("postgres"), template) as url:
        yield url


@pytest.fixture(scope="module")
async def target(
    target_database: str, tmp_path_factory: pytest.TempPathFactory
) -> AsyncIterator[AbuseTarget]:
    """The service that a module's tests attack."""
    log = tmp_path_factory.mktemp("target") / "log"
    async with abuse_target(target_database, log) as started:
        yield started


@pytest.fixture(scope="session")
def quiet_database(cluster: EmbeddedPostgres, template: str) -> Iterator[str]:
    """A migrated database for `quiet`."""
    with new_database(cluster.url("postgres"), template) as url:
        yield url


@pytest.fixture(scope="session")
async def quiet(
    quiet_database: str, tmp_path_factory: pytest.TempPathFactory
) -> AsyncIterator[Question]:
    """A service that nobody attacks, on the same machine at the same time: what the bystander's
    calls to the target are compared with."""
    log = tmp_path_factory.mktemp("quiet") / "log"
    async with abuse_target(quiet_database, log) as target:
        yield await Question.of(target)


@pytest.fixture(scope="module")
async def bystander(quiet: Question, target: AbuseTarget) -> AsyncIterator[Bystander]:
    """A second tenant of the target."""
    with bystanding(quiet, await Question.of(target)) as bystander:
        yield bystander
