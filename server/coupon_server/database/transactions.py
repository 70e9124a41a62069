"""Connections and transactions.

Most of the service speaks SQLAlchemy Core; the hot path has connections of the driver's own.
"""

import asyncio
from collections.abc import AsyncIterator, Iterator, Mapping
from contextlib import asynccontextmanager, contextmanager
from dataclasses import dataclass
from typing import Any, TypeAlias
from uuid import UUID, uuid4

import asyncpg
from sqlalchemy import func, select
from sqlalchemy.engine import make_url
from sqlalchemy.exc import DBAPIError
from sqlalchemy.exc import TimeoutError as PoolTimeout
from sqlalchemy.ext.asyncio import AsyncConnection, AsyncEngine, create_async_engine

from coupon_server.database import connection_budget
from coupon_server.database.connection_budget import POLLS, Allotment, Budget
from coupon_server.database.driver_pool import DriverConnection, DriverPool
from coupon_server.database.tables import REVISION
from coupon_server.domain.errors import DomainError, Reason
from coupon_server.keyed_semaphore import KeyedSemaphore

Transaction = AsyncConnection
"""A transaction in progress, as services hand it from one repository to the next."""

_DRIVER_ERRORS = (
    asyncpg.PostgresError,
    asyncpg.InterfaceError,
    # What the driver says when the connection died between two statements.
    asyncpg.InternalClientError,
    OSError,
    PoolTimeout,
)
_TRANSIENT_STATES = (
    "08",  # connection exception
    "25006",  # read-only: the primary became a standby
    "28",  # the password changed
    "3D",  # the database is being restored
    "40",  # serialization failure, deadlock
    "53",  # insufficient resources
    "55P03",  # lock timeout
    "57",  # statement timeout, shutdown
)

CONNECT_SECONDS = 5
"""How long a connection may take to open."""

WAIT_SECONDS = 10
"""How long a call waits for a connection, and for its tenant's share of them."""


@dataclass(frozen=True, slots=True)
class DatabaseOptions:
    """How to connect. Timeouts are in milliseconds and hold for every transaction.

    Of `pool_size` connections those of the `budget` are the driver's own.

    `statement_cache` is off behind a pooler that hands a server connection to another
    client after each transaction (PgBouncer's transaction mode).
    """

    url: str
    pool_size: int = 10
    budget: Budget = connection_budget.SERVING
    statement_cache: bool = True
    lock_timeout_ms: int = 5_000
    statement_timeout_ms: int = 30_000


class DatabaseNotReady(Exception):
    """The service can't use the database at all; "the database" and the text
    say why."""


class DatabaseOutdated(DatabaseNotReady):
    """It answers, but its tables are missing, or older than the service."""


class Unavailable(DomainError):
    """A transient error of the database: a retry may succeed."""

    def __init__(self) -> None:
        super().__init__(Reason.SERVICE_UNAVAILABLE, "The service cannot answer now")


class Contended(Unavailable):
    """A lock timeout or deadlock. The transaction was rolled back."""


class TookTooLong(Unavailable):
    """A statement timeout. The transaction was rolled back."""


class RowsChanged(Exception):
    """Rows changed between two statements that must agree; the transaction must be retried."""


class Database:
    """The service's connections. What makes an answer impossible now is SERVICE_UNAVAILABLE."""

    def __init__(self, options: DatabaseOptions) -> None:
        driver_arguments = _driver_arguments(options)
        self._engine = _engine(options, driver_arguments)
        # At least one connection is left to other tenants.
        self._of_tenant = KeyedSemaphore[UUID](max(1, _shared_connections(options) - 1))
        self._allotted = {
            allotment: asyncio.Semaphore(allotment.connections) for allotment in options.budget
        }
        limits = {
            "lock_timeout": str(options.lock_timeout_ms),
            "statement_timeout": str(options.statement_timeout_ms),
        }
        self._driver_pool = DriverPool(
            _url_arguments(self._engine) | driver_arguments,
            limits,
            size=connection_budget.size(options.budget),
            pooled=not options.statement_cache,
        )
        # Local to the transaction: a session's settings do not survive a transaction pooler.
        self._limits = select(
            *(func.set_config(name, value, True) for name, value in limits.items())
        )

    @asynccontextmanager
    async def transaction(self) -> AsyncIterator[AsyncConnection]:
        """A READ COMMITTED transaction, committed at the end and rolled back on any error."""
        with _translated_errors():
            async with self._engine.begin() as connection:
                await connection.execute(self._limits)
                yield connection

    @asynccontextmanager
    async def tenant_transaction(self, tenant_id: UUID) -> AsyncIterator[AsyncConnection]:
        """The same for a transaction that may wait for locks of the tenant's own calls.

        Such a transaction occupies a connection while it waits. A keyed semaphore keeps one tenant
        from occupying all of them.
        """
        async with _acquired(self._of_tenant.of(tenant_id)), self.transaction() as connection:
            yield connection

    @asynccontextmanager
    async def driver_transaction(
        self, allotment: Allotment, *, lock_timeout_ms: int | None = None
    ) -> AsyncIterator[DriverConnection]:
        """The same on the driver's own connection, with less work for each statement.

        Waits while all connections of the allotment are in use. Raises Contended on a lock timeout,
        by default that of the options; KeyError when the process's budget has no such allotment.
        """
        async with _acquired(self._allotted[allotment]):
            with _translated_errors():
                async with self._driver_pool.transaction(lock_timeout_ms) as connection:
                    yield connection

    @asynccontextmanager
    async def driver_connection(self, allotment: Allotment) -> AsyncIterator[DriverConnection]:
        """The driver's connection without a transaction, for single reading statements.

        Waits and raises as `driver_transaction` does.
        """
        async with _acquired(self._allotted[allotment]):
            with _translated_errors():
                async with self._driver_pool.connection() as connection:
                    yield connection

    async def check(self) -> None:
        """Raises DatabaseNotReady unless the database answers and its tables are new enough."""
        try:
            async with self.driver_connection(POLLS) as connection:
                revision = await connection.fetchval("SELECT max(version_num) FROM alembic_version")
        except asyncpg.UndefinedTableError:
            revision = None
        except (DomainError, asyncpg.PostgresError) as error:
            cause = error.__cause__ if isinstance(error, DomainError) else error
            refusal = (
                f"refused: {cause}"
                if isinstance(cause, asyncpg.PostgresError)
                else "does not answer"
            )
            raise DatabaseNotReady(refusal) from None
        if revision is None or revision < REVISION:
            raise DatabaseOutdated(f"lacks migration {REVISION}")

    async def close(self) -> None:
        await self._driver_pool.close()
        await self._engine.dispose()


