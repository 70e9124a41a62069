"""The rows of a batch of redemptions: lock them, load them, store what changed.

Three statements, whatever the size of the batch. Locks are taken class by class
(definitions, counters, holders, coupons) and in key order within a class, the same order
as everywhere in the service, so that batches cannot deadlock. Loading is a statement of
its own after locking: under READ COMMITTED it sees what the lock's last owner committed.
"""

import json
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import Any
from uuid import UUID

import asyncpg

from coupon_server.domain.coupon import Coupon, CouponSource
from coupon_server.domain.ids import new_id
from coupon_server.domain.redemption import (
    Attempt,
    Changes,
    DefinitionCounter,
    HolderCounter,
    Redemption,
    Slot,
)
from coupon_server.storage.database import DriverConnection, RowsChanged
from coupon_server.storage.snapshots import DefinitionRevision

REDEEMED = "coupon.redeemed"
"""The outbox's event type for a grant to deliver."""

# What each typed code means. A random code is a coupon's own; a custom code is that of a
# definition, the live one or, when there is none, the one archived last.
_MATCHED = """
    FROM unnest($1::uuid[], $2::text[], $3::text[], $4::text[])
        WITH ORDINALITY AS w(tenant_id, folded, exact, user_id, position)
    {join} JOIN LATERAL (
        SELECT c.definition_id, c.id AS coupon_id
        FROM coupons c
        JOIN coupon_definitions d
            ON d.tenant_id = c.tenant_id AND d.id = c.definition_id
        WHERE c.tenant_id = w.tenant_id AND c.code_folded = w.folded
            AND (NOT d.case_sensitive OR c.code = w.exact)
        UNION ALL
        SELECT d.id, (
            SELECT c.id FROM coupons c
            WHERE c.tenant_id = w.tenant_id AND c.definition_id = d.id
                AND c.user_id = w.user_id AND c.code_folded IS NULL
        )
        FROM (
            SELECT * FROM coupon_definitions d
            WHERE d.tenant_id = w.tenant_id AND d.custom_code_folded = w.folded
                AND (NOT d.case_sensitive OR d.custom_code = w.exact)
            ORDER BY d.archived_at DESC NULLS FIRST
            LIMIT 1
        ) d
        LIMIT 1
    ) m ON true
"""

# Each CTE reads the one before in a subquery that PostgreSQL evaluates first, which makes
# the order of the lock classes certain. The holder's row is made when it is missing; the
# update that never happens locks it when it is there.
_LOCK = f"""
WITH matched AS MATERIALIZED (
    SELECT w.tenant_id, w.user_id, m.definition_id, m.coupon_id
    {_MATCHED.format(join="")}
), definitions AS MATERIALIZED (
    SELECT 1 FROM coupon_definitions d
    WHERE (d.tenant_id, d.id) IN (SELECT tenant_id, definition_id FROM matched)
    ORDER BY d.tenant_id, d.id
    FOR KEY SHARE
), counters AS MATERIALIZED (
    SELECT 1 FROM definition_counters k
    WHERE (SELECT count(*) FROM definitions) > 0
        AND (k.tenant_id, k.definition_id) IN (
            SELECT d.tenant_id, d.id
            FROM matched m
            JOIN coupon_definitions d ON d.tenant_id = m.tenant_id AND d.id = m.definition_id
            WHERE d.limit_type = 'global' OR d.code_format = 'custom'
        )
    ORDER BY k.tenant_id, k.definition_id
    FOR UPDATE
), holder_rows AS (
    INSERT INTO holders AS h (tenant_id, definition_id, user_id, used)
    SELECT DISTINCT tenant_id, definition_id, user_id, 0 FROM matched
    WHERE (SELECT count(*) FROM counters) >= 0
    ORDER BY 1, 2, 3
    ON CONFLICT (tenant_id, definition_id, user_id) DO UPDATE SET used = h.used WHERE false
    RETURNING 1
)
SELECT 1 FROM coupons c
WHERE (SELECT count(*) FROM holder_rows) >= 0
    AND (c.tenant_id, c.id) IN (SELECT tenant_id, coupon_id FROM matched)
ORDER BY c.tenant_id, c.id
FOR UPDATE
"""  # noqa: S608 - made of constants alone

