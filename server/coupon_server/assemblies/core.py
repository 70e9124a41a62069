"""The parts that every process has: database, clock, tenants' limits."""

import asyncio
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager, suppress
from dataclasses import dataclass

import structlog

from coupon_server.database import epochs
from coupon_server.database.connection_budget import Budget
from coupon_server.database.epochs import Epoch
from coupon_server.database.transactions import (
    Database,
    DatabaseNotReady,
    DatabaseOptions,
    DatabaseOutdated,
    DatabaseReadOnly,
)
from coupon_server.domain.clock import Clock
from coupon_server.periodic_tasks import Loop, periodic
from coupon_server.services.limits import TenantLimits
from coupon_server.settings import EventSettings

POLL_SECONDS = 0.5
"""How often a database that takes no writes is asked again."""

log = structlog.get_logger()


@dataclass(frozen=True)
class Core:
    clock: Clock
    database: Database
    limits: TenantLimits
    epoch: Epoch

    def watching(self) -> Loop:
        """Watches whether the database is the one that the process knows."""
        return periodic("database_epoch", epochs.POLL_SECONDS, self.epoch.poll)


@asynccontextmanager
async def open_core(settings: EventSettings, clock: Clock, budget: Budget) -> AsyncIterator[Core]:
    """A core; opens connections on first use, and closes them at the end."""
    database = Database(
        DatabaseOptions(
            url=settings.database_url.get_secret_value(),
            pool_size=settings.database_pool_size,
            budget=budget,
            statement_cache=settings.database_statement_cache,
            lock_timeout_ms=settings.database_lock_timeout_ms,
            statement_timeout_ms=settings.database_statement_timeout_ms,
        )
    )
    tenant_limits, epoch = TenantLimits(database, settings.limits()), Epoch(database)
    epoch.on_change(tenant_limits.forget)
    try:
        yield Core(clock, database, tenant_limits, epoch)
    finally:
        await database.close()


async def writable(database: Database, stop: asyncio.Event, waiting: Callable[[], None]) -> bool:
    """Whether the database can be used. While it takes no writes, as during a failover, wait for it
    until `stop` is set, and call `waiting` now and then.

    Raises DatabaseNotReady for every other reason why it can't be used.
    """
    logged = False
    while not stop.is_set():
        try:
            await database.check()
        except DatabaseReadOnly:
            if not logged:
                log.warning("database_read_only", address=database.address)
                logged = True
            waiting()
            with suppress(TimeoutError):
                async with asyncio.timeout(POLL_SECONDS):
                    await stop.wait()
        else:
            return True
    return False


def explanation(error: DatabaseNotReady) -> str:
    """The error text for an operator, with the setting or the command that helps."""
    if isinstance(error, DatabaseOutdated):
        return f"the database {error}: run `coupons migrate`"
    return f"the database of COUPONS_DATABASE_URL {error}"
