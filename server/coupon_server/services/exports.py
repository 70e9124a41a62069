"""Everything that matches a filter, page by page: memory stays flat, no transaction long."""

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
    """A coupon, its definition as it is now, and its status by that."""

    coupon: Coupon
    definition: CouponDefinition
    status: CouponStatus


@dataclass(frozen=True, slots=True)
class ExportedRedemption:
    """A row of the ledger, and the name of what it granted, as it was."""

    redemption: Redemption
    reward_item_name: str


class ExportService:
    """Reads newest first, so what is made meanwhile is left out.

    What no index finds is decided here, so that what is rare makes no statement long.
    """

    def __init__(self, database: Database) -> None:
        self._database = database

    async def coupons(self, wanted: CouponFilter) -> AsyncGenerator[Sequence[ExportedCoupon], None]:
        """Pages of the coupons that match; a page may be empty."""
        scanned = replace(wanted, status=None, source=None)
        before: UUID | None = None
        while True:
            async with self._database.transaction() as transaction:
                page = await coupons.fetch_before(transaction, scanned, before, PAGE)
                keys = {(coupon.tenant_id, coupon.definition_id) for coupon in page}
                found = await definitions.fetch_many(transaction, keys)
            by_id = {definition.id: definition for definition in found}
            exported = (_exported(coupon, by_id[coupon.definition_id], wanted) for coupon in page)
            yield [one for one in exported if _matches(one, wanted)]
            if len(page) < PAGE:
                return
            before = page[-1].id

    async def ledger(
        self, wanted: LedgerFilter
    ) -> AsyncGenerator[Sequence[ExportedRedemption], None]:
        """Pages of the ledger's rows that match; a page may be empty."""
        scanned = replace(wanted, kind=None)
        before: UUID | None = None
        while True:
            async with self._database.transaction() as transaction:
                page = await ledger.fetch_before(transaction, scanned, before, PAGE)
                matching = [row for row in page if wanted.kind in (None, row.kind)]
                names = await rewards.fetch_names(transaction, set(map(_granted, matching)))
            yield [ExportedRedemption(row, names[_granted(row)]) for row in matching]
            if len(page) < PAGE:
                return
            before = page[-1].id


def _granted(row: Redemption) -> rewards.Version:
    return row.tenant_id, row.reward_item_id, row.reward_item_version


def _exported(coupon: Coupon, definition: CouponDefinition, wanted: CouponFilter) -> ExportedCoupon:
    config = definition.config
    status = coupon.status(config.usage_limit, config.expires_at, wanted.now)
    return ExportedCoupon(coupon, definition, status)


def _matches(one: ExportedCoupon, wanted: CouponFilter) -> bool:
    return wanted.status in (None, one.status) and wanted.source in (None, one.coupon.source)
