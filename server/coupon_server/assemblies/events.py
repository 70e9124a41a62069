"""The ingestion of events, for the processes that have it."""

from coupon_server.assemblies.core import Core
from coupon_server.services.events import EventService
from coupon_server.settings import EventSettings


def event_service(core: Core, settings: EventSettings) -> EventService:
    return EventService(
        core.database,
        core.clock,
        core.limits,
        max_batch=settings.max_batch,
        max_queue=settings.max_queue,
    )
