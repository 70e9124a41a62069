"""Exports everything that matches a filter, page by page, in constant memory and short
transactions."""

from collections.abc import AsyncGenerator, Sequence
from dataclasses import dataclass, replace
from uuid import UUID

from coupon_server.database.transactions import Database
from coupon_server.domain.coupon import Coupon, CouponFilter, CouponStatus
from coupon_server.domain.definition import CouponDefinition
from coupon_server.domain.redemption import LedgerFilter, Redemption
from coupon_server.storage import coupons, definitions, ledger, rewards

PAGE = 1_000


@dataclass(frozen=True, slots=True)
class ExportedCoupon:
    """A coupon, its current definition, and its status."""

    coupon: Coupon
    definition: CouponDefinition
    status: CouponStatus


@dataclass(frozen=True, slots=True)
class ExportedRedemption:
    """A ledger row, and the name of the reward item version that it granted."""

    redemption: Redemption
    reward_item_name: str


class ExportService:
    """Reads newest first, so rows made meanwhile are left out.

    Filters without an index are applied here, so that a rare value makes no statement long.
    """

    def __init__(self, database: Database) -> None:
        self._database = database

    async def coupons(
        self, coupon_filter: CouponFilter
    ) -> AsyncGenerator[Sequence[ExportedCoupon], None]:
        """Pages of the coupons that match; a page may be empty."""
        scanned = replace(coupon_filter, status=None, source=None)
        before: UUID | None = None
        while True:
            async with self._database.transaction() as transaction:
                page = await coupons.fetch_before(transaction, scanned, before, PAGE)
                keys = {(coupon.tenant_id, coupon.definition_id) for coupon in page}
                current = await definitions.fetch_many(transaction, keys)
            by_id = {definition.id: definition for definition in current}
            exported = (
                _exported(coupon, by_id[coupon.definition_id], coupon_filter) for coupon in page
            )
            yield [item for item in exported if _matches(item, coupon_filter)]
            if len(page) < PAGE:
                return
            before = page[-1].id

    async def ledger(
        self, ledger_filter: LedgerFilter
    ) -> AsyncGenerator[Sequence[ExportedRedemption], None]:
        """Pages of the ledger's rows that match; a page may be empty."""
        scanned = replace(ledger_filter, kind=None)
        before: UUID | None = None
        while True:
            async with self._database.transaction() as transaction:
                page = await ledger.fetch_before(transaction, scanned, before, PAGE)
                matching = [row for row in page if ledger_filter.kind in (None, row.kind)]
                names = await rewards.fetch_names(transaction, set(map(_granted, matching)))
            yield [ExportedRedemption(row, names[_granted(row)]) for row in matching]
            if len(page) < PAGE:
                return
            before = page[-1].id


def _granted(row: Redemption) -> rewards.Version:
    return row.tenant_id, row.reward_item_id, row.reward_item_version


def _exported(
    coupon: Coupon, definition: CouponDefinition, coupon_filter: CouponFilter
) -> ExportedCoupon:
    config = definition.config
    status = coupon.status(config.usage_limit, config.expires_at, coupon_filter.now)
    return ExportedCoupon(coupon, definition, status)


def _matches(exported: ExportedCoupon, coupon_filter: CouponFilter) -> bool:
    return coupon_filter.status in (None, exported.status) and coupon_filter.source in (
        None,
        exported.coupon.source,
    )
