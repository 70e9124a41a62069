"""Connections and transactions.

Most of the service speaks SQLAlchemy Core; the hot path has connections of the driver's own.
"""

import asyncio
from collections.abc import AsyncIterator, Mapping
from contextlib import AsyncExitStack, asynccontextmanager
from dataclasses import dataclass
from time import monotonic
from typing import Any, TypeAlias
from uuid import UUID

import asyncpg
from sqlalchemy import event, func, select
from sqlalchemy.exc import DBAPIError, DisconnectionError
from sqlalchemy.ext.asyncio import AsyncConnection, AsyncEngine, create_async_engine

from coupon_server.database import connection_budget
from coupon_server.database.connecting import Connector, check, note_use
from coupon_server.database.connection_budget import POLLS, Allotment, Budget
from coupon_server.database.driver import DriverConnection
from coupon_server.database.driver_pool import STATEMENTS, DriverPool
from coupon_server.database.failures import (
    DRIVER_ERRORS,
    NotPrimary,
    driver_error,
    explained,
    lost,
    translated_errors,
)
from coupon_server.database.poolers import DIRECT, TRANSACTION_POOLER, PoolingMode, pooling_mode
from coupon_server.database.tables import REVISION
from coupon_server.database.urls import DatabaseUrl
from coupon_server.domain.errors import DomainError, Unavailable
from coupon_server.keyed_semaphore import KeyedSemaphore

Transaction = AsyncConnection
"""A transaction in progress, as services hand it from one repository to the next."""

WAIT_SECONDS = 10
"""How long a call waits for a connection, and for its tenant's share of them."""


@dataclass(frozen=True, slots=True)
class DatabaseOptions:
    """How to connect. Timeouts are in milliseconds and hold for every transaction.

    Of `pool_size` connections those of the `budget` are the driver's own.

    `statement_cache` is off behind a pooler that hands a server connection to another
    client after each transaction (PgBouncer's transaction mode). None: found out.
    """

    url: str
    pool_size: int = 10
    budget: Budget = connection_budget.SERVING
    statement_cache: bool | None = None
    lock_timeout_ms: int = 5_000
    statement_timeout_ms: int = 30_000


class DatabaseNotReady(Exception):
    """The service can't use the database at all; "the database" and the text
    say why."""


class DatabaseOutdated(DatabaseNotReady):
    """It answers, but its tables are missing, or older than the service."""


class DatabaseReadOnly(DatabaseNotReady):
    """Servers answer, and none takes writes: during a failover, or if the URL leads to standbys."""


class RowsChanged(Exception):
    """Rows changed between two statements that must agree; the transaction must be retried."""


class Database:
    """The service's connections. What makes an answer impossible now is SERVICE_UNAVAILABLE."""

    def __init__(self, options: DatabaseOptions) -> None:
        self._options = options
        self._connector = Connector(
            DatabaseUrl.parse(options.url),
            # For a server that has disappeared, whose own timeouts do not apply.
            command_timeout=options.statement_timeout_ms / 1000 + 5,
        )
        # At least one connection is left to other tenants.
        self._of_tenant = KeyedSemaphore[UUID](max(1, _shared_connections(options) - 1))
        self._allotted = {
            allotment: asyncio.Semaphore(allotment.connections) for allotment in options.budget
        }
        self._opening = asyncio.Lock()
        self._pools: _Pools | None = None

    @property
    def address(self) -> str:
        """The server, as logs and messages name it."""
        return self._connector.address

    @asynccontextmanager
    async def transaction(self) -> AsyncIterator[AsyncConnection]:
        """A READ COMMITTED transaction, committed at the end and rolled back on any error."""
        async with self._guarded() as pools, pools.shared.transaction() as connection:
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
        async with (
            _acquired(self._allotted[allotment]),
            self._guarded() as pools,
            pools.driver.transaction(lock_timeout_ms) as connection,
        ):
            yield connection

    @asynccontextmanager
    async def driver_connection(self, allotment: Allotment) -> AsyncIterator[DriverConnection]:
        """The driver's connection without a transaction, for single statements.

        Waits and raises as `driver_transaction` does.
        """
        async with (
            _acquired(self._allotted[allotment]),
            self._guarded() as pools,
            pools.driver.connection() as connection,
        ):
            yield connection

    @asynccontextmanager
    async def _guarded(self) -> AsyncIterator["_Pools"]:
        """The pools. An error that other connections share has all of them opened anew."""
        try:
            with translated_errors():
                pools = await self._opened()
                yield pools
        except Unavailable as error:
            if error.cause and " at " not in error.cause:
                error.cause = f"{error.cause} at {self.address}"
            if lost(driver_error(error.__cause__ or error)):
                await self._expire()
            raise

    async def _opened(self) -> "_Pools":
        if self._pools is None:
            async with self._opening:
                if self._pools is None:
                    self._pools = _Pools(self._connector, self._options, await self._pooling_mode())
        return self._pools

    async def _pooling_mode(self) -> PoolingMode:
        if self._options.statement_cache is not None:
            return DIRECT if self._options.statement_cache else TRANSACTION_POOLER
        connection = await self._connector.connect(statement_cache_size=0)
        try:
            return await pooling_mode(connection)
        finally:
            connection.terminate()

    async def _expire(self) -> None:
        if self._pools is not None:
            await self._pools.expire()

    async def check(self) -> None:
        """Raises DatabaseNotReady unless the database answers, takes writes, and its tables are new
        enough."""
        try:
            async with self.driver_connection(POLLS) as connection:
                revision = await connection.fetchval("SELECT max(version_num) FROM alembic_version")
        except asyncpg.UndefinedTableError:
            revision = None
        except (DomainError, asyncpg.PostgresError, asyncpg.InterfaceError) as error:
            cause = (isinstance(error, DomainError) and error.__cause__) or error
            kind = DatabaseReadOnly if isinstance(cause, NotPrimary) else DatabaseNotReady
            raise kind(explained(cause)) from None
        if revision is None or revision < REVISION:
            raise DatabaseOutdated(f"lacks migration {REVISION}")

    async def close(self) -> None:
        if self._pools is not None:
            await self._pools.close()


