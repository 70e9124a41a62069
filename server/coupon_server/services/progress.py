"""Progress of users towards the coupons that they can earn."""

from collections.abc import Sequence
from dataclasses import dataclass
from uuid import UUID

from coupon_server.database.transactions import Database, Transaction
from coupon_server.domain.clock import Clock
from coupon_server.domain.definition import CouponDefinition
from coupon_server.domain.paging import Page, PageRequest
from coupon_server.domain.triggers import AutoGenerate
from coupon_server.services.coupons import CouponView, coupon_views
from coupon_server.storage import coupons, definitions, progress
from coupon_server.storage.progress import Current


@dataclass(frozen=True, slots=True)
class Progress:
    """A user's progress towards one definition's coupon.

    `current` is None without an event, `coupon` if it is not earned in the current occurrence.
    """

    definition: CouponDefinition
    trigger: AutoGenerate
    current: Current | None
    coupon: CouponView | None

    @property
    def completed(self) -> bool:
        """Whether the threshold is met now."""
        return self.current is not None and self.trigger.is_met_by(self.current.reached.value)


class ProgressService:
    """Reads; events write it."""

    def __init__(self, database: Database, clock: Clock) -> None:
        self._database = database
        self._clock = clock

    async def list_progress(
        self, tenant_id: UUID, user_id: str, page: PageRequest
    ) -> Page[Progress]:
        """The user's progress for each definition that can be earned now, newest first."""
        async with self._database.transaction() as transaction:
            earnable = await definitions.fetch_earnable(transaction, tenant_id, page)
            items = await self._progress(transaction, tenant_id, user_id, earnable.items)
        return earnable.of(items)

    async def _progress(
        self,
        transaction: Transaction,
        tenant_id: UUID,
        user_id: str,
        shown: Sequence[CouponDefinition],
    ) -> list[Progress]:
        pairs = ((definition, definition.config.auto_generate) for definition in shown)
        earnable = [(definition, trigger) for definition, trigger in pairs if trigger]
        targets = [(trigger.kind, trigger.target) for _, trigger in earnable]
        current = await progress.fetch_current(transaction, tenant_id, user_id, targets)
        occurrences = [
            (definition.id, latest.occurrence if latest else "")
            for (definition, _), latest in zip(earnable, current, strict=True)
        ]
        earned = await progress.fetch_earned(transaction, tenant_id, user_id, occurrences)
        views = await self._views(transaction, tenant_id, earned)
        return [
            Progress(definition, trigger, latest, views.get(definition.id))
            for (definition, trigger), latest in zip(earnable, current, strict=True)
        ]

    async def _views(
        self, transaction: Transaction, tenant_id: UUID, earned: dict[UUID, UUID]
    ) -> dict[UUID, CouponView]:
        """The views of the earned coupons, by definition."""
        held = await coupons.fetch_many(transaction, tenant_id, earned.values())
        views = await coupon_views(transaction, tenant_id, held, self._clock())
        return {view.coupon.definition_id: view for view in views}
