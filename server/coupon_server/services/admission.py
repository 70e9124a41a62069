"""Admission control: rate limits, concurrency limits and daily quotas of tenants.

Admitting a call touches memory alone, but for a tenant's first mutation, which reads what the
tenant uses of its quotas. Once a second each worker flushes: it stores the use of the tenants that
were active, and reads that of the other workers. Of a rate it allows what the others release; the
use of quotas is as of the last flush.
"""

import asyncio
import math
from collections import Counter
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from time import monotonic
from uuid import UUID

import structlog

from coupon_server.database.connection_budget import COUNTS
from coupon_server.database.transactions import Database
from coupon_server.domain.clock import Clock
from coupon_server.domain.errors import DomainError, Reason
from coupon_server.domain.ids import new_id
from coupon_server.domain.limits import (
    KIB,
    RELEASE_SECONDS,
    Bucket,
    CallClass,
    Limits,
    check_live_coupons,
    day_spent,
    rate_limited,
    share,
    too_many_streams,
)
from coupon_server.services.limits import TenantLimits
from coupon_server.storage import limits as stored
from coupon_server.storage.limits import DayUse, OtherRates, Rate

FLUSH_LOCK_TIMEOUT_MS = 50
"""The lock timeout of a flush; the next one stores what it could not."""

SHARE_SECONDS = 1.0
"""The interval of flushes."""

REPORTING_THRESHOLD = 0.02
"""The fraction of a rate limit from which on a worker reports its calls. Each worker below it may
exceed the limit by so much."""

IDLE_SECONDS = 60.0
"""The account of a tenant without calls for so long is dropped."""

CLASSES = tuple(CallClass)
STREAMS = len(CLASSES)
"""The index of the in-flight counter of streams, after those of the classes."""


_NOTHING = DayUse()

log = structlog.get_logger()


class InFlight:
    """A concurrency limit: the calls of one kind in flight, and their maximum."""

    __slots__ = ("limit", "maximum", "used")

    def __init__(self, limit: str) -> None:
        self.limit = limit
        self.maximum = 0
        self.used = 0

    def release(self, _: object) -> None:
        """A call has ended."""
        self.used -= 1


class Meter:
    """The rate limiter of one class. The bucket's `rate` is this worker's share of `maximum`."""

    __slots__ = ("bucket", "call_class", "calls", "limit", "maximum", "tenant_id")

    def __init__(self, tenant_id: UUID, call_class: CallClass, maximum: int) -> None:
        self.tenant_id = tenant_id
        self.call_class = call_class
        self.limit = f"{call_class}_per_second"
        self.maximum = maximum
        self.bucket = Bucket(maximum)
        self.calls = 0
        """Calls since the last flush."""

    def set_maximum(self, maximum: int) -> None:
        """Change the limit, and reset the worker's share to the whole of it."""
        if maximum != self.maximum:
            self.maximum = maximum
            self.bucket.rate = maximum


@dataclass(frozen=True, slots=True)
class Standing:
    """The state of a rate limit, as response headers report it."""

    call_class: CallClass
    limit: int
    left: int
    refill_seconds: float
    refusal: DomainError | None
    """RATE_LIMITED, if a call would be refused now."""


