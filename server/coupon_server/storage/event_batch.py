"""The rows of a batch of events: deduplicate, match, lock, load, store.

A fixed number of statements, whatever the size of the batch. Locks are taken class by class
(events, code spaces of tenants, definitions, key spaces, counters, progress) and in key order
within a class, the same order as everywhere in the service. Only definitions that could issue a
coupon are locked; most events match none.
"""

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from coupon_server.database import rows, tables
from coupon_server.database.arrays import columns
from coupon_server.database.driver import DriverConnection
from coupon_server.database.statements import statements
from coupon_server.database.transactions import Database
from coupon_server.database.trimming import trim_older
from coupon_server.domain.earning import Earned, IssueCounter, Issued, UserCoupons
from coupon_server.domain.events import MAX_OCCURRENCES, Event, ProgressKey, Reached
from coupon_server.domain.triggers import met_thresholds
from coupon_server.storage import issuing
from coupon_server.storage.issuing import KeySpace, NewCoupon
from coupon_server.storage.snapshots import DefinitionRevision

EventKey = tuple[UUID, str]
"""Tenant and event id."""

_SQL = statements(
    __name__,
    coupon_columns=rows.COUPON_COLUMNS,
    **issuing.LOCKS,
)
_INSERT_NEW = _SQL["insert_new"]
_FIRST_ISSUED = _SQL["first_issued"]
_MATCH = _SQL["match"]
_LOCK_DEFINITIONS = _SQL["lock_definitions"]
_LOCK_COUNTERS = _SQL["lock_counters"]
_LOAD = _SQL["load"]
_SAVE = _SQL["save"]
_REPORT_PROGRESS = _SQL["report_progress"]
_FORGET_PROGRESS = _SQL["forget_progress"]


@dataclass(frozen=True, slots=True)
class MetDefinition:
    """A definition that an event may meet, and what loading needs to know of it.

    `space` is None for a custom code; `capped`: whether the user's coupons count.
    """

    event: Event
    definition_id: UUID
    space: KeySpace | None
    capped: bool


@dataclass(frozen=True, slots=True)
class LoadedCandidate:
    """The rows that a decision depends on; equal rows are one object."""

    counter: IssueCounter
    space: IssueCounter | None
    user: UserCoupons


async def insert_new(
    connection: DriverConnection, keys: Collection[EventKey], now: datetime
) -> set[EventKey]:
    """Insert the events' ids (idempotency keys); return the new ones.

    A concurrent transaction with one of them waits here until this one ends.
    """
    tenant_ids, event_ids = columns(keys)
    records = await _INSERT_NEW.fetch(
        connection, tenant_ids=tenant_ids, event_ids=event_ids, now=now
    )
    return {(record["tenant_id"], record["event_id"]) for record in records}


async def first_issued(
    connection: DriverConnection, keys: Collection[EventKey]
) -> dict[EventKey, list[Issued]]:
    """The coupons that duplicates issued the first time; events without coupons are left out."""
    by_event: dict[EventKey, list[Issued]] = {}
    tenant_ids, event_ids = columns(keys)
    for record in await _FIRST_ISSUED.fetch(connection, tenant_ids=tenant_ids, event_ids=event_ids):
        issued = Issued(
            rows.coupon(record), record["created"], rows.moment(record["definition_expires_at"])
        )
        by_event.setdefault((record["event_tenant_id"], record["event_id"]), []).append(issued)
    return by_event


async def match(connection: DriverConnection, events: Sequence[Event]) -> list[list[UUID] | None]:
    """The definitions that each event meets and has not earned, the oldest first.

    None: no active definition watches its target. Nothing is locked, so `lock` decides.
    """
    thresholds = [met_thresholds(event.kind, event.value) for event in events]
    records = await _MATCH.fetch(
        connection,
        tenant_ids=[event.tenant_id for event in events],
        user_ids=[event.user_id for event in events],
        kinds=[event.kind for event in events],
        targets=[event.target for event in events],
        occurrences=[event.occurrence for event in events],
        least_thresholds=[threshold.start for threshold in thresholds],
        greatest_thresholds=[threshold.stop - 1 for threshold in thresholds],
    )
    by_event: list[list[UUID] | None] = [None] * len(events)
    for record in records:
        index = record["position"] - 1
        definitions = by_event[index] = by_event[index] or []
        if record["definition_id"] is not None:
            definitions.append(record["definition_id"])
    return by_event


