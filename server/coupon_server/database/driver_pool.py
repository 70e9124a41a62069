"""Connections of the driver's own, for the statements of the hot path."""

import json
from collections.abc import AsyncIterator, Mapping
from contextlib import asynccontextmanager
from typing import Any, TypeAlias

import asyncpg

# Quoted, because only its type stub makes the class generic.
DriverConnection: TypeAlias = (
    "asyncpg.Connection[asyncpg.Record] | asyncpg.pool.PoolConnectionProxy[asyncpg.Record]"
)

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

    Sessions keep their settings, unless `pooled`: behind a transaction pooler they are made
    anew for each transaction.
    """

    def __init__(
        self, connect: Mapping[str, Any], limits: Mapping[str, str], *, size: int, pooled: bool
    ) -> None:
        settings = {**_PLANNING, **limits}
        self._size = size
        self._pooled = pooled
        self._begin = "BEGIN" + (_set_local(settings) if pooled else "")
        self._connect = {**connect, "server_settings": {} if pooled else settings}
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
        async with self._connection() as connection:
            await connection.execute(begin)
            yield connection
            if connection.is_in_transaction():
                await connection.execute("COMMIT")

    @asynccontextmanager
    async def connection(self) -> AsyncIterator[DriverConnection]:
        """A connection for single reading statements, in a transaction only if it takes one
        to set the limits."""
        if self._pooled:
            async with self.transaction() as connection:
                yield connection
        else:
            async with self._connection() as connection:
                yield connection

    @asynccontextmanager
    async def _connection(self) -> AsyncIterator[DriverConnection]:
        pool = await self._opened()
        async with pool.acquire(timeout=10) as connection:
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

    async def _opened(self) -> "asyncpg.Pool[asyncpg.Record]":
        if self._pool is None:
            # Connections are opened on demand.
            self._pool = asyncpg.create_pool(
                min_size=0,
                max_size=self._size,
                init=_decode_json,
                reset=_keep_session,
                **self._connect,
            )
        await self._pool
        return self._pool

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


async def _keep_session(_: object) -> None:
    """Nothing of a session is changed, so there is nothing to reset before its next use."""
