"""Taking a redemption back."""

from datetime import timedelta

import pytest

from phoenix_coupons.v1 import (
    Coupon,
    GetRedemptionRequest,
    ListUserRedemptionsRequest,
    Redemption,
)
from support.builders import Shop, reason, usage_limit
from support.clock import MovableClock

DAY = timedelta(days=1)


async def test_the_use_returns_to_the_coupon(shop: Shop) -> None:
    code = await shop.code_for(await shop.define(), "alice")
    redeemed = await shop.redeem(code, "alice")
    reversed_ = await shop.reverse(redeemed.redemption.id)
    assert reversed_.coupon.status == Coupon.Status.active
    assert reversed_.coupon.redemption_count == 0
    assert not reversed_.coupon.HasField("redeemed_at")
    assert (await shop.validate(code, "alice")).remaining_uses.value == 1
    await shop.redeem(code, "alice")
    assert await reason(shop.redeem(code, "alice")) == "COUPON_ALREADY_REDEEMED"


async def test_the_use_returns_to_the_users_cap(shop: Shop) -> None:
    definition = await shop.define(max_uses_per_user=1)
    first, second = [await shop.code_for(definition, "alice") for _ in range(2)]
    redeemed = await shop.redeem(first, "alice")
    assert await reason(shop.redeem(second, "alice")) == "COUPON_LIMIT_REACHED"
    await shop.reverse(redeemed.redemption.id)
    await shop.redeem(second, "alice")
    assert await reason(shop.redeem(first, "alice")) == "COUPON_LIMIT_REACHED"


async def test_a_freed_global_use_goes_to_anyone(shop: Shop) -> None:
    await shop.define(custom_code="FIRST", limit=usage_limit("global", 1))
    redeemed = await shop.redeem("FIRST", "alice")
    assert await reason(shop.redeem("FIRST", "bob")) == "COUPON_LIMIT_REACHED"
    await shop.reverse(redeemed.redemption.id)
    await shop.redeem("FIRST", "bob")
    assert await reason(shop.redeem("FIRST", "alice")) == "COUPON_LIMIT_REACHED"


async def test_the_ledger_keeps_both_rows_and_links_them(shop: Shop, clock: MovableClock) -> None:
    code = await shop.code_for(await shop.define(), "alice")
    redeemed = (await shop.redeem(code, "alice", reference="order-1")).redemption
    clock.advance(DAY)
    reversal = (await shop.reverse(redeemed.id, "changed her mind")).reversal
    newer, older = await shop.ledger()
    assert newer == reversal
    assert newer.kind == Redemption.Kind.reversal
    assert newer.reverses_id == older.id == redeemed.id
    assert newer.reference == "changed her mind"
    assert (newer.coupon_id, newer.user_id, newer.code) == (older.coupon_id, "alice", code)
    assert older.kind == Redemption.Kind.redemption
    assert older.reversal_id == newer.id
    assert older.reversed_at == newer.redeemed_at
    assert older.reversed_at.ToDatetime(tzinfo=clock.now.tzinfo) == clock.now
    assert older.reference == "order-1"
    history = await shop.query.ListUserRedemptions(
        ListUserRedemptionsRequest(tenant_id=shop.id, user_id="alice")
    )
    assert list(history.redemptions) == [older]
    request = GetRedemptionRequest(tenant_id=shop.id, redemption_id=redeemed.id)
    assert (await shop.admin.GetRedemption(request)).redemption == older


async def test_reversing_again_returns_the_first_reversal(shop: Shop) -> None:
    definition = await shop.define(limit=usage_limit("per_user", 2))
    code = await shop.code_for(definition, "alice")
    redeemed = await shop.redeem(code, "alice")
    await shop.redeem(code, "alice")
    first = await shop.reverse(redeemed.redemption.id, "first")
    second = await shop.reverse(redeemed.redemption.id, "second")
    assert second.reversal == first.reversal
    assert second.coupon.redemption_count == 1
    assert len(await shop.ledger()) == 3


