"""Everything that matches a filter, page by page: memory stays flat, no transaction long."""

from collections.abc import AsyncGenerator, Sequence
from dataclasses import dataclass, replace
from uuid import UUID

from coupon_server.domain.coupon import Coupon
from coupon_server.domain.definition import CouponDefinition
from coupon_server.services.coupons import LedgerEntry, ledger_entries
from coupon_server.storage import coupons, definitions, ledger
from coupon_server.storage.coupons import CouponFilter
from coupon_server.storage.database import Database
from coupon_server.storage.ledger import LedgerFilter

PAGE = 1_000


@dataclass(frozen=True, slots=True)
class ExportedCoupon:
    """A coupon and its definition as it is now."""

    coupon: Coupon
    definition: CouponDefinition


class ExportService:
    """Reads newest first, so what is made meanwhile is left out."""

    def __init__(self, database: Database) -> None:
        self._database = database

    async def coupons(self, wanted: CouponFilter) -> AsyncGenerator[Sequence[ExportedCoupon], None]:
        """Pages of the coupons that match; a page may be empty.

        The status is decided here, so that a rare one makes no statement long.
        """
        whatever_status = replace(wanted, status=None)
        before: UUID | None = None
        while True:
            async with self._database.transaction() as transaction:
                page = await coupons.fetch_before(transaction, whatever_status, before, PAGE)
                keys = {(coupon.tenant_id, coupon.definition_id) for coupon in page}
                found = await definitions.fetch_many(transaction, keys)
            by_id = {definition.id: definition for definition in found}
            yield [
                one
                for one in (ExportedCoupon(coupon, by_id[coupon.definition_id]) for coupon in page)
                if wanted.status in (None, _status(one, wanted))
            ]
            if len(page) < PAGE:
                return
            before = page[-1].id

    async def ledger(self, wanted: LedgerFilter) -> AsyncGenerator[Sequence[LedgerEntry], None]:
        """Pages of the ledger's rows that match."""
        before: UUID | None = None
        while True:
            async with self._database.transaction() as transaction:
                page = await ledger.fetch_before(transaction, wanted, before, PAGE)
                entries = await ledger_entries(transaction, page)
            yield entries
            if len(page) < PAGE:
                return
            before = page[-1].id


def _status(one: ExportedCoupon, wanted: CouponFilter) -> str:
    config = one.definition.config
    return one.coupon.status(config.usage_limit, config.expires_at, wanted.now)
