"""The driver's own connection."""

from typing import TypeAlias

import asyncpg

DriverConnection: TypeAlias = (
    "asyncpg.Connection[asyncpg.Record] | asyncpg.pool.PoolConnectionProxy[asyncpg.Record]"
)
"""A connection of asyncpg, on which the statements of the hot path run."""
