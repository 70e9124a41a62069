"""Coupon definitions: creating, changing, pausing, archiving, counting."""

from collections.abc import Callable
from dataclasses import dataclass, replace
from uuid import UUID

from coupon_server.database.transactions import Database, Transaction
from coupon_server.domain.clock import Clock
from coupon_server.domain.coupon import CouponStatus
from coupon_server.domain.definition import (
    CouponConfig,
    CouponDefinition,
    DefinitionStatus,
    check_change,
    check_name,
    needs_usage,
)
from coupon_server.domain.ids import new_id
from coupon_server.domain.limits import check_definitions
from coupon_server.domain.paging import Page, PageRequest
from coupon_server.domain.rewards import check_etag
from coupon_server.domain.triggers import AutoGenerate
from coupon_server.services.limits import TenantLimits
from coupon_server.storage import coupons, definitions, issuing, limits, rewards


@dataclass(frozen=True, slots=True)
class DefinitionStats:
    """Coupons by status, redemptions less reversals, and users with at least one."""

    by_status: dict[CouponStatus, int]
    redemptions: int
    distinct_users: int


class DefinitionService:
    """Mutations run in the transaction they are given."""

    def __init__(self, database: Database, clock: Clock, tenant_limits: TenantLimits) -> None:
        self._database = database
        self._clock = clock
        self._limits = tenant_limits

    async def list_definitions(
        self, tenant_id: UUID, status: DefinitionStatus | None, page: PageRequest
    ) -> Page[CouponDefinition]:
        """Definitions of this status; None: of any."""
        async with self._database.transaction() as transaction:
            return await definitions.fetch_list(transaction, tenant_id, status, page)

    async def get(self, tenant_id: UUID, definition_id: UUID) -> CouponDefinition:
        """Raises DEFINITION_NOT_FOUND."""
        async with self._database.transaction() as transaction:
            return await definitions.fetch(transaction, tenant_id, definition_id)

    async def stats(self, tenant_id: UUID, definition_id: UUID) -> DefinitionStats:
        """Raises DEFINITION_NOT_FOUND."""
        async with self._database.transaction() as transaction:
            await definitions.fetch(transaction, tenant_id, definition_id)
            by_status = await coupons.count_by_status(
                transaction, tenant_id, definition_id, self._clock()
            )
            uses, users = await coupons.count_uses(transaction, tenant_id, definition_id)
        return DefinitionStats(by_status, uses, users)

    async def create(
        self,
        transaction: Transaction,
        tenant_id: UUID,
        *,
        name: str,
        description: str,
        config: CouponConfig,
    ) -> CouponDefinition:
        """Raises InvalidField, REWARD_ITEM_NOT_FOUND, CODE_TAKEN, TRIGGER_LIMIT_REACHED,
        QUOTA_EXCEEDED."""
        check_name(name)
        now = self._clock()
        definition = CouponDefinition(
            tenant_id=tenant_id,
            id=new_id(),
            name=name,
            description=description,
            config=config.normalized(),
            status=DefinitionStatus.ACTIVE,
            created_at=now,
            updated_at=now,
        )
        await self._check_beside_others(transaction, definition)
        await rewards.lock(transaction, tenant_id, config.reward_item_id, share=True)
        await definitions.add(transaction, definition)
        return definition

    async def _check_beside_others(
        self, transaction: Transaction, definition: CouponDefinition
    ) -> None:
        """Hold a new definition against the tenant's others, which do not change until commit."""
        tenant_id = definition.tenant_id
        await issuing.lock_code_space(transaction, tenant_id)
        existing = await limits.count_definitions(transaction, tenant_id)
        check_definitions(self._limits.of(tenant_id), existing)
        if definition.is_custom:
            await definitions.check_custom_code_free(transaction, definition)
        await _check_watching(transaction, None, definition)

    async def update(
        self,
        transaction: Transaction,
        tenant_id: UUID,
        definition_id: UUID,
        etag: str,
        change: Callable[[CouponDefinition], CouponDefinition],
    ) -> CouponDefinition:
        """Store what `change` makes of the definition's name, description and config.

        Raises InvalidField, DEFINITION_NOT_FOUND, DEFINITION_ARCHIVED, ETAG_MISMATCH,
        REWARD_ITEM_NOT_FOUND, CODE_TAKEN, DEFINITION_FIELD_FIXED, LIMIT_BELOW_USAGE,
        TRIGGER_LIMIT_REACHED.
        """
        # A custom code may be claimed, and the code space comes first in the lock order.
        await issuing.lock_code_space(transaction, tenant_id)
        before = await definitions.lock_for_change(transaction, tenant_id, definition_id)
        before.check_not_archived()
        check_etag(etag, before.revision)
        changed = change(before)
        after = replace(changed, config=changed.config.normalized())
        if after == before:
            return before
        check_name(after.name)
        await self._check_config(transaction, before, after)
        after = replace(after, revision=before.revision + 1, updated_at=self._clock())
        await definitions.change(transaction, after)
        return after

    async def _check_config(
        self, transaction: Transaction, before: CouponDefinition, after: CouponDefinition
    ) -> None:
        if needs_usage(before.config, after.config):
            await definitions.lock_usage(transaction, before)
            usage = await definitions.usage(transaction, before)
            check_change(before.config, after.config, usage)
        if after.is_custom and after.code_space_changed(before):
            await definitions.check_custom_code_free(transaction, after)
        await _check_watching(transaction, before.watching, after)
        if after.config.reward_item_id != before.config.reward_item_id:
            await rewards.lock(
                transaction, after.tenant_id, after.config.reward_item_id, share=True
            )

    async def set_status(
        self,
        transaction: Transaction,
        tenant_id: UUID,
        definition_id: UUID,
        status: DefinitionStatus,
        etag: str = "",
    ) -> CouponDefinition:
        """Raises DEFINITION_NOT_FOUND, ETAG_MISMATCH; DEFINITION_ARCHIVED for one that would come
        back, and TRIGGER_LIMIT_REACHED for one that would watch for events again."""
        if status is DefinitionStatus.ACTIVE:
            await issuing.lock_code_space(transaction, tenant_id)
        before = await definitions.lock_for_change(transaction, tenant_id, definition_id)
        check_etag(etag, before.revision)
        after = before.with_status(status, self._clock())
        if after is not before:
            await _check_watching(transaction, before.watching, after)
            await definitions.change(transaction, after)
        return after


async def _check_watching(
    transaction: Transaction, before: AutoGenerate | None, after: CouponDefinition
) -> None:
    """Refuse to watch for events where too many others do, unless it did so `before`."""
    now = after.watching
    if now is not None and (before is None or before.watched != now.watched):
        now.check_watching(await definitions.count_watching(transaction, after))
