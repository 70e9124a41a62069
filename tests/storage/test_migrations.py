"""Migrations lead to the tables the service believes in, and back."""

import asyncio
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor

import asyncpg
import pytest
from alembic import command
from alembic.config import Config
from sqlalchemy import Connection

from coupon_server.database import migrations
from coupon_server.embedded.postgres import EmbeddedPostgres
from support.databases import ask, new_database

TABLES = """
SELECT coalesce(string_agg(table_name, ' ' ORDER BY table_name), '')
FROM information_schema.tables WHERE table_schema = 'public'
"""
FUNCTIONS = "SELECT count(*) FROM pg_proc WHERE pronamespace = 'public'::regnamespace"


@pytest.fixture
def empty_database(cluster: EmbeddedPostgres) -> Iterator[str]:
    with new_database(cluster.url("postgres")) as url:
        yield url


def downgrade(database_url: str) -> None:
    migrations._run(database_url, lambda connection: command.downgrade(of(connection), "base"))


def upgrade_to(database_url: str, revision: str) -> None:
    migrations._run(database_url, lambda connection: command.upgrade(of(connection), revision))


def of(connection: Connection) -> Config:
    configuration = migrations.config()
    configuration.attributes["connection"] = connection
    return configuration


def test_an_empty_database_is_brought_to_the_tables_of_the_service(empty_database: str) -> None:
    missing = migrations.pending(empty_database)
    assert missing[0].startswith("0001 ")
    migrations.upgrade(empty_database)
    assert migrations.pending(empty_database) == []
    assert migrations.drift(empty_database) == []


def test_drift_is_noticed(empty_database: str) -> None:
    migrations.upgrade(empty_database)
    asyncio.run(ask(empty_database, "ALTER TABLE coupons ADD COLUMN surprise text"))
    asyncio.run(ask(empty_database, "DROP INDEX uq_coupons_code_folded"))
    differences = " ".join(migrations.drift(empty_database))
    assert "surprise" in differences
    assert "uq_coupons_code_folded" in differences


def test_a_downgrade_leaves_nothing_behind_and_can_be_undone(empty_database: str) -> None:
    migrations.upgrade(empty_database)
    downgrade(empty_database)
    assert asyncio.run(ask(empty_database, TABLES)) == "alembic_version"
    assert asyncio.run(ask(empty_database, FUNCTIONS)) == 0
    migrations.upgrade(empty_database)
    assert migrations.drift(empty_database) == []


WAITS = "SELECT count(*) > 0 FROM pg_locks WHERE NOT granted AND relation = 'code_spaces'::regclass"
LOCKS_TENANTS = """
SELECT count(*) > 0 FROM pg_locks
WHERE relation = 'tenants'::regclass AND mode <> 'AccessShareLock'
"""


async def test_tenants_are_not_locked_while_a_migration_waits_for_another_table(
    empty_database: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(migrations, "LOCK_TIMEOUT", "2min")
    await asyncio.to_thread(upgrade_to, empty_database, "0006")
    reader, observer = [await asyncpg.connect(empty_database) for _ in range(2)]
    async with reader.transaction():
        await reader.execute("SELECT FROM code_spaces")
        upgrade = asyncio.create_task(asyncio.to_thread(migrations.upgrade, empty_database))
        while not await observer.fetchval(WAITS):
            assert not upgrade.done()
            await asyncio.sleep(0.01)
        assert not await observer.fetchval(LOCKS_TENANTS)
    await upgrade
    await reader.close()
    await observer.close()


def test_servers_that_start_at_once_migrate_one_after_the_other(empty_database: str) -> None:
    with ThreadPoolExecutor(4) as pool:
        list(pool.map(migrations.upgrade, [empty_database] * 4))
    assert migrations.pending(empty_database) == []
    assert migrations.drift(empty_database) == []
