"""Migrations lead to the tables the service believes in, and back."""

import asyncio
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor

import pytest
from alembic import command
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
    def to_base(connection: Connection) -> None:
        configuration = migrations.config()
        configuration.attributes["connection"] = connection
        command.downgrade(configuration, "base")

    migrations._run(database_url, to_base)


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


def test_servers_that_start_at_once_migrate_one_after_the_other(empty_database: str) -> None:
    with ThreadPoolExecutor(4) as pool:
        list(pool.map(migrations.upgrade, [empty_database] * 4))
    assert migrations.pending(empty_database) == []
    assert migrations.drift(empty_database) == []
