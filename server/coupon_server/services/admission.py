"""Admits calls within their tenant's limits, and shares the limits among workers.

Admitting a call touches memory alone. Once a second each worker writes down what it admitted of
the tenants that were active, and reads what the other workers did: of calls a second it allows
what the others leave, and what is used of a day's quotas it knows as of then.
"""

import asyncio
import math
from collections import Counter
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from time import monotonic
from uuid import UUID

import structlog

from coupon_server.database.transactions import Database
from coupon_server.domain.clock import Clock
from coupon_server.domain.errors import DomainError
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
"""How long a flush waits for a row; the next one carries what it could not store."""

SHARE_SECONDS = 1.0
"""How often what was admitted is written down, and the other workers' is read."""

REPORTED = 0.02
"""The part of a limit of calls a second from which on a worker writes down its calls. All workers
together may exceed the limit by so much each."""

IDLE_SECONDS = 60.0
"""A tenant without calls for so long is forgotten."""

CLASSES = tuple(CallClass)
STREAMS = len(CLASSES)
"""The index of the places of streams, behind those of the classes."""


log = structlog.get_logger()


class Places:
    """Calls in flight of one kind."""

    __slots__ = ("limit", "most", "used")

    def __init__(self, limit: str) -> None:
        self.limit = limit
        self.most = 0
        self.used = 0

    def leave(self, _: object) -> None:
        """A call is over."""
        self.used -= 1


class Meter:
    """Calls a second of one class. `rate` of the bucket is this worker's share of `most`."""

    __slots__ = ("bucket", "call_class", "calls", "limit", "most", "tenant_id")

    def __init__(self, tenant_id: UUID, call_class: CallClass, most: int) -> None:
        self.tenant_id = tenant_id
        self.call_class = call_class
        self.limit = f"{call_class}_per_second"
        self.most = most
        self.bucket = Bucket(most)
        self.calls = 0
        """Since they were written down."""

    def set_most(self, most: int) -> None:
        """Change the limit. The worker's share of it is found out anew."""
        if most != self.most:
            self.most = most
            self.bucket.rate = most


@dataclass(frozen=True, slots=True)
class Standing:
    """What is left of a limit of calls a second, as headers tell it."""

    call_class: CallClass
    limit: int
    left: int
    refill_seconds: float
    refusal: DomainError | None
    """RATE_LIMITED, if a call would be refused now."""


