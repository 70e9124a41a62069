"""EventIngest: events by which users earn coupons."""

import asyncio
from collections.abc import AsyncIterator
from contextlib import aclosing
from dataclasses import dataclass
from uuid import UUID

from coupon_server.domain.clock import Clock
from coupon_server.domain.errors import InvalidField
from coupon_server.domain.events import Event
from coupon_server.rpc.calls import Call, Requests
from coupon_server.rpc.conversion.events import event_result_message, parse_event
from coupon_server.rpc.event_stream import EventStream
from coupon_server.services.events import EventService
from phoenix_coupons.v1 import event_ingest_pb2 as pb
from phoenix_coupons.v1 import events_pb2


@dataclass(frozen=True, slots=True)
class EventIngest:
    events: EventService
    clock: Clock

    async def SendEvent(self, request: pb.SendEventRequest, call: Call) -> pb.SendEventResponse:
        event = self._event(UUID(request.tenant_id), request.event, "event")
        return pb.SendEventResponse(result=await self._ingest(event))

    async def SendEvents(self, request: pb.SendEventsRequest, call: Call) -> pb.SendEventsResponse:
        tenant_id = UUID(request.tenant_id)
        events = [
            self._event(tenant_id, message, f"events[{number}]")
            for number, message in enumerate(request.events)
        ]
        return pb.SendEventsResponse(results=await asyncio.gather(*map(self._ingest, events)))

    async def StreamEvents(
        self, requests: Requests[pb.StreamEventsRequest], call: Call
    ) -> AsyncIterator[pb.StreamEventsResponse]:
        tenant_id = call.principal.tenant_id

        async def ingest(message: pb.StreamEventsRequest) -> events_pb2.EventResult:
            return await self._ingest(self._event(tenant_id, message.event, "event"))

        stream = EventStream(call, requests, ingest)
        async with aclosing(stream.acknowledgements()) as acknowledgements:
            async for acknowledgement in acknowledgements:
                yield acknowledgement

    async def _ingest(self, event: Event) -> events_pb2.EventResult:
        return event_result_message(await self.events.ingest(event))

    def _event(self, tenant_id: UUID, message: events_pb2.Event, field: str) -> Event:
        """The event of a request. Raises InvalidField."""
        try:
            event = parse_event(tenant_id, message)
            event.check_occurred(self.clock())
        except InvalidField as error:
            raise error.within(field) from None
        return event
