"""The limits of tenants (calls, responses, stored objects), and the rate limiter.

Limits are named as `TenantLimit.Name` in the contract. Pure: instants are passed in.
"""

import math
from collections.abc import Mapping
from dataclasses import dataclass, fields, replace
from datetime import UTC, datetime, time, timedelta
from enum import StrEnum
from typing import Self

from coupon_server.domain.errors import DomainError, InvalidField, Reason

MAX_LIMIT = 2**31 - 1

KIB = 1024

WINDOW_SECONDS = 1.0
"""The burst: as many calls as the rate allows in this time."""

# For floating point: the last call of a burst would be refused without it.
_TOLERANCE = 1e-6

RELEASE_SECONDS = 1.0
"""The suggested retry delay when a concurrency limit is reached."""


class CallClass(StrEnum):
    """The class of a call, which has its own limits; named as `AuthPolicy.CallClass`."""

    redeem = "redeem"
    lists = "lists"
    admin = "admin"
    events = "events"


@dataclass(frozen=True, slots=True)
class Limits:
    """The limits of one tenant. The values here are the defaults.

    `…_per_second`: calls on all servers together. `…_in_flight` and `answers_kib`: at one worker.
    `…_per_day`: from midnight to midnight UTC. All others: at any time.
    """

    redeem_per_second: int = 20_000
    redeem_in_flight: int = 1_000
    lists_per_second: int = 2_000
    lists_in_flight: int = 64
    admin_per_second: int = 500
    admin_in_flight: int = 64
    events_per_second: int = 20_000
    events_in_flight: int = 1_000
    streams_in_flight: int = 100
    answers_kib: int = 32 * KIB
    definitions: int = 100_000
    live_coupons: int = 50_000_000
    webhook_endpoints: int = 20
    api_keys: int = 100
    open_jobs: int = 100
    redemptions_per_day: int = 10_000_000
    stored_kib_per_day: int = 10 * KIB * KIB

    def with_own(self, own: Mapping[str, int]) -> Self:
        """These limits, but for those that a tenant has of its own; unknown names do not count."""
        return replace(self, **{name: value for name, value in own.items() if name in NAMES})

    def per_second(self, call_class: CallClass) -> int:
        """The calls of the class a second."""
        return int(getattr(self, f"{call_class}_per_second"))

    def in_flight(self, call_class: CallClass) -> int:
        """The calls of the class that may be in flight at one worker."""
        return int(getattr(self, f"{call_class}_in_flight"))


NAMES = tuple(field.name for field in fields(Limits))
"""The names of all limits, in the order of the contract."""

ALLOWED_FROM = {name: 1 if name.endswith("_per_second") else 0 for name in NAMES}
"""The least value of each limit. 0 allows nothing."""


def check_limit(name: str, value: int) -> None:
    """Raises InvalidField unless there is a limit of this name that may have this value."""
    if name not in ALLOWED_FROM:
        raise InvalidField(name, f"is none of {', '.join(NAMES)}")
    if not ALLOWED_FROM[name] <= value <= MAX_LIMIT:
        raise InvalidField(name, f"must be {ALLOWED_FROM[name]} to {MAX_LIMIT}, is {value}")


