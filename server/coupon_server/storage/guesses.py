"""The shared counts of failed attempts, alerts, and the policies that limit them."""

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any
from uuid import UUID

import asyncpg
from sqlalchemy import and_, any_, delete, func, literal_column, select, update
from sqlalchemy.dialects.postgresql import insert
from sqlalchemy.ext.asyncio import AsyncConnection

from coupon_server.database.driver import DriverConnection
from coupon_server.database.statements import statements
from coupon_server.database.tables import guess_alerts, guess_counts, guess_policies
from coupon_server.database.transactions import Database
from coupon_server.database.trimming import trim_older
from coupon_server.delivery.storage.outbox import is_kept
from coupon_server.domain.guessing import (
    FailureCount,
    GuessLimit,
    GuessPolicy,
    GuessThreshold,
    Subject,
    SubjectKind,
)

CountKey = tuple[UUID, Subject]
"""A tenant and a subject. Rows are locked in the order of their keys."""

_SQL = statements(__name__)
_ADD_COUNTS = _SQL["add_counts"]
_LOCK_COUNTS = _SQL["lock_counts"]
_SAVE_COUNTS = _SQL["save_counts"]
_CHANGED_BLOCKS = _SQL["changed_blocks"]
_LIVE_BLOCKS = _SQL["live_blocks"]
_CHANGED_POLICIES = _SQL["changed_policies"]
_ADD_ALERT = _SQL["add_alert"]
_COUNT_BLOCKED = _SQL["count_blocked"]
_DATABASE_TIME = _SQL["database_time"]

LIFT_LIFETIME = timedelta(minutes=1)
"""How long a lift is kept of a user without stored failures: workers push within a second."""

_EXCESS_TENANTS = (
    select(guess_counts.c.tenant_id, func.count().label("size"))
    .group_by(guess_counts.c.tenant_id)
    .order_by(guess_counts.c.tenant_id)
)


@dataclass(frozen=True, slots=True)
class CountRow:
    """The failures of a subject, and until when they block it; None: they never did."""

    count: FailureCount
    blocked_until: datetime | None
    lifted_at: datetime | None = None
    """When the failures of its user were last forgotten; None once it was blocked since, or its
    window is over."""


@dataclass(frozen=True, slots=True)
class ChangedRow:
    """A subject that is blocked, or was, as another process left it."""

    key: CountKey
    row: CountRow
    changed_at: datetime


@dataclass(frozen=True, slots=True)
class Alert:
    """That a tenant's failures reached the threshold within the window."""

    tenant_id: UUID
    id: UUID
    failures: int
    threshold: GuessThreshold
    raised_at: datetime


# --- counts


async def lock_counts(
    connection: DriverConnection, keys: Sequence[CountKey], now: datetime
) -> dict[CountKey, CountRow]:
    """The counts of these subjects, locked; one that has none yet has a count of zero.

    `keys` must be in order. A row that is trimmed at this moment is left out.
    """
    columns = _columns(keys)
    await _ADD_COUNTS.execute(connection, **columns, now=now)
    records = await _LOCK_COUNTS.fetch(connection, **columns)
    return {keys[record["position"] - 1]: _row(record) for record in records}


async def save_counts(
    connection: DriverConnection, rows: Mapping[CountKey, CountRow], windows: Sequence[timedelta]
) -> None:
    """Store locked counts, at least one; `windows` are those of their subjects."""
    counts = [row.count for row in rows.values()]
    await _SAVE_COUNTS.execute(
        connection,
        **_columns(rows),
        started_at=[count.started_at for count in counts],
        current=[count.current for count in counts],
        previous=[count.previous for count in counts],
        blocked_until=[row.blocked_until for row in rows.values()],
        expires_at=[
            _expires_at(row, window) for row, window in zip(rows.values(), windows, strict=True)
        ],
    )


def _columns(keys: Collection[CountKey]) -> dict[str, list[object]]:
    return {
        "tenant_ids": [tenant_id for tenant_id, _ in keys],
        "kinds": [subject.kind for _, subject in keys],
        "user_ids": [subject.user_id for _, subject in keys],
        "digests": [subject.digest for _, subject in keys],
    }


def _expires_at(row: CountRow, window: timedelta) -> datetime:
    counts_until = row.count.started_at + 2 * window
    return max(counts_until, row.blocked_until or counts_until)


async def database_time(connection: DriverConnection) -> datetime:
    """The clock by which changes are found."""
    now: datetime = await _DATABASE_TIME.fetch_value(connection)
    return now


async def changed_blocks(
    connection: DriverConnection, since: datetime, limit: int
) -> list[ChangedRow]:
    """Subjects whose block has changed since then, the oldest change first."""
    return [
        _changed(record)
        for record in await _CHANGED_BLOCKS.fetch(connection, since=since, limit=limit)
    ]


async def live_blocks(connection: DriverConnection, now: datetime, limit: int) -> list[ChangedRow]:
    """Subjects that are blocked at `now`, the latest change first."""
    return [
        _changed(record) for record in await _LIVE_BLOCKS.fetch(connection, now=now, limit=limit)
    ]


def _row(record: asyncpg.Record) -> CountRow:
    count = FailureCount(record["started_at"], record["current"], record["previous"])
    return CountRow(count, record["blocked_until"], record["lifted_at"])


def _changed(record: asyncpg.Record) -> ChangedRow:
    subject = Subject(SubjectKind(record["kind"]), record["user_id"], record["digest"])
    return ChangedRow((record["tenant_id"], subject), _row(record), record["changed_at"])


