"""Connections and transactions.

One pool serves both ways of speaking: SQLAlchemy Core for most of the service, and the
asyncpg connection beneath it for the statements of the hot path and for COPY.
"""

from collections.abc import AsyncIterator, Iterator
from contextlib import asynccontextmanager, contextmanager
from dataclasses import dataclass
from typing import Any, TypeAlias
from uuid import uuid4

import asyncpg
from sqlalchemy import text
from sqlalchemy.engine import make_url
from sqlalchemy.exc import DBAPIError
from sqlalchemy.exc import TimeoutError as PoolTimeout
from sqlalchemy.ext.asyncio import AsyncConnection, AsyncEngine, create_async_engine

from coupon_server.domain.errors import DomainError, Reason

# Quoted, because only its type stub makes the class generic.
DriverConnection: TypeAlias = "asyncpg.Connection[asyncpg.Record]"
Transaction = AsyncConnection
"""A transaction in progress, as services hand it from one repository to the next."""

_TRANSIENT_STATES = (
    "08",  # connection exception
    "40",  # serialization failure, deadlock
    "53",  # insufficient resources
    "55P03",  # lock timeout
    "57",  # statement timeout, shutdown
)


@dataclass(frozen=True, slots=True)
class DatabaseOptions:
    """How to connect. Timeouts are in milliseconds and hold for every transaction.

    `statement_cache` is off behind a pooler that hands a server connection to another
    client after each transaction (PgBouncer's transaction mode).
    """

    url: str
    pool_size: int = 4
    statement_cache: bool = True
    lock_timeout_ms: int = 5_000
    statement_timeout_ms: int = 30_000


class RowsChanged(Exception):
    """Rows changed between two statements that must agree; the work has to start anew."""


class Database:
    """The service's pool. Whatever makes an answer impossible now is SERVICE_UNAVAILABLE."""

    def __init__(self, options: DatabaseOptions) -> None:
        self._engine = _engine(options)
        # Local to the transaction: a session's settings do not survive a transaction pooler.
        lock, statement = options.lock_timeout_ms, options.statement_timeout_ms
        self._begin = (
            f"BEGIN; SET LOCAL lock_timeout = {lock}; SET LOCAL statement_timeout = {statement}"
        )
        self._limits = text(
            f"SELECT set_config('lock_timeout', '{lock}', true),"
            f" set_config('statement_timeout', '{statement}', true)"
        )

    @asynccontextmanager
    async def transaction(self) -> AsyncIterator[AsyncConnection]:
        """A READ COMMITTED transaction, committed at the end and rolled back on any error."""
        with _translated_errors():
            async with self._engine.begin() as connection:
                await connection.execute(self._limits)
                yield connection

    @asynccontextmanager
    async def driver_transaction(self) -> AsyncIterator[DriverConnection]:
        """The same on the driver's own connection, with less work for each statement."""
        with _translated_errors():
            async with self._engine.connect() as connection:
                driver = await driver_of(connection)
                try:
                    await driver.execute(self._begin)
                    yield driver
                    await driver.execute("COMMIT")
                except Exception:
                    await _roll_back(connection, driver)
                    raise
                except BaseException:
                    # Cancelled in mid-statement: another connection is sooner at hand.
                    await connection.invalidate()
                    raise

    @asynccontextmanager
    async def driver_connection(self) -> AsyncIterator[DriverConnection]:
        """The driver's connection without a transaction, for a single reading statement."""
        with _translated_errors():
            async with self._engine.connect() as connection:
                driver = await driver_of(connection)
                try:
                    yield driver
                except Exception:
                    await _roll_back(connection, driver)
                    raise
                except BaseException:
                    await connection.invalidate()
                    raise

    async def close(self) -> None:
        await self._engine.dispose()


async def driver_of(connection: AsyncConnection) -> DriverConnection:
    """The asyncpg connection beneath, for COPY within a transaction that has begun."""
    raw = await connection.get_raw_connection()
    driver: DriverConnection = raw.driver_connection  # type: ignore[assignment]
    return driver


async def _roll_back(connection: AsyncConnection, driver: DriverConnection) -> None:
    try:
        if driver.is_in_transaction():
            await driver.execute("ROLLBACK")
    except (asyncpg.PostgresError, asyncpg.InterfaceError, OSError):
        await connection.invalidate()
    if driver.is_closed():
        await connection.invalidate()


@contextmanager
def _translated_errors() -> Iterator[None]:
    """Turn what passes by itself into SERVICE_UNAVAILABLE; everything else is a fault."""
    try:
        yield
    except (asyncpg.PostgresError, asyncpg.InterfaceError, OSError, PoolTimeout) as error:
        raise _translated(error, error) from error
    except DBAPIError as error:
        raise _translated(error, error.orig and error.orig.__cause__) from error


def _translated(error: Exception, cause: BaseException | None) -> Exception:
    if isinstance(cause, asyncpg.PostgresError):
        transient = (cause.sqlstate or "").startswith(_TRANSIENT_STATES)
    else:
        # A value that the driver cannot encode is a fault; else the connection is gone.
        transient = not isinstance(cause, ValueError)
    if not transient:
        return error
    return DomainError(Reason.SERVICE_UNAVAILABLE, "The service cannot answer now")


def _engine(options: DatabaseOptions) -> AsyncEngine:
    url = make_url(options.url).set(drivername="postgresql+asyncpg")
    arguments: dict[str, Any] = {"server_settings": {"application_name": "coupons"}}
    if not options.statement_cache:
        arguments |= {
            "statement_cache_size": 0,
            "prepared_statement_cache_size": 0,
            "prepared_statement_name_func": lambda: f"__{uuid4()}__",
            "server_settings": {},
        }
    return create_async_engine(
        url,
        pool_size=options.pool_size,
        max_overflow=0,
        pool_timeout=10,
        connect_args=arguments,
    )
