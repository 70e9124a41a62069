"""Revoking coupons, one or many."""

import uuid
from datetime import timedelta

import pytest

from phoenix_coupons.v1 import Coupon, RevokeCouponsRequest
from support.builders import Shop, reason, refused, usage_limit
from support.clock import MovableClock


async def revoke_many(shop: Shop, *coupon_ids: str, why: str = "leaked") -> int:
    answer = await shop.admin.RevokeCoupons(
        RevokeCouponsRequest(tenant_id=shop.id, coupon_ids=coupon_ids, reason=why)
    )
    return answer.revoked


async def test_a_revoked_coupon_cannot_be_redeemed_and_says_why_and_when(
    shop: Shop, clock: MovableClock
) -> None:
    definition = await shop.define(limit=usage_limit("per_user", 2))
    [made] = (await shop.generate(definition, "alice")).coupons
    await shop.redeem(made.code, "alice")
    revoked = await shop.revoke(made.id, "fraud")
    assert revoked.status == Coupon.Status.revoked
    assert revoked.revoke_reason == "fraud"
    assert revoked.revoked_at.ToDatetime(tzinfo=clock.now.tzinfo) == clock.now
    assert revoked.redemption_count == 1, "what was used stays used"
    error = await refused(shop.redeem(made.code, "alice"))
    assert (error.reason, error.message) == ("COUPON_REVOKED", "Coupon has been revoked")


async def test_revoking_again_keeps_the_first_reason(shop: Shop, clock: MovableClock) -> None:
    [made] = (await shop.generate(await shop.define(), "alice")).coupons
    first = await shop.revoke(made.id, "first")
    clock.advance(timedelta(days=1))
    assert await shop.revoke(made.id, "second") == first
    assert await revoke_many(shop, made.id, why="third") == 0
    assert await shop.coupon(made.id) == first


async def test_many_are_revoked_at_once_and_the_new_ones_counted(shop: Shop) -> None:
    made = (await shop.generate(await shop.define(), quantity=5)).coupons
    await shop.revoke(made[0].id, "earlier")
    assert await revoke_many(shop, *[coupon.id for coupon in made[:4]]) == 3
    assert await revoke_many(shop, *[coupon.id for coupon in made[:4]]) == 0
    reasons = {coupon.id: coupon.revoke_reason for coupon in await shop.coupons()}
    assert [reasons[coupon.id] for coupon in made] == ["earlier", "leaked", "leaked", "leaked", ""]


async def test_an_unknown_coupon_among_many_revokes_none(shop: Shop) -> None:
    other = await Shop.open(await shop.tenant.server.new_tenant())
    [theirs] = (await other.generate(await other.define(), quantity=1)).coupons
    made = (await shop.generate(await shop.define(), quantity=2)).coupons
    error = await refused(revoke_many(shop, made[0].id, theirs.id, made[1].id))
    assert error.reason == "COUPON_NOT_FOUND"
    assert error.metadata == {"coupon_id": theirs.id}
    assert {coupon.status for coupon in await shop.coupons()} == {Coupon.Status.active}
    assert (await other.coupon(theirs.id)).status == Coupon.Status.active


async def test_an_unknown_coupon_is_not_found(shop: Shop) -> None:
    assert await reason(shop.revoke(str(uuid.uuid4()))) == "COUPON_NOT_FOUND"
    assert await reason(shop.coupon(str(uuid.uuid4()))) == "COUPON_NOT_FOUND"


@pytest.mark.parametrize("archived", [True, False])
async def test_spent_and_archived_coupons_can_be_revoked(shop: Shop, archived: bool) -> None:
    definition = await shop.define()
    [made] = (await shop.generate(definition, "alice")).coupons
    await shop.redeem(made.code, "alice")
    if archived:
        await shop.archive(definition)
    assert (await shop.revoke(made.id)).status == Coupon.Status.revoked
