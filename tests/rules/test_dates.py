"""When a coupon is valid."""

from datetime import UTC, datetime, timedelta

import pytest

from phoenix_coupons.v1 import Coupon
from support.builders import Shop, reason, refused, usage_limit
from support.clock import MovableClock

DAY = timedelta(days=1)
INSTANT = timedelta(microseconds=1)


@pytest.fixture(params=["random", "custom"])
def fields(request: pytest.FixtureRequest) -> dict[str, object]:
    """A definition of many uses, of both code formats."""
    many: dict[str, object] = {"limit": usage_limit("per_user", 100)}
    return many if request.param == "random" else many | {"custom_code": "SALE"}


async def test_both_ends_of_the_validity_are_valid_instants(
    shop: Shop, clock: MovableClock, fields: dict[str, object]
) -> None:
    start, end = clock.now + DAY, clock.now + 2 * DAY
    definition = await shop.define(starts_at=start, expires_at=end, **fields)
    code = await shop.code_for(definition, "alice")

    clock.now = start - INSTANT
    error = await refused(shop.redeem(code, "alice"))
    assert (error.reason, error.message) == ("COUPON_NOT_YET_ACTIVE", "Coupon not yet active")
    assert (await shop.validate(code, "alice")).reason == "COUPON_NOT_YET_ACTIVE"
    clock.now = start
    await shop.redeem(code, "alice")
    clock.now = end
    assert (await shop.validate(code, "alice")).valid
    await shop.redeem(code, "alice")
    clock.now = end + INSTANT
    error = await refused(shop.redeem(code, "alice"))
    assert (error.reason, error.message) == ("COUPON_EXPIRED", "Coupon has expired")
    assert (await shop.validate(code, "alice")).message == "Coupon has expired"


async def test_a_coupon_that_is_not_yet_active_has_status_active(
    shop: Shop, clock: MovableClock
) -> None:
    definition = await shop.define(starts_at=clock.now + DAY)
    [made] = (await shop.generate(definition, "alice")).coupons
    coupon = await shop.coupon(made.id)
    assert coupon.status == Coupon.Status.active
    assert coupon.starts_at == definition.config.starts_at


FIRST_INSTANT = datetime(1, 1, 1, tzinfo=UTC)
LAST_INSTANT = datetime(9999, 12, 31, 23, 59, 59, 999_999, tzinfo=UTC)


async def test_dates_reach_both_ends_of_their_range(shop: Shop) -> None:
    endless = await shop.define(custom_code="ALL", starts_at=FIRST_INSTANT, expires_at=LAST_INSTANT)
    await shop.redeem("ALL", "alice")
    [_] = (await shop.generate(endless, "bob")).coupons
    assert (await shop.definition(endless.id)).config == endless.config
    await shop.define(custom_code="NEVER", starts_at=LAST_INSTANT)
    assert await reason(shop.redeem("NEVER", "alice")) == "COUPON_NOT_YET_ACTIVE"
    ended = await shop.define(expires_at=LAST_INSTANT)
    [made] = (await shop.generate(ended, "alice")).coupons
    await shop.change(ended, "expires_at", expires_at=FIRST_INSTANT)
    coupon = await shop.coupon(made.id)
    assert coupon.status == Coupon.Status.expired
    assert coupon.expires_at.ToDatetime(UTC) == FIRST_INSTANT


async def test_moving_the_expiry_revives_coupons(shop: Shop, clock: MovableClock) -> None:
    definition = await shop.define(expires_at=clock.now + DAY)
    [made] = (await shop.generate(definition, "alice")).coupons
    clock.advance(2 * DAY)
    assert (await shop.coupon(made.id)).status == Coupon.Status.expired
    assert await reason(shop.redeem(made.code, "alice")) == "COUPON_EXPIRED"
    await shop.change(definition, "expires_at", expires_at=clock.now + DAY)
    assert (await shop.coupon(made.id)).status == Coupon.Status.active
    await shop.change(definition, "expires_at", expires_at=clock.now - DAY)
    assert (await shop.coupon(made.id)).status == Coupon.Status.expired
    await shop.change(definition, "expires_at")
    assert not (await shop.coupon(made.id)).HasField("expires_at")
    await shop.redeem(made.code, "alice")


