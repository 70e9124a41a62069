"""Guess protection: how many failed attempts a tenant allows, and how long it blocks beyond them.

An attempt is a validation or a redemption; it fails when the code is unknown or another user's.
Failures are counted in sliding windows of two buckets: the window that runs, and the one before
it by the part of it that the sliding window still covers. Every failure from the limit's
`failures` on blocks its subject, each for twice as long as the one before. The count is all the
history there is: as the window moves on, both it and the blocks decay by themselves.
"""

import math
from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import StrEnum
from typing import NamedTuple
from uuid import UUID

from coupon_server.domain.errors import DomainError, Reason

FAILURES = frozenset({Reason.COUPON_NOT_FOUND, Reason.COUPON_NOT_ASSIGNED})
"""The refusals that count: those that a guessed code gets."""

MAX_FAILURES = 1_000_000_000
"""Counts stop here."""

_DAY = timedelta(days=1)


class SubjectKind(StrEnum):
    """What failures are counted by."""

    USER_TOKEN = "user_token"  # noqa: S105 — a kind, no secret
    """One token that is confined to a user."""
    USER = "user"
    """One user, whatever the credential."""
    PEER = "peer"
    """One network address from which tokens confined to users come."""
    TENANT = "tenant"
    """All failures of the tenant. It is never blocked."""


class Subject(NamedTuple):
    """Whose failures are counted, of one tenant, in the order in which rows are locked."""

    kind: SubjectKind
    user_id: str
    """Of a user and of a token; empty otherwise."""
    digest: str
    """Of a token or a peer, which are not kept themselves; empty otherwise."""


WHOLE_TENANT = Subject(SubjectKind.TENANT, "", "")


@dataclass(slots=True)
class Guesser:
    """Who makes an attempt."""

    tenant_id: UUID
    user_id: str | None
    """None: a validation for anyone, which counts for the peer and the tenant alone."""
    token: str = ""
    """The digest of a token that is confined to the user; empty for other credentials."""
    peer: str = ""
    """The digest of the network address, if the edge passed it; empty otherwise."""
    counted: bool = False
    """Whether this attempt has failed and was counted: a batch may decide it again."""

    def subjects(self) -> list[Subject]:
        """What a failure counts for, and what blocks an attempt; not the tenant."""
        subjects = []
        if self.user_id is not None:
            subjects.append(Subject(SubjectKind.USER, self.user_id, ""))
            if self.token:
                subjects.append(Subject(SubjectKind.USER_TOKEN, self.user_id, self.token))
        if self.peer:
            subjects.append(Subject(SubjectKind.PEER, "", self.peer))
        return subjects


@dataclass(frozen=True, slots=True)
class GuessLimit:
    """How many failures a subject has within `window` before it is blocked, and for how long.

    The failure that makes them `failures` blocks for `block`, each further one for twice as long as
    the one before, up to `max_block`.
    """

    failures: int
    window: timedelta
    block: timedelta
    max_block: timedelta

    def block_after(self, failures: int) -> timedelta:
        """How long the last of so many failures in the window blocks; zero: not at all."""
        beyond = failures - self.failures
        if beyond < 0:
            return timedelta(0)
        # A second, doubled as often as this, is longer than the longest `max_block` of 30 days.
        return min(self.block * (1 << min(beyond, 22)), self.max_block)

    def most_in_window(self) -> int:
        """The most failures that a subject can have in one bucket of the window."""
        waited, count, block = timedelta(0), self.failures, self.block
        while block < self.max_block and waited + block < self.window:
            waited, count, block = waited + block, count + 1, block * 2
        # From here on each failure takes the longest block.
        rest = self.window - waited
        if block >= self.max_block and rest > timedelta(0):
            count += max(0, math.ceil(rest / self.max_block) - 1)
        return count

    def most_in(self, period: timedelta) -> int:
        """The most failures that a subject can have in any period of this length."""
        # A period that begins within a bucket ends within another one.
        return (math.ceil(period / self.window) + 1) * self.most_in_window()

    @property
    def per_day(self) -> float:
        """The most failures a day in the long run."""
        return self.most_in_window() * (_DAY / self.window)


@dataclass(frozen=True, slots=True)
class GuessThreshold:
    """How many failures of a whole tenant within `window` are suspected to be guessing."""

    failures: int
    window: timedelta


@dataclass(frozen=True, slots=True)
class GuessPolicy:
    """A tenant's limits. The defaults are published in the contract and in `docs/security.md`."""

    user_token: GuessLimit = GuessLimit(10, _DAY, timedelta(minutes=1), _DAY)
    user: GuessLimit = GuessLimit(20, _DAY, timedelta(minutes=1), _DAY)
    peer: GuessLimit = GuessLimit(500, timedelta(hours=1), timedelta(minutes=1), timedelta(hours=1))
    tenant: GuessThreshold = GuessThreshold(1_000, timedelta(hours=1))

    def limit_of(self, kind: SubjectKind) -> GuessLimit:
        """The limit of a kind of subject that can be blocked."""
        limit: GuessLimit = getattr(self, kind)
        return limit

    def window_of(self, kind: SubjectKind) -> timedelta:
        window: timedelta = getattr(self, kind).window
        return window


DEFAULT_POLICY = GuessPolicy()


@dataclass(frozen=True, slots=True)
class FailureCount:
    """The failures of a subject: `current` since `started_at`, `previous` in the window before.

    A window starts with a failure when there was none in the two before it, and otherwise where
    the one before it ends.
    """

    started_at: datetime
    current: int = 0
    previous: int = 0

    def at(self, now: datetime, window: timedelta) -> "FailureCount":
        """The same failures in the window that runs at `now`."""
        passed = (now - self.started_at) // window
        if passed <= 0:
            return self
        if passed == 1:
            return FailureCount(self.started_at + window, 0, self.current)
        return FailureCount(now)

    def plus(self, failures: int, now: datetime, window: timedelta) -> "FailureCount":
        """With so many more failures at `now`."""
        count = self.at(now, window)
        current = min(count.current + failures, MAX_FAILURES)
        return FailureCount(count.started_at, current, count.previous)

    def total(self, now: datetime, window: timedelta) -> int:
        """The failures of the sliding window that ends now. Never fewer than those of the window
        that runs."""
        count = self.at(now, window)
        # A clock that is behind the one that counted.
        gone = max((now - count.started_at) / window, 0.0)
        return count.current + int(count.previous * (1.0 - gone))


def too_many_attempts(seconds: float) -> DomainError:
    """The error of a blocked attempt, in the same words whatever the code."""
    return DomainError(Reason.TOO_MANY_ATTEMPTS, "Too many failed attempts", retry_after=seconds)
