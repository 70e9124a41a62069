"""`coupons migrate`, and the service on a database that needs it."""

import asyncio
import subprocess
from collections.abc import Iterator
from pathlib import Path

import asyncpg
import pytest
from alembic.script import ScriptDirectory

from coupon_server.database import migrations
from coupon_server.database.tables import REVISION
from coupon_server.embedded.postgres import EmbeddedPostgres
from support.databases import ask, new_database
from support.installed import pgbouncer
from support.processes import COUPONS, coupons, variables


@pytest.fixture
def empty_database(cluster: EmbeddedPostgres) -> Iterator[str]:
    with new_database(cluster.url("postgres")) as url:
        yield url


def tables(url: str) -> int:
    query = "SELECT count(*) FROM pg_tables WHERE schemaname = 'public'"
    return int(asyncio.run(ask(url, query)))


def test_the_tables_name_the_newest_migration() -> None:
    assert ScriptDirectory.from_config(migrations.config()).get_heads() == [REVISION]


def test_check_changes_nothing_and_tells_by_its_exit_code(empty_database: str) -> None:
    environ = variables(empty_database)
    before = coupons("migrate", "--check", environ=environ)
    assert before.returncode == 1
    assert before.stdout.startswith("missing  0001 ")
    assert tables(empty_database) == 0
    assert coupons("migrate", environ=environ).stdout.startswith("applied  0001 ")
    for arguments in (["--check"], []):
        again = coupons("migrate", *arguments, environ=environ)
        assert again.returncode == 0
        assert again.stdout == "The database is up to date.\n"


def test_two_at_once_are_safe(empty_database: str) -> None:
    both = [
        subprocess.Popen(
            [*COUPONS, "migrate"],
            env=variables(empty_database),
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            text=True,
        )
        for _ in range(2)
    ]
    said = sorted(process.communicate(timeout=60)[0] for process in both)
    assert [process.returncode for process in both] == [0, 0], said
    assert said[0] == "The database is up to date.\n"
    assert said[1].count("applied") == len(said[1].splitlines())
    assert migrations.pending(empty_database) == []


@pytest.mark.parametrize("arguments", [["serve"], ["tenants", "list"]])
def test_a_database_without_tables_is_told_in_one_line(
    empty_database: str, arguments: list[str]
) -> None:
    ended = coupons(*arguments, environ=variables(empty_database))
    assert ended.returncode == 1
    [line] = ended.stderr.splitlines()
    assert "run `coupons migrate`" in line


def test_an_outdated_database_is_not_served(database_url: str) -> None:
    asyncio.run(ask(database_url, "UPDATE alembic_version SET version_num = '0000'"))
    ended = coupons("serve", environ=variables(database_url))
    assert (
        ended.stderr == f"Error: the database lacks migration {REVISION}: run `coupons migrate`\n"
    )


@pytest.mark.parametrize(
    ("url", "code", "message"),
    [
        ("postgresql://u:hidden@127.0.0.1:1/d", 6, "does not answer"),
        ("{url}_missing", 1, "does not exist"),
        ("mysql://u:hidden@h/d", 1, "COUPONS_DATABASE_URL: must look like"),
    ],
)
def test_failures_are_told_in_one_line(
    empty_database: str, url: str, code: int, message: str
) -> None:
    ended = coupons("migrate", environ=variables(url.format(url=empty_database)))
    assert ended.returncode == code
    [line] = ended.stderr.splitlines()
    assert message in line
    assert "hidden" not in line


LOCK = "SELECT pg_advisory_lock(hashtextextended('coupons.migrate', 0))"


async def test_a_migration_that_another_one_stalls_says_so_and_gives_up(
    database_url: str,
) -> None:
    holder = await asyncpg.connect(database_url, server_settings={"application_name": "stuck"})
    await holder.execute(LOCK)
    environ = variables(database_url)
    ended = await asyncio.to_thread(coupons, "migrate", "--wait", "6", environ=environ)
    assert ended.returncode == 7
    told, error = ended.stderr.splitlines()
    for line in (told, error):
        assert f"process {holder.get_server_pid()} of the server" in line
        assert "stuck" in line
    await holder.close()
    # Nothing is left of the one that gave up.
    again = await asyncio.to_thread(coupons, "migrate", "--wait", "0", environ=environ)
    assert again.returncode == 0, again.stderr


def test_a_migration_through_a_pooler_is_refused(database_url: str, tmp_path: Path) -> None:
    with pgbouncer(database_url, tmp_path) as url:
        ended = coupons("migrate", environ=variables(url))
    assert ended.returncode == 1
    assert ended.stderr == (
        "Error: COUPONS_DATABASE_URL leads to a pooler: migrate by a URL of PostgreSQL itself\n"
    )


@pytest.mark.parametrize("arguments", [[], ["--check"]])
def test_a_database_that_is_ahead_is_told_and_no_failure(
    database_url: str, arguments: list[str]
) -> None:
    asyncio.run(ask(database_url, "UPDATE alembic_version SET version_num = '9999'"))
    ended = coupons("migrate", *arguments, environ=variables(database_url))
    assert ended.returncode == 0, ended.stderr
    assert ended.stdout.startswith("The database was migrated by a newer release")


def test_another_programs_versions_are_named(database_url: str) -> None:
    asyncio.run(ask(database_url, "UPDATE alembic_version SET version_num = 'ae1027a6acf'"))
    ended = coupons("migrate", environ=variables(database_url))
    assert ended.returncode == 1
    [line] = ended.stderr.splitlines()
    assert "another program's" in line