async def test_a_reversal_cannot_be_reversed(shop: Shop) -> None:
    code = await shop.code_for(await shop.define(), "alice")
    redeemed = await shop.redeem(code, "alice")
    reversal = (await shop.reverse(redeemed.redemption.id)).reversal
    assert await reason(shop.reverse(reversal.id)) == "REDEMPTION_NOT_REVERSIBLE"


async def test_an_unknown_redemption_is_not_found(shop: Shop) -> None:
    other = await Shop.open(await shop.tenant.server.new_tenant())
    code = await other.code_for(await other.define(), "alice")
    theirs = (await other.redeem(code, "alice")).redemption.id
    assert await reason(shop.reverse(theirs)) == "REDEMPTION_NOT_FOUND"


async def test_a_claimed_coupon_stays_claimed(shop: Shop) -> None:
    code = await shop.unclaimed_code(await shop.define())
    redeemed = await shop.redeem(code, "alice")
    reversed_ = await shop.reverse(redeemed.redemption.id)
    assert reversed_.coupon.user_id == "alice"
    assert await reason(shop.redeem(code, "bob")) == "COUPON_NOT_ASSIGNED"
    await shop.redeem(code, "alice")


async def test_redeemed_at_is_that_of_the_last_use_left(shop: Shop, clock: MovableClock) -> None:
    definition = await shop.define(limit=usage_limit("per_user", 3))
    code = await shop.code_for(definition, "alice")
    rows = []
    for _ in range(3):
        clock.advance(DAY)
        rows.append((await shop.redeem(code, "alice")).redemption)
    assert (await shop.reverse(rows[1].id)).coupon.redeemed_at == rows[2].redeemed_at
    assert (await shop.reverse(rows[2].id)).coupon.redeemed_at == rows[0].redeemed_at
    assert not (await shop.reverse(rows[0].id)).coupon.HasField("redeemed_at")


@pytest.mark.parametrize("limit_type", ["per_user", "global"])
async def test_a_redemption_of_an_archived_definition_can_be_reversed(
    shop: Shop, limit_type: str
) -> None:
    definition = await shop.define(limit=usage_limit(limit_type, 1))
    code = await shop.code_for(definition, "alice")
    redeemed = await shop.redeem(code, "alice")
    await shop.archive(definition)
    assert (await shop.reverse(redeemed.redemption.id)).coupon.redemption_count == 0
    stats = await shop.stats(definition)
    assert (stats.redemptions, stats.distinct_users) == (0, 0)
    assert (await shop.validate(code, "alice")).remaining_uses.value == 1
    assert await reason(shop.redeem(code, "alice")) == "COUPON_UNAVAILABLE"


async def test_an_expired_coupon_stays_expired_and_gives_its_global_use_back(
    shop: Shop, clock: MovableClock
) -> None:
    definition = await shop.define(limit=usage_limit("global", 1), valid_for=DAY)
    code = await shop.code_for(definition, "alice")
    redeemed = await shop.redeem(code, "alice")
    clock.advance(2 * DAY)
    reversed_ = await shop.reverse(redeemed.redemption.id)
    assert reversed_.coupon.status == Coupon.Status.expired
    assert await reason(shop.redeem(code, "alice")) == "COUPON_EXPIRED"
    await shop.redeem(await shop.code_for(definition, "bob"), "bob")


async def test_a_revoked_coupon_stays_revoked(shop: Shop) -> None:
    [made] = (await shop.generate(await shop.define(), "alice")).coupons
    redeemed = await shop.redeem(made.code, "alice")
    await shop.revoke(made.id)
    reversed_ = await shop.reverse(redeemed.redemption.id)
    assert reversed_.coupon.status == Coupon.Status.revoked
    assert reversed_.coupon.redemption_count == 0
