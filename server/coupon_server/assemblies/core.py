"""The parts that every process has: database, clock, tenants' limits, periodic tasks."""

import asyncio
from collections.abc import AsyncIterator, Coroutine
from contextlib import asynccontextmanager
from dataclasses import dataclass
from typing import Any

from coupon_server.database.connection_budget import Budget
from coupon_server.database.transactions import (
    Database,
    DatabaseNotReady,
    DatabaseOptions,
    DatabaseOutdated,
)
from coupon_server.domain.clock import Clock
from coupon_server.services.limits import TenantLimits
from coupon_server.settings import EventSettings


@dataclass(frozen=True)
class Core:
    clock: Clock
    database: Database
    limits: TenantLimits


@asynccontextmanager
async def open_core(settings: EventSettings, clock: Clock, budget: Budget) -> AsyncIterator[Core]:
    """A core; opens connections on first use, and closes them at the end."""
    database = Database(
        DatabaseOptions(
            url=settings.sqlalchemy_url,
            pool_size=settings.database_pool_size,
            budget=budget,
            statement_cache=settings.database_statement_cache,
            lock_timeout_ms=settings.database_lock_timeout_ms,
            statement_timeout_ms=settings.database_statement_timeout_ms,
        )
    )
    try:
        yield Core(clock, database, TenantLimits(database, settings.limits()))
    finally:
        await database.close()


@asynccontextmanager
async def running(*loops: Coroutine[Any, Any, None]) -> AsyncIterator[None]:
    """Run these endless loops while the block runs."""
    tasks = [asyncio.create_task(loop) for loop in loops]
    try:
        yield
    finally:
        for task in tasks:
            task.cancel()
        await asyncio.gather(*tasks, return_exceptions=True)


def explanation(error: DatabaseNotReady) -> str:
    """The error text for an operator, with the setting or the command that helps."""
    if isinstance(error, DatabaseOutdated):
        return f"the database {error}: run `coupons migrate`"
    return f"the database of COUPONS_DATABASE_URL {error}"
