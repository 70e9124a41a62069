"""Ingests events, batch by batch: deduplicate, match, lock, load, decide, store."""

from collections import Counter
from collections.abc import Collection, Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from functools import partial
from operator import attrgetter
from uuid import UUID

from coupon_server.database.connection_budget import EVENTS
from coupon_server.database.driver import DriverConnection
from coupon_server.database.transactions import Database
from coupon_server.domain.clock import Clock
from coupon_server.domain.definition import CouponDefinition
from coupon_server.domain.earning import Candidate, Changes, Issued, earn
from coupon_server.domain.errors import DomainError, Reason
from coupon_server.domain.events import Event, progress_of
from coupon_server.domain.limits import CouponRoom
from coupon_server.services.batches import Batches
from coupon_server.services.coalescer import Coalescer, TooLarge
from coupon_server.services.fresh_codes import CodeForm, fresh_codes
from coupon_server.services.limits import TenantLimits
from coupon_server.storage import event_batch, issuing, limits
from coupon_server.storage.event_batch import EventKey, LoadedCandidate, MetDefinition
from coupon_server.storage.issuing import KeySpace
from coupon_server.storage.snapshots import Snapshots

MAX_MET = 1_000
"""The most matches of events and definitions in a transaction of several events.

It bounds the transaction's time and memory, and how long other tenants' events of the batch wait.
"""


@dataclass(frozen=True, slots=True)
class NotIssued:
    """A definition that an event meets, and the reason why it issued nothing."""

    definition_id: UUID
    reason: Reason
    message: str


@dataclass(slots=True)
class EventResult:
    """The outcome of an event. A duplicate issues nothing: it lists what the first one issued."""

    event_id: str
    duplicate: bool = False
    issued: list[Issued] = field(default_factory=list)
    not_issued: list[NotIssued] = field(default_factory=list)

    def repeated(self) -> "EventResult":
        """The result of the same event, when it comes again."""
        return replace(self, duplicate=True, not_issued=[])


class EventService:
    """Ingests events. At most `max_batch` share a transaction, fewer if they issue many coupons."""

    def __init__(
        self,
        database: Database,
        clock: Clock,
        tenant_limits: TenantLimits,
        *,
        max_batch: int,
        max_queue: int,
    ) -> None:
        self._clock = clock
        self._limits = tenant_limits
        self._snapshots = Snapshots()
        self._events = Coalescer[Event, EventResult](
            Batches[Event, EventResult](database, EVENTS, self._ingest_batch).run,
            tenant_of=attrgetter("tenant_id"),
            max_batch=max_batch,
            max_queue=max_queue,
        )

    async def ingest(self, event: Event) -> EventResult:
        """Ingest an event whose `check_occurred` has passed. Returns after it is durable.

        Raises SERVICE_UNAVAILABLE.
        """
        return await self._events.submit(event)

    async def close(self) -> None:
        """Finish what was submitted."""
        await self._events.close()

    async def _ingest_batch(
        self, connection: DriverConnection, events: Sequence[Event]
    ) -> list[EventResult]:
        distinct: dict[EventKey, Event] = {}
        for event in events:
            distinct.setdefault(_key(event), event)
        new_keys = await event_batch.insert_new(connection, distinct, self._clock())
        results = {key: EventResult(event.event_id) for key, event in distinct.items()}
        if known := distinct.keys() - new_keys:
            await _repeat(connection, known, results)
        if new_keys:
            fresh = [event for key, event in distinct.items() if key in new_keys]
            await self._issue(connection, fresh, results)
        return [*_in_order(events, new_keys, results)]

    async def _issue(
        self,
        connection: DriverConnection,
        events: Sequence[Event],
        results: dict[EventKey, EventResult],
    ) -> None:
        """Issue coupons that the events earn, and store the progress that they report."""
        watched, met = [], []
        for event, ids in zip(events, await event_batch.match(connection, events), strict=True):
            if ids is not None:
                watched.append(event)
                met += [(event, definition_id) for definition_id in ids]
        if len(met) > MAX_MET and len(events) > 1:
            raise TooLarge
        if met:
            await self._earn(connection, met, results)
        if watched:
            await event_batch.report(connection, progress_of(watched))

    async def _earn(
        self,
        connection: DriverConnection,
        met: Sequence[tuple[Event, UUID]],
        results: dict[EventKey, EventResult],
    ) -> None:
        pairs = await self._locked(connection, met)
        if not pairs:
            return
        rooms = await self._rooms(connection, {event.tenant_id for event, _ in pairs})
        candidates = await _candidates(connection, pairs, rooms)
        now, changes = self._clock(), Changes()
        for (event, definition), candidate in zip(pairs, candidates, strict=True):
            result = results[_key(event)]
            try:
                earned = earn(candidate, event, now, changes)
            except DomainError as refused:
                result.not_issued.append(NotIssued(definition.id, refused.reason, refused.message))
                continue
            if earned is not None:
                expires_at = definition.config.expires_at
                result.issued.append(Issued(earned.coupon, earned.created, expires_at))
        if changes.earned:
            await event_batch.save(connection, changes.earned, now)

    async def _rooms(
        self, connection: DriverConnection, tenant_ids: Collection[UUID]
    ) -> dict[UUID, CouponRoom]:
        """How many more coupons each tenant may have; the caller has locked their code spaces."""
        live = await limits.live_coupons(connection, tenant_ids)
        return {tenant: CouponRoom(self._limits.of(tenant), live[tenant]) for tenant in tenant_ids}

    async def _locked(
        self, connection: DriverConnection, met: Sequence[tuple[Event, UUID]]
    ) -> list[tuple[Event, CouponDefinition]]:
        """Lock the definitions; return the pairs that still match."""
        revisions = await event_batch.lock(
            connection, {(event.tenant_id, definition_id) for event, definition_id in met}
        )
        definitions = await self._snapshots.definitions(connection, revisions.values())
        pairs = [(event, definitions[revisions[definition_id]]) for event, definition_id in met]
        return [(event, definition) for event, definition in pairs if event.meets(definition)]