_LOAD = f"""
SELECT d.id AS definition_id, d.revision, i.version AS reward_item_version,
    c.id, c.user_id, c.code, c.source, c.generation_id, c.generated_at, c.valid_until,
    c.used, c.redeemed_at, c.revoked_at, c.revoke_reason,
    k.issued AS definition_issued, k.used AS definition_used, coalesce(h.used, 0) AS holder_used
{_MATCHED.format(join="LEFT")}
LEFT JOIN coupon_definitions d ON d.tenant_id = w.tenant_id AND d.id = m.definition_id
LEFT JOIN reward_items i ON i.tenant_id = d.tenant_id AND i.item_id = d.reward_item_id
LEFT JOIN definition_counters k ON k.tenant_id = d.tenant_id AND k.definition_id = d.id
LEFT JOIN coupons c ON c.tenant_id = w.tenant_id AND c.id = m.coupon_id
LEFT JOIN holders h
    ON h.tenant_id = d.tenant_id AND h.definition_id = d.id AND h.user_id = w.user_id
ORDER BY w.position
"""

_SAVE = """
WITH updated AS (
    UPDATE coupons c SET user_id = n.user_id, used = n.used, redeemed_at = n.redeemed_at
    FROM unnest($1::uuid[], $2::uuid[], $3::text[], $4::int[], $5::int[], $6::timestamptz[])
        AS n(tenant_id, id, user_id, used_before, used, redeemed_at)
    WHERE c.tenant_id = n.tenant_id AND c.id = n.id
        AND c.used = n.used_before AND c.revoked_at IS NULL
    RETURNING 1
), holder_rows AS (
    UPDATE holders h SET used = n.used
    FROM unnest($7::uuid[], $8::uuid[], $9::text[], $10::int[])
        AS n(tenant_id, definition_id, user_id, used)
    WHERE h.tenant_id = n.tenant_id AND h.definition_id = n.definition_id
        AND h.user_id = n.user_id
), ledger AS (
    INSERT INTO redemptions (tenant_id, id, kind, coupon_id, definition_id, user_id, code,
        redeemed_at, reference, metadata, credential_id, reward_item_id, reward_item_version)
    SELECT tenant_id, id, 'redemption', coupon_id, definition_id, user_id, code,
        redeemed_at, reference, metadata::json, credential_id, reward_item_id,
        reward_item_version
    FROM unnest($11::uuid[], $12::uuid[], $13::uuid[], $14::uuid[], $15::text[], $16::text[],
        $17::timestamptz[], $18::text[], $19::text[], $20::uuid[], $21::uuid[], $22::int[])
        AS n(tenant_id, id, coupon_id, definition_id, user_id, code, redeemed_at, reference,
            metadata, credential_id, reward_item_id, reward_item_version)
), events AS (
    INSERT INTO outbox (tenant_id, id, event_type, user_id, subject_id, occurred_at)
    SELECT tenant_id, event_id, $24, user_id, id, redeemed_at
    FROM unnest($11::uuid[], $23::uuid[], $15::text[], $12::uuid[], $17::timestamptz[])
        AS n(tenant_id, event_id, user_id, id, redeemed_at)
)
SELECT count(*) FROM updated
"""

_CREATE_COUPONS = """
INSERT INTO coupons (tenant_id, id, definition_id, user_id, code, code_folded, source,
    generation_id, generated_at, valid_until, used, redeemed_at, revoked_at, revoke_reason)
SELECT tenant_id, id, definition_id, user_id, code, NULL, source, NULL, generated_at,
    valid_until, used, redeemed_at, NULL, ''
FROM unnest($1::uuid[], $2::uuid[], $3::uuid[], $4::text[], $5::text[], $6::text[],
    $7::timestamptz[], $8::timestamptz[], $9::int[], $10::timestamptz[])
    AS n(tenant_id, id, definition_id, user_id, code, source, generated_at, valid_until,
        used, redeemed_at)
"""

_COUNT = """
UPDATE definition_counters k SET issued = n.issued, used = n.used
FROM unnest($1::uuid[], $2::uuid[], $3::int[], $4::int[])
    AS n(tenant_id, definition_id, issued, used)
WHERE k.tenant_id = n.tenant_id AND k.definition_id = n.definition_id
"""


@dataclass(frozen=True, slots=True)
class LoadedMatch:
    """A match whose definition is still named by its revision."""

    definition: DefinitionRevision
    reward_item_version: int
    slot: Slot
    counter: DefinitionCounter
    holder: HolderCounter


async def lock(connection: DriverConnection, attempts: Sequence[Attempt]) -> None:
    """Lock every row that redeeming these could change, in the order of this module."""
    await connection.fetch(_LOCK, *_wanted(attempts))


async def load(
    connection: DriverConnection, attempts: Sequence[Attempt]
) -> list[LoadedMatch | None]:
    """What each attempt's code means, in order; equal rows are one object. None: nothing."""
    records = await connection.fetch(_LOAD, *_wanted(attempts))
    shared = _SharedRows()
    return [
        shared.match(attempt, record) for attempt, record in zip(attempts, records, strict=True)
    ]


