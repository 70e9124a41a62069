"""The published reasons: which one is given when several hold, and in which words."""

from datetime import timedelta

from support.builders import Shop, refused, usage_limit
from support.clock import MovableClock

DAY = timedelta(days=1)

MESSAGES = {
    "COUPON_NOT_FOUND": "Coupon not found",
    "COUPON_NOT_YET_ACTIVE": "Coupon not yet active",
    "COUPON_EXPIRED": "Coupon has expired",
    "COUPON_ALREADY_REDEEMED": "Coupon has already been redeemed",
    "COUPON_LIMIT_REACHED": "Coupon usage limit reached",
    "COUPON_REVOKED": "Coupon has been revoked",
    "COUPON_NOT_ASSIGNED": "Coupon is not assigned to this user",
    "COUPON_UNAVAILABLE": "Coupon is no longer available",
}


async def expect(shop: Shop, code: str, user_id: str, reason: str) -> None:
    """Redeeming and validating have to agree, in the published words."""
    error = await refused(shop.redeem(code, user_id))
    assert (error.reason, error.message) == (reason, MESSAGES[reason])
    told = await shop.validate(code, user_id)
    assert not told.valid
    assert (told.reason, told.message) == (reason, MESSAGES[reason])
    shown = reason not in ("COUPON_NOT_FOUND", "COUPON_NOT_ASSIGNED")
    assert told.HasField("coupon") is shown
    assert told.HasField("reward_item") is shown
    assert told.HasField("remaining_uses") is shown


async def test_each_further_reason_comes_before_those_that_held_already(
    shop: Shop, clock: MovableClock
) -> None:
    definition = await shop.define(
        limit=usage_limit("per_user", 2), max_uses_per_user=1, valid_for=DAY
    )
    [made] = (await shop.generate(definition, "alice")).coupons
    await shop.redeem(made.code, "alice")
    await expect(shop, made.code, "alice", "COUPON_LIMIT_REACHED")
    clock.advance(2 * DAY)
    await expect(shop, made.code, "alice", "COUPON_EXPIRED")
    await shop.change(definition, "starts_at", starts_at=clock.now + DAY)
    await expect(shop, made.code, "alice", "COUPON_NOT_YET_ACTIVE")
    await shop.change(definition, "usage_limit.max_uses", limit=usage_limit(max_uses=1))
    await expect(shop, made.code, "alice", "COUPON_ALREADY_REDEEMED")
    await shop.revoke(made.id)
    await expect(shop, made.code, "alice", "COUPON_REVOKED")
    await shop.archive(definition)
    await expect(shop, made.code, "alice", "COUPON_UNAVAILABLE")
    await expect(shop, made.code, "bob", "COUPON_NOT_ASSIGNED")
    await expect(shop, made.code + "X", "alice", "COUPON_NOT_FOUND")


async def test_a_custom_code_that_nobody_may_claim_is_refused_before_its_dates_are_looked_at(
    shop: Shop, clock: MovableClock
) -> None:
    definition = await shop.define(custom_code="SALE", starts_at=clock.now + DAY)
    error = await refused(shop.redeem("SALE", "alice"))
    assert error.reason == "COUPON_NOT_YET_ACTIVE"
    await shop.pause(definition)
    assert (await refused(shop.redeem("SALE", "alice"))).reason == "COUPON_UNAVAILABLE"
    await shop.change(definition, "assigned_only", assigned_only=True)
    assert (await refused(shop.redeem("SALE", "alice"))).reason == "COUPON_NOT_ASSIGNED"


async def test_without_a_user_holder_and_per_user_limits_are_not_checked(shop: Shop) -> None:
    definition = await shop.define(max_uses_per_user=1)
    first, second = [await shop.code_for(definition, "alice") for _ in range(2)]
    await shop.redeem(first, "alice")
    told = await shop.validate(second)
    assert told.valid
    assert told.coupon.user_id == "alice"
    assert (await shop.validate(first)).reason == "COUPON_ALREADY_REDEEMED"
    await shop.define(custom_code="VIP", assigned_only=True)
    assert (await shop.validate("VIP")).valid


async def test_validating_changes_nothing(shop: Shop) -> None:
    definition = await shop.define()
    [made] = (await shop.generate(definition, "alice")).coupons
    before = await shop.coupon(made.id)
    for _ in range(3):
        told = await shop.validate(made.code, "alice")
    assert told.valid
    assert (told.reason, told.message) == ("", "")
    assert told.coupon == before == await shop.coupon(made.id)
    assert await shop.ledger() == []
