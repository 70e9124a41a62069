"""Issued coupons and the ledger: reading, revoking, reversing."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from coupon_server.database.transactions import Database, Transaction
from coupon_server.delivery.domain.outbox import EventType, of_coupons, of_ledger_row
from coupon_server.delivery.storage import outbox
from coupon_server.domain import redemption as rules
from coupon_server.domain.clock import Clock
from coupon_server.domain.coupon import Coupon, CouponFilter
from coupon_server.domain.definition import CouponDefinition
from coupon_server.domain.errors import DomainError, Reason, coupon_refused
from coupon_server.domain.paging import Page, PageRequest
from coupon_server.domain.redemption import LedgerFilter, Redemption
from coupon_server.domain.rewards import RewardItem
from coupon_server.storage import coupons, definitions, ledger, rewards


@dataclass(frozen=True, slots=True)
class CouponView:
    """A coupon with its definition and reward item, as of `now`."""

    coupon: Coupon
    definition: CouponDefinition
    reward_item: RewardItem
    now: datetime


@dataclass(frozen=True, slots=True)
class LedgerEntry:
    """A ledger row, and the reward item as it was."""

    redemption: Redemption
    reward_item: RewardItem


class CouponService:
    """Mutations run in the transaction they are given."""

    def __init__(self, database: Database, clock: Clock) -> None:
        self._database = database
        self._clock = clock

    async def list_coupons(
        self, coupon_filter: CouponFilter, page: PageRequest
    ) -> Page[CouponView]:
        async with self._database.transaction() as transaction:
            coupon_page = await coupons.fetch_list(transaction, coupon_filter, page)
            views = await coupon_views(
                transaction, coupon_filter.tenant_id, coupon_page.items, coupon_filter.now
            )
        return coupon_page.of(views)

    async def get(self, tenant_id: UUID, coupon_id: UUID) -> CouponView:
        """Raises COUPON_NOT_FOUND."""
        async with self._database.transaction() as transaction:
            return await self._view(transaction, tenant_id, coupon_id)

    async def _view(self, transaction: Transaction, tenant_id: UUID, coupon_id: UUID) -> CouponView:
        coupon = await coupons.fetch(transaction, tenant_id, coupon_id)
        if coupon is None:
            raise coupon_refused(Reason.COUPON_NOT_FOUND)
        [view] = await coupon_views(transaction, tenant_id, [coupon], self._clock())
        return view

    async def revoke(
        self, transaction: Transaction, tenant_id: UUID, coupon_id: UUID, reason: str
    ) -> CouponView:
        """Revoke a coupon; one that is revoked keeps its reason. Raises COUPON_NOT_FOUND."""
        await self.revoke_many(transaction, tenant_id, [coupon_id], reason)
        return await self._view(transaction, tenant_id, coupon_id)

    async def revoke_many(
        self, transaction: Transaction, tenant_id: UUID, coupon_ids: Sequence[UUID], reason: str
    ) -> int:
        """Revoke coupons and return how many were not revoked before.

        Raises COUPON_NOT_FOUND, with the first unknown id, and then revokes none.
        """
        locked = await coupons.lock(transaction, tenant_id, coupon_ids)
        known = {coupon.id for coupon in locked}
        for coupon_id in coupon_ids:
            if coupon_id not in known:
                error = coupon_refused(Reason.COUPON_NOT_FOUND)
                raise DomainError(error.reason, error.message, coupon_id=str(coupon_id))
        fresh = [coupon for coupon in locked if coupon.revoked_at is None]
        await revoke_locked(transaction, tenant_id, fresh, reason, self._clock())
        return len(fresh)

    async def list_ledger(
        self, ledger_filter: LedgerFilter, page: PageRequest
    ) -> Page[LedgerEntry]:
        async with self._database.transaction() as transaction:
            ledger_page = await ledger.fetch_list(transaction, ledger_filter, page)
            entries = await ledger_entries(transaction, ledger_page.items)
        return ledger_page.of(entries)

    async def get_redemption(self, tenant_id: UUID, redemption_id: UUID) -> LedgerEntry:
        """Raises REDEMPTION_NOT_FOUND."""
        async with self._database.transaction() as transaction:
            row = await ledger.fetch(transaction, tenant_id, redemption_id)
            [entry] = await ledger_entries(transaction, [row])
        return entry

    async def reverse(
        self,
        transaction: Transaction,
        tenant_id: UUID,
        redemption_id: UUID,
        *,
        credential_id: UUID,
        reason: str,
    ) -> tuple[LedgerEntry, CouponView]:
        """Take a redemption back once; again, return the first reversal.

        Raises REDEMPTION_NOT_FOUND, REDEMPTION_NOT_REVERSIBLE.
        """
        original = await ledger.fetch(transaction, tenant_id, redemption_id)
        await ledger.lock_for_reversal(transaction, original)
        original = await ledger.fetch(transaction, tenant_id, redemption_id)
        if original.reversal_id is None:
            now = self._clock()
            reversal = rules.reversal(original, credential_id, reason, now)
            await ledger.append(transaction, reversal)
            await ledger.return_use(transaction, original)
            event = of_ledger_row(reversal)
            await outbox.add(transaction, EventType.REDEMPTION_REVERSED, [event], now)
        else:
            reversal = await ledger.fetch(transaction, tenant_id, original.reversal_id)
        [entry] = await ledger_entries(transaction, [reversal])
        return entry, await self._view(transaction, tenant_id, original.coupon_id)


async def revoke_locked(
    transaction: Transaction,
    tenant_id: UUID,
    locked: Sequence[Coupon],
    reason: str,
    now: datetime,
) -> None:
    """Revoke coupons that are locked and not revoked yet."""
    await coupons.revoke(transaction, tenant_id, [coupon.id for coupon in locked], reason, now)
    await outbox.add(transaction, EventType.COUPON_REVOKED, of_coupons(locked), now)


async def coupon_views(
    transaction: Transaction, tenant_id: UUID, shown: Sequence[Coupon], now: datetime
) -> list[CouponView]:
    """The views of a tenant's coupons, in their order."""
    if not shown:
        return []
    keys = {(tenant_id, coupon.definition_id) for coupon in shown}
    by_id = {
        definition.id: definition for definition in await definitions.fetch_many(transaction, keys)
    }
    item_ids = {definition.config.reward_item_id for definition in by_id.values()}
    versions = await rewards.current_versions(transaction, tenant_id, item_ids)
    current = [(tenant_id, item_id, version) for item_id, version in versions.items()]
    items = {item.item_id: item for item in await rewards.fetch_versions(transaction, current)}
    return [
        CouponView(
            coupon,
            by_id[coupon.definition_id],
            items[by_id[coupon.definition_id].config.reward_item_id],
            now,
        )
        for coupon in shown
    ]


async def ledger_entries(
    transaction: Transaction, redemptions: Iterable[Redemption]
) -> list[LedgerEntry]:
    """The rows with their reward items."""
    rows = list(redemptions)
    if not rows:
        return []
    granted = {(row.tenant_id, row.reward_item_id, row.reward_item_version) for row in rows}
    items = {
        (item.item_id, item.version): item
        for item in await rewards.fetch_versions(transaction, granted)
    }
    return [LedgerEntry(row, items[row.reward_item_id, row.reward_item_version]) for row in rows]
