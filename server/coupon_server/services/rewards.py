"""Reward items."""

from collections.abc import Callable
from uuid import UUID

from coupon_server.database.transactions import Database, Transaction
from coupon_server.domain.clock import Clock
from coupon_server.domain.errors import DomainError, Reason
from coupon_server.domain.ids import new_id
from coupon_server.domain.paging import Page, PageRequest
from coupon_server.domain.rewards import Payload, RewardItem, check_etag
from coupon_server.storage import rewards


class RewardService:
    """Mutations run in the transaction they are given."""

    def __init__(self, database: Database, clock: Clock) -> None:
        self._database = database
        self._clock = clock

    async def list_items(self, tenant_id: UUID, page: PageRequest) -> Page[RewardItem]:
        async with self._database.transaction() as transaction:
            return await rewards.fetch_list(transaction, tenant_id, page)

    async def get(self, tenant_id: UUID, item_id: UUID) -> RewardItem:
        """Raises REWARD_ITEM_NOT_FOUND."""
        async with self._database.transaction() as transaction:
            return await rewards.fetch(transaction, tenant_id, item_id)

    async def create(
        self,
        transaction: Transaction,
        tenant_id: UUID,
        *,
        name: str,
        description: str,
        reward_type: str,
        payload: Payload | None,
    ) -> RewardItem:
        now = self._clock()
        item = RewardItem(
            tenant_id=tenant_id,
            item_id=new_id(),
            version=1,
            name=name,
            description=description,
            reward_type=reward_type,
            payload=payload,
            created_at=now,
            updated_at=now,
        )
        item.check()
        await rewards.add(transaction, item)
        return item

    async def update(
        self,
        transaction: Transaction,
        tenant_id: UUID,
        item_id: UUID,
        etag: str,
        change: Callable[[RewardItem], RewardItem],
    ) -> RewardItem:
        """Store what `change` makes of the item as the next version.

        Raises REWARD_ITEM_NOT_FOUND, ETAG_MISMATCH.
        """
        before = await rewards.lock(transaction, tenant_id, item_id)
        check_etag(etag, before.version)
        after = change(before)
        if after == before:
            return before
        after = after.next_version(self._clock())
        after.check()
        await rewards.change(transaction, after)
        return after

    async def delete(self, transaction: Transaction, tenant_id: UUID, item_id: UUID) -> None:
        """Raises REWARD_ITEM_NOT_FOUND; REWARD_ITEM_IN_USE while a live definition grants it."""
        await rewards.lock(transaction, tenant_id, item_id)
        if await rewards.is_used(transaction, tenant_id, item_id):
            raise DomainError(
                Reason.REWARD_ITEM_IN_USE, "A definition that is not archived grants this item"
            )
        await rewards.delete(transaction, tenant_id, item_id, self._clock())
