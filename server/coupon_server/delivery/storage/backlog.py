"""The backlog of deliveries to all tenants."""

from datetime import datetime

from coupon_server.database.driver import DriverConnection
from coupon_server.database.statements import statements
from coupon_server.delivery.domain.backlog import DeliveryBacklog

_SQL = statements(__name__)
_MEASURE = _SQL["measure"]


async def measure(connection: DriverConnection, now: datetime) -> DeliveryBacklog:
    [record] = await _MEASURE.fetch(connection, now=now)
    return DeliveryBacklog(**record)
