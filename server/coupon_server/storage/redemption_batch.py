"""The rows of a batch of redemptions: lock them, load them, store what changed.

A fixed number of statements, whatever the size of the batch. Locks are taken class by class
(definitions, counters, holders, coupons) and in key order within a class, the same order
as everywhere in the service, so that batches cannot deadlock. Loading is a statement of
its own after locking: under READ COMMITTED it sees what the lock's last owner committed.
"""

import json
from collections.abc import Container, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any
from uuid import UUID

import asyncpg

from coupon_server.database.arrays import columns
from coupon_server.database.driver_pool import DriverConnection
from coupon_server.database.transactions import RowsChanged
from coupon_server.delivery.domain.outbox import EventType
from coupon_server.domain.coupon import Coupon
from coupon_server.domain.errors import Reason
from coupon_server.domain.redemption import (
    Attempt,
    Changes,
    DefinitionCounter,
    HolderCounter,
    Redemption,
    Slot,
)
from coupon_server.storage.snapshots import DefinitionRevision

# What each typed code means to its user. A random code is a coupon's own; a custom code is that of
# a definition, the live one or, when there is none, the one archived last. A code that is not the
# user's exists, but has no ids: from here on it costs what an unknown code costs, and locks as
# little, so that the time of an answer does not tell the two apart. That needs no lock, because a
# coupon's user never changes.
#
# `open`: whether the code is the user's; NULL: if there is a coupon, which is one of nobody yet, or
# the user's own of a custom code that is for holders alone.
_MATCHED = """
    FROM unnest($1::uuid[], $2::text[], $3::text[], $4::text[])
        WITH ORDINALITY AS w(tenant_id, folded, exact, user_id, position)
    {join} JOIN LATERAL (
        SELECT true AS exists, CASE WHEN o.open THEN f.definition_id END AS definition_id,
            CASE WHEN o.open THEN f.coupon_id END AS coupon_id
        FROM (
            SELECT c.definition_id, c.id AS coupon_id, c.user_id = w.user_id AS open
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
            ), nullif(NOT d.assigned_only OR w.user_id IS NULL, false)
            FROM (
                SELECT d.id, d.assigned_only FROM coupon_definitions d
                WHERE d.tenant_id = w.tenant_id AND d.custom_code_folded = w.folded
                    AND (NOT d.case_sensitive OR d.custom_code = w.exact)
                ORDER BY d.archived_at DESC NULLS FIRST
                LIMIT 1
            ) d
            LIMIT 1
        ) f
        CROSS JOIN LATERAL (SELECT coalesce(f.open, f.coupon_id IS NOT NULL) AS open) o
    ) m ON true
"""

# Each CTE reads the one before in a subquery that PostgreSQL evaluates first, which makes
# the order of the lock classes certain. Rows are looked up one by one (LATERAL), in key
# order, by a plan that does not depend on how large the tables were when it was made. The
# holder's row is made when it is missing; the update that never happens locks it when it
# is there.
_LOCK = f"""
WITH matched AS MATERIALIZED (
    SELECT w.tenant_id, w.user_id, m.definition_id, m.coupon_id
    {_MATCHED.format(join="")}
    WHERE m.definition_id IS NOT NULL
), definitions AS MATERIALIZED (
    SELECT m.tenant_id, m.definition_id, d.counted
    FROM (SELECT DISTINCT tenant_id, definition_id FROM matched ORDER BY 1, 2) m
    CROSS JOIN LATERAL (
        SELECT d.limit_type = 'global' OR d.code_format = 'custom' AS counted
        FROM coupon_definitions d
        WHERE d.tenant_id = m.tenant_id AND d.id = m.definition_id
        FOR KEY SHARE
    ) d
), counters AS MATERIALIZED (
    SELECT 1
    FROM (SELECT * FROM definitions WHERE counted ORDER BY tenant_id, definition_id) m
    CROSS JOIN LATERAL (
        SELECT 1 FROM definition_counters k
        WHERE k.tenant_id = m.tenant_id AND k.definition_id = m.definition_id
        FOR UPDATE
    ) k
), holder_rows AS (
    INSERT INTO holders AS h (tenant_id, definition_id, user_id, used)
    SELECT DISTINCT tenant_id, definition_id, user_id, 0 FROM matched
    WHERE (SELECT count(*) FROM counters) >= 0
    ORDER BY 1, 2, 3
    ON CONFLICT (tenant_id, definition_id, user_id) DO UPDATE SET used = h.used WHERE false
    RETURNING 1
)
SELECT m.definition_id, c.id AS coupon_id
FROM (
    SELECT DISTINCT tenant_id, definition_id, coupon_id FROM matched
    WHERE (SELECT count(*) FROM holder_rows) >= 0
    ORDER BY 1, 3
) m
LEFT JOIN LATERAL (
    SELECT c.id FROM coupons c WHERE c.tenant_id = m.tenant_id AND c.id = m.coupon_id FOR UPDATE
) c ON true
"""  # noqa: S608 - made of constants alone

