"""How often coupons can be redeemed, and how many are made."""

import pytest

from phoenix_coupons.v1 import Coupon
from support.builders import Shop, reason, refused, usage_limit


async def test_by_default_a_coupon_is_redeemed_once(shop: Shop) -> None:
    code = await shop.code_for(await shop.define(), "alice")
    redeemed = await shop.redeem(code, "alice")
    assert redeemed.coupon.status == Coupon.Status.redeemed
    error = await refused(shop.redeem(code, "alice"))
    assert error.reason == "COUPON_ALREADY_REDEEMED"
    assert error.message == "Coupon has already been redeemed"


async def test_a_per_user_limit_counts_each_coupon_by_itself(shop: Shop) -> None:
    definition = await shop.define(limit=usage_limit("per_user", 2))
    first, second = (
        await shop.code_for(definition, "alice"),
        await shop.code_for(definition, "alice"),
    )
    for code in (first, second):
        assert (await shop.validate(code, "alice")).remaining_uses.value == 2
        assert (await shop.redeem(code, "alice")).coupon.status == Coupon.Status.active
        assert (await shop.redeem(code, "alice")).coupon.status == Coupon.Status.redeemed
        assert await reason(shop.redeem(code, "alice")) == "COUPON_ALREADY_REDEEMED"


async def test_a_global_limit_counts_all_coupons_and_users_together(shop: Shop) -> None:
    definition = await shop.define(limit=usage_limit("global", 4))
    alices, bobs = await shop.code_for(definition, "alice"), await shop.code_for(definition, "bob")
    await shop.redeem(alices, "alice")
    await shop.redeem(alices, "alice")
    await shop.redeem(bobs, "bob")
    assert (await shop.validate(bobs, "bob")).remaining_uses.value == 1
    last = await shop.redeem(alices, "alice")
    assert last.coupon.redemption_count == 3
    error = await refused(shop.redeem(bobs, "bob"))
    assert error.reason == "COUPON_LIMIT_REACHED"
    assert error.message == "Coupon usage limit reached"
    assert await reason(shop.redeem(alices, "alice")) == "COUPON_LIMIT_REACHED"


async def test_a_spent_global_limit_leaves_coupons_active(shop: Shop) -> None:
    definition = await shop.define(limit=usage_limit("global", 1))
    [made] = (await shop.generate(definition, "alice")).coupons
    redeemed = await shop.redeem(made.code, "alice")
    assert redeemed.coupon.status == Coupon.Status.active
    assert (await shop.coupon(made.id)).status == Coupon.Status.active


async def test_a_global_limit_is_shared_by_all_users_of_a_custom_code(shop: Shop) -> None:
    definition = await shop.define(custom_code="FIRST2", limit=usage_limit("global", 2))
    await shop.redeem("FIRST2", "alice")
    await shop.redeem("FIRST2", "bob")
    assert await reason(shop.redeem("FIRST2", "carol")) == "COUPON_LIMIT_REACHED"
    assert (await shop.stats(definition)).issued == 2, "a refused claim makes no coupon"


async def test_an_unlimited_coupon_is_never_spent(shop: Shop) -> None:
    code = await shop.code_for(await shop.define(limit=usage_limit("unlimited")), "alice")
    for _ in range(5):
        redeemed = await shop.redeem(code, "alice")
    assert redeemed.coupon.redemption_count == 5
    assert redeemed.coupon.status == Coupon.Status.active
    told = await shop.validate(code, "alice")
    assert told.valid
    assert not told.HasField("remaining_uses")


async def test_max_uses_goes_with_the_limit_type(shop: Shop) -> None:
    for limit in (usage_limit("global"), usage_limit("unlimited", 1)):
        error = await refused(shop.define(limit=limit))
        assert [one.field for one in error.field_violations] == ["config.usage_limit.max_uses"]


