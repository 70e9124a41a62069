"""Connections of the driver's own, for the statements of the hot path."""

from collections.abc import AsyncIterator, Mapping
from contextlib import asynccontextmanager
from typing import Any, TypeAlias

import asyncpg

# Quoted, because only its type stub makes the class generic.
DriverConnection: TypeAlias = (
    "asyncpg.Connection[asyncpg.Record] | asyncpg.pool.PoolConnectionProxy[asyncpg.Record]"
)

CONNECTIONS = 3
"""One batch of redemptions, one of validations and one small query run at a time."""

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
    """A pool of `CONNECTIONS`. `limits` are PostgreSQL's settings for each transaction.

    Sessions keep their settings, unless `pooled`: behind a transaction pooler they are made
    anew for each transaction.
    """

    def __init__(
        self, connect: Mapping[str, Any], limits: Mapping[str, str], *, pooled: bool
    ) -> None:
        settings = {**_PLANNING, **limits}
        local = "".join(f"; SET LOCAL {name} = {value}" for name, value in settings.items())
        self._begin = "BEGIN" + local if pooled else "BEGIN"
        self._connect = {**connect, "server_settings": {} if pooled else settings}
        self._pool: asyncpg.Pool[asyncpg.Record] | None = None

    @asynccontextmanager
    async def transaction(self) -> AsyncIterator[DriverConnection]:
        """A READ COMMITTED transaction, committed at the end and rolled back on any error."""
        async with self.connection() as connection:
            await connection.execute(self._begin)
            yield connection
            await connection.execute("COMMIT")

    @asynccontextmanager
    async def connection(self) -> AsyncIterator[DriverConnection]:
        """A connection without a transaction, for single reading statements."""
        pool = await self._opened()
        async with pool.acquire(timeout=10) as connection:
            try:
                yield connection
            except Exception:
                if connection.is_in_transaction() and not connection.is_closed():
                    await connection.execute("ROLLBACK")
                raise
            except BaseException:
                # Cancelled in mid-statement: another connection is sooner at hand.
                connection.terminate()
                raise

    async def _opened(self) -> "asyncpg.Pool[asyncpg.Record]":
        if self._pool is None:
            # Opens nothing before it is asked to.
            self._pool = asyncpg.create_pool(
                min_size=0, max_size=CONNECTIONS, reset=_keep_session, **self._connect
            )
        await self._pool
        return self._pool

    async def close(self) -> None:
        if self._pool is not None:
            await self._pool.close()


async def _keep_session(_: object) -> None:
    """Nothing of a session is changed, so there is nothing to reset before its next use."""
