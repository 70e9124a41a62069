"""The rows of a batch of events: claim it, find what it earns, lock and load that, store.

A fixed number of statements, whatever the size of the batch. Locks are taken class by class
(events, code spaces of tenants, definitions, key spaces, counters, progress) and in key order
within a class, the same order as everywhere in the service. Only definitions that could issue a
coupon are locked, which most events find none of.
"""

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any
from uuid import UUID

from coupon_server.database import rows, tables
from coupon_server.database.arrays import columns
from coupon_server.database.driver_pool import DriverConnection
from coupon_server.database.rows import DriverRow
from coupon_server.database.transactions import Database
from coupon_server.database.trimming import trim_older
from coupon_server.delivery.domain.outbox import EventType, of_coupons
from coupon_server.delivery.storage.outbox import copy_events
from coupon_server.domain.earning import Earned, IssueCounter, Issued, UserCoupons
from coupon_server.domain.events import MAX_OCCURRENCES, Event, ProgressKey, Reached
from coupon_server.domain.triggers import met_thresholds
from coupon_server.storage.generation import KeySpace, copy_coupons
from coupon_server.storage.snapshots import DefinitionRevision

EventKey = tuple[UUID, str]
"""Tenant and event id."""

# Waits for a transaction that has claimed one of them, too; what it commits is known then.
_CLAIM = """
INSERT INTO events (tenant_id, event_id, received_at)
SELECT tenant_id, event_id, $3 FROM unnest($1::uuid[], $2::text[]) AS n(tenant_id, event_id)
ORDER BY 1, 2
ON CONFLICT DO NOTHING
RETURNING tenant_id, event_id
"""

_DUPLICATES = """
SELECT e.tenant_id AS event_tenant, e.event_id, u.created, d.expires_at AS definition_expires_at,
    c.*
FROM unnest($1::uuid[], $2::text[]) AS w(tenant_id, event_id)
CROSS JOIN LATERAL (
    SELECT * FROM events e WHERE e.tenant_id = w.tenant_id AND e.event_id = w.event_id LIMIT 1
) e
CROSS JOIN LATERAL unnest(e.coupon_ids, e.coupons_created)
    WITH ORDINALITY AS u(coupon_id, created, number)
CROSS JOIN LATERAL (
    SELECT * FROM coupons c WHERE c.tenant_id = w.tenant_id AND c.id = u.coupon_id LIMIT 1
) c
CROSS JOIN LATERAL (
    SELECT d.expires_at FROM coupon_definitions d
    WHERE d.tenant_id = w.tenant_id AND d.id = c.definition_id LIMIT 1
) d
ORDER BY 1, 2, u.number
"""

_WATCHING = """
    coupon_definitions d
    WHERE d.tenant_id = w.tenant_id AND d.trigger_kind = w.kind AND d.trigger_target = w.target
        AND d.trigger_enabled AND d.status = 'active'
"""
_NOT_EARNED = """
    NOT EXISTS (
        SELECT FROM earned_coupons e
        WHERE e.tenant_id = d.tenant_id AND e.definition_id = d.id AND e.user_id = w.user_id
            AND e.occurrence = w.occurrence
    )
"""
# Two arms, so that each has a range of the trigger index: it costs the same however many
# definitions there are that the event does not meet.
_MATCH = f"""
SELECT w.position, m.id AS definition_id
FROM unnest($1::uuid[], $2::text[], $3::text[], $4::text[], $5::text[], $6::int[], $7::int[])
    WITH ORDINALITY AS w(tenant_id, user_id, kind, target, occurrence, least, greatest, position)
CROSS JOIN LATERAL (SELECT 1 FROM {_WATCHING} LIMIT 1) watched
LEFT JOIN LATERAL (
    SELECT d.id FROM {_WATCHING} AND d.trigger_threshold BETWEEN w.least AND w.greatest
        AND {_NOT_EARNED}
    UNION ALL
    SELECT d.id FROM {_WATCHING} AND d.trigger_threshold IS NULL AND {_NOT_EARNED}
) m ON true
ORDER BY 1, 2
"""  # noqa: S608 - made of constants alone

# Each CTE reads the one before in a subquery that PostgreSQL evaluates first, which makes the
# order of the lock classes certain.
_LOCK = """
WITH wanted AS MATERIALIZED (
    SELECT DISTINCT * FROM unnest($1::uuid[], $2::uuid[]) AS w(tenant_id, definition_id)
), code_space AS MATERIALIZED (
    SELECT 1 FROM (SELECT DISTINCT tenant_id FROM wanted ORDER BY 1) w
    CROSS JOIN LATERAL (
        SELECT 1 FROM tenants t WHERE t.tenant_id = w.tenant_id FOR NO KEY UPDATE
    ) t
)
SELECT w.tenant_id, w.definition_id, d.revision
FROM (
    SELECT * FROM wanted WHERE (SELECT count(*) FROM code_space) >= 0 ORDER BY 1, 2
) w
CROSS JOIN LATERAL (
    SELECT d.revision FROM coupon_definitions d
    WHERE d.tenant_id = w.tenant_id AND d.id = w.definition_id
    FOR NO KEY UPDATE
) d
"""

