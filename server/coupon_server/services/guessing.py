"""Guess protection: counts failed attempts, and blocks users, tokens and addresses beyond a limit.

What blocks an attempt is looked up in memory, before the database is asked about the code. A
failure is counted in memory, too, at once. Several times a second a worker adds what it has counted
to the counts that all servers share, and reads back what others have blocked.
"""

import asyncio
from collections import OrderedDict
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from itertools import chain, islice, zip_longest
from typing import Generic, TypeVar
from uuid import UUID

import structlog

from coupon_server.database.connection_budget import COUNTS
from coupon_server.database.driver import DriverConnection
from coupon_server.database.transactions import Database, Transaction
from coupon_server.delivery.domain.outbox import EventType, OutboxEvent
from coupon_server.delivery.storage import outbox
from coupon_server.domain.clock import Clock
from coupon_server.domain.codes import CodeStrength
from coupon_server.domain.errors import InvalidField, Reason
from coupon_server.domain.guessing import (
    DEFAULT_POLICY,
    FAILURES,
    WHOLE_TENANT,
    FailureCount,
    Guesser,
    GuessLimit,
    GuessPolicy,
    GuessThreshold,
    Subject,
    SubjectKind,
    too_many_attempts,
)
from coupon_server.domain.ids import new_id_at
from coupon_server.storage import definitions, guesses, issuing
from coupon_server.storage.guesses import Alert, CountKey, CountRow
from coupon_server.storage.issuing import KeySpace

SYNC_SECONDS = 0.25
"""The interval of `sync`: within a second every server knows of a block."""

MAX_STORED = 256
"""The most counts that one worker pushes at a time."""

MAX_SUBJECTS = 32_768
"""The most subjects whose failures a worker has in memory, and as many that are blocked. Beyond it
the least recent subject of the tenant with the most of them is evicted."""

PAGE_SIZE = 4_096
"""The most blocks that one pull reads."""

OVERLAP = timedelta(seconds=2)
"""How far back each pull reads again: a transaction commits after it changed its rows."""

FORGET_AFTER = 40
"""After so many syncs, expired blocks are dropped."""

MAX_WAITING = 4_096
"""The most counts that wait for a push; one beyond it waits until it grows again."""

_BEGINNING = datetime(1970, 1, 1, tzinfo=UTC)

V = TypeVar("V")

log = structlog.get_logger()


@dataclass(slots=True)
class _Failures:
    """The failures of a subject: the shared count, and this worker's new ones."""

    shared: FailureCount
    own: FailureCount
    last_at: datetime = _BEGINNING

    @property
    def new(self) -> int:
        """How many of this worker's failures are not pushed yet."""
        return self.own.current + self.own.previous

    def total(self, now: datetime, window: timedelta) -> int:
        return self.shared.total(now, window) + self.own.total(now, window)


class _BySubject(Generic[V]):
    """Values by tenant and subject, at most `capacity`; a tenant without any costs nothing."""

    def __init__(self, capacity: int) -> None:
        self.tenants: dict[UUID, OrderedDict[Subject, V]] = {}
        self._capacity = capacity
        self._size = 0

    def get(self, key: CountKey) -> V | None:
        subjects = self.tenants.get(key[0])
        return None if subjects is None else subjects.get(key[1])

    def put(self, key: CountKey, value: V) -> None:
        """Add or replace; it is then the tenant's latest."""
        tenant_id, subject = key
        subjects = self.tenants.setdefault(tenant_id, OrderedDict())
        self._size += subject not in subjects
        subjects[subject] = value
        subjects.move_to_end(subject)
        if self._size > self._capacity:
            # A tenant that floods the cache evicts its own subjects.
            fullest = max(self.tenants, key=lambda one: len(self.tenants[one]))
            self.pop((fullest, next(iter(self.tenants[fullest]))))

    def pop(self, key: CountKey) -> None:
        tenant_id, subject = key
        subjects = self.tenants.get(tenant_id)
        if subjects is not None and subject in subjects:
            del subjects[subject]
            self._size -= 1
            if not subjects:
                del self.tenants[tenant_id]

    def keep(self, is_kept: Callable[[V], bool]) -> None:
        """Drop all other values."""
        for tenant_id, subjects in list(self.tenants.items()):
            for subject, value in list(subjects.items()):
                if not is_kept(value):
                    self.pop((tenant_id, subject))