class Account:
    """A tenant's use of its limits at this worker, and of daily quotas as far as known."""

    __slots__ = (
        "_admission",
        "_loading",
        "answers_bytes",
        "claimed",
        "in_flight",
        "last_call_at",
        "limits",
        "live_coupons",
        "meters",
        "pending_bytes",
        "pending_redemptions",
        "tenant_id",
        "today",
    )

    def __init__(self, admission: "Admission", tenant_id: UUID, limits: Limits) -> None:
        self._admission = admission
        self.tenant_id = tenant_id
        self.meters = tuple(Meter(tenant_id, name, limits.per_second(name)) for name in CLASSES)
        self.in_flight = tuple(InFlight(f"{name}_in_flight") for name in (*CLASSES, "streams"))
        self.answers_bytes = 0
        """Bytes of responses that their callers have not taken yet."""
        self.last_call_at = 0.0
        self._loading = asyncio.Lock()
        self.today: DayUse | None = None
        """What all workers used today, as of the last flush; None: not known yet."""
        self.pending_redemptions = 0
        self.pending_bytes = 0
        """Bytes stored since the last flush, as `pending_redemptions` are redemptions."""
        self.live_coupons: int | None = None
        """As of the last flush after redemptions made coupons; None: not known yet."""
        self.claimed = 0
        """Coupons that redemptions may have made since."""
        self.set_limits(limits)

    def set_limits(self, limits: Limits) -> None:
        """Change the tenant's limits, from the next call on."""
        self.limits = limits
        for meter in self.meters:
            meter.set_maximum(limits.per_second(meter.call_class))
        for counter, maximum in zip(
            self.in_flight,
            (*map(limits.in_flight, CLASSES), limits.streams_in_flight),
            strict=True,
        ):
            counter.maximum = maximum

    def admit(self, call_class: int, kind: int) -> InFlight:
        """Admit a call; returns the counter to release when it ends.

        Args:
            call_class: the index of its class in `CLASSES`.
            kind: the same, or `STREAMS`.

        Raises RATE_LIMITED, and TOO_MANY_STREAMS.
        """
        admission = self._admission
        counter, meter, now = self.in_flight[kind], self.meters[call_class], admission.monotonic()
        if counter.used >= counter.maximum:
            if kind == STREAMS:
                raise self._refused(counter.limit, too_many_streams(counter.maximum))
            raise self._refused(
                counter.limit, rate_limited(counter.limit, counter.maximum, RELEASE_SECONDS)
            )
        if wait := meter.bucket.take(now):
            raise self._refused(meter.limit, rate_limited(meter.limit, meter.maximum, wait))
        if not meter.calls:
            self.last_call_at = now
            admission.touched.append(meter)
        meter.calls += 1
        counter.used += 1
        return counter

    async def pace(self, call_class: int) -> None:
        """Backpressure: wait until the rate allows a message of a stream, and count it."""
        meter = self.meters[call_class]
        while wait := meter.bucket.take(self._admission.monotonic()):  # noqa: ASYNC110 - a rate
            await asyncio.sleep(wait)
        if not meter.calls:
            self._admission.touched.append(meter)
        meter.calls += 1

    def check_answers(self) -> None:
        """Raises RATE_LIMITED while callers release too many bytes of responses untaken."""
        if self.answers_bytes >= self.limits.answers_kib * KIB:
            raise self._answers_refused()

    def hold_answer(self, size: int, *, refusable: bool = False) -> None:
        """Count a response until `release_answer`.

        Raises RATE_LIMITED for a `refusable` one that would exceed the limit beside others.
        """
        held = self.answers_bytes + size
        if refusable and self.answers_bytes and held > self.limits.answers_kib * KIB:
            raise self._answers_refused()
        self.answers_bytes = held

    def _answers_refused(self) -> DomainError:
        error = rate_limited("answers_kib", self.limits.answers_kib, RELEASE_SECONDS)
        return self._refused("answers_kib", error)

    def _refused(self, limit: str, error: DomainError) -> DomainError:
        return self._admission.count_refused(self.tenant_id, limit, error)

    def release_answer(self, size: int) -> None:
        """A response was taken, or its call has ended."""
        self.answers_bytes -= size

    async def know_use(self) -> None:
        """Read what the tenant uses of its quotas, if this worker does not know it yet.

        Raises SERVICE_UNAVAILABLE.
        """
        if self.today is None:
            async with self._loading:
                if self.today is None:
                    await self._admission.load_use(self)

    def check_stored(self) -> None:
        """Raises QUOTA_EXCEEDED when the day's quota of stored bytes is spent."""
        stored_bytes = self._used.stored_bytes + self.pending_bytes
        if stored_bytes >= self.limits.stored_kib_per_day * KIB:
            raise self._spent("stored_kib_per_day")

    def count_stored(self, size: int) -> None:
        """Count bytes of a request that has stored something."""
        self.pending_bytes += size
        self._admission.spending.add(self)

    def check_redemption(self) -> None:
        """Raises QUOTA_EXCEEDED when the day's quota of redemptions is spent."""
        redemptions = self._used.redemptions + self.pending_redemptions
        if redemptions >= self.limits.redemptions_per_day:
            raise self._spent("redemptions_per_day")

    def count_redemptions(self, count: int) -> None:
        """Count redemptions that are durable."""
        self.pending_redemptions += count
        self._admission.spending.add(self)

    def claim(self) -> None:
        """Count a coupon that a redemption is about to make; raises QUOTA_EXCEEDED instead.

        The next flush replaces the estimate by a count.
        """
        self._admission.claiming.add(self)
        if self.live_coupons is not None:
            check_live_coupons(self.limits, self.live_coupons + self.claimed, 1)
        self.claimed += 1

    @property
    def _used(self) -> DayUse:
        return self.today or _NOTHING

    def _spent(self, limit: str) -> DomainError:
        return day_spent(limit, getattr(self.limits, limit), self._admission.clock())

    def is_idle(self, now: float) -> bool:
        """Whether the account can be dropped without losing a count."""
        return (
            now - self.last_call_at > IDLE_SECONDS
            and not self.answers_bytes
            and not (self.pending_bytes or self.pending_redemptions)
            and not any(counter.used for counter in self.in_flight)
        )


