"""Ingests events that arrive by a message broker."""

from collections.abc import Mapping
from dataclasses import dataclass
from uuid import UUID

from coupon_server.domain.clock import Clock
from coupon_server.domain.errors import InvalidField
from coupon_server.rpc.cloud_events import event_of
from coupon_server.services.events import EventResult, EventService
from coupon_server.services.tenants import Tenants


@dataclass(frozen=True, slots=True)
class BrokerEvents:
    """Ingests them. The broker's permissions decide who may publish for which tenant."""

    tenants: Tenants
    events: EventService
    clock: Clock

    async def ingest(self, tenant: str, headers: Mapping[str, str], body: bytes) -> EventResult:
        """Ingest the event in a message for the tenant with this id.

        Raises MALFORMED_MESSAGE, InvalidField, SERVICE_UNAVAILABLE.
        """
        event = event_of(await self._known(tenant), headers, body)
        event.check_occurred(self.clock())
        return await self.events.ingest(event)

    async def _known(self, tenant: str) -> UUID:
        try:
            tenant_id = UUID(tenant)
        except ValueError:
            tenant_id = None
        # Only the canonical form, which the broker's permissions name.
        if (
            tenant_id is None
            or str(tenant_id) != tenant
            or not await self.tenants.exists(tenant_id)
        ):
            raise InvalidField("subject", "must end in the id of a tenant")
        return tenant_id