_LOAD = f"""
SELECT d.id AS matched_id, m.exists, d.revision, d.code_format = 'custom' AS custom,
    i.version AS reward_item_version,
    k.issued AS definition_issued, k.used AS definition_used, coalesce((
        SELECT h.used FROM holders h
        WHERE h.tenant_id = d.tenant_id AND h.definition_id = d.id AND h.user_id = w.user_id
    ), 0) AS holder_used,
    c.tenant_id, c.id, c.definition_id, c.user_id, c.code, c.source, c.generation_id,
    c.generated_at, c.valid_until, c.used, c.redeemed_at, c.revoked_at, c.revoke_reason
{_MATCHED.format(join="LEFT")}
LEFT JOIN coupon_definitions d ON d.tenant_id = w.tenant_id AND d.id = m.definition_id
LEFT JOIN reward_items i ON i.tenant_id = d.tenant_id AND i.item_id = d.reward_item_id
LEFT JOIN definition_counters k ON k.tenant_id = d.tenant_id AND k.definition_id = d.id
LEFT JOIN coupons c ON c.tenant_id = w.tenant_id AND c.id = m.coupon_id
ORDER BY w.position
"""  # noqa: S608 - made of constants alone
# The columns of _LOAD that make up a Coupon, in the order of its fields.
_COUPON = slice(8, 21)

# The ledger rows are the changes: every counter moves by what they add up to.
_SAVE = """
WITH made AS MATERIALIZED (
    SELECT * FROM unnest($1::uuid[], $2::uuid[], $3::uuid[], $4::text[], $5::text[], $6::text[],
        $7::uuid[], $8::uuid[], $9::int[], $10::uuid[], $11::text[])
        AS n(tenant_id, id, coupon_id, user_id, reference, metadata, credential_id,
            reward_item_id, reward_item_version, definition_id, code)
), updated AS (
    UPDATE coupons c
    SET used = c.used + n.uses, redeemed_at = $12, user_id = n.user_id
    FROM (
        SELECT tenant_id, coupon_id, user_id, count(*) AS uses FROM made GROUP BY 1, 2, 3
    ) n
    WHERE c.tenant_id = n.tenant_id AND c.id = n.coupon_id AND c.revoked_at IS NULL
    RETURNING c.tenant_id, c.definition_id, c.user_id, n.uses
), holder_rows AS (
    INSERT INTO holders AS h (tenant_id, definition_id, user_id, used)
    SELECT tenant_id, definition_id, user_id, sum(uses) FROM updated GROUP BY 1, 2, 3
    ON CONFLICT (tenant_id, definition_id, user_id) DO UPDATE SET used = h.used + excluded.used
), counters AS (
    UPDATE definition_counters k SET used = k.used + n.uses
    FROM (
        SELECT u.tenant_id, u.definition_id, sum(u.uses) AS uses
        FROM updated u
        JOIN coupon_definitions d ON d.tenant_id = u.tenant_id AND d.id = u.definition_id
        WHERE d.limit_type = 'global'
        GROUP BY 1, 2
    ) n
    WHERE k.tenant_id = n.tenant_id AND k.definition_id = n.definition_id
), ledger AS (
    INSERT INTO redemptions (tenant_id, id, kind, coupon_id, definition_id, user_id, code,
        redeemed_at, reference, metadata, credential_id, reward_item_id, reward_item_version)
    SELECT tenant_id, id, 'redemption', coupon_id, definition_id, user_id, code, $12, reference,
        metadata::json, credential_id, reward_item_id, reward_item_version
    FROM made
), events AS (
    INSERT INTO outbox (tenant_id, id, event_type, user_id, subject_id, occurred_at)
    SELECT tenant_id, id, $13, user_id, id, $12 FROM made
)
SELECT coalesce(sum(uses), 0) FROM updated
"""

_CREATE_COUPONS = """
WITH created AS (
    INSERT INTO coupons (tenant_id, id, definition_id, user_id, code, code_folded, source,
        generation_id, generated_at, valid_until, used, redeemed_at, revoked_at, revoke_reason)
    SELECT tenant_id, id, definition_id, user_id, code, NULL, source, NULL, $8, valid_until, 0,
        NULL, NULL, ''
    FROM unnest($1::uuid[], $2::uuid[], $3::uuid[], $4::text[], $5::text[], $6::text[],
        $7::timestamptz[])
        AS n(tenant_id, id, definition_id, user_id, code, source, valid_until)
    RETURNING tenant_id, definition_id
)
UPDATE definition_counters k SET issued = k.issued + n.issued
FROM (SELECT tenant_id, definition_id, count(*) AS issued FROM created GROUP BY 1, 2) n
WHERE k.tenant_id = n.tenant_id AND k.definition_id = n.definition_id
"""


