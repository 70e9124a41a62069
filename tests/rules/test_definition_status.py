"""Pausing and archiving."""

import pytest

from phoenix_coupons.v1 import (
    CouponDefinition,
    ListActiveDefinitionsRequest,
    ListCouponDefinitionsRequest,
)
from support.builders import Shop, reason, usage_limit


async def test_while_paused_nothing_is_generated(shop: Shop) -> None:
    definition = await shop.define()
    paused = await shop.pause(definition)
    assert paused.status == CouponDefinition.Status.paused
    assert await reason(shop.generate(definition, "alice")) == "DEFINITION_PAUSED"
    assert await reason(shop.generate(definition, quantity=1)) == "DEFINITION_PAUSED"
    resumed = await shop.resume(definition)
    assert resumed.status == CouponDefinition.Status.active
    await shop.generate(definition, "alice")


async def test_while_paused_existing_coupons_stay_valid(shop: Shop) -> None:
    definition = await shop.define(limit=usage_limit("per_user", 2))
    held = await shop.code_for(definition, "alice")
    unclaimed = await shop.unclaimed_code(definition)
    await shop.pause(definition)
    assert (await shop.validate(held, "alice")).valid
    await shop.redeem(held, "alice")
    assert (await shop.redeem(unclaimed, "bob")).coupon.user_id == "bob"


async def test_while_paused_a_custom_code_serves_its_holders_but_makes_no_new_one(
    shop: Shop,
) -> None:
    definition = await shop.define(custom_code="SALE", limit=usage_limit("unlimited"))
    await shop.generate(definition, "alice")
    await shop.redeem("SALE", "bob")
    await shop.pause(definition)
    await shop.redeem("SALE", "alice")
    await shop.redeem("SALE", "bob")
    assert await reason(shop.redeem("SALE", "carol")) == "COUPON_UNAVAILABLE"
    told = await shop.validate("SALE", "carol")
    assert told.reason == "COUPON_UNAVAILABLE"
    assert told.message == "Coupon is no longer available"
    await shop.resume(definition)
    await shop.redeem("SALE", "carol")


async def test_a_paused_definition_can_be_changed(shop: Shop) -> None:
    definition = await shop.define()
    await shop.pause(definition)
    changed = await shop.change(definition, "code_length", code_length=9)
    assert changed.status == CouponDefinition.Status.paused
    assert changed.config.code_length == 9


@pytest.mark.parametrize("custom_code", ["", "SALE"])
async def test_after_archiving_nothing_is_generated_or_redeemed(
    shop: Shop, custom_code: str
) -> None:
    definition = await shop.define(custom_code=custom_code)
    code = await shop.code_for(definition, "alice")
    await shop.archive(definition)
    assert await reason(shop.redeem(code, "alice")) == "COUPON_UNAVAILABLE"
    assert (await shop.validate(code, "alice")).reason == "COUPON_UNAVAILABLE"
    assert await reason(shop.generate(definition, "bob")) == "DEFINITION_ARCHIVED"


async def test_archiving_keeps_history_readable(shop: Shop) -> None:
    definition = await shop.define(limit=usage_limit("per_user", 2))
    [made] = (await shop.generate(definition, "alice")).coupons
    redeemed = await shop.redeem(made.code, "alice")
    await shop.archive(definition)
    read = await shop.definition(definition.id)
    assert read.status == CouponDefinition.Status.archived
    assert (await shop.coupon(made.id)).redemption_count == 1
    [row] = await shop.ledger(definition_id=definition.id)
    assert row.id == redeemed.redemption.id
    assert (await shop.stats(definition)).redemptions == 1


async def test_archiving_cannot_be_undone_and_an_archived_definition_not_be_changed(
    shop: Shop,
) -> None:
    definition = await shop.define()
    await shop.archive(definition)
    for call in (
        shop.pause(definition),
        shop.resume(definition),
        shop.change(definition, "code_length", code_length=9),
    ):
        assert await reason(call) == "DEFINITION_ARCHIVED"


async def test_asking_for_the_status_it_has_changes_nothing(shop: Shop) -> None:
    definition = await shop.define()
    assert await shop.resume(definition) == definition
    paused = await shop.pause(definition)
    assert await shop.pause(definition) == paused
    archived = await shop.archive(definition)
    assert await shop.archive(definition) == archived


async def test_definitions_are_listed_by_status(shop: Shop) -> None:
    active, paused, archived = [await shop.define(name=name) for name in ("a", "p", "x")]
    await shop.pause(paused)
    await shop.archive(archived)

    async def listed(status: CouponDefinition.Status.ValueType) -> list[str]:
        request = ListCouponDefinitionsRequest(tenant_id=shop.id, status=status)
        answer = await shop.admin.ListCouponDefinitions(request)
        assert answer.total == len(answer.definitions)
        return [one.id for one in answer.definitions]

    assert await listed(CouponDefinition.Status.active) == [active.id]
    assert await listed(CouponDefinition.Status.paused) == [paused.id]
    assert await listed(CouponDefinition.Status.archived) == [archived.id]
    assert await listed(CouponDefinition.Status.status_unspecified) == [
        archived.id,
        paused.id,
        active.id,
    ]
    shown = await shop.query.ListActiveDefinitions(ListActiveDefinitionsRequest(tenant_id=shop.id))
    assert [one.id for one in shown.definitions] == [active.id]


async def test_an_unknown_definition_is_not_found(shop: Shop) -> None:
    other = await Shop.open(await shop.tenant.server.new_tenant())
    theirs = await other.define()
    for call in (
        shop.definition(theirs.id),
        shop.pause(theirs),
        shop.archive(theirs),
        shop.generate(theirs, "alice"),
        shop.stats(theirs),
        shop.change(theirs, "code_length", code_length=9),
    ):
        assert await reason(call) == "DEFINITION_NOT_FOUND"
