"""The rows of a batch of redemptions: lock them, load them, store what changed.

A fixed number of statements, whatever the size of the batch. Locks are taken class by class
(definitions, definition counters, user counters, coupons) and in key order within a class, which is
the lock order of the service, so that batches cannot deadlock. Loading is a statement of
its own after locking: under READ COMMITTED it sees what the lock's last owner committed.
"""

from collections.abc import Container, Sequence
from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

import asyncpg

from coupon_server.database import rows
from coupon_server.database.driver import DriverConnection
from coupon_server.database.statements import statements
from coupon_server.database.tables import user_counters
from coupon_server.database.transactions import RowsChanged
from coupon_server.delivery.storage.outbox import INSERT_LEDGER_EVENTS
from coupon_server.domain.errors import Reason
from coupon_server.domain.redemption import (
    Attempt,
    Changes,
    DefinitionCounter,
    Slot,
    UserCounter,
)
from coupon_server.storage import issuing
from coupon_server.storage.issuing import NewCoupon
from coupon_server.storage.snapshots import DefinitionRevision

_SQL = statements(
    __name__,
    coupon_columns=rows.COUPON_COLUMNS,
    insert_ledger_events=INSERT_LEDGER_EVENTS,
    user_counters=user_counters.name,
)
_LOCK = _SQL["lock"]
_LOAD = _SQL["load"]
_SAVE = _SQL["save"]


@dataclass(frozen=True, slots=True)
class LoadedMatch:
    """A match whose definition is still named by its revision."""

    definition: DefinitionRevision
    custom: bool
    reward_item_version: int
    slot: Slot
    counter: DefinitionCounter
    user_counter: UserCounter

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
    records = await _LOCK.fetch(connection, **_columns(attempts))
    locked = {record["definition_id"] for record in records}
    locked |= {record["coupon_id"] for record in records}
    loaded = await load(connection, attempts)
    for row in loaded:
        if isinstance(row, LoadedMatch) and not row.is_among(locked):
            raise RowsChanged
    return loaded


async def load(connection: DriverConnection, attempts: Sequence[Attempt]) -> list[Found]:
    """What each attempt's code means, in order; equal rows are one object."""
    records = await _LOAD.fetch(connection, **_columns(attempts))
    shared = _SharedRows()
    return [
        shared.match(attempt, record) for attempt, record in zip(attempts, records, strict=True)
    ]


async def save(connection: DriverConnection, changes: Changes, now: datetime) -> None:
    """Store the changes of a batch, at least one redemption, all made at `now`.

    Raises RowsChanged when a coupon has been revoked in spite of the locks: only one of a custom
    code that another transaction made after they were taken can.
    """
    if created := changes.created:
        await issuing.issue(connection, [NewCoupon(coupon, None) for coupon in created], now)
    redemptions = changes.redemptions
    stored = await _SAVE.fetch_value(
        connection,
        tenant_ids=[redemption.tenant_id for redemption in redemptions],
        ids=[redemption.id for redemption in redemptions],
        coupon_ids=[redemption.coupon_id for redemption in redemptions],
        definition_ids=[redemption.definition_id for redemption in redemptions],
        user_ids=[redemption.user_id for redemption in redemptions],
        codes=[redemption.code for redemption in redemptions],
        references=[redemption.reference for redemption in redemptions],
        metadata=[dict(redemption.metadata) or None for redemption in redemptions],
        credential_ids=[redemption.credential_id for redemption in redemptions],
        reward_item_ids=[redemption.reward_item_id for redemption in redemptions],
        reward_item_versions=[redemption.reward_item_version for redemption in redemptions],
        now=now,
    )
    if stored != len(redemptions):
        raise RowsChanged


class _SharedRows:
    """Makes rows that several attempts touch one object each."""

    def __init__(self) -> None:
        self._slots: dict[object, Slot] = {}
        self._counters: dict[UUID, DefinitionCounter] = {}
        self._user_counters: dict[tuple[UUID, str | None], UserCounter] = {}

    def match(self, attempt: Attempt, record: asyncpg.Record) -> Found:
        definition_id = record["matched_id"]
        if definition_id is None:
            return Reason.COUPON_NOT_ASSIGNED if record["exists"] else Reason.COUPON_NOT_FOUND
        user = (definition_id, attempt.user_id)
        slot_key = record["id"] or user
        if slot_key not in self._slots:
            self._slots[slot_key] = _slot(record)
        if definition_id not in self._counters:
            self._counters[definition_id] = DefinitionCounter(
                record["definition_issued"], record["definition_used"]
            )
        if user not in self._user_counters:
            self._user_counters[user] = UserCounter(record["user_used"])
        return LoadedMatch(
            (attempt.tenant_id, definition_id, record["revision"]),
            record["is_custom"],
            record["reward_item_version"],
            self._slots[slot_key],
            self._counters[definition_id],
            self._user_counters[user],
        )


def _slot(record: asyncpg.Record) -> Slot:
    return Slot(None if record["id"] is None else rows.coupon(record))


def _columns(attempts: Sequence[Attempt]) -> dict[str, list[object]]:
    return {
        "tenant_ids": [attempt.tenant_id for attempt in attempts],
        "folded_codes": [attempt.code.folded for attempt in attempts],
        "exact_codes": [attempt.code.exact for attempt in attempts],
        "user_ids": [attempt.user_id for attempt in attempts],
    }