class _Pools:
    """The two pools of a database, which share what happens to its server."""

    def __init__(self, connector: Connector, options: DatabaseOptions, mode: PoolingMode) -> None:
        limits = {
            "lock_timeout": str(options.lock_timeout_ms),
            "statement_timeout": str(options.statement_timeout_ms),
        }
        self.driver = DriverPool(
            connector, mode, limits, size=connection_budget.size(options.budget)
        )
        self.shared = _SharedPool(connector, mode, limits, size=_shared_connections(options))

    async def expire(self) -> None:
        """Open every connection anew before its next use."""
        self.shared.expire()
        await self.driver.expire()

    async def close(self) -> None:
        await self.driver.close()
        await self.shared.close()


class _SharedPool:
    """SQLAlchemy's connections."""

    def __init__(
        self, connector: Connector, mode: PoolingMode, limits: Mapping[str, str], *, size: int
    ) -> None:
        # Unprepared statements have no name: behind a pooler nobody could deallocate them.
        statements = STATEMENTS if mode.prepares else 0

        async def connect(**_: Any) -> "asyncpg.Connection[asyncpg.Record]":
            return await connector.connect(statement_cache_size=statements)

        self._engine = create_async_engine(
            "postgresql+asyncpg://",
            isolation_level="READ COMMITTED",
            pool_size=size,
            max_overflow=0,
            pool_timeout=WAIT_SECONDS,
            connect_args={
                "async_creator_fn": connect,
                "prepared_statement_cache_size": statements,
            },
            # An error's text goes to the log, where users' data and ciphertext have no place.
            hide_parameters=True,
        )
        # Local to the transaction: a session's settings do not survive a transaction pooler.
        self._limits = select(
            *(func.set_config(name, value, True) for name, value in limits.items())
        )
        self._opened_after = 0.0
        self._listen(self._engine)

    @asynccontextmanager
    async def transaction(self) -> AsyncIterator[AsyncConnection]:
        """A transaction with the limits set; begun once more if its connection was lost."""
        async with AsyncExitStack() as stack:
            yield await self._begun(stack)

    async def _begun(self, stack: AsyncExitStack) -> AsyncConnection:
        try:
            async with AsyncExitStack() as attempt:
                connection = await attempt.enter_async_context(self._engine.begin())
                await connection.execute(self._limits)
                stack.push_async_exit(attempt.pop_all())
                return connection
        except DBAPIError as error:
            if not lost(driver_error(error)):
                raise
            self.expire()
        connection = await stack.enter_async_context(self._engine.begin())
        await connection.execute(self._limits)
        return connection

    def _listen(self, engine: AsyncEngine) -> None:
        """Check a connection after a pause, and after others of its age were lost."""
        pool = engine.sync_engine.pool

        @event.listens_for(pool, "connect")
        def opened(_: Any, record: Any) -> None:
            record.info["opened_at"] = monotonic()

        @event.listens_for(pool, "checkout")
        def check_out(connection: Any, record: Any, _: Any) -> None:
            try:
                if record.info["opened_at"] < self._opened_after:
                    raise asyncpg.InterfaceError("its server is not the primary any more")
                connection.run_async(check)
            except DRIVER_ERRORS as error:
                raise DisconnectionError from error

        @event.listens_for(pool, "checkin")
        def check_in(connection: Any, _: Any) -> None:
            if connection is not None:
                note_use(connection.driver_connection)

    def expire(self) -> None:
        """Open every connection anew before its next use."""
        self._opened_after = monotonic()

    async def close(self) -> None:
        await self._engine.dispose()


@asynccontextmanager
async def _acquired(semaphore: asyncio.Semaphore) -> AsyncIterator[None]:
    """Hold the semaphore, acquired with a connection's timeout: calls don't pile up for ever."""
    with translated_errors():
        async with asyncio.timeout(WAIT_SECONDS):
            await semaphore.acquire()
    try:
        yield
    finally:
        semaphore.release()


@asynccontextmanager
async def savepoint(transaction: Transaction) -> AsyncIterator[None]:
    """A part of a transaction that is undone alone on any error."""
    with translated_errors():
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


def _shared_connections(options: DatabaseOptions) -> int:
    """How many connections there are beside those of the driver's own pool."""
    return options.pool_size - connection_budget.size(options.budget)
