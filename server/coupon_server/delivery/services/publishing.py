"""Publishing events to a message broker, in order for each tenant."""

import asyncio
from collections.abc import Callable
from datetime import timedelta
from time import monotonic
from typing import Protocol
from uuid import UUID

import structlog

from coupon_server.database.connection_budget import PUBLISHER
from coupon_server.database.transactions import Database
from coupon_server.delivery.domain.delivered_events import DeliverableEvent
from coupon_server.delivery.storage import outbox_events, streams
from coupon_server.delivery.storage.streams import Publication
from coupon_server.domain.clock import Clock
from coupon_server.domain.errors import DomainError, cause_of
from coupon_server.domain.ids import new_id

LEASE = timedelta(seconds=60)
"""How long a process holds the lease on a tenant, while it publishes a page of its events."""

PUBLISH_SECONDS = 5.0
"""How long the broker may take to confirm an event."""

MAX_TENANTS = 16
"""The most tenants whose events are published at a time."""

PAGE_SIZE = 100
_FIRST = UUID(int=0)
RETRY_AFTER = timedelta(seconds=5)
"""The pause of a tenant after a failure. If the database cannot record it, the lease expires."""

log = structlog.get_logger()


class BrokerUnavailable(Exception):
    """The broker did not confirm an event. The text is for operators, and holds no secret."""


class Broker(Protocol):
    """A message broker."""

    async def publish(self, tenant_id: UUID, event_id: UUID, body: bytes) -> None:
        """Return when the broker has stored the event durably. Raises BrokerUnavailable."""


class Publisher:
    """Publishes sequenced events. Any number of processes share the work: each leases tenants.

    The publisher sends an event after the broker has confirmed the one before, and retries a
    failed event before the next. So the events of a tenant stay in order.
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
        # Round robin by tenant id, so that busy tenants do not starve those after them.
        self._after = _FIRST

    async def run_once(self) -> int:
        """Publish some events of some tenants; return how many."""
        # Counted from before the lease begins, so that it ends before the lease does.
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
        return sum(map(_published_count, leased, outcomes))

    async def _lease(self) -> list[Publication]:
        now = self._clock()
        async with self._database.driver_transaction(PUBLISHER) as connection:
            return await streams.lease_unpublished(
                connection, self._id, now, now + LEASE, MAX_TENANTS, self._after
            )

    async def _publish_page(self, publication: Publication, deadline: float) -> int:
        """Publish the next events of one tenant, and release the lease on it.

        After a failure the tenant pauses for `RETRY_AFTER`, then continues with the failed event.
        """
        reached, published, failed = publication.published, 0, True
        try:
            async with self._database.driver_connection(PUBLISHER) as connection:
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
            async with self._database.driver_connection(PUBLISHER) as connection:
                await streams.set_published(
                    connection, publication.tenant_id, self._id, reached, until
                )
        return published


def _published_count(publication: Publication, outcome: int | BaseException) -> int:
    """How many of a tenant's events were published.

    A failure of one tenant is logged here and affects no other.
    """
    if isinstance(outcome, int):
        return outcome
    if not isinstance(outcome, Exception):
        raise outcome
    context = {"tenant_id": str(publication.tenant_id)}
    if isinstance(outcome, BrokerUnavailable):
        log.warning("publish_failed", cause=str(outcome), **context)
    elif isinstance(outcome, DomainError):
        cause = cause_of(outcome)
        log.warning("publish_failed", cause=cause, **context)
    else:
        log.error("publish_fault", exc_info=outcome, **context)
    return 0