class Account:
    """What one tenant does at this worker, and what is known of its use of day's quotas."""

    __slots__ = (
        "_admission",
        "answers_bytes",
        "claimed",
        "last_call_at",
        "limits",
        "live_coupons",
        "meters",
        "pending_bytes",
        "pending_redemptions",
        "places",
        "tenant_id",
        "today",
    )

    def __init__(self, admission: "Admission", tenant_id: UUID, limits: Limits) -> None:
        self._admission = admission
        self.tenant_id = tenant_id
        self.meters = tuple(Meter(tenant_id, one, limits.per_second(one)) for one in CLASSES)
        self.places = tuple(Places(f"{name}_in_flight") for name in (*CLASSES, "streams"))
        self.answers_bytes = 0
        """Of answers that their callers have not taken yet."""
        self.last_call_at = 0.0
        self.today = DayUse()
        """What all workers have written down of this day, as of the last time it was read."""
        self.pending_redemptions = 0
        self.pending_bytes = 0
        """What is stored and not written down yet, as `pending_redemptions` are."""
        self.live_coupons: int | None = None
        """As of the last time that redemptions made coupons; None: not known yet."""
        self.claimed = 0
        """Coupons that redemptions may have made since."""
        self.set_limits(limits)

    def set_limits(self, limits: Limits) -> None:
        """Change the tenant's limits, from the next call on."""
        self.limits = limits
        for meter in self.meters:
            meter.set_most(limits.per_second(meter.call_class))
        for places, most in zip(
            self.places,
            (*map(limits.in_flight, CLASSES), limits.streams_in_flight),
            strict=True,
        ):
            places.most = most

    def enter(self, call_class: int, kind: int) -> Places:
        """Admit a call: returns what it has to leave when it is over.

        Args:
            call_class: the index of its class in `CLASSES`.
            kind: the same, or `STREAMS`.

        Raises RATE_LIMITED, and TOO_MANY_STREAMS.
        """
        admission = self._admission
        places, meter, now = self.places[kind], self.meters[call_class], admission.monotonic()
        if places.used >= places.most:
            admission.refused[self.tenant_id, places.limit] += 1
            if kind == STREAMS:
                raise too_many_streams(places.most)
            raise rate_limited(places.limit, places.most, RELEASE_SECONDS)
        if wait := meter.bucket.take(now):
            admission.refused[self.tenant_id, meter.limit] += 1
            raise rate_limited(meter.limit, meter.most, wait)
        if not meter.calls:
            self.last_call_at = now
            admission.touched.append(meter)
        meter.calls += 1
        places.used += 1
        return places

    async def pace(self, call_class: int) -> None:
        """Count a message of a stream, after waiting until the rate allows it."""
        meter = self.meters[call_class]
        while wait := meter.bucket.take(self._admission.monotonic()):  # noqa: ASYNC110 - a rate
            await asyncio.sleep(wait)
        if not meter.calls:
            self._admission.touched.append(meter)
        meter.calls += 1

    def check_answers(self) -> None:
        """Raises RATE_LIMITED while callers leave too many answers untaken."""
        if self.answers_bytes >= self.limits.answers_kib * KIB:
            raise self._answers_refused()

    def hold_answer(self, size: int, *, refusable: bool = False) -> None:
        """Count an answer until `release_answer`.

        Raises RATE_LIMITED for a `refusable` one for which there is no room beside others.
        """
        held = self.answers_bytes + size
        if refusable and self.answers_bytes and held > self.limits.answers_kib * KIB:
            raise self._answers_refused()
        self.answers_bytes = held

    def _answers_refused(self) -> DomainError:
        self._admission.refused[self.tenant_id, "answers_kib"] += 1
        return rate_limited("answers_kib", self.limits.answers_kib, RELEASE_SECONDS)

    def release_answer(self, size: int) -> None:
        """An answer is taken, or given up."""
        self.answers_bytes -= size

    def check_stored(self) -> None:
        """Raises QUOTA_EXCEEDED when what the tenant may store today is spent."""
        stored_bytes = self.today.stored_bytes + self.pending_bytes
        if stored_bytes >= self.limits.stored_kib_per_day * KIB:
            raise self._spent("stored_kib_per_day")

    def count_stored(self, size: int) -> None:
        """Count bytes of a request that has stored something."""
        self.pending_bytes += size
        self._admission.spending.add(self)

    def check_redemption(self) -> None:
        """Raises QUOTA_EXCEEDED when the redemptions of the day are spent."""
        redemptions = self.today.redemptions + self.pending_redemptions
        if redemptions >= self.limits.redemptions_per_day:
            raise self._spent("redemptions_per_day")

    def count_redemptions(self, count: int) -> None:
        """Count redemptions that are durable."""
        self.pending_redemptions += count
        self._admission.spending.add(self)

    def claim(self) -> None:
        """Count a coupon that a redemption is about to make; raises QUOTA_EXCEEDED instead.

        What comes of it is seen when the coupons are counted.
        """
        self._admission.claiming.add(self)
        if self.live_coupons is not None:
            check_live_coupons(self.limits, self.live_coupons + self.claimed, 1)
        self.claimed += 1

    def _spent(self, limit: str) -> DomainError:
        return day_spent(limit, getattr(self.limits, limit), self._admission.clock())

    def is_idle(self, now: float) -> bool:
        """Whether nothing is lost when it is forgotten."""
        return (
            now - self.last_call_at > IDLE_SECONDS
            and not self.answers_bytes
            and not (self.pending_bytes or self.pending_redemptions)
            and not any(places.used for places in self.places)
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
        self.refused = Counter[tuple[UUID, str]]()
        """Calls that were refused since they were logged, by tenant and limit."""
        self.touched: list[Meter] = []
        """Those with calls since they were written down."""
        self.spending: set[Account] = set()
        """Those that have used some of a day's quota since that was written down."""
        self.claiming: set[Account] = set()
        """Those whose redemptions made coupons, or would have, since that was written down."""
        self._database = database
        self._limits = limits
        self.worker_id = new_id()
        self._accounts: dict[str, Account] = {}

        self._sharing: set[Meter] = set()
        """Those that have less than the limit."""
        self._day = clock().date()
        self._measured_at = self._swept_at = monotonic()

    def account(self, tenant: str) -> Account:
        """The account of a tenant, whose id is given in its canonical form: its text is hashed
        once, a UUID every time."""
        account = self._accounts.get(tenant)
        if account is None:
            tenant_id = UUID(tenant)
            account = Account(self, tenant_id, self._limits.of(tenant_id))
            self._accounts[tenant] = account
        return account

    def standing(self, tenant: str, call_class: CallClass) -> Standing:
        """What is left of a tenant's calls a second."""
        meter = self.account(tenant).meters[CLASSES.index(call_class)]
        now = self.monotonic()
        wait, bucket = meter.bucket.wait(now), meter.bucket
        refusal = None
        if wait:
            self.refused[meter.tenant_id, meter.limit] += 1
            refusal = rate_limited(meter.limit, meter.most, wait)
        return Standing(call_class, meter.most, bucket.left(now), bucket.refill(now), refusal)

    async def poll(self) -> None:
        """Look for changed limits."""
        if await self._limits.poll():
            for account in self._accounts.values():
                account.set_limits(self._limits.of(account.tenant_id))

    async def flush(self) -> None:
        """Write down what was admitted, and read what other workers did.

        Raises SERVICE_UNAVAILABLE, and counts on.
        """
        self._log_refused()
        self._forget_idle()
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
        """Calls a second since the last time, of those that may have to share their limit."""
        now = self.monotonic()
        seconds = max(now - self._measured_at, 0.1)
        self._measured_at = now
        touched, self.touched = self.touched, []
        rates = {}
        for meter in touched:
            rate, meter.calls = meter.calls / seconds, 0
            if rate >= meter.most * REPORTED:
                rates[meter] = math.ceil(rate)
        for meter in self._sharing - rates.keys():
            meter.bucket.rate = meter.most
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
        # Nobody shall wait for long for the connection, which others need.
        async with self._database.driver_transaction(
            lock_timeout_ms=FLUSH_LOCK_TIMEOUT_MS
        ) as connection:
            # The slow part, while nothing is locked.
            if claimed:
                tenants = [account.tenant_id for account in claimed]
                live = await stored.live_coupons(connection, tenants)
            if rates:
                noted = [Rate(one.tenant_id, one.call_class, calls) for one, calls in rates.items()]
                others = await stored.share_rates(connection, self.worker_id, noted)
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
        meter.bucket.rate = share(meter.most, others.calls, others.workers + 1, meter.bucket.rate)
        if others.workers:
            self._sharing.add(meter)
        else:
            self._sharing.discard(meter)

    def _log_refused(self) -> None:
        """Log refused calls together: a line for each would make a flood cost more."""
        refused, self.refused = self.refused, Counter()
        for (tenant_id, limit), calls in refused.items():
            log.warning("calls_refused", tenant_id=str(tenant_id), limit=limit, calls=calls)

    def _forget_idle(self) -> None:
        now = self.monotonic()
        if now - self._swept_at < IDLE_SECONDS:
            return
        self._swept_at = now
        idle = [tenant for tenant, one in self._accounts.items() if one.is_idle(now)]
        for tenant in idle:
            del self._accounts[tenant]
