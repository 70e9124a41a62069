"""The backlog of deliveries, for operators."""

from datetime import datetime

from coupon_server.database.connection_budget import POLLS
from coupon_server.database.transactions import Database
from coupon_server.delivery.domain.backlog import DeliveryBacklog
from coupon_server.delivery.storage import backlog


async def measure(database: Database, now: datetime) -> DeliveryBacklog:
    """What waits for delivery, over all tenants."""
    async with database.driver_connection(POLLS) as connection:
        return await backlog.measure(connection, now)
