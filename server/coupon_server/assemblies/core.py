"""The parts that every process has: database, clock, tenants' limits."""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass

from coupon_server.database.connection_budget import Allotments
from coupon_server.database.transactions import (
    Database,
    DatabaseNotReady,
    DatabaseOptions,
    DatabaseOutdated,
)
from coupon_server.delivery.domain.targets import Ports
from coupon_server.delivery.http.sender import WebhookSender
from coupon_server.domain.clock import Clock
from coupon_server.services.events import EventService
from coupon_server.services.limits import TenantLimits
from coupon_server.settings import EventSettings, Settings


@dataclass(frozen=True)
class Core:
    clock: Clock
    database: Database
    limits: TenantLimits


@asynccontextmanager
async def open_core(
    settings: EventSettings, clock: Clock, allotments: Allotments
) -> AsyncIterator[Core]:
    """A core; opens connections on first use, and closes them at the end."""
    database = Database(
        DatabaseOptions(
            url=settings.sqlalchemy_url,
            pool_size=settings.database_pool_size,
            allotments=allotments,
            statement_cache=settings.database_statement_cache,
            lock_timeout_ms=settings.database_lock_timeout_ms,
            statement_timeout_ms=settings.database_statement_timeout_ms,
        )
    )
    try:
        yield Core(clock, database, TenantLimits(database, settings.limits()))
    finally:
        await database.close()


def event_service(core: Core, settings: EventSettings) -> EventService:
    return EventService(
        core.database,
        core.clock,
        core.limits,
        max_batch=settings.max_batch,
        max_queue=settings.max_queue,
    )


def webhook_sender(settings: Settings, clock: Clock) -> WebhookSender:
    return WebhookSender(
        clock,
        allow_private=settings.webhook_allow_private,
        ports=Ports.parse(settings.webhook_ports),
    )


def explanation(error: DatabaseNotReady) -> str:
    """The error text for an operator, with the setting or the command that helps."""
    if isinstance(error, DatabaseOutdated):
        return f"the database {error}: run `coupons migrate`"
    return f"the database of COUPONS_DATABASE_URL {error}"
