"""All that the processes of a service are made of, on one database."""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass, fields

from coupon_server.assemblies.background import BackgroundWorker, open_background_worker
from coupon_server.assemblies.core import open_core
from coupon_server.assemblies.operator import Operator, build_operator
from coupon_server.assemblies.serving import ServingWorker, open_serving_worker
from coupon_server.database import connection_budget
from coupon_server.database.connection_budget import Allotment
from coupon_server.domain.clock import Clock, utc_now
from coupon_server.settings import Settings

TESTS = Allotment("tests", 2)
BUDGET = tuple({*connection_budget.SERVING, *connection_budget.BACKGROUND, TESTS})


@dataclass(frozen=True)
class App(ServingWorker):
    """A serving worker, and the other assemblies beside it."""

    background: BackgroundWorker
    operator: Operator


@asynccontextmanager
async def open_app(settings: Settings, clock: Clock = utc_now) -> AsyncIterator[App]:
    """An app whose connections are closed at the end."""
    async with (
        open_core(_with_room(settings), clock, BUDGET) as core,
        open_serving_worker(settings, core) as serving,
        open_background_worker(settings, core) as background,
    ):
        parts = {field.name: getattr(serving, field.name) for field in fields(serving)}
        yield App(**parts, background=background, operator=build_operator(core, settings))


def _with_room(settings: Settings) -> Settings:
    """With as many shared connections as a serving worker has."""
    more = connection_budget.size(BUDGET) - connection_budget.size(connection_budget.SERVING)
    return settings.model_copy(update={"database_pool_size": settings.database_pool_size + more})