@pytest.mark.parametrize(
    "limit", [usage_limit("per_user", 9), usage_limit("global", 9), usage_limit("unlimited")]
)
@pytest.mark.parametrize("custom_code", ["", "SALE"])
async def test_max_uses_per_user_caps_one_user_under_any_limit_type(
    shop: Shop, limit: object, custom_code: str
) -> None:
    definition = await shop.define(limit=limit, max_uses_per_user=2, custom_code=custom_code)
    mine = [await shop.code_for(definition, "alice") for _ in range(3)]
    his = await shop.code_for(definition, "bob")
    assert (await shop.validate(mine[0], "alice")).remaining_uses.value == 2
    await shop.redeem(mine[0], "alice")
    await shop.redeem(mine[1], "alice")
    told = await shop.validate(mine[2], "alice")
    assert told.reason == "COUPON_LIMIT_REACHED"
    assert told.remaining_uses.value == 0
    assert await reason(shop.redeem(mine[2], "alice")) == "COUPON_LIMIT_REACHED"
    await shop.redeem(his, "bob")


async def test_lowering_max_uses_per_user_takes_nothing_back(shop: Shop) -> None:
    definition = await shop.define(limit=usage_limit("unlimited"))
    code = await shop.code_for(definition, "alice")
    await shop.redeem(code, "alice")
    await shop.redeem(code, "alice")
    await shop.change(definition, "max_uses_per_user", max_uses_per_user=1)
    assert await reason(shop.redeem(code, "alice")) == "COUPON_LIMIT_REACHED"
    assert (await shop.stats(definition)).redemptions == 2


async def test_uses_before_a_cap_was_set_count_towards_it(shop: Shop) -> None:
    definition = await shop.define(limit=usage_limit("unlimited"))
    code = await shop.code_for(definition, "alice")
    await shop.redeem(code, "alice")
    await shop.change(definition, "max_uses_per_user", max_uses_per_user=2)
    await shop.redeem(code, "alice")
    assert await reason(shop.redeem(code, "alice")) == "COUPON_LIMIT_REACHED"


async def test_raising_a_limit_gives_more_uses(shop: Shop) -> None:
    for limit_type, spent in (
        ("per_user", "COUPON_ALREADY_REDEEMED"),
        ("global", "COUPON_LIMIT_REACHED"),
    ):
        definition = await shop.define(limit=usage_limit(limit_type, 1))
        code = await shop.code_for(definition, "alice")
        await shop.redeem(code, "alice")
        assert await reason(shop.redeem(code, "alice")) == spent
        await shop.change(definition, "usage_limit.max_uses", limit=usage_limit(max_uses=2))
        await shop.redeem(code, "alice")
        assert await reason(shop.redeem(code, "alice")) == spent


async def test_remaining_uses_is_the_least_that_any_limit_leaves(shop: Shop) -> None:
    definition = await shop.define(limit=usage_limit("global", 3), max_uses_per_user=2)
    mine, his = await shop.code_for(definition, "alice"), await shop.code_for(definition, "bob")
    assert (await shop.validate(mine, "alice")).remaining_uses.value == 2
    await shop.redeem(his, "bob")
    await shop.redeem(his, "bob")
    assert (await shop.validate(mine, "alice")).remaining_uses.value == 1
    assert (await shop.validate(his, "bob")).remaining_uses.value == 0
    assert (await shop.validate(mine)).remaining_uses.value == 1, "without a user: the total alone"


# --- how many coupons are made


async def test_the_issue_limit_caps_how_many_coupons_are_made(shop: Shop) -> None:
    definition = await shop.define(issue_limit=3)
    await shop.generate(definition, "alice", "bob")
    error = await refused(shop.generate(definition, quantity=2))
    assert error.reason == "ISSUE_LIMIT_REACHED"
    assert error.metadata["field"] == "config.issue_limit"
    assert (await shop.stats(definition)).issued == 2, "all of a call or none"
    await shop.generate(definition, quantity=1)
    assert await reason(shop.generate(definition, "carol")) == "ISSUE_LIMIT_REACHED"
    await shop.change(definition, "issue_limit", issue_limit=4)
    await shop.generate(definition, "carol")