@asynccontextmanager
async def _acquired(semaphore: asyncio.Semaphore) -> AsyncIterator[None]:
    """Hold the semaphore, acquired with a connection's timeout: calls don't pile up for ever."""
    with _translated_errors():
        async with asyncio.timeout(WAIT_SECONDS):
            await semaphore.acquire()
    try:
        yield
    finally:
        semaphore.release()


@asynccontextmanager
async def savepoint(transaction: Transaction) -> AsyncIterator[None]:
    """A part of a transaction that is undone alone on any error."""
    with _translated_errors():
        async with transaction.begin_nested():
            yield


AnyConnection: TypeAlias = "AsyncConnection | DriverConnection"
"""SQLAlchemy's connection or the driver's own, for statements that both kinds of callers need."""


async def driver_of(connection: AnyConnection) -> DriverConnection:
    """The asyncpg connection (beneath), for COPY and statements in a transaction that has begun.

    JSON is written to it as text, and to a connection of `driver_transaction` as values; both read
    it as values.
    """
    if not isinstance(connection, AsyncConnection):
        return connection
    raw = await connection.get_raw_connection()
    driver: DriverConnection = raw.driver_connection  # type: ignore[assignment]
    return driver


@contextmanager
def _translated_errors() -> Iterator[None]:
    """Translate transient errors to SERVICE_UNAVAILABLE; everything else is a fault."""
    try:
        yield
    except _DRIVER_ERRORS as error:
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
    if isinstance(cause, asyncpg.LockNotAvailableError | asyncpg.DeadlockDetectedError):
        return Contended()
    if isinstance(cause, asyncpg.QueryCanceledError):
        return TookTooLong()
    return Unavailable()


def _driver_arguments(options: DatabaseOptions) -> dict[str, Any]:
    """The driver's arguments beside the URL, for both pools."""
    return {
        # For a server that has disappeared, whose own timeouts do not apply.
        "timeout": CONNECT_SECONDS,
        "command_timeout": options.statement_timeout_ms / 1000 + 5,
        "statement_cache_size": 100 if options.statement_cache else 0,
    }


def _shared_connections(options: DatabaseOptions) -> int:
    """How many connections there are beside those of the driver's own pool."""
    return options.pool_size - connection_budget.size(options.budget)


def _engine(options: DatabaseOptions, driver_arguments: Mapping[str, Any]) -> AsyncEngine:
    url = make_url(options.url).set(drivername="postgresql+asyncpg")
    arguments = dict(driver_arguments)
    if not options.statement_cache:
        arguments["prepared_statement_cache_size"] = 0
        arguments["prepared_statement_name_func"] = lambda: f"__{uuid4()}__"
    return create_async_engine(
        url,
        pool_size=_shared_connections(options),
        max_overflow=0,
        pool_timeout=WAIT_SECONDS,
        connect_args=arguments,
        # An error's text goes to the log, where users' data and ciphertext have no place.
        hide_parameters=True,
    )


def _url_arguments(engine: AsyncEngine) -> dict[str, Any]:
    """The URL as the driver's own arguments."""
    _, arguments = engine.dialect.create_connect_args(engine.url)
    return {name: value for name, value in arguments.items() if not name.startswith("prepared_")}