# The key space's row is made when it is missing; the update that never happens locks it when it
# is there.
_LOCK_COUNTERS = """
WITH spaces AS (
    INSERT INTO code_spaces AS s (tenant_id, prefix_folded, code_length, issued, unassigned)
    SELECT DISTINCT tenant_id, prefix_folded, code_length, 0, 0
    FROM unnest($1::uuid[], $2::text[], $3::int[]) AS n(tenant_id, prefix_folded, code_length)
    ORDER BY 1, 2, 3
    ON CONFLICT (tenant_id, prefix_folded, code_length) DO UPDATE SET issued = s.issued
        WHERE false
    RETURNING 1
)
SELECT 1
FROM (
    SELECT DISTINCT * FROM unnest($4::uuid[], $5::uuid[]) AS n(tenant_id, definition_id)
    WHERE (SELECT count(*) FROM spaces) >= 0
    ORDER BY 1, 2
) w
CROSS JOIN LATERAL (
    SELECT 1 FROM definition_counters k
    WHERE k.tenant_id = w.tenant_id AND k.definition_id = w.definition_id
    FOR UPDATE
) k
"""

_LOAD = """
SELECT k.issued AS definition_issued, s.issued AS space_issued, g.given,
    EXISTS (
        SELECT FROM earned_coupons e
        WHERE e.tenant_id = w.tenant_id AND e.definition_id = w.definition_id
            AND e.user_id = w.user_id AND e.occurrence = w.occurrence
    ) AS earned, c.*
FROM unnest($1::uuid[], $2::uuid[], $3::text[], $4::text[], $5::text[], $6::int[], $7::bool[])
    WITH ORDINALITY AS w(tenant_id, definition_id, user_id, occurrence, prefix_folded,
        code_length, capped, position)
CROSS JOIN LATERAL (
    SELECT k.issued FROM definition_counters k
    WHERE k.tenant_id = w.tenant_id AND k.definition_id = w.definition_id LIMIT 1
) k
LEFT JOIN LATERAL (
    SELECT s.issued FROM code_spaces s
    WHERE s.tenant_id = w.tenant_id AND s.prefix_folded = w.prefix_folded
        AND s.code_length = w.code_length LIMIT 1
) s ON true
CROSS JOIN LATERAL (
    SELECT count(*) AS given FROM coupons c
    WHERE w.capped AND c.tenant_id = w.tenant_id AND c.user_id = w.user_id
        AND c.definition_id = w.definition_id
) g
LEFT JOIN LATERAL (
    SELECT * FROM coupons c
    WHERE w.code_length IS NULL AND c.tenant_id = w.tenant_id
        AND c.definition_id = w.definition_id AND c.user_id = w.user_id
        AND c.code_folded IS NULL
    LIMIT 1
) c ON true
ORDER BY w.position
"""

_TAKEN = """
SELECT w.tenant_id, w.folded FROM unnest($1::uuid[], $2::text[]) AS w(tenant_id, folded)
CROSS JOIN LATERAL (
    SELECT 1 FROM coupons c WHERE c.tenant_id = w.tenant_id AND c.code_folded = w.folded
    UNION ALL
    SELECT 1 FROM coupon_definitions d
    WHERE d.tenant_id = w.tenant_id AND d.custom_code_folded = w.folded
        AND d.status <> 'archived'
    LIMIT 1
) t
"""

# The earned coupons are the changes: every counter moves by what they add up to.
_SAVE = """
WITH made AS MATERIALIZED (
    SELECT * FROM unnest($1::uuid[], $2::uuid[], $3::text[], $4::text[], $5::uuid[], $6::bool[],
        $7::text[], $8::text[], $9::int[])
        WITH ORDINALITY AS n(tenant_id, definition_id, user_id, occurrence, coupon_id, created,
            event_id, prefix_folded, code_length, position)
), earned AS (
    INSERT INTO earned_coupons (tenant_id, definition_id, user_id, occurrence, coupon_id)
    SELECT tenant_id, definition_id, user_id, occurrence, coupon_id FROM made
), counters AS (
    UPDATE definition_counters k SET issued = k.issued + n.made
    FROM (
        SELECT tenant_id, definition_id, count(*) AS made FROM made WHERE created GROUP BY 1, 2
    ) n
    WHERE k.tenant_id = n.tenant_id AND k.definition_id = n.definition_id
), spaces AS (
    UPDATE code_spaces s SET issued = s.issued + n.made
    FROM (
        SELECT tenant_id, prefix_folded, code_length, count(*) AS made FROM made
        WHERE created GROUP BY 1, 2, 3
    ) n
    WHERE s.tenant_id = n.tenant_id AND s.prefix_folded = n.prefix_folded
        AND s.code_length = n.code_length
)
UPDATE events e SET coupon_ids = n.coupon_ids, coupons_created = n.created
FROM (
    SELECT tenant_id, event_id, array_agg(coupon_id ORDER BY position) AS coupon_ids,
        array_agg(created ORDER BY position) AS created
    FROM made GROUP BY 1, 2
) n
WHERE e.tenant_id = n.tenant_id AND e.event_id = n.event_id
"""