async def test_moving_the_start_holds_for_coupons_already_made(
    shop: Shop, clock: MovableClock
) -> None:
    definition = await shop.define()
    code = await shop.code_for(definition, "alice")
    await shop.change(definition, "starts_at", starts_at=clock.now + DAY)
    assert await reason(shop.redeem(code, "alice")) == "COUPON_NOT_YET_ACTIVE"


async def test_valid_for_runs_from_each_coupons_generation(shop: Shop, clock: MovableClock) -> None:
    definition = await shop.define(valid_for=7 * DAY)
    early = await shop.code_for(definition, "alice")
    clock.advance(DAY)
    [late] = (await shop.generate(definition, "alice")).coupons
    assert late.expires_at.ToDatetime(tzinfo=clock.now.tzinfo) == clock.now + 7 * DAY
    clock.advance(6 * DAY + INSTANT)
    assert await reason(shop.redeem(early, "alice")) == "COUPON_EXPIRED"
    clock.advance(DAY - INSTANT)
    await shop.redeem(late.code, "alice")


async def test_valid_for_is_fixed_when_a_coupon_is_made(shop: Shop, clock: MovableClock) -> None:
    definition = await shop.define(valid_for=DAY)
    before = await shop.code_for(definition, "alice")
    await shop.change(definition, "valid_for", valid_for=10 * DAY)
    after = await shop.code_for(definition, "alice")
    clock.advance(2 * DAY)
    assert await reason(shop.redeem(before, "alice")) == "COUPON_EXPIRED"
    await shop.redeem(after, "alice")


@pytest.mark.parametrize(("own", "definitions"), [(DAY, 2 * DAY), (2 * DAY, DAY)])
async def test_the_earlier_expiry_counts(
    shop: Shop, clock: MovableClock, own: timedelta, definitions: timedelta
) -> None:
    definition = await shop.define(
        valid_for=own, expires_at=clock.now + definitions, limit=usage_limit("per_user", 9)
    )
    [made] = (await shop.generate(definition, "alice")).coupons
    assert made.expires_at.ToDatetime(tzinfo=clock.now.tzinfo) == clock.now + DAY
    clock.advance(DAY)
    await shop.redeem(made.code, "alice")
    clock.advance(INSTANT)
    assert await reason(shop.redeem(made.code, "alice")) == "COUPON_EXPIRED"


async def test_valid_for_of_a_claimed_custom_code_runs_from_the_claim(
    shop: Shop, clock: MovableClock
) -> None:
    await shop.define(custom_code="SALE", valid_for=DAY, limit=usage_limit("unlimited"))
    clock.advance(30 * DAY)
    await shop.redeem("SALE", "alice")
    clock.advance(DAY + INSTANT)
    assert await reason(shop.redeem("SALE", "alice")) == "COUPON_EXPIRED"
    await shop.redeem("SALE", "bob")


async def test_nothing_is_generated_after_the_expiry(shop: Shop, clock: MovableClock) -> None:
    definition = await shop.define(expires_at=clock.now)
    await shop.generate(definition, "alice")
    clock.advance(INSTANT)
    assert await reason(shop.generate(definition, "bob")) == "DEFINITION_EXPIRED"
    assert await reason(shop.generate(definition, quantity=1)) == "DEFINITION_EXPIRED"


async def test_coupons_can_be_generated_before_the_start(shop: Shop, clock: MovableClock) -> None:
    definition = await shop.define(starts_at=clock.now + DAY)
    assert (await shop.generate(definition, "alice")).generated == 1


async def test_an_expiry_before_the_start_is_refused(shop: Shop, clock: MovableClock) -> None:
    wrong = {"starts_at": clock.now, "expires_at": clock.now - INSTANT}
    error = await refused(shop.define(**wrong))
    assert [violation.field for violation in error.field_violations] == ["config.expires_at"]
    definition = await shop.define(starts_at=clock.now)
    change = shop.change(definition, "expires_at", expires_at=clock.now - INSTANT)
    assert await reason(change) == "INVALID_FIELD"
