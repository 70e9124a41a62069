"""Migrations: bring a database to the schema of `tables`, and report its state.

They run over a direct connection, not through a transaction pooler. Every statement waits
at most `LOCK_TIMEOUT` for a lock, so that a migration never queues the service behind it.
"""

import asyncio
import re
import time
from collections.abc import Awaitable, Callable
from pathlib import Path
from typing import Any, TypeVar, cast

from alembic import command
from alembic.autogenerate import compare_metadata
from alembic.config import Config
from alembic.runtime.migration import MigrationContext
from alembic.script import ScriptDirectory
from sqlalchemy import Connection, pool, text
from sqlalchemy.ext.asyncio import AsyncConnection, AsyncEngine, create_async_engine

from coupon_server.database import grants
from coupon_server.database.connecting import Connector
from coupon_server.database.driver import DriverConnection
from coupon_server.database.poolers import is_pooled
from coupon_server.database.tables import REVISION, metadata
from coupon_server.database.urls import DatabaseUrl

LOCK_TIMEOUT = "4s"

WAIT_SECONDS = 300.0
"""How long a migration waits for another one."""

NOTIFY_SECONDS = 5.0
"""After how long it tells for whom."""

_TRY_LOCK = "SELECT pg_try_advisory_xact_lock(hashtextextended('coupons.migrate', 0))"

# pg_locks shows a lock of 64 bits in two halves.
_HOLDER = """
    SELECT a.pid, a.application_name, a.backend_start AT TIME ZONE 'UTC' AS backend_start
    FROM pg_locks l JOIN pg_stat_activity a ON a.pid = l.pid
    WHERE l.locktype = 'advisory' AND l.granted AND l.objsubid = 1
        AND (l.classid::bigint << 32 | l.objid::bigint) = hashtextextended('coupons.migrate', 0)
"""

_OWN_REVISION = re.compile("[0-9]{4}")

Answer = TypeVar("Answer")


class MigrationError(Exception):
    """The migrations can't be applied. The text says why."""


class MigrationLocked(MigrationError):
    """Another process migrates, and has not ended in time."""


def upgrade(
    database_url: str,
    *,
    wait_seconds: float = WAIT_SECONDS,
    notify: Callable[[str], None] = lambda _: None,
    grant_to: str | None = None,
) -> list[str]:
    """Apply every migration that is missing, each in a transaction of its own.

    Two servers that start at once are safe: the second waits for the first, and `notify` gets a
    line that says who that is when it waits for long. `grant_to`: the role that is granted what
    serving takes, afterwards. Returns what was applied, as `pending` names it.

    Raises MigrationLocked after `wait_seconds`, and MigrationError behind a transaction pooler and
    for a database that is not the service's.
    """

    async def run(engine: AsyncEngine) -> list[str]:
        async with engine.connect() as locking:
            await _refuse_pooler(locking)
            await _lock(locking, wait_seconds, notify)
            async with engine.connect() as connection:
                applied = await connection.run_sync(_upgrade)
                if grant_to is not None:
                    await connection.run_sync(_grant, grant_to)
                return applied

    return _with_engine(database_url, run)


def is_ahead(database_url: str) -> bool:
    """Whether a newer release has migrated the database."""
    return _run(database_url, _is_ahead)


def pending(database_url: str) -> list[str]:
    """The migrations that are missing, oldest first, as `revision description`."""
    return _run(database_url, _pending)


def drift(database_url: str) -> list[str]:
    """How the database differs from `tables`; empty when the migrations match."""
    return _run(database_url, _drift)


def config() -> Config:
    """Alembic's configuration; there is no alembic.ini."""
    configuration = Config()
    configuration.set_main_option("script_location", str(_directory()).replace("%", "%%"))
    configuration.set_main_option("path_separator", "os")
    return configuration


def configure(context: Any) -> None:
    """What `migrations/env.py` does."""
    connection = context.config.attributes["connection"]
    context.configure(
        connection=connection,
        target_metadata=metadata,
        transaction_per_migration=True,
        compare_server_default=True,
    )
    connection.execute(text(f"SET lock_timeout = '{LOCK_TIMEOUT}'"))
    connection.commit()
    with context.begin_transaction():
        context.run_migrations()


