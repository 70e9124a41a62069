"""When a call that failed is attempted again."""

import math
import random
import time
from collections.abc import Callable
from dataclasses import dataclass

import grpc

from phoenix_coupons._errors import CouponsError, Reason


@dataclass(frozen=True, slots=True)
class RetryPolicy:
    """How often, and how soon, a call that failed with UNAVAILABLE is attempted again.

    The service's own word on when (RetryInfo, or `grpc-retry-pushback-ms`) comes before the
    backoff. No attempt is made that could not begin within the call's timeout.
    """

    attempts: int = 4
    """With the first one; 1 for no retries."""
    initial_backoff: float = 0.1
    """Seconds before the second attempt; doubled before each further one."""
    max_backoff: float = 2.0
    """Seconds; an upper bound of the backoff."""

    def __post_init__(self) -> None:
        if self.attempts < 1:
            raise ValueError("attempts must be at least 1")
        if not 0 < self.initial_backoff <= self.max_backoff < math.inf:
            raise ValueError("backoffs must be above 0, initial_backoff at most max_backoff")

    def backoff(self, failures: int) -> float:
        """Return seconds to wait after so many failures, with a jitter of a fifth."""
        doubled = self.initial_backoff * 2.0 ** min(failures - 1, 64)
        return min(doubled * random.uniform(0.8, 1.2), self.max_backoff)  # noqa: S311 — no secret


class Attempts:
    """The attempts of one call: how long the next one may take, and when it begins."""

    def __init__(
        self, policy: RetryPolicy, timeout: float | None, renew_credential: Callable[[], bool]
    ) -> None:
        self._policy = policy
        self._deadline = None if timeout is None else time.monotonic() + timeout
        self._renew_credential = renew_credential
        self._failures = 0
        self._was_renewed = False

    def timeout(self) -> float | None:
        """Return the seconds that are left; None for a call without a deadline."""
        return None if self._deadline is None else max(0.0, self._deadline - time.monotonic())

    def pause_after(self, error: CouponsError, pushback: float | None) -> float | None:
        """Return the seconds to wait before the next attempt, or None if there is none.

        A credential that was refused is renewed, once: the service did nothing yet.
        """
        self._failures += 1
        code = error.code
        if code is grpc.StatusCode.UNAUTHENTICATED and error.reason == Reason.CREDENTIAL_INVALID:
            pause = self._after_refused_credential()
        elif code is grpc.StatusCode.UNAVAILABLE and self._failures < self._policy.attempts:
            pause = self._after_unavailable(error, pushback)
        else:
            pause = None
        return pause if pause is not None and self._has_time(pause) else None

    def _after_refused_credential(self) -> float | None:
        if self._was_renewed:
            return None
        self._was_renewed = True
        return 0.0 if self._renew_credential() else None

    def _after_unavailable(self, error: CouponsError, pushback: float | None) -> float | None:
        if pushback is not None:
            return pushback if pushback >= 0 else None
        if error.retry_delay is not None:
            return error.retry_delay
        return self._policy.backoff(self._failures)

    def _has_time(self, pause: float) -> bool:
        left = self.timeout()
        return left is None or pause < left
