"""Connections of the driver's own, for the statements of the hot path."""

import json
from collections.abc import AsyncIterator, Mapping
from contextlib import AsyncExitStack, asynccontextmanager
from typing import Any

import asyncpg

from coupon_server.database.connecting import Connector, Session, check, note_use
from coupon_server.database.driver import DriverConnection
from coupon_server.database.failures import DRIVER_ERRORS, lost
from coupon_server.database.poolers import PoolingMode

BEGIN = "BEGIN ISOLATION LEVEL READ COMMITTED"
"""Locks are taken and rows counted in a certain order, which wants every statement to see what has
been committed before it. A database's default may be another."""

SESSION_ISOLATION = {"default_transaction_isolation": "read committed"}
"""For statements outside a transaction, whatever the database's default is."""

STATEMENTS = 100
"""How many statements stay prepared on a connection."""

ACQUIRE_SECONDS = 10.0

# Their tables grow by the million while a prepared statement keeps the plan it was given when
# they were empty, so nothing is left to chance: every access is by index.
_PLANNING = {
    "plan_cache_mode": "force_generic_plan",
    "enable_seqscan": "off",
    "enable_hashjoin": "off",
    "enable_mergejoin": "off",
    "jit": "off",
}


class DriverPool:
    """A pool of `size` connections. `limits` are PostgreSQL's settings for each transaction.

    Sessions keep their settings, unless a transaction pooler is in the way: behind it they are made
    anew for each transaction.
    """

    def __init__(
        self, connector: Connector, mode: PoolingMode, limits: Mapping[str, str], *, size: int
    ) -> None:
        settings = {**_PLANNING, **limits}
        self._size = size
        self._pooled = mode.pooled
        self._begin = BEGIN + (_set_local(settings) if mode.pooled else "")
        self._connector = connector
        self._settings = {} if mode.pooled else {**settings, **SESSION_ISOLATION}
        self._statements = STATEMENTS if mode.prepares else 0
        self._pool: asyncpg.Pool[asyncpg.Record] | None = None

    @asynccontextmanager
    async def transaction(
        self, lock_timeout_ms: int | None = None
    ) -> AsyncIterator[DriverConnection]:
        """A READ COMMITTED transaction, rolled back on any error.

        Committed at the end, unless it was rolled back within.
        """
        begin = self._begin
        if lock_timeout_ms is not None:
            begin += _set_local({"lock_timeout": str(lock_timeout_ms)})
        async with AsyncExitStack() as stack:
            connection = await self._begun(begin, stack)
            yield connection
            if connection.is_in_transaction():
                await connection.execute("COMMIT")

    async def _begun(self, begin: str, stack: AsyncExitStack) -> DriverConnection:
        """A connection on which a transaction has begun; once more if the first one was lost."""
        try:
            async with AsyncExitStack() as attempt:
                connection = await attempt.enter_async_context(self._connection())
                await connection.execute(begin)
                stack.push_async_exit(attempt.pop_all())
                return connection
        except DRIVER_ERRORS as error:
            if not lost(error):
                raise
            await self.expire()
        connection = await stack.enter_async_context(self._connection())
        await connection.execute(begin)
        return connection

    @asynccontextmanager
    async def connection(self) -> AsyncIterator[DriverConnection]:
        """A connection for single statements, in a transaction only if it takes one
        to set the limits."""
        if self._pooled:
            async with self.transaction() as connection:
                yield connection
        else:
            async with self._connection() as connection:
                yield connection

    @asynccontextmanager
    async def _connection(self) -> AsyncIterator[DriverConnection]:
        async with self._acquired() as connection:
            try:
                yield connection
            except TimeoutError:
                # The server does not answer; it would not answer a ROLLBACK either.
                connection.terminate()
                raise
            except Exception:
                if connection.is_in_transaction() and not connection.is_closed():
                    await roll_back(connection)
                raise
            except BaseException:
                # Cancelled within a statement: opening another connection is faster.
                connection.terminate()
                raise

    @asynccontextmanager
    async def _acquired(self) -> AsyncIterator[DriverConnection]:
        """A connection that answers. If one does not after a pause, all are opened anew."""
        pool = await self._opened()
        async with AsyncExitStack() as stack:
            connection = await stack.enter_async_context(pool.acquire(timeout=ACQUIRE_SECONDS))
            try:
                await check(connection)
            except DRIVER_ERRORS:
                await stack.aclose()
                await pool.expire_connections()
                connection = await stack.enter_async_context(pool.acquire(timeout=ACQUIRE_SECONDS))
            yield connection

    async def _opened(self) -> "asyncpg.Pool[asyncpg.Record]":
        if self._pool is None:
            arguments: dict[str, Any] = {"connect": self._connect, "connection_class": Session}
            # Connections are opened on demand.
            self._pool = asyncpg.create_pool(
                min_size=0,
                max_size=self._size,
                init=_decode_json,
                reset=_keep_session,
                **arguments,
            )
        await self._pool
        return self._pool

    async def _connect(self, _dsn: None, **options: Any) -> "asyncpg.Connection[asyncpg.Record]":
        return await self._connector.connect(
            self._settings, **options, statement_cache_size=self._statements
        )

    async def expire(self) -> None:
        """Open every connection anew before its next use."""
        if self._pool is not None:
            await self._pool.expire_connections()

    async def close(self) -> None:
        if self._pool is not None:
            await self._pool.close()


async def roll_back(connection: DriverConnection) -> None:
    """End a transaction without changes worth a write."""
    await connection.execute("ROLLBACK")


def _set_local(settings: Mapping[str, str]) -> str:
    return "".join(f"; SET LOCAL {name} = {value}" for name, value in settings.items())


async def _decode_json(connection: DriverConnection) -> None:
    """Read and write JSON as the values that it stands for.

    A connection beneath SQLAlchemy reads values, too, but writes text, which SQLAlchemy makes.
    """
    await connection.set_type_codec(
        "json", schema="pg_catalog", encoder=json.dumps, decoder=json.loads
    )


async def _keep_session(connection: DriverConnection) -> None:
    """Nothing of a session is changed, so there is nothing to reset before its next use."""
    note_use(connection)
