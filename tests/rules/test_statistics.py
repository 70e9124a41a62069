"""A definition's counts."""

from datetime import timedelta

from phoenix_coupons.v1 import GetCouponDefinitionStatsResponse
from support.builders import Shop, usage_limit
from support.clock import MovableClock


async def test_statistics_count_coupons_by_status_and_uses_by_user(
    shop: Shop, clock: MovableClock
) -> None:
    day = timedelta(days=1)
    definition = await shop.define(valid_for=day, limit=usage_limit("per_user", 2))
    empty = await shop.stats(definition)
    assert empty == GetCouponDefinitionStatsResponse()
    await shop.generate(definition, quantity=2)
    clock.advance(2 * day)
    users = ("alice", "bob", "carol", "dave")
    made = (await shop.generate(definition, *users)).coupons
    codes = {coupon.user_id: coupon.code for coupon in made}
    for user in ("alice", "alice", "bob"):
        await shop.redeem(codes[user], user)
    reversed_ = await shop.redeem(codes["carol"], "carol")
    await shop.reverse(reversed_.redemption.id)
    await shop.revoke(made[3].id)
    assert await shop.stats(definition) == GetCouponDefinitionStatsResponse(
        issued=6, active=2, redeemed=1, expired=2, revoked=1, redemptions=3, distinct_users=2
    )
    clock.advance(2 * day)
    assert await shop.stats(definition) == GetCouponDefinitionStatsResponse(
        issued=6, active=0, redeemed=1, expired=4, revoked=1, redemptions=3, distinct_users=2
    )


async def test_statistics_are_of_one_definition(shop: Shop) -> None:
    first, second = await shop.define(), await shop.define()
    await shop.redeem(await shop.code_for(first, "alice"), "alice")
    await shop.generate(second, quantity=3)
    assert (await shop.stats(first)).redemptions == 1
    stats = await shop.stats(second)
    assert (stats.issued, stats.redemptions, stats.distinct_users) == (3, 0, 0)