# What `merged` says, of the row and the one that is given; an event that tells nothing new writes
# nothing.
_REPORT = """
INSERT INTO progress AS p
    (tenant_id, user_id, trigger_kind, target, occurrence, value, occurred_at)
SELECT * FROM unnest($1::uuid[], $2::text[], $3::text[], $4::text[], $5::text[], $6::int[],
    $7::timestamptz[])
ORDER BY 1, 2, 3, 4, 5
ON CONFLICT (tenant_id, user_id, trigger_kind, target, occurrence) DO UPDATE SET
    value = CASE
        WHEN p.trigger_kind = 'leaderboard_rank' THEN least(p.value, excluded.value)
        WHEN (excluded.occurred_at, excluded.value) > (p.occurred_at, p.value) THEN excluded.value
        ELSE p.value
    END,
    occurred_at = greatest(p.occurred_at, excluded.occurred_at)
WHERE (excluded.occurred_at, excluded.value) > (p.occurred_at, p.value)
    OR p.trigger_kind = 'leaderboard_rank' AND excluded.value < p.value
RETURNING tenant_id, user_id, trigger_kind, target, xmax = 0 AS is_new
"""

# Never waits, so that it has no place in the order of locks: a row that another transaction holds
# is left for the next new occurrence. One that has become the latest meanwhile stays.
_FORGET = """
DELETE FROM progress WHERE ctid = ANY (ARRAY(
    SELECT p.ctid
    FROM unnest($1::uuid[], $2::text[], $3::text[], $4::text[]) AS w(tenant_id, user_id, kind,
        target)
    CROSS JOIN LATERAL (
        SELECT o.occurrence, o.occurred_at FROM progress o
        WHERE o.tenant_id = w.tenant_id AND o.user_id = w.user_id AND o.trigger_kind = w.kind
            AND o.target = w.target
        ORDER BY o.occurred_at DESC, o.occurrence DESC
        OFFSET $5
    ) o
    CROSS JOIN LATERAL (
        SELECT p.ctid FROM progress p
        WHERE p.tenant_id = w.tenant_id AND p.user_id = w.user_id AND p.trigger_kind = w.kind
            AND p.target = w.target AND p.occurrence = o.occurrence
            AND p.occurred_at = o.occurred_at
        FOR UPDATE SKIP LOCKED
    ) p
))
"""


@dataclass(frozen=True, slots=True)
class Wanted:
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


async def claim(
    connection: DriverConnection, keys: Collection[EventKey], now: datetime
) -> set[EventKey]:
    """Claim events for this transaction; those that were taken before are left out.

    A concurrent transaction with one of them waits here until this one ends.
    """
    records = await connection.fetch(_CLAIM, *columns(keys), now)
    return {(record["tenant_id"], record["event_id"]) for record in records}


async def first_issued(
    connection: DriverConnection, keys: Collection[EventKey]
) -> dict[EventKey, list[Issued]]:
    """What events issued that were taken before; those that issued nothing are left out."""
    found: dict[EventKey, list[Issued]] = {}
    for record in await connection.fetch(_DUPLICATES, *columns(keys), record_class=DriverRow):
        issued = Issued(
            rows.coupon(record), record.created, rows.moment(record.definition_expires_at)
        )
        found.setdefault((record.event_tenant, record.event_id), []).append(issued)
    return found


async def match(connection: DriverConnection, events: Sequence[Event]) -> list[list[UUID] | None]:
    """The definitions that each event meets and has not earned, the oldest first.

    None: no active definition watches its target. Nothing is locked, so `lock` decides.
    """
    records = await connection.fetch(_MATCH, *columns(map(_matched_by, events)))
    found: list[list[UUID] | None] = [None] * len(events)
    for position, definition_id in records:
        definitions = found[position - 1] = found[position - 1] or []
        if definition_id is not None:
            definitions.append(definition_id)
    return found


def _matched_by(event: Event) -> tuple[Any, ...]:
    thresholds = met_thresholds(event.kind, event.value)
    return (
        event.tenant_id,
        event.user_id,
        event.kind,
        event.target,
        event.occurrence,
        thresholds.start,
        thresholds.stop - 1,
    )