async def _repeat(
    connection: DriverConnection, known: Collection[EventKey], results: dict[EventKey, EventResult]
) -> None:
    """Fill in what events that were ingested before have issued."""
    first = await event_batch.first_issued(connection, known)
    for key in known:
        results[key].duplicate = True
        results[key].issued = first.get(key, [])


def _in_order(
    events: Sequence[Event], new_keys: set[EventKey], results: dict[EventKey, EventResult]
) -> Iterator[EventResult]:
    """The result of each event; of two with one key, the second is a duplicate."""
    fresh = set(new_keys)
    for event in events:
        key = _key(event)
        yield results[key] if key in fresh else results[key].repeated()
        fresh.discard(key)


async def _candidates(
    connection: DriverConnection,
    pairs: Sequence[tuple[Event, CouponDefinition]],
    rooms: Mapping[UUID, CouponRoom],
) -> list[Candidate]:
    loaded = await event_batch.lock_and_load(connection, [_met(*pair) for pair in pairs])
    forms = [
        _form(event, definition, rows)
        for (event, definition), rows in zip(pairs, loaded, strict=True)
    ]
    needed = Counter(form for form in forms if form is not None)
    drawn = await fresh_codes(needed, partial(issuing.taken_codes, connection))
    return [
        Candidate(
            definition,
            rows.counter,
            rows.space,
            rows.user,
            definition.config.custom_code if form is None else drawn[form].pop(),
            rooms[event.tenant_id],
        )
        for (event, definition), rows, form in zip(pairs, loaded, forms, strict=True)
    ]


def _met(event: Event, definition: CouponDefinition) -> MetDefinition:
    capped = definition.config.issue_limit_per_user is not None
    return MetDefinition(event, definition.id, KeySpace.of(definition), capped)


def _form(event: Event, definition: CouponDefinition, rows: LoadedCandidate) -> CodeForm | None:
    """The form of the random code that the event may need; None: it needs none."""
    if definition.is_custom or event.occurrence in rows.user.earned:
        return None
    return CodeForm.of(definition)


def _key(event: Event) -> EventKey:
    return event.tenant_id, event.event_id