async def lock(
    connection: DriverConnection, definitions: Collection[tuple[UUID, UUID]]
) -> dict[UUID, DefinitionRevision]:
    """Lock definitions, by tenant and id, and their tenants' code spaces.

    Neither a generation nor a change of them goes on meanwhile. Returns what they are now.
    """
    tenant_ids, definition_ids = columns(definitions)
    records = await _LOCK_DEFINITIONS.fetch(
        connection, tenant_ids=tenant_ids, definition_ids=definition_ids
    )
    return {
        record["definition_id"]: (record["tenant_id"], record["definition_id"], record["revision"])
        for record in records
    }


async def lock_and_load(
    connection: DriverConnection, met: Sequence[MetDefinition]
) -> list[LoadedCandidate]:
    """Lock the counters of definitions that are locked, and load what deciding depends on."""
    distinct_spaces = {definition.space for definition in met if definition.space is not None}
    key_spaces = [definition.space for definition in met]
    tenant_ids = [definition.event.tenant_id for definition in met]
    definition_ids = [definition.definition_id for definition in met]
    await _LOCK_COUNTERS.execute(
        connection,
        **issuing.key_space_columns(distinct_spaces),
        tenant_ids=tenant_ids,
        definition_ids=definition_ids,
    )
    records = await _LOAD.fetch(
        connection,
        tenant_ids=tenant_ids,
        definition_ids=definition_ids,
        user_ids=[definition.event.user_id for definition in met],
        occurrences=[definition.event.occurrence for definition in met],
        are_capped=[definition.capped for definition in met],
        prefixes_folded=[space and space.prefix_folded for space in key_spaces],
        code_lengths=[space and space.code_length for space in key_spaces],
    )
    shared = _SharedRows()
    return [shared.candidate(*pair) for pair in zip(met, records, strict=True)]


class _SharedRows:
    """Makes rows that several events touch one object each."""

    def __init__(self) -> None:
        self._counters: dict[UUID, IssueCounter] = {}
        self._spaces: dict[KeySpace, IssueCounter] = {}
        self._users: dict[tuple[UUID, str], UserCoupons] = {}

    def candidate(self, met: MetDefinition, record: rows.Row) -> LoadedCandidate:
        definition_id = met.definition_id
        counter = self._counters.setdefault(
            definition_id, IssueCounter(record["definition_issued"])
        )
        space = None
        if met.space is not None:
            space = self._spaces.setdefault(met.space, IssueCounter(record["space_issued"]))
        held = rows.coupon(record) if record["id"] is not None else None
        user = self._users.setdefault(
            (definition_id, met.event.user_id), UserCoupons(record["given"], held, set())
        )
        if record["is_earned"]:
            user.earned.add(met.event.occurrence)
        return LoadedCandidate(counter, space, user)


async def save(connection: DriverConnection, earned: Sequence[Earned], now: datetime) -> None:
    """Store what a batch of events has earned at `now`, at least one coupon, under the locks."""
    issued = [
        NewCoupon(earning.coupon, KeySpace.of(earning.definition))
        for earning in earned
        if earning.created
    ]
    if issued:
        await issuing.issue(connection, issued, now)
    await _SAVE.execute(
        connection,
        tenant_ids=[earning.event.tenant_id for earning in earned],
        definition_ids=[earning.definition.id for earning in earned],
        user_ids=[earning.event.user_id for earning in earned],
        occurrences=[earning.event.occurrence for earning in earned],
        coupon_ids=[earning.coupon.id for earning in earned],
        created=[earning.created for earning in earned],
        event_ids=[earning.event.event_id for earning in earned],
    )


async def report(connection: DriverConnection, reached: Mapping[ProgressKey, Reached]) -> None:
    """Store progress, and delete all but the latest occurrences of each target."""
    stored = await _REPORT_PROGRESS.fetch(
        connection,
        tenant_ids=[key.tenant_id for key in reached],
        user_ids=[key.user_id for key in reached],
        kinds=[key.kind for key in reached],
        targets=[key.target for key in reached],
        occurrences=[key.occurrence for key in reached],
        values=[progress.value for progress in reached.values()],
        occurred_at=[progress.occurred_at for progress in reached.values()],
    )
    grown = {
        (record["tenant_id"], record["user_id"], record["trigger_kind"], record["target"])
        for record in stored
        if record["is_new"]
    }
    if grown:
        tenant_ids, user_ids, kinds, targets = columns(grown)
        await _FORGET_PROGRESS.execute(
            connection,
            tenant_ids=tenant_ids,
            user_ids=user_ids,
            kinds=kinds,
            targets=targets,
            kept=MAX_OCCURRENCES,
        )


async def trim(database: Database, before: datetime, limit: int) -> int:
    """Delete up to `limit` events ingested before this instant; return how many."""
    return await trim_older(database, tables.events.c.received_at, before, limit)