async def lock(
    connection: DriverConnection, definitions: Collection[tuple[UUID, UUID]]
) -> dict[UUID, DefinitionRevision]:
    """Lock definitions, by tenant and id, and their tenants' code spaces.

    Neither a generation nor a change of them goes on meanwhile. Returns what they are now.
    """
    records = await connection.fetch(_LOCK, *columns(definitions))
    return {
        record["definition_id"]: (record["tenant_id"], record["definition_id"], record["revision"])
        for record in records
    }


async def lock_and_load(
    connection: DriverConnection, wanted: Sequence[Wanted]
) -> list[LoadedCandidate]:
    """Lock the counters of definitions that are locked, and load what deciding depends on."""
    spaces = {_space_key(one.space) for one in wanted if one.space is not None}
    definitions = {(one.event.tenant_id, one.definition_id) for one in wanted}
    await connection.execute(
        _LOCK_COUNTERS, *(columns(spaces) if spaces else ([], [], [])), *columns(definitions)
    )
    records = await connection.fetch(
        _LOAD, *columns(map(_loaded_by, wanted)), record_class=DriverRow
    )
    shared = _SharedRows()
    return [shared.candidate(one, record) for one, record in zip(wanted, records, strict=True)]


def _space_key(space: KeySpace) -> tuple[UUID, str, int]:
    return space.tenant_id, space.prefix_folded, space.code_length


def _loaded_by(wanted: Wanted) -> tuple[Any, ...]:
    event, space = wanted.event, wanted.space
    return (
        event.tenant_id,
        wanted.definition_id,
        event.user_id,
        event.occurrence,
        space and space.prefix_folded,
        space and space.code_length,
        wanted.capped,
    )


class _SharedRows:
    """Makes rows that several events touch one object each."""

    def __init__(self) -> None:
        self._counters: dict[UUID, IssueCounter] = {}
        self._spaces: dict[KeySpace, IssueCounter] = {}
        self._users: dict[tuple[UUID, str], UserCoupons] = {}

    def candidate(self, wanted: Wanted, record: DriverRow) -> LoadedCandidate:
        definition_id = wanted.definition_id
        counter = self._counters.setdefault(definition_id, IssueCounter(record.definition_issued))
        space = None
        if wanted.space is not None:
            space = self._spaces.setdefault(wanted.space, IssueCounter(record.space_issued))
        held = rows.coupon(record) if record.id is not None else None
        user = self._users.setdefault(
            (definition_id, wanted.event.user_id), UserCoupons(record.given, held, set())
        )
        if record.earned:
            user.earned.add(wanted.event.occurrence)
        return LoadedCandidate(counter, space, user)


async def taken_codes(
    connection: DriverConnection, codes: Collection[tuple[UUID, str]]
) -> set[tuple[UUID, str]]:
    """Which of these codes, by tenant and folded form, the tenant has already."""
    records = await connection.fetch(_TAKEN, *columns(codes))
    return {(record["tenant_id"], record["folded"]) for record in records}


async def save(connection: DriverConnection, earned: Sequence[Earned], now: datetime) -> None:
    """Store what a batch of events has earned at `now`, at least one coupon, under the locks."""
    made = [(one.coupon, one.definition.is_custom) for one in earned if one.created]
    if made:
        await copy_coupons(connection, made)
        told = of_coupons(coupon for coupon, _ in made)
        await copy_events(connection, EventType.COUPON_ISSUED, told, now)
    await connection.execute(_SAVE, *columns(map(_earned_row, earned)))


def _earned_row(earned: Earned) -> tuple[Any, ...]:
    event, space = earned.event, KeySpace.of(earned.definition)
    return (
        event.tenant_id,
        earned.definition.id,
        event.user_id,
        event.occurrence,
        earned.coupon.id,
        earned.created,
        event.event_id,
        space and space.prefix_folded,
        space and space.code_length,
    )


async def report(connection: DriverConnection, reached: Mapping[ProgressKey, Reached]) -> None:
    """Note progress, and forget all but the latest occurrences of each target."""
    stored = await connection.fetch(_REPORT, *columns(map(_progress_row, reached.items())))
    grown = {tuple(record)[:4] for record in stored if record["is_new"]}
    if grown:
        await connection.execute(_FORGET, *columns(grown), MAX_OCCURRENCES)


def _progress_row(item: tuple[ProgressKey, Reached]) -> tuple[Any, ...]:
    key, reached = item
    return (
        key.tenant_id,
        key.user_id,
        key.kind,
        key.target,
        key.occurrence,
        reached.value,
        reached.occurred_at,
    )


async def trim(database: Database, before: datetime, limit: int) -> int:
    """Forget up to `limit` events that were taken before this instant; return how many."""
    return await trim_older(database, tables.events.c.received_at, before, limit)
