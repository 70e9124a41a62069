"""Coupons and their status."""

from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from uuid import UUID

from coupon_server.domain.codes import TypedCode
from coupon_server.domain.definition import CouponDefinition, LimitType, UsageLimit
from coupon_server.domain.ids import new_id


class CouponStatus(StrEnum):
    ACTIVE = "active"
    REDEEMED = "redeemed"
    EXPIRED = "expired"
    REVOKED = "revoked"


class CouponSource(StrEnum):
    GENERATED = "generated"
    CLAIMED = "claimed"
    EARNED = "earned"
    IMPORTED = "imported"


@dataclass(slots=True)
class Coupon:
    """One coupon; the parts that a redemption changes are mutable.

    `user_id` is None while nobody has claimed it. `valid_until` is the end of `valid_for`
    as it was at generation, or the end that the coupon was imported with. `used` counts
    redemptions less reversals.
    """

    tenant_id: UUID
    id: UUID
    definition_id: UUID
    user_id: str | None
    code: str
    source: CouponSource
    generation_id: UUID | None
    generated_at: datetime
    valid_until: datetime | None
    used: int
    redeemed_at: datetime | None
    revoked_at: datetime | None
    revoke_reason: str

    def spent(self, limit: UsageLimit) -> bool:
        """Whether the coupon's own limit is used up; only `per_user` limits are a coupon's own."""
        return limit.limit_type is LimitType.PER_USER and self.used >= (limit.max_uses or 0)

    def expires_at(self, definition_expires_at: datetime | None) -> datetime | None:
        """The last valid instant: the earlier of the definition's and the coupon's own."""
        if self.valid_until is None or definition_expires_at is None:
            return self.valid_until or definition_expires_at
        return min(self.valid_until, definition_expires_at)

    def status(
        self, limit: UsageLimit, definition_expires_at: datetime | None, now: datetime
    ) -> CouponStatus:
        """The coupon's status: the first that holds of revoked, redeemed, expired, active."""
        if self.revoked_at is not None:
            return CouponStatus.REVOKED
        if self.spent(limit):
            return CouponStatus.REDEEMED
        expires_at = self.expires_at(definition_expires_at)
        if expires_at is not None and now > expires_at:
            return CouponStatus.EXPIRED
        return CouponStatus.ACTIVE


def new_coupon(
    definition: CouponDefinition,
    user_id: str | None,
    code: str,
    source: CouponSource,
    generation_id: UUID | None,
    now: datetime,
) -> Coupon:
    """A coupon of the definition, made at `now` with the `valid_for` of that moment."""
    valid_for = definition.config.valid_for
    return Coupon(
        tenant_id=definition.tenant_id,
        id=new_id(),
        definition_id=definition.id,
        user_id=user_id,
        code=code,
        source=source,
        generation_id=generation_id,
        generated_at=now,
        valid_until=now + valid_for if valid_for else None,
        used=0,
        redeemed_at=None,
        revoked_at=None,
        revoke_reason="",
    )


@dataclass(frozen=True, slots=True)
class CouponFilter:
    """Selects coupons of a tenant; a field that is None matches all. `now` decides the status."""

    tenant_id: UUID
    now: datetime
    definition_id: UUID | None = None
    generation_id: UUID | None = None
    user_id: str | None = None
    status: CouponStatus | None = None
    code: TypedCode | None = None
    source: CouponSource | None = None