def _directory() -> Path:
    package = Path(__file__).resolve().parents[1]
    installed = package / "migrations"
    return installed if installed.is_dir() else package.parents[1] / "migrations"


def _with_engine(database_url: str, work: Callable[[AsyncEngine], Awaitable[Answer]]) -> Answer:
    async def run() -> Answer:
        # Behind a pooler statements must leave nothing behind, to be able to say so.
        connector = Connector(DatabaseUrl.parse(database_url), statement_cache_size=0)
        engine = create_async_engine(
            "postgresql+asyncpg://",
            isolation_level="READ COMMITTED",
            poolclass=pool.NullPool,
            connect_args={
                "async_creator_fn": lambda **_: connector.connect(),
                "prepared_statement_cache_size": 0,
            },
        )
        try:
            return await work(engine)
        finally:
            await engine.dispose()

    return asyncio.run(run())


def _run(database_url: str, work: Callable[[Connection], Answer]) -> Answer:
    async def run(engine: AsyncEngine) -> Answer:
        async with engine.connect() as connection:
            return await connection.run_sync(work)

    return _with_engine(database_url, run)


def _upgrade(connection: Connection) -> list[str]:
    missing = _pending(connection)
    connection.commit()
    if missing:
        configuration = config()
        configuration.attributes["connection"] = connection
        command.upgrade(configuration, "head")
    return missing


def _grant(connection: Connection, role: str) -> None:
    for statement in grants.statements(role):
        # Not `text`, to which a colon in the role's name would begin a parameter.
        connection.exec_driver_sql(statement)
    connection.commit()


async def _refuse_pooler(connection: AsyncConnection) -> None:
    raw = await connection.get_raw_connection()
    if await is_pooled(cast("DriverConnection", raw.driver_connection)):
        raise MigrationError(
            "COUPONS_DATABASE_URL leads to a pooler: migrate by a URL of PostgreSQL itself"
        )


async def _lock(
    connection: AsyncConnection, wait_seconds: float, notify: Callable[[str], None]
) -> None:
    """Take the advisory lock by which migrations run one at a time, until the transaction ends.

    It is a connection's own, whose transaction is idle meanwhile and has no snapshot. A statement
    that waits for the lock would have one, and CREATE INDEX CONCURRENTLY in the process with the
    lock waits for all snapshots; so this polls.
    """
    began, notified = time.monotonic(), False
    while not await connection.scalar(text(_TRY_LOCK)):
        waited = time.monotonic() - began
        if waited >= wait_seconds:
            raise MigrationLocked(
                f"gave up after {wait_seconds:g} s: {await _holder(connection)} migrates"
            )
        if waited >= NOTIFY_SECONDS and not notified:
            notify(f"waiting: {await _holder(connection)} migrates")
            notified = True
        await connection.rollback()
        await asyncio.sleep(0.1)
    await connection.execute(text("SET LOCAL idle_in_transaction_session_timeout = 0"))


async def _holder(connection: AsyncConnection) -> str:
    row = (await connection.execute(text(_HOLDER))).first()
    if row is None:
        return "another process"
    name = f", {row.application_name}" if row.application_name else ""
    # PostgreSQL shows it to the same role alone.
    since = f", connected since {row.backend_start:%FT%TZ}" if row.backend_start else ""
    return f"process {row.pid} of the server{since}{name}"


def _pending(connection: Connection) -> list[str]:
    """Nothing for a database that is ahead: what is in it works with this release, too."""
    current = MigrationContext.configure(connection).get_current_heads()
    scripts = ScriptDirectory.from_config(config())
    known = {script.revision for script in scripts.walk_revisions()}
    unknown = set(current) - known
    if any(not _OWN_REVISION.fullmatch(revision) for revision in unknown):
        raise MigrationError(
            "alembic_version is another program's: the service needs a database of its own"
        )
    if unknown:
        return []
    missing = list(scripts.iterate_revisions("heads", current or "base"))
    return [f"{script.revision} {script.doc}" for script in reversed(missing)]


def _is_ahead(connection: Connection) -> bool:
    current = MigrationContext.configure(connection).get_current_heads()
    return any(revision > REVISION for revision in current)


def _drift(connection: Connection) -> list[str]:
    context = MigrationContext.configure(connection, opts={"compare_server_default": True})
    return [str(difference) for difference in compare_metadata(context, metadata)]
