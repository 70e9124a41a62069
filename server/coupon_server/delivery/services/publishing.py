"""Publishing events to a message broker, in order for each tenant."""

import asyncio
from collections.abc import Callable
from datetime import timedelta
from time import monotonic
from typing import Protocol
from uuid import UUID

import structlog

from coupon_server.database.transactions import Database
from coupon_server.delivery.domain.events import DeliverableEvent
from coupon_server.delivery.storage import outbox_events, streams
from coupon_server.delivery.storage.streams import Publication
from coupon_server.domain.clock import Clock
from coupon_server.domain.errors import DomainError
from coupon_server.domain.ids import new_id

LEASE = timedelta(seconds=60)
"""How long a tenant is leased for, for a page of its events."""

PUBLISH_SECONDS = 5.0
"""How long the broker may take to confirm an event."""

MAX_TENANTS = 16
"""The most tenants whose events are published at a time."""

PAGE_SIZE = 100
_FIRST = UUID(int=0)
RETRY_AFTER = timedelta(seconds=5)
"""How long a tenant waits after a failure. Only if the database is not there to note it does the
lease run out by itself."""

log = structlog.get_logger()


class BrokerUnavailable(Exception):
    """The broker did not confirm an event. The text is for operators, and holds no secret."""


class Broker(Protocol):
    """Where events are published."""

    async def publish(self, tenant_id: UUID, event_id: UUID, body: bytes) -> None:
        """Return when the broker has the event for good; raise BrokerUnavailable."""


class Publisher:
    """Publishes what is not published yet. Any number of processes may share the work.

    An event is published when the one before is confirmed, so that the order of a tenant's events
    holds; what cannot be published is tried again before what follows it.
    """

    def __init__(
        self,
        database: Database,
        broker: Broker,
        render: Callable[[DeliverableEvent], str],
        clock: Clock,
    ) -> None:
        self._database = database
        self._broker = broker
        self._render = render
        self._clock = clock
        self._id = new_id()
        # Goes round, so that busy tenants do not keep those after them waiting.
        self._after = _FIRST

    async def run_once(self) -> int:
        """Publish some events of some tenants; return how many."""
        # The lease counts from before it is made.
        deadline = monotonic() + LEASE.total_seconds() - 2 * PUBLISH_SECONDS
        leased = await self._lease()
        if not leased and self._after != _FIRST:
            self._after = _FIRST
            leased = await self._lease()
        self._after = max((publication.tenant_id for publication in leased), default=_FIRST)
        outcomes = await asyncio.gather(
            *(self._publish_page(publication, deadline) for publication in leased),
            return_exceptions=True,
        )
        return sum(map(_published, leased, outcomes))

    async def _lease(self) -> list[Publication]:
        now = self._clock()
        async with self._database.driver_transaction() as connection:
            return await streams.lease_unpublished(
                connection, self._id, now, now + LEASE, MAX_TENANTS, self._after
            )

    async def _publish_page(self, publication: Publication, deadline: float) -> int:
        """Publish the next events of one tenant, and end the lease on it.

        What fails is tried again a while later, after what was published before it.
        """
        reached, published, failed = publication.published, 0, True
        try:
            async with self._database.driver_connection() as connection:
                page = await outbox_events.fetch_page(
                    connection, publication.tenant_id, publication.published, (), PAGE_SIZE
                )
            for event in page.events:
                if monotonic() > deadline:
                    break
                body = self._render(event).encode()
                await self._broker.publish(event.tenant_id, event.id, body)
                reached, published = event.sequence, published + 1
            else:
                # Trimmed events leave gaps, at the end too.
                reached = page.scanned
            failed = False
        finally:
            until = self._clock() + RETRY_AFTER if failed else None
            async with self._database.driver_connection() as connection:
                await streams.set_published(
                    connection, publication.tenant_id, self._id, reached, until
                )
        return published


def _published(publication: Publication, outcome: int | BaseException) -> int:
    """How many of a tenant's events were published.

    What fails for one tenant is told here and fails no other.
    """
    if isinstance(outcome, int):
        return outcome
    if not isinstance(outcome, Exception):
        raise outcome
    named = {"tenant_id": str(publication.tenant_id)}
    if isinstance(outcome, BrokerUnavailable):
        log.warning("publish_failed", cause=str(outcome), **named)
    elif isinstance(outcome, DomainError):
        cause = type(outcome.__cause__ or outcome).__name__
        log.warning("publish_failed", cause=cause, **named)
    else:
        log.error("publish_fault", exc_info=outcome, **named)
    return 0
