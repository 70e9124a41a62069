"""GrantDelivery: the stream of a tenant's events, sent or polled."""

from collections.abc import AsyncIterator
from dataclasses import dataclass
from time import monotonic
from uuid import UUID

from coupon_server.auth.principals import CredentialKind
from coupon_server.delivery.domain.outbox import EventType
from coupon_server.delivery.services.streams import PAGE_SIZE, GrantService, StreamFeed, Watch
from coupon_server.rpc import grant_cursors
from coupon_server.rpc.calls import CHECK_SECONDS, Call
from coupon_server.rpc.conversion.delivered_events import event_message
from coupon_server.rpc.conversion.fields import duration
from coupon_server.rpc.mutations import run_once
from coupon_server.services.idempotency import Mutations
from coupon_server.services.unit_of_work import UnitOfWork
from phoenix_coupons.v1 import grant_delivery_pb2 as pb

DEFAULT_HEARTBEAT_SECONDS = 15.0

MAX_SIGNED_WAIT_SECONDS = 5.0
"""How long a signed poll may wait: what a REST edge presents in place of a signature
(`auth.assertions`) soon ends, and would end the poll."""

DEADLINE_MARGIN_SECONDS = 1.0
"""So long before its deadline a poll is answered, lest its caller sees DEADLINE_EXCEEDED."""


@dataclass(frozen=True, slots=True)
class GrantDelivery:
    mutations: Mutations
    grants: GrantService
    feed: StreamFeed

    async def GetGrantCursor(
        self, request: pb.GetGrantCursorRequest, call: Call
    ) -> pb.GetGrantCursorResponse:
        tenant_id = UUID(request.tenant_id)
        position = await self.grants.position(tenant_id)
        acknowledged = position.acknowledged
        return pb.GetGrantCursorResponse(
            acknowledged_cursor=""
            if acknowledged is None
            else grant_cursors.encode(tenant_id, acknowledged),
            latest_cursor=grant_cursors.encode(tenant_id, position.last),
        )

    async def WatchGrants(
        self, request: pb.WatchGrantsRequest, call: Call
    ) -> AsyncIterator[pb.WatchGrantsResponse]:
        tenant_id = UUID(request.tenant_id)
        event_types = [EventType(name) for name in request.event_types]
        span = duration(request, "heartbeat", "heartbeat")
        heartbeat = span.total_seconds() if span else DEFAULT_HEARTBEAT_SECONDS
        after = await self._start(tenant_id, request.cursor, "cursor")
        yield _heartbeat(tenant_id, after)
        last_sent = monotonic()
        with self.feed.watching(tenant_id) as stream:
            while True:
                page = await self.grants.read(tenant_id, after, event_types)
                for event in page.events:
                    await call.check_may_go_on()
                    yield pb.WatchGrantsResponse(
                        cursor=grant_cursors.encode(tenant_id, event.sequence),
                        event=event_message(event),
                    )
                    last_sent = monotonic()
                is_at_end, after = page.scanned == after, page.scanned
                while not await _goes_on(stream, is_at_end, after, last_sent + heartbeat, call):
                    yield _heartbeat(tenant_id, after)
                    last_sent = monotonic()

    async def PollGrants(self, request: pb.PollGrantsRequest, call: Call) -> pb.PollGrantsResponse:
        tenant_id = UUID(request.tenant_id)
        event_types = [EventType(one) for one in request.event_types]
        limit = request.max_events or PAGE_SIZE
        until = monotonic() + _wait_seconds(request, call)
        after = await self._start(tenant_id, request.after, "after")
        with self.feed.watching(tenant_id) as stream:
            while True:
                page = await self.grants.read(tenant_id, after, event_types, limit)
                events = [event_message(event) for event in page.events]
                is_at_end, after = page.scanned == after, page.scanned
                if events or not await _goes_on(stream, is_at_end, after, until, call):
                    break
        return pb.PollGrantsResponse(events=events, cursor=grant_cursors.encode(tenant_id, after))

    async def _start(self, tenant_id: UUID, cursor: str, field: str) -> int:
        """The sequence to begin after. `field`: of the request, in which the cursor is."""
        position = await self.grants.position(tenant_id)
        if not cursor:
            return position.acknowledged or 0
        after = grant_cursors.decode(tenant_id, cursor, field)
        if after > position.last:
            raise grant_cursors.unknown(field)
        return after

    async def AcknowledgeGrants(
        self, request: pb.AcknowledgeGrantsRequest, call: Call
    ) -> pb.AcknowledgeGrantsResponse:
        tenant_id = UUID(request.tenant_id)
        sequence = grant_cursors.decode(tenant_id, request.cursor)

        async def acknowledge(unit: UnitOfWork) -> pb.AcknowledgeGrantsResponse:
            position = await self.grants.acknowledge(unit, tenant_id, sequence)
            if position is None:
                raise grant_cursors.unknown()
            return pb.AcknowledgeGrantsResponse(
                acknowledged_cursor=grant_cursors.encode(tenant_id, position.acknowledged or 0)
            )

        return await run_once(self.mutations, call, request, acknowledge)


def _wait_seconds(request: pb.PollGrantsRequest, call: Call) -> float:
    """How long a poll may wait for the first event."""
    seconds = [request.wait.ToTimedelta().total_seconds()]
    if call.principal.kind is CredentialKind.hmac:
        seconds.append(MAX_SIGNED_WAIT_SECONDS)
    if (left := call.context.time_remaining()) is not None:
        seconds.append(left - DEADLINE_MARGIN_SECONDS)
    return min(seconds)


async def _goes_on(stream: Watch, is_at_end: bool, after: int, until: float, call: Call) -> bool:
    """Whether there is more to read; at the end of the stream, wait for it.

    False once `until` has passed.
    """
    while (left := until - monotonic()) > 0:
        await call.check_may_go_on()
        if not is_at_end or await stream.wait(after, min(left, CHECK_SECONDS)):
            return True
    return False


def _heartbeat(tenant_id: UUID, after: int) -> pb.WatchGrantsResponse:
    return pb.WatchGrantsResponse(
        cursor=grant_cursors.encode(tenant_id, after), heartbeat=pb.GrantHeartbeat()
    )