async def save(connection: DriverConnection, changes: Changes) -> None:
    """Store the changes of a batch.

    Raises RowsChanged when a coupon has changed in spite of the locks: only one that another
    transaction made after they were taken can.
    """
    if not changes.redemptions:
        return
    if changes.created:
        await connection.execute(
            _CREATE_COUPONS, *_columns(10, map(_new_coupon, changes.created.values()))
        )
    if changes.counters:
        counters = ((*key, row.issued, row.used) for key, row in changes.counters.items())
        await connection.execute(_COUNT, *_columns(4, counters))
    stored = await connection.fetchval(
        _SAVE,
        *_columns(6, map(_coupon_update, changes.updated.values())),
        *_columns(4, ((*key, row.used) for key, row in changes.holders.items())),
        *_columns(12, map(_ledger_row, changes.redemptions)),
        [new_id() for _ in changes.redemptions],
        REDEEMED,
    )
    if stored != len(changes.updated):
        raise RowsChanged


class _SharedRows:
    """Makes rows that several attempts touch one object each."""

    def __init__(self) -> None:
        self._slots: dict[object, Slot] = {}
        self._counters: dict[UUID, DefinitionCounter] = {}
        self._holders: dict[tuple[UUID, str | None], HolderCounter] = {}

    def match(self, attempt: Attempt, record: asyncpg.Record) -> LoadedMatch | None:
        definition_id = record["definition_id"]
        if definition_id is None:
            return None
        holder = (definition_id, attempt.user_id)
        slot_key = record["id"] or holder
        if slot_key not in self._slots:
            self._slots[slot_key] = _slot(attempt.tenant_id, record)
        if definition_id not in self._counters:
            self._counters[definition_id] = DefinitionCounter(
                record["definition_issued"], record["definition_used"]
            )
        if holder not in self._holders:
            self._holders[holder] = HolderCounter(record["holder_used"])
        return LoadedMatch(
            (attempt.tenant_id, definition_id, record["revision"]),
            record["reward_item_version"],
            self._slots[slot_key],
            self._counters[definition_id],
            self._holders[holder],
        )


def _slot(tenant_id: UUID, record: asyncpg.Record) -> Slot:
    if record["id"] is None:
        return Slot(None)
    coupon = Coupon(
        tenant_id=tenant_id,
        id=record["id"],
        definition_id=record["definition_id"],
        user_id=record["user_id"],
        code=record["code"],
        source=CouponSource(record["source"]),
        generation_id=record["generation_id"],
        generated_at=record["generated_at"],
        valid_until=record["valid_until"],
        used=record["used"],
        redeemed_at=record["redeemed_at"],
        revoked_at=record["revoked_at"],
        revoke_reason=record["revoke_reason"],
    )
    return Slot(coupon, used_before=coupon.used)


def _wanted(attempts: Sequence[Attempt]) -> list[list[Any]]:
    return [
        [attempt.tenant_id for attempt in attempts],
        [attempt.code.folded for attempt in attempts],
        [attempt.code.exact for attempt in attempts],
        [attempt.user_id for attempt in attempts],
    ]


def _columns(width: int, rows: Iterable[tuple[Any, ...]]) -> list[Sequence[Any]]:
    """The rows as one array for each column, which is what `unnest` takes."""
    return list(zip(*rows, strict=True)) or [()] * width


def _coupon_update(slot: Slot) -> tuple[Any, ...]:
    coupon = slot.coupon
    assert coupon is not None  # noqa: S101 - only a slot with a coupon is updated
    return (
        coupon.tenant_id,
        coupon.id,
        coupon.user_id,
        slot.used_before,
        coupon.used,
        coupon.redeemed_at,
    )


def _new_coupon(coupon: Coupon) -> tuple[Any, ...]:
    return (
        coupon.tenant_id,
        coupon.id,
        coupon.definition_id,
        coupon.user_id,
        coupon.code,
        coupon.source,
        coupon.generated_at,
        coupon.valid_until,
        coupon.used,
        coupon.redeemed_at,
    )


def _ledger_row(redemption: Redemption) -> tuple[Any, ...]:
    return (
        redemption.tenant_id,
        redemption.id,
        redemption.coupon_id,
        redemption.definition_id,
        redemption.user_id,
        redemption.code,
        redemption.redeemed_at,
        redemption.reference,
        json.dumps(dict(redemption.metadata)) if redemption.metadata else None,
        redemption.credential_id,
        redemption.reward_item_id,
        redemption.reward_item_version,
    )