class GuessGuard:
    """Counts and blocks at one worker. `sync` has to be called every `SYNC_SECONDS`."""

    def __init__(self, database: Database, clock: Clock, *, capacity: int = MAX_SUBJECTS) -> None:
        self._database = database
        self._clock = clock
        self._capacity = capacity
        self._push_lock = asyncio.Lock()
        self._rounds = 0
        self.forget()

    def forget(self) -> None:
        """Forget counts, blocks and policies of a database that is gone; `sync` reads them anew."""
        self._policies: dict[UUID, GuessPolicy] = {}
        self._counts = _BySubject[_Failures](self._capacity)
        self._blocks = _BySubject[datetime](self._capacity)
        self._unstored: dict[CountKey, None] = {}
        self._seen_to: datetime | None = None

    # --- the hot path

    def check(self, guesser: Guesser) -> None:
        """Raises TOO_MANY_ATTEMPTS while one of the guesser's subjects is blocked."""
        blocks = self._blocks.tenants.get(guesser.tenant_id)
        if blocks is None or guesser.counted:
            return
        untils = [blocks[subject] for subject in guesser.subjects() if subject in blocks]
        if untils:
            left = (max(untils) - self._clock()).total_seconds()
            if left > 0:
                raise too_many_attempts(left)

    def record(self, guesser: Guesser, refusal: Reason | None) -> None:
        """Count the attempt once, if its refusal is one that guessed codes get."""
        if refusal not in FAILURES or guesser.counted:
            return
        guesser.counted = True
        now = self._clock()
        policy = self._policy(guesser.tenant_id)
        for subject in guesser.subjects():
            self._count((guesser.tenant_id, subject), policy.limit_of(subject.kind), now)
        self._count((guesser.tenant_id, WHOLE_TENANT), policy.tenant, now)

    def _count(self, key: CountKey, limit: GuessLimit | GuessThreshold, now: datetime) -> None:
        failures = self._counts.get(key) or _Failures(FailureCount(now), FailureCount(now))
        failures.own = failures.own.plus(1, now, limit.window)
        failures.last_at = now
        self._counts.put(key, failures)
        self._unstored[key] = None
        if isinstance(limit, GuessLimit) and (
            block := limit.block_after(failures.total(now, limit.window))
        ):
            self._block(key, now + block)

    def _block(self, key: CountKey, until: datetime) -> None:
        current = self._blocks.get(key)
        self._blocks.put(key, until if current is None else max(current, until))

    def _policy(self, tenant_id: UUID) -> GuessPolicy:
        return self._policies.get(tenant_id, DEFAULT_POLICY)

    # --- counts shared by all servers

    async def sync(self) -> None:
        """Push this worker's new counts, and pull the blocks and policies of others."""
        await self.push()
        await self.pull()
        self._rounds += 1
        if self._rounds % FORGET_AFTER == 0:
            now = self._clock()
            self._blocks.keep(lambda until: until > now)

    async def push(self) -> None:
        """Add this worker's new failures to the counts that all servers share."""
        async with self._push_lock:
            await self._push()

    async def _push(self) -> None:
        keys = self._next_counts()
        if not keys:
            return
        added = {key: (failures.new, failures.last_at) for key, failures in keys.items()}
        async with self._database.driver_transaction(COUNTS) as connection:
            rows = await self._add(connection, added)
        for key, row in rows.items():
            failures = keys[key]
            failures.shared = row.count
            # Failures counted meanwhile are pushed the next time.
            left = max(0, failures.new - added[key][0])
            failures.own = FailureCount(failures.last_at, left)
            self._unstored.pop(key, None)
            if left:
                self._unstored[key] = None
            if row.blocked_until is not None and key[1].kind is not SubjectKind.TENANT:
                self._block(key, row.blocked_until)

    async def push_all(self) -> None:
        """Push all remaining counts, before the process ends."""
        for _ in range(MAX_WAITING // MAX_STORED):
            if not self._unstored:
                break
            await self.push()

    def _next_counts(self) -> dict[CountKey, _Failures]:
        """The counts to push, in the order in which they are locked."""
        waiting = {}
        for key in self._unstored:
            # Some are evicted from memory.
            if (failures := self._counts.get(key)) is not None:
                waiting[key] = failures
        in_turn = list(_in_turn({key: failures.new for key, failures in waiting.items()}))
        kept = set(in_turn[:MAX_WAITING])
        self._unstored = {key: None for key in waiting if key in kept}
        return {key: waiting[key] for key in sorted(islice(in_turn, MAX_STORED))}

    async def _add(
        self, connection: DriverConnection, added: Mapping[CountKey, tuple[int, datetime]]
    ) -> dict[CountKey, CountRow]:
        now = self._clock()
        stored = await guesses.lock_counts(connection, list(added), now)
        rows: dict[CountKey, CountRow] = {}
        windows = []
        for key, row in stored.items():
            tenant_id, subject = key
            policy = self._policy(tenant_id)
            new, last_at = added[key]
            if row.lifted_at is not None and last_at <= row.lifted_at:
                self._forget(key)
                continue
            window = policy.window_of(subject.kind)
            count = row.count.plus(new, last_at, window)
            if subject.kind is SubjectKind.TENANT:
                until = await self._suspect(connection, tenant_id, count, row.blocked_until)
            else:
                block = policy.limit_of(subject.kind).block_after(count.total(last_at, window))
                until = _later(row.blocked_until, last_at + block if block else None)
            rows[key] = CountRow(count, until)
            windows.append(window)
        if rows:
            await guesses.save_counts(connection, rows, windows)
        return rows

    async def _suspect(
        self,
        connection: DriverConnection,
        tenant_id: UUID,
        count: FailureCount,
        suspected_until: datetime | None,
    ) -> datetime | None:
        """Write an event if the tenant's failures reach the threshold, at most one in a window."""
        now, threshold = self._clock(), self._policy(tenant_id).tenant
        total = count.total(now, threshold.window)
        if total < threshold.failures or (suspected_until is not None and suspected_until > now):
            return suspected_until
        alert = Alert(tenant_id, new_id_at(now), total, threshold, now)
        await guesses.add_alert(connection, alert)
        event = OutboxEvent(tenant_id, alert.id, "", alert.id)
        await outbox.copy_events(connection, EventType.GUESSING_SUSPECTED, [event], now)
        log.warning("guessing_suspected", tenant_id=str(tenant_id), failures=total)
        return now + threshold.window

    async def pull(self) -> None:
        """Read the blocks and policies that other processes changed since the last pull."""
        async with self._database.driver_connection(COUNTS) as connection:
            polled_at = await guesses.database_time(connection)
            since = _BEGINNING if self._seen_to is None else self._seen_to - OVERLAP
            policies = await guesses.changed_policies(connection, since)
            if self._seen_to is None:
                rows = await guesses.live_blocks(connection, self._clock(), MAX_SUBJECTS)
                # So that the latest are kept longest.
                rows.reverse()
            else:
                rows = await guesses.changed_blocks(connection, since, PAGE_SIZE)
        self._policies |= policies
        now = self._clock()
        for changed in rows:
            self._adopt(changed.key, changed.row, now)
        is_cut = self._seen_to is not None and len(rows) == PAGE_SIZE
        # The next pull reads the rest.
        self._seen_to = rows[-1].changed_at + OVERLAP if is_cut else polled_at

    def _forget(self, key: CountKey) -> None:
        """Forget the failures of a subject, and its block."""
        self._counts.pop(key)
        self._blocks.pop(key)
        self._unstored.pop(key, None)

    def _lift(self, tenant_id: UUID, user_id: str, lifted_at: datetime) -> None:
        """Forget what a user and its tokens failed until then, though it is not pushed yet."""
        for subject, failures in list(self._counts.tenants.get(tenant_id, {}).items()):
            if subject.user_id == user_id and failures.last_at <= lifted_at:
                self._forget((tenant_id, subject))

    def _adopt(self, key: CountKey, row: CountRow, now: datetime) -> None:
        tenant_id, subject = key
        if subject.kind is SubjectKind.USER and row.lifted_at is not None:
            self._lift(tenant_id, subject.user_id, row.lifted_at)
        failures = self._counts.get(key)
        if failures is None:
            self._counts.put(key, _Failures(row.count, FailureCount(now)))
        else:
            failures.shared = row.count
        if key in self._unstored:
            # Failures counted here since may block for longer.
            if row.blocked_until is not None:
                self._block(key, row.blocked_until)
        elif row.blocked_until is not None and row.blocked_until > now:
            self._blocks.put(key, row.blocked_until)
        else:
            # Expired, or lifted.
            self._blocks.pop(key)


class GuessProtection:
    """Policies of tenants, lifting of blocks, and the strength of codes."""

    def __init__(self, database: Database, clock: Clock) -> None:
        self._database = database
        self._clock = clock

    async def policy(self, tenant_id: UUID) -> GuessPolicy:
        """The limits that hold for the tenant, default ones included."""
        async with self._database.transaction() as transaction:
            return await guesses.fetch_policy(transaction, tenant_id)

    async def set_policy(
        self,
        transaction: Transaction,
        tenant_id: UUID,
        limits: Mapping[SubjectKind, GuessLimit | GuessThreshold],
    ) -> GuessPolicy:
        """Replace the policy; every worker applies it within a second. Existing blocks stay."""
        return await guesses.set_policy(transaction, tenant_id, limits)

    async def lift(self, transaction: Transaction, tenant_id: UUID, user_id: str) -> bool:
        """Delete the failures of a user and its tokens; return whether that ended a block."""
        return await guesses.lift(transaction, tenant_id, user_id, self._clock())

    async def code_strength(self, tenant_id: UUID, definition_id: UUID) -> CodeStrength:
        """How hard the definition's random codes are to guess.

        Raises DEFINITION_NOT_FOUND, and InvalidField for a custom code.
        """
        async with self._database.transaction() as transaction:
            definition = await definitions.fetch(transaction, tenant_id, definition_id)
            space = KeySpace.of(definition)
            if space is None:
                raise InvalidField(
                    "id",
                    "must be of a definition with random codes; a custom one is meant to be known",
                )
            use = await issuing.fetch_key_space(transaction, space)
            policy = await guesses.fetch_policy(transaction, tenant_id)
        return CodeStrength(space.code_length, use, policy)


def _in_turn(waiting: Mapping[CountKey, int]) -> Iterator[CountKey]:
    """Counts to push, given with how much they grew and the longest waiting first.

    Tenants take turns, and within a tenant the count that grew most and the one that has waited
    longest. So whoever makes up users keeps no other count from being shared.
    """
    tenants: dict[UUID, list[CountKey]] = {}
    for key in waiting:
        tenants.setdefault(key[0], []).append(key)
    turns = [
        dict.fromkeys(
            chain.from_iterable(
                zip(sorted(keys, key=waiting.__getitem__, reverse=True), keys, strict=True)
            )
        )
        for keys in tenants.values()
    ]
    for turn in zip_longest(*turns):
        yield from filter(None, turn)


def _later(first: datetime | None, second: datetime | None) -> datetime | None:
    if first is None or second is None:
        return first or second
    return max(first, second)
