"""A tenant's event stream, for systems that pull it."""

import asyncio
from collections.abc import Collection, Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass, field
from uuid import UUID

import structlog

from coupon_server.database.connection_budget import POLLS, STREAMS
from coupon_server.database.transactions import Database, Transaction
from coupon_server.delivery.domain.delivered_events import StreamPosition
from coupon_server.delivery.domain.outbox import EventType
from coupon_server.delivery.storage import outbox_events, streams
from coupon_server.delivery.storage.outbox_events import EventPage
from coupon_server.domain.errors import DomainError, cause_of

PAGE_SIZE = 100
"""The most events that a reader has in memory."""

POLL_SECONDS = 0.1

log = structlog.get_logger()


class GrantService:
    """Reads the stream, and moves the tenant's cursor."""

    def __init__(self, database: Database) -> None:
        self._database = database

    async def position(self, tenant_id: UUID) -> StreamPosition:
        async with self._database.driver_connection(STREAMS) as connection:
            return await streams.position(connection, tenant_id)

    async def read(
        self,
        tenant_id: UUID,
        after: int,
        event_types: Collection[EventType],
        limit: int = PAGE_SIZE,
    ) -> EventPage:
        """The next events of these types, or of all when there are none; at most `limit`."""
        async with self._database.driver_connection(STREAMS) as connection:
            return await outbox_events.fetch_page(connection, tenant_id, after, event_types, limit)

    async def acknowledge(
        self, transaction: Transaction, tenant_id: UUID, sequence: int
    ) -> StreamPosition | None:
        """Move the tenant's cursor to `sequence`, never back; None: there is no such event."""
        return await streams.acknowledge(transaction, tenant_id, sequence)


@dataclass(slots=True)
class _Watched:
    readers: int = 0
    last: int = 0
    grown: asyncio.Event = field(default_factory=asyncio.Event)


class StreamFeed:
    """Notifies readers of new events: one polling query for all watched tenants of a process."""

    def __init__(self, database: Database) -> None:
        self._database = database
        self._watched: dict[UUID, _Watched] = {}
        self._polling: asyncio.Task[None] | None = None

    @contextmanager
    def watching(self, tenant_id: UUID) -> Iterator["Watch"]:
        """Watch the tenant's stream while the block runs."""
        watched = self._watched.setdefault(tenant_id, _Watched())
        watched.readers += 1
        if self._polling is None:
            self._polling = asyncio.create_task(self._poll())
        try:
            yield Watch(watched)
        finally:
            watched.readers -= 1
            if not watched.readers:
                del self._watched[tenant_id]
            if not self._watched:
                self._polling.cancel()
                self._polling = None

    async def _poll(self) -> None:
        while True:
            try:
                async with self._database.driver_connection(POLLS) as connection:
                    last_sequences = await streams.last_sequences(connection, list(self._watched))
            except DomainError as error:
                log.warning("stream_poll_failed", cause=cause_of(error))
                last_sequences = {}
            except Exception:
                log.exception("stream_poll_failed")
                last_sequences = {}
            for tenant_id, last in last_sequences.items():
                watched = self._watched.get(tenant_id)
                # Less than before: the database was restored.
                if watched is not None and last != watched.last:
                    watched.last = last
                    watched.grown.set()
                    watched.grown = asyncio.Event()
            await asyncio.sleep(POLL_SECONDS)


class Watch:
    """One reader's view of a stream."""

    def __init__(self, watched: _Watched) -> None:
        self._watched = watched

    async def wait(self, after: int, seconds: float) -> bool:
        """Wait until the stream has an event after this sequence; False after so many seconds."""
        if self._watched.last <= after:
            with suppress(TimeoutError):
                async with asyncio.timeout(seconds):
                    await self._watched.grown.wait()
        return self._watched.last > after