async def lift(connection: AsyncConnection, tenant_id: UUID, user_id: str, now: datetime) -> bool:
    """Forget the failures of a user and of the user's tokens. Whether that ended a block."""
    mine = and_(
        guess_counts.c.tenant_id == tenant_id,
        guess_counts.c.kind.in_((SubjectKind.USER, SubjectKind.USER_TOKEN)),
        guess_counts.c.user_id == user_id,
    )
    # A worker may have counted failures that it has not pushed yet.
    await connection.execute(
        insert(guess_counts)
        .values(
            tenant_id=tenant_id,
            kind=SubjectKind.USER,
            user_id=user_id,
            digest="",
            started_at=now,
            current=0,
            previous=0,
            expires_at=now + LIFT_LIFETIME,
            changed_at=func.clock_timestamp(),
        )
        .on_conflict_do_nothing()
    )
    locked = await connection.scalars(
        select(guess_counts.c.blocked_until)
        .where(mine)
        .order_by(guess_counts.c.kind, guess_counts.c.digest)
        .with_for_update(key_share=True)
    )
    was_blocked = any(until is not None and until > now for until in locked)
    # Other workers pull it as a block that ends when its window begins: `lifted_at`.
    await connection.execute(
        update(guess_counts)
        .where(mine)
        .values(
            started_at=now,
            current=0,
            previous=0,
            blocked_until=now,
            changed_at=func.clock_timestamp(),
        )
    )
    return was_blocked


# --- alerts


async def add_alert(connection: DriverConnection, alert: Alert) -> None:
    await _ADD_ALERT.execute(
        connection,
        tenant_id=alert.tenant_id,
        id=alert.id,
        failures=alert.failures,
        threshold=alert.threshold.failures,
        window=alert.threshold.window,
        raised_at=alert.raised_at,
    )


# --- policies


async def changed_policies(
    connection: DriverConnection, since: datetime
) -> dict[UUID, GuessPolicy]:
    """The policies that were set since then."""
    records = await _CHANGED_POLICIES.fetch(connection, since=since)
    return {record["tenant_id"]: _policy(record["limits"]) for record in records}


async def fetch_policy(connection: AsyncConnection, tenant_id: UUID) -> GuessPolicy:
    """The tenant's policy; the default where it has set none."""
    query = select(guess_policies.c.limits).where(guess_policies.c.tenant_id == tenant_id)
    return _policy(await connection.scalar(query) or {})


async def set_policy(
    connection: AsyncConnection,
    tenant_id: UUID,
    limits: Mapping[SubjectKind, GuessLimit | GuessThreshold],
) -> GuessPolicy:
    """Replace the tenant's policy. A limit that is left out is the default."""
    document = {str(kind): _document(limit) for kind, limit in limits.items()}
    values = {"limits": document, "changed_at": func.clock_timestamp()}
    await connection.execute(
        insert(guess_policies)
        .values(tenant_id=tenant_id, **values)
        .on_conflict_do_update(index_elements=guess_policies.primary_key, set_=values)
    )
    return _policy(document)


def _document(limit: GuessLimit | GuessThreshold) -> dict[str, float]:
    seconds = {"failures": limit.failures, "window": limit.window.total_seconds()}
    if isinstance(limit, GuessLimit):
        seconds["block"] = limit.block.total_seconds()
        seconds["max_block"] = limit.max_block.total_seconds()
    return seconds


def _policy(document: Mapping[str, Any]) -> GuessPolicy:
    limits: dict[str, Any] = {}
    for kind, fields in document.items():
        spans = {
            name: timedelta(seconds=seconds)
            for name, seconds in fields.items()
            if name != "failures"
        }
        limit_type = GuessThreshold if kind == SubjectKind.TENANT else GuessLimit
        limits[kind] = limit_type(failures=fields["failures"], **spans)
    return GuessPolicy(**limits)


async def count_blocked(connection: DriverConnection, now: datetime) -> tuple[int, int]:
    """How many users, tokens and addresses are blocked, and how many tenants are alerted."""
    [row] = await _COUNT_BLOCKED.fetch(connection, now=now)
    return row["subjects"], row["tenants"]


# --- trimming


async def trim_expired(database: Database, now: datetime, limit: int) -> int:
    """Delete up to `limit` counts outside every window; return how many."""
    return await trim_older(database, guess_counts.c.expires_at, now, limit)


async def trim_excess(database: Database, most: int, limit: int, now: datetime) -> int:
    """Delete up to `limit` counts of each tenant that has more than `most`; return how many.

    Those that block nobody go first, and the oldest of them.
    """
    deleted = 0
    async with database.transaction() as transaction:
        sizes = (await transaction.execute(_EXCESS_TENANTS.having(func.count() > most))).all()
    for tenant_id, size in sizes:
        async with database.transaction() as transaction:
            deleted += await _delete_oldest(transaction, tenant_id, min(size - most, limit), now)
    return deleted


async def _delete_oldest(
    transaction: AsyncConnection, tenant_id: UUID, count: int, now: datetime
) -> int:
    place: Any = literal_column("ctid")
    oldest = (
        select(place)
        .select_from(guess_counts)
        .where(guess_counts.c.tenant_id == tenant_id, guess_counts.c.kind != SubjectKind.TENANT)
        .order_by(
            func.coalesce(guess_counts.c.blocked_until > now, False), guess_counts.c.changed_at
        )
        .limit(count)
        .with_for_update(skip_locked=True)
    )
    places = func.array(oldest.scalar_subquery())
    result = await transaction.execute(delete(guess_counts).where(place == any_(places)))
    return result.rowcount


async def trim_alerts(database: Database, before: datetime) -> None:
    """Delete alerts of before that instant whose event is not kept any more."""
    async with database.transaction() as transaction:
        await transaction.execute(
            delete(guess_alerts).where(
                guess_alerts.c.raised_at < before,
                ~is_kept(guess_alerts.c.tenant_id, guess_alerts.c.id),
            )
        )
