"""The backoff of failed deliveries, and the circuit breaker of endpoints."""

import random
from collections.abc import Callable
from datetime import datetime, timedelta

RETRY_DELAYS = tuple(
    timedelta(seconds=seconds)
    for seconds in (5, 30, 120, 600, 1_800, 3_600, 7_200, 14_400, 28_800, 43_200)
)
"""The backoff after the first, second, … failed attempt: over 27 hours in all."""

RETRY_SPAN = timedelta(hours=24)
"""An event is dead-lettered after the last delay, and not before this time has passed."""

MAX_RETRY_AFTER = timedelta(hours=1)
"""The longest `Retry-After` that is honoured."""

JITTER = 0.2
"""Random extra delay, up to this fraction of the delay, so that retries spread out."""

CIRCUIT_FAILURES = 5
"""After so many failures in a row the endpoint's circuit opens: nothing is sent for a while, and
then one event as a probe (half-open)."""

FIRST_CIRCUIT_OPEN = timedelta(seconds=5)
"""How long a circuit stays open at first; each further failure doubles it."""

MAX_CIRCUIT_OPEN = timedelta(minutes=5)
"""The longest time that a circuit stays open."""


def next_attempt_at(
    attempts: int,
    first_attempt_at: datetime,
    retry_after: timedelta | None,
    now: datetime,
    uniform: Callable[[], float] = random.random,
) -> datetime | None:
    """When to retry after `attempts` failed ones; None: dead-letter the event.

    `uniform` returns a random number from 0 to 1.
    """
    if attempts > len(RETRY_DELAYS) and now - first_attempt_at >= RETRY_SPAN:
        return None
    delay = RETRY_DELAYS[min(attempts, len(RETRY_DELAYS)) - 1]
    delay += delay * JITTER * uniform()
    if retry_after is not None:
        delay = max(delay, min(retry_after, MAX_RETRY_AFTER))
    return now + delay


def circuit_open_until(failures: int, now: datetime) -> datetime | None:
    """Until when the circuit of an endpoint with so many consecutive failures stays open; None: it
    is closed."""
    if failures < CIRCUIT_FAILURES:
        return None
    # Beyond a few doublings the maximum holds anyway.
    backoff: timedelta = FIRST_CIRCUIT_OPEN * 2 ** min(failures - CIRCUIT_FAILURES, 10)
    return now + min(backoff, MAX_CIRCUIT_OPEN)