@dataclass(frozen=True, slots=True)
class LoadedMatch:
    """A match whose definition is still named by its revision."""

    definition: DefinitionRevision
    custom: bool
    reward_item_version: int
    slot: Slot
    counter: DefinitionCounter
    holder: HolderCounter

    def is_among(self, locked: Container[UUID]) -> bool:
        """Whether the definition's rows and the coupon's are locked, as they are for a code that
        was the user's when the locks were taken.

        A coupon of a custom code may have been made meanwhile: its definition's counter is
        locked, and `save` sees to it that it has not been revoked.
        """
        _, definition_id, _ = self.definition
        coupon = self.slot.coupon
        return definition_id in locked and (self.custom or not coupon or coupon.id in locked)


Found = LoadedMatch | Reason
"""What a code means to its user: a match, or COUPON_NOT_FOUND, or COUPON_NOT_ASSIGNED for what is
another's."""


async def lock_and_load(connection: DriverConnection, attempts: Sequence[Attempt]) -> list[Found]:
    """Lock every row that redeeming these could change, then `load` them.

    Raises RowsChanged when a code means something else since it was matched for locking: a
    definition was created, a custom code moved to another one, or the user was given it.
    """
    records = await connection.fetch(_LOCK, *_wanted(attempts))
    locked = {record["definition_id"] for record in records}
    locked |= {record["coupon_id"] for record in records}
    loaded = await load(connection, attempts)
    for row in loaded:
        if isinstance(row, LoadedMatch) and not row.is_among(locked):
            raise RowsChanged
    return loaded


async def load(connection: DriverConnection, attempts: Sequence[Attempt]) -> list[Found]:
    """What each attempt's code means, in order; equal rows are one object."""
    records = await connection.fetch(_LOAD, *_wanted(attempts))
    shared = _SharedRows()
    return [
        shared.match(attempt, record) for attempt, record in zip(attempts, records, strict=True)
    ]


async def save(connection: DriverConnection, changes: Changes, now: datetime) -> None:
    """Store the changes of a batch, at least one redemption, all made at `now`.

    Raises RowsChanged when a coupon has been revoked in spite of the locks: only one of a custom
    code that another transaction made after they were taken can.
    """
    if changes.created:
        await connection.execute(_CREATE_COUPONS, *columns(map(_new_coupon, changes.created)), now)
    rows = columns(map(_ledger_row, changes.redemptions))
    if await connection.fetchval(_SAVE, *rows, now, EventType.COUPON_REDEEMED) != len(
        changes.redemptions
    ):
        raise RowsChanged


class _SharedRows:
    """Makes rows that several attempts touch one object each."""

    def __init__(self) -> None:
        self._slots: dict[object, Slot] = {}
        self._counters: dict[UUID, DefinitionCounter] = {}
        self._holders: dict[tuple[UUID, str | None], HolderCounter] = {}

    def match(self, attempt: Attempt, record: asyncpg.Record) -> Found:
        definition_id = record["matched_id"]
        if definition_id is None:
            return Reason.COUPON_NOT_ASSIGNED if record["exists"] else Reason.COUPON_NOT_FOUND
        holder = (definition_id, attempt.user_id)
        slot_key = record["id"] or holder
        if slot_key not in self._slots:
            self._slots[slot_key] = _slot(record)
        if definition_id not in self._counters:
            self._counters[definition_id] = DefinitionCounter(
                record["definition_issued"], record["definition_used"]
            )
        if holder not in self._holders:
            self._holders[holder] = HolderCounter(record["holder_used"])
        return LoadedMatch(
            (attempt.tenant_id, definition_id, record["revision"]),
            record["custom"],
            record["reward_item_version"],
            self._slots[slot_key],
            self._counters[definition_id],
            self._holders[holder],
        )


def _slot(record: asyncpg.Record) -> Slot:
    return Slot(None if record["id"] is None else Coupon(*record[_COUPON]))


def _wanted(attempts: Sequence[Attempt]) -> list[list[Any]]:
    return [
        [attempt.tenant_id for attempt in attempts],
        [attempt.code.folded for attempt in attempts],
        [attempt.code.exact for attempt in attempts],
        [attempt.user_id for attempt in attempts],
    ]


def _new_coupon(coupon: Coupon) -> tuple[Any, ...]:
    return (
        coupon.tenant_id,
        coupon.id,
        coupon.definition_id,
        coupon.user_id,
        coupon.code,
        coupon.source,
        coupon.valid_until,
    )


def _ledger_row(redemption: Redemption) -> tuple[Any, ...]:
    return (
        redemption.tenant_id,
        redemption.id,
        redemption.coupon_id,
        redemption.user_id,
        redemption.reference,
        json.dumps(dict(redemption.metadata)) if redemption.metadata else None,
        redemption.credential_id,
        redemption.reward_item_id,
        redemption.reward_item_version,
        redemption.definition_id,
        redemption.code,
    )
