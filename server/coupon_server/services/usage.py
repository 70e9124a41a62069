"""A tenant's use of its limits."""

from collections.abc import Awaitable, Callable, Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from uuid import UUID

from coupon_server.database.transactions import Database, Transaction, driver_of
from coupon_server.domain.clock import Clock
from coupon_server.domain.limits import KIB, MAX_LIMIT, NAMES, CallClass, end_of_day
from coupon_server.services.admission import CLASSES, Account, Admission
from coupon_server.storage import job_scheduler
from coupon_server.storage import limits as stored
from coupon_server.storage.limits import DayUse


@dataclass(frozen=True, slots=True)
class LimitUse:
    """A limit and its use. `resets_at`: when the use is zero again, if nothing is added."""

    name: str
    limit: int
    used: int
    resets_at: datetime | None


class UsageService:
    """Returns what a tenant uses. Counts of other workers are up to a second old."""

    def __init__(
        self,
        database: Database,
        admission: Admission,
        count_webhook_endpoints: Callable[[Transaction, UUID], Awaitable[int]],
        clock: Clock,
    ) -> None:
        self._database = database
        self._count_webhook_endpoints = count_webhook_endpoints
        self._admission = admission
        self._clock = clock

    async def usage(self, tenant_id: UUID) -> list[LimitUse]:
        """Every limit of the tenant, in the order of `NAMES`."""
        now = self._clock()
        account = self._admission.account(str(tenant_id))
        async with self._database.transaction() as transaction:
            driver, worker_id = await driver_of(transaction), self._admission.worker_id
            others = await stored.rates_of_others(driver, worker_id, tenant_id)
            day = await stored.fetch_day_use(driver, tenant_id, now.date())
            counts = await self._stored(transaction, tenant_id, now)
        used = {**self._calls(account, others), **counts, **_today(account, day)}
        resets = {name: end_of_day(now) for name in NAMES if name.endswith("_per_day")}
        for meter in account.meters:
            refill = meter.bucket.refill(self._admission.monotonic())
            if refill:
                resets[meter.limit] = now + timedelta(seconds=refill)
        return [
            LimitUse(
                name, getattr(account.limits, name), min(used[name], MAX_LIMIT), resets.get(name)
            )
            for name in NAMES
        ]

    def _calls(self, account: Account, others: Mapping[CallClass, int]) -> dict[str, int]:
        """Calls of the last second, and what is in flight here."""
        now = self._admission.monotonic()
        used = {counter.limit: counter.used for counter in account.in_flight}
        for call_class, meter in zip(CLASSES, account.meters, strict=True):
            used[meter.limit] = meter.bucket.used(now) + others.get(call_class, 0)
        used["answers_kib"] = -(-account.answers_bytes // KIB)
        return used

    async def _stored(
        self, transaction: Transaction, tenant_id: UUID, now: datetime
    ) -> dict[str, int]:
        return {
            "definitions": await stored.count_definitions(transaction, tenant_id),
            "live_coupons": await stored.count_live_coupons(transaction, tenant_id),
            "webhook_endpoints": await self._count_webhook_endpoints(transaction, tenant_id),
            "api_keys": await stored.count_api_keys(transaction, tenant_id, now),
            "open_jobs": await job_scheduler.count_open(transaction, tenant_id),
        }


def _today(account: Account, day: DayUse) -> dict[str, int]:
    """The use as of the last flush, plus this worker's since."""
    stored_bytes = day.stored_bytes + account.pending_bytes
    return {
        "redemptions_per_day": day.redemptions + account.pending_redemptions,
        "stored_kib_per_day": -(-stored_bytes // KIB),
    }
