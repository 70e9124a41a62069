"""Migrations: bring a database to the schema of `tables`, and report its state.

They run over a direct connection, not through a transaction pooler. Every statement waits
at most `LOCK_TIMEOUT` for a lock, so that a migration never queues the service behind it.
"""

import asyncio
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any, TypeVar

from alembic import command
from alembic.autogenerate import compare_metadata
from alembic.config import Config
from alembic.runtime.migration import MigrationContext
from alembic.script import ScriptDirectory
from sqlalchemy import Connection, pool, text
from sqlalchemy.ext.asyncio import create_async_engine

from coupon_server.database import grants
from coupon_server.database.connecting import Connector
from coupon_server.database.tables import metadata
from coupon_server.database.urls import DatabaseUrl

LOCK_TIMEOUT = "4s"

Answer = TypeVar("Answer")


def upgrade(database_url: str) -> list[str]:
    """Apply every migration that is missing, each in a transaction of its own.

    Two servers that start at once are safe: the second waits for the first.
    Returns what was applied, as `pending` names it.
    """
    return _run(database_url, _upgrade)


def grant(database_url: str, role: str) -> None:
    """Grant a role what serving takes."""

    def run(connection: Connection) -> None:
        for statement in grants.statements(role):
            connection.execute(text(statement))
        connection.commit()

    _run(database_url, run)


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


def _run(database_url: str, work: Callable[[Connection], Answer]) -> Answer:
    async def run() -> Answer:
        connector = Connector(DatabaseUrl.parse(database_url))
        engine = create_async_engine(
            "postgresql+asyncpg://",
            isolation_level="READ COMMITTED",
            poolclass=pool.NullPool,
            connect_args={"async_creator_fn": lambda **_: connector.connect()},
        )
        try:
            async with engine.connect() as connection:
                return await connection.run_sync(work)
        finally:
            await engine.dispose()

    return asyncio.run(run())


def _upgrade(connection: Connection) -> list[str]:
    _lock(connection)
    missing = _pending(connection)
    connection.commit()
    configuration = config()
    configuration.attributes["connection"] = connection
    command.upgrade(configuration, "head")
    return missing


def _lock(connection: Connection) -> None:
    """Take the advisory lock by which migrations run one at a time, until the connection closes.

    Polls with pg_try_advisory_lock: a waiting statement would hold a snapshot, and CREATE INDEX
    CONCURRENTLY in the process with the lock waits for all snapshots.
    """
    lock = text("SELECT pg_try_advisory_lock(hashtextextended('coupons.migrate', 0))")
    while not connection.scalar(lock):
        connection.commit()
        time.sleep(0.1)
    connection.commit()


def _pending(connection: Connection) -> list[str]:
    current = MigrationContext.configure(connection).get_current_heads()
    scripts = ScriptDirectory.from_config(config())
    missing = list(scripts.iterate_revisions("heads", current or "base"))
    return [f"{script.revision} {script.doc}" for script in reversed(missing)]


def _drift(connection: Connection) -> list[str]:
    context = MigrationContext.configure(connection, opts={"compare_server_default": True})
    return [str(difference) for difference in compare_metadata(context, metadata)]