async def test_the_issue_limit_caps_claims_of_a_custom_code_too(shop: Shop) -> None:
    definition = await shop.define(
        custom_code="SALE", issue_limit=2, limit=usage_limit("unlimited")
    )
    await shop.generate(definition, "alice")
    await shop.redeem("SALE", "bob")
    error = await refused(shop.redeem("SALE", "carol"))
    assert error.reason == "COUPON_UNAVAILABLE"
    assert error.message == "Coupon is no longer available"
    assert (await shop.validate("SALE", "carol")).reason == "COUPON_UNAVAILABLE"
    assert await reason(shop.generate(definition, "carol")) == "ISSUE_LIMIT_REACHED"
    await shop.redeem("SALE", "alice")
    assert (await shop.generate(definition, "alice")).generated == 0, "holders take up no room"


async def test_the_issue_limit_per_user_caps_coupons_of_one_user(shop: Shop) -> None:
    definition = await shop.define(issue_limit_per_user=2)
    await shop.generate(definition, "alice")
    await shop.generate(definition, "alice", "bob")
    error = await refused(shop.generate(definition, "bob", "alice"))
    assert error.reason == "ISSUE_LIMIT_REACHED"
    assert error.metadata["field"] == "config.issue_limit_per_user"
    assert error.metadata["user_id"] == "alice"
    await shop.generate(definition, "bob")
    await shop.generate(definition, quantity=5)


async def test_revoking_makes_no_room_under_an_issue_limit(shop: Shop) -> None:
    definition = await shop.define(issue_limit=1)
    [made] = (await shop.generate(definition, "alice")).coupons
    await shop.revoke(made.id)
    assert await reason(shop.generate(definition, "bob")) == "ISSUE_LIMIT_REACHED"


# --- key spaces


async def test_a_generation_that_makes_codes_easy_to_guess_is_refused(shop: Shop) -> None:
    """31^4 / 100,000 is 9.2: nine unassigned codes of four letters, but no ten."""
    definition = await shop.define(code_length=4)
    error = await refused(shop.generate(definition, quantity=10))
    assert error.reason == "KEY_SPACE_TOO_SMALL"
    assert error.metadata["required_code_length"] == "5"
    assert (await shop.stats(definition)).issued == 0
    await shop.generate(definition, quantity=9)
    assert await reason(shop.generate(definition, quantity=1)) == "KEY_SPACE_TOO_SMALL"
    await shop.generate(definition, "alice")
    longer = await shop.change(definition, "code_length", code_length=5)
    await shop.generate(longer, quantity=10)


async def test_a_claimed_code_is_no_longer_there_to_be_guessed(shop: Shop) -> None:
    definition = await shop.define(code_length=4)
    made = await shop.generate(definition, quantity=9)
    assert await reason(shop.generate(definition, quantity=1)) == "KEY_SPACE_TOO_SMALL"
    await shop.redeem(made.coupons[0].code, "alice")
    await shop.generate(definition, quantity=1)
    assert await reason(shop.generate(definition, quantity=1)) == "KEY_SPACE_TOO_SMALL"


async def test_a_key_space_is_counted_per_prefix_over_all_definitions(shop: Shop) -> None:
    definition = await shop.define(code_prefix="A", code_length=4)
    await shop.generate(definition, quantity=9)
    same = await shop.define(code_prefix="a", code_length=4)
    assert await reason(shop.generate(same, quantity=1)) == "KEY_SPACE_TOO_SMALL"
    other = await shop.define(code_prefix="B", code_length=4)
    await shop.generate(other, quantity=9)
    neighbour = await Shop.open(await shop.tenant.server.new_tenant())
    theirs = await neighbour.define(code_prefix="A", code_length=4)
    await neighbour.generate(theirs, quantity=9)