class Admission:
    """The accounts of all tenants with calls at this worker."""

    def __init__(
        self,
        database: Database,
        limits: TenantLimits,
        clock: Clock,
        monotonic: Callable[[], float] = monotonic,
    ) -> None:
        self.clock = clock
        self.monotonic = monotonic
        self._refused = Counter[tuple[UUID, Reason, str]]()
        """Calls rejected since the last log event, by tenant, reason and limit."""
        self.touched: list[Meter] = []
        """Meters with calls since the last flush."""
        self.spending: set[Account] = set()
        """Accounts that used a daily quota since the last flush."""
        self.claiming: set[Account] = set()
        """Accounts whose redemptions made coupons, or tried to, since the last flush."""
        self._database = database
        self._limits = limits
        self.worker_id = new_id()
        self._accounts: dict[str, Account] = {}

        self._sharing: set[Meter] = set()
        """Meters whose share is less than the limit."""
        self._day = clock().date()
        self._measured_at = self._swept_at = monotonic()

    def account(self, tenant: str) -> Account:
        """The account of a tenant, by the canonical text of its id, whose hash Python caches."""
        account = self._accounts.get(tenant)
        if account is None:
            tenant_id = UUID(tenant)
            account = Account(self, tenant_id, self._limits.of(tenant_id))
            self._accounts[tenant] = account
        return account

    def standing(self, tenant: str, call_class: CallClass) -> Standing:
        """The state of a tenant's rate limit."""
        meter = self.account(tenant).meters[CLASSES.index(call_class)]
        now = self.monotonic()
        wait, bucket = meter.bucket.wait(now), meter.bucket
        refusal = None
        if wait:
            error = rate_limited(meter.limit, meter.maximum, wait)
            refusal = self.count_refused(meter.tenant_id, meter.limit, error)
        return Standing(call_class, meter.maximum, bucket.left(now), bucket.refill(now), refusal)

    def count_refused(self, tenant_id: UUID, limit: str, error: DomainError) -> DomainError:
        """Count a call that ends with the error, for the log."""
        self._refused[tenant_id, error.reason, limit] += 1
        return error

    async def load_use(self, account: Account) -> None:
        """Tell an account what its tenant uses of its quotas."""
        tenant_id, day = account.tenant_id, self.clock().date()
        async with self._database.driver_connection(COUNTS) as connection:
            today = await stored.fetch_day_use(connection, tenant_id, day)
            live = await stored.live_coupons(connection, [tenant_id])
        # What a flush has read meanwhile is newer.
        if account.today is None:
            account.today = today
        if account.live_coupons is None:
            account.live_coupons = live[tenant_id]

    async def poll(self) -> None:
        """Poll for changed limits."""
        if await self._limits.poll():
            for account in self._accounts.values():
                account.set_limits(self._limits.of(account.tenant_id))

    async def flush(self) -> None:
        """Store this worker's use, and read that of the others.

        Raises SERVICE_UNAVAILABLE; the counts are kept for the next flush.
        """
        self._log_refused()
        self._drop_idle()
        rates = self._measure()
        spent, self.spending = self.spending, set()
        claiming, self.claiming = self.claiming, set()
        if rates or spent or claiming:
            try:
                await self._exchange(rates, spent, claiming)
            except BaseException:
                self.spending |= spent
                self.claiming |= claiming
                raise
        if (today := self.clock().date()) != self._day:
            self._day = today
            for account in self._accounts.values():
                account.today = DayUse()

    def _measure(self) -> dict[Meter, int]:
        """Calls a second since the last flush, of meters that may have to share their limit."""
        now = self.monotonic()
        seconds = max(now - self._measured_at, 0.1)
        self._measured_at = now
        touched, self.touched = self.touched, []
        rates = {}
        for meter in touched:
            rate, meter.calls = meter.calls / seconds, 0
            if rate >= meter.maximum * REPORTING_THRESHOLD:
                rates[meter] = math.ceil(rate)
        for meter in self._sharing - rates.keys():
            meter.bucket.rate = meter.maximum
        self._sharing &= rates.keys()
        return rates

    async def _exchange(
        self, rates: dict[Meter, int], spent: Iterable[Account], claiming: Iterable[Account]
    ) -> None:
        others: dict[tuple[UUID, CallClass], OtherRates] = {}
        days: dict[UUID, DayUse] = {}
        live: dict[UUID, int] = {}
        uses = {
            account: DayUse(account.pending_redemptions, account.pending_bytes) for account in spent
        }
        claimed = {account: account.claimed for account in claiming}
        # A short lock timeout, because others need the connection.
        async with self._database.driver_transaction(
            COUNTS, lock_timeout_ms=FLUSH_LOCK_TIMEOUT_MS
        ) as connection:
            # The slow query comes first, while nothing is locked.
            if claimed:
                tenants = [account.tenant_id for account in claimed]
                live = await stored.live_coupons(connection, tenants)
            if rates:
                reported = [
                    Rate(meter.tenant_id, meter.call_class, calls) for meter, calls in rates.items()
                ]
                others = await stored.share_rates(connection, self.worker_id, reported)
            if uses:
                added = [(account.tenant_id, use) for account, use in uses.items()]
                days = await stored.add_day_use(connection, self._day, added)
        for meter in rates:
            self._share(meter, others[meter.tenant_id, meter.call_class])
        for account, use in uses.items():
            account.today = days[account.tenant_id]
            account.pending_redemptions -= use.redemptions
            account.pending_bytes -= use.stored_bytes
        for account, count in claimed.items():
            account.live_coupons = live[account.tenant_id]
            account.claimed -= count

    def _share(self, meter: Meter, others: OtherRates) -> None:
        meter.bucket.rate = share(
            meter.maximum, others.calls, others.workers + 1, meter.bucket.rate
        )
        if others.workers:
            self._sharing.add(meter)
        else:
            self._sharing.discard(meter)

    def _log_refused(self) -> None:
        """Log rejected calls together: a line for each would make a flood more expensive."""
        refused, self._refused = self._refused, Counter()
        for (tenant_id, reason, limit), calls in refused.items():
            log.warning(
                "calls_refused",
                tenant_id=str(tenant_id),
                reason=reason,
                limit=limit,
                calls=calls,
            )

    def _drop_idle(self) -> None:
        now = self.monotonic()
        if now - self._swept_at < IDLE_SECONDS:
            return
        self._swept_at = now
        idle = [tenant for tenant, account in self._accounts.items() if account.is_idle(now)]
        for tenant in idle:
            del self._accounts[tenant]
