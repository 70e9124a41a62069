"""Who may redeem a coupon, and how a coupon comes to its holder."""

import pytest

from phoenix_coupons.v1 import Coupon
from support.builders import Shop, reason, refused, usage_limit


async def test_a_coupon_made_for_a_user_is_redeemed_by_that_user_alone(shop: Shop) -> None:
    code = await shop.code_for(await shop.define(), "alice")
    assert await reason(shop.redeem(code, "bob")) == "COUPON_NOT_ASSIGNED"
    assert await reason(shop.redeem(code, "Alice")) == "COUPON_NOT_ASSIGNED"
    assert (await shop.redeem(code, "alice")).coupon.user_id == "alice"


async def test_an_unclaimed_coupon_is_claimed_by_its_first_redemption(shop: Shop) -> None:
    definition = await shop.define(limit=usage_limit("per_user", 5))
    code = await shop.unclaimed_code(definition)
    [unclaimed] = await shop.coupons()
    assert unclaimed.user_id == ""
    claimed = await shop.redeem(code, "alice")
    assert claimed.coupon.user_id == "alice"
    assert claimed.coupon.source == Coupon.Source.generated
    assert await reason(shop.redeem(code, "bob")) == "COUPON_NOT_ASSIGNED"
    await shop.redeem(code, "alice")


async def test_validating_claims_nothing(shop: Shop) -> None:
    code = await shop.unclaimed_code(await shop.define())
    assert (await shop.validate(code, "bob")).valid
    assert (await shop.redeem(code, "alice")).coupon.user_id == "alice"


async def test_a_refused_redemption_claims_nothing(shop: Shop) -> None:
    definition = await shop.define(max_uses_per_user=1)
    await shop.redeem(await shop.unclaimed_code(definition), "bob")
    code = await shop.unclaimed_code(definition)
    assert await reason(shop.redeem(code, "bob")) == "COUPON_LIMIT_REACHED"
    await shop.redeem(code, "alice")


async def test_a_custom_code_is_redeemed_by_any_user_whose_coupon_is_made_then(shop: Shop) -> None:
    definition = await shop.define(custom_code="SALE", limit=usage_limit("per_user", 2))
    for user in ("alice", "bob"):
        first = await shop.redeem("SALE", user)
        assert first.coupon.source == Coupon.Source.claimed
        assert first.coupon.user_id == user
        assert first.coupon.generation_id == ""
        again = await shop.redeem("SALE", user)
        assert again.coupon.id == first.coupon.id
        assert again.coupon.redemption_count == 2
    assert (await shop.stats(definition)).issued == 2


async def test_validating_a_custom_code_shows_the_reward_and_makes_no_coupon(shop: Shop) -> None:
    definition = await shop.define(custom_code="SALE")
    told = await shop.validate("SALE", "alice")
    assert told.valid
    assert not told.HasField("coupon")
    assert told.reward_item == shop.item
    assert told.remaining_uses.value == 1
    assert (await shop.stats(definition)).issued == 0


async def test_an_assigned_only_code_is_redeemed_by_those_who_were_given_it(shop: Shop) -> None:
    definition = await shop.define(custom_code="VIP", assigned_only=True)
    await shop.generate(definition, "alice")
    await shop.redeem("VIP", "alice")
    assert await reason(shop.redeem("VIP", "bob")) == "COUPON_NOT_ASSIGNED"
    assert (await shop.validate("VIP", "bob")).reason == "COUPON_NOT_ASSIGNED"


async def test_a_custom_code_that_is_earned_is_for_its_holders_alone(shop: Shop) -> None:
    definition = await shop.define(
        custom_code="WINNER",
        auto_generate={
            "enabled": True,
            "trigger": "achievement_completed",
            "trigger_config": {"achievement_id": "first-win"},
        },
    )
    assert definition.config.assigned_only
    assert await reason(shop.redeem("WINNER", "alice")) == "COUPON_NOT_ASSIGNED"


async def test_a_user_holds_one_coupon_of_a_custom_code_however_often_it_is_given(
    shop: Shop,
) -> None:
    definition = await shop.define(custom_code="SALE")
    first = await shop.generate(definition, "alice")
    second = await shop.generate(definition, "bob", "alice")
    assert first.generated == 1
    assert second.generated == 1
    assert [coupon.user_id for coupon in second.coupons] == ["bob", "alice"]
    assert [coupon.created for coupon in second.coupons] == [True, False]
    assert second.coupons[1].id == first.coupons[0].id
    assert (await shop.stats(definition)).issued == 2


async def test_giving_a_custom_code_to_all_its_holders_makes_nothing(shop: Shop) -> None:
    definition = await shop.define(custom_code="SALE")
    await shop.redeem("SALE", "alice")
    again = await shop.generate(definition, "alice")
    assert again.generated == 0
    assert again.generation_id == ""
    assert not again.coupons[0].created
    assert (await shop.coupon(again.coupons[0].id)).source == Coupon.Source.claimed


async def test_a_revoked_coupon_of_a_custom_code_stays_revoked_when_given_again(
    shop: Shop,
) -> None:
    definition = await shop.define(custom_code="SALE")
    [made] = (await shop.generate(definition, "alice")).coupons
    await shop.revoke(made.id)
    again = await shop.generate(definition, "alice")
    assert not again.coupons[0].created
    assert (await shop.coupon(made.id)).status == Coupon.Status.revoked
    assert await reason(shop.redeem("SALE", "alice")) == "COUPON_REVOKED"


async def test_random_codes_are_another_coupon_each_time(shop: Shop) -> None:
    definition = await shop.define()
    first = await shop.generate(definition, "alice")
    second = await shop.generate(definition, "alice")
    assert first.coupons[0].code != second.coupons[0].code
    assert first.generation_id != second.generation_id


async def test_an_unclaimed_custom_code_cannot_be_generated(shop: Shop) -> None:
    definition = await shop.define(custom_code="SALE")
    error = await refused(shop.generate(definition, quantity=3))
    assert error.reason == "INVALID_FIELD"
    assert [violation.field for violation in error.field_violations] == ["quantity"]


@pytest.mark.parametrize("fields", [{}, {"custom_code": "SALE"}])
async def test_a_user_named_twice_in_one_call_is_refused(
    shop: Shop, fields: dict[str, str]
) -> None:
    definition = await shop.define(**fields)
    error = await refused(shop.generate(definition, "alice", "bob", "alice"))
    assert error.reason == "INVALID_FIELD"
    assert (await shop.stats(definition)).issued == 0