class Bucket:
    """Counts calls by the generic cell rate algorithm (ITU-T I.371), which is a token bucket that
    keeps one number: the instant at which the bucket is full again.

    A full bucket allows as many calls at once as the rate allows in `WINDOW_SECONDS`. Instants
    are seconds of a monotonic clock.
    """

    __slots__ = ("full_at", "interval")

    def __init__(self, rate: float) -> None:
        self.full_at = float("-inf")
        self.interval = 1 / rate
        """Seconds between two calls at the rate."""

    @property
    def rate(self) -> float:
        """Calls a second. The bucket stays as full, in proportion, when it changes."""
        return 1 / self.interval

    @rate.setter
    def rate(self, rate: float) -> None:
        self.interval = 1 / rate

    def take(self, now: float) -> float:
        """Count a call and return 0, or return how many seconds to wait for one that is allowed."""
        full_at = self.full_at
        if full_at < now:
            full_at = now
        full_at += self.interval
        # A bucket of less than a call a second has room for one.
        room = max(WINDOW_SECONDS, self.interval)
        if full_at - now > room + _TOLERANCE:
            return full_at - now - room
        self.full_at = full_at
        return 0.0

    def wait(self, now: float) -> float:
        """What `take` would return, without counting."""
        room = max(WINDOW_SECONDS, self.interval)
        wait = max(self.full_at, now) + self.interval - now
        return wait - room if wait > room + _TOLERANCE else 0.0

    def left(self, now: float) -> int:
        """How many calls are allowed at once."""
        room = max(WINDOW_SECONDS, self.interval) + _TOLERANCE
        return max(0, math.floor((room - self.refill(now)) / self.interval))

    def used(self, now: float) -> int:
        """How many calls of the last second count."""
        return math.ceil(self.refill(now) / self.interval - 1e-6)

    def refill(self, now: float) -> float:
        """Seconds until the bucket is full."""
        return max(self.full_at - now, 0.0)


def share(limit: float, others: float, workers: int, before: float) -> float:
    """One worker's share of a rate limit.

    Args:
        others: calls a second that the other workers had.
        workers: how many workers had calls, with this one.
        before: what this worker allowed until now.

    The share is what the others leave, and at least an equal part. It falls at once and grows by
    half of the difference: shares that grew at once would overshoot and oscillate.
    """
    fair = max(limit - others, limit / workers)
    return limit if workers == 1 else min(fair, (before + fair) / 2)


def rate_limited(limit: str, value: int, wait: float) -> DomainError:
    """The error of a call beyond a limit of calls or responses."""
    return DomainError(
        Reason.RATE_LIMITED,
        f"The tenant's limit {limit}, {value}, is reached",
        retry_after=wait,
        limit=limit,
    )


def too_many_streams(most: int) -> DomainError:
    """The error of a stream beyond `streams_in_flight`."""
    return DomainError(
        Reason.TOO_MANY_STREAMS,
        f"The tenant has {most} streams open here already; end one, or connect anew",
        limit=str(most),
    )


def quota_exceeded(limit: str, value: int, remedy: str) -> DomainError:
    """The error of a call that would exceed a quota of stored objects. Waiting alone does not
    help."""
    return DomainError(
        Reason.QUOTA_EXCEEDED,
        f"The tenant's quota {limit}, {value}, is spent; {remedy}, or ask the operator for more",
        limit=limit,
    )


def day_spent(limit: str, value: int, now: datetime) -> DomainError:
    """The error of a call that would exceed a daily quota."""
    return DomainError(
        Reason.QUOTA_EXCEEDED,
        f"The tenant's quota {limit}, {value}, is spent until midnight UTC",
        retry_after=(end_of_day(now) - now).total_seconds(),
        limit=limit,
    )


def end_of_day(now: datetime) -> datetime:
    """The midnight (UTC) that comes next."""
    return datetime.combine(now.date() + timedelta(days=1), time(), UTC)


def check_definitions(limits: Limits, existing: int) -> None:
    """Raises QUOTA_EXCEEDED unless one more definition is allowed."""
    if existing >= limits.definitions:
        raise quota_exceeded("definitions", limits.definitions, "archive a definition that is over")


def check_api_keys(limits: Limits, existing: int) -> None:
    """Raises QUOTA_EXCEEDED unless one more API key is allowed."""
    if existing >= limits.api_keys:
        raise quota_exceeded("api_keys", limits.api_keys, "revoke a key that is not used")


def check_live_coupons(limits: Limits, existing: int, more: int) -> None:
    """Raises QUOTA_EXCEEDED unless so many more live coupons are allowed."""
    if existing + more > limits.live_coupons:
        raise quota_exceeded(
            "live_coupons", limits.live_coupons, "archive a definition that is over"
        )


@dataclass(slots=True)
class CouponRoom:
    """The live coupons of a tenant and their limit; shared by a batch."""

    limits: Limits
    live: int

    def check(self) -> None:
        """Raises QUOTA_EXCEEDED unless one more is allowed."""
        check_live_coupons(self.limits, self.live, 1)
