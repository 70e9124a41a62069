"""A coupon's status: the first that holds of revoked, redeemed, expired, active."""

from datetime import UTC, datetime, timedelta
from itertools import product

import pytest
from hypothesis import given
from hypothesis import strategies as st

from coupon_server.domain.coupon import Coupon, CouponSource, CouponStatus
from coupon_server.domain.definition import LimitType, UsageLimit
from coupon_server.domain.ids import new_id

NOW = datetime(2026, 1, 1, tzinfo=UTC)
INSTANT = timedelta(microseconds=1)


def coupon(*, used: int = 0, valid_until: datetime | None = None, revoked: bool = False) -> Coupon:
    return Coupon(
        tenant_id=new_id(),
        id=new_id(),
        definition_id=new_id(),
        user_id="alice",
        code="X",
        source=CouponSource.GENERATED,
        generation_id=None,
        generated_at=NOW,
        valid_until=valid_until,
        used=used,
        redeemed_at=None,
        revoked_at=NOW if revoked else None,
        revoke_reason="",
    )


@pytest.mark.parametrize(("revoked", "spent", "expired"), list(product([True, False], repeat=3)))
def test_the_first_status_that_holds_is_the_one(revoked: bool, spent: bool, expired: bool) -> None:
    held = [
        status
        for status, holds in (
            (CouponStatus.REVOKED, revoked),
            (CouponStatus.REDEEMED, spent),
            (CouponStatus.EXPIRED, expired),
            (CouponStatus.ACTIVE, True),
        )
        if holds
    ]
    one = coupon(used=2 if spent else 1, revoked=revoked)
    expires_at = NOW - INSTANT if expired else NOW
    assert one.status(UsageLimit(LimitType.PER_USER, 2), expires_at, NOW) is held[0]


@pytest.mark.parametrize(
    "limit", [UsageLimit(LimitType.GLOBAL, 2), UsageLimit(LimitType.UNLIMITED, None)]
)
def test_only_a_limit_for_each_user_makes_a_coupon_redeemed(limit: UsageLimit) -> None:
    assert coupon(used=1_000).status(limit, None, NOW) is CouponStatus.ACTIVE


OFFSETS = st.none() | st.integers(-2, 2)


@given(definition=OFFSETS, own=OFFSETS)
def test_the_earlier_of_both_ends_counts_and_is_itself_valid(
    definition: int | None, own: int | None
) -> None:
    expires_at = None if definition is None else NOW + definition * INSTANT
    one = coupon(valid_until=None if own is None else NOW + own * INSTANT)
    ends = [offset for offset in (definition, own) if offset is not None]
    assert one.expires_at(expires_at) == (NOW + min(ends) * INSTANT if ends else None)
    expired = bool(ends) and min(ends) < 0
    status = one.status(UsageLimit(), expires_at, NOW)
    assert status is (CouponStatus.EXPIRED if expired else CouponStatus.ACTIVE)
