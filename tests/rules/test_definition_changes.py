"""Changing a definition: masks, etags, and what is fixed."""

from datetime import timedelta
from typing import Any

import pytest
from google.protobuf.field_mask_pb2 import FieldMask

from phoenix_coupons.v1 import (
    ArchiveCouponDefinitionRequest,
    CouponConfig,
    CouponDefinition,
    TriggerConfig,
    UpdateCouponDefinitionRequest,
    UsageLimit,
)
from support.builders import Shop, config, outcome, reason, refused, usage_limit
from support.clock import MovableClock


async def update(
    shop: Shop, definition_id: str, given: CouponDefinition, *paths: str
) -> CouponDefinition:
    request = UpdateCouponDefinitionRequest(
        tenant_id=shop.id, id=definition_id, definition=given, update_mask=FieldMask(paths=paths)
    )
    return (await shop.admin.UpdateCouponDefinition(request)).definition


async def test_a_mask_names_what_changes_and_nothing_else_does(
    shop: Shop, clock: MovableClock
) -> None:
    before = await shop.define(
        name="Before", code_prefix="A", code_length=9, expires_at=clock.now + timedelta(days=1)
    )
    clock.advance(timedelta(seconds=1))
    given = CouponDefinition(
        name="After", description="Ignored", config=config(code_prefix="B", code_length=10)
    )
    after = await update(shop, before.id, given, "name", "config.code_prefix")
    expected = CouponDefinition()
    expected.CopyFrom(before)
    expected.name = "After"
    expected.config.code_prefix = "B"
    expected.updated_at.CopyFrom(after.updated_at)
    expected.etag = after.etag
    assert after == expected
    assert after.etag != before.etag
    assert after.updated_at.ToDatetime(tzinfo=clock.now.tzinfo) == clock.now
    assert await shop.definition(before.id) == after


async def test_a_path_reaches_into_nested_messages(shop: Shop) -> None:
    before = await shop.define(
        limit=usage_limit("global", 5),
        auto_generate={
            "enabled": True,
            "trigger": "streak_milestone",
            "trigger_config": {"streak_id": "daily", "milestone_threshold": 7},
        },
    )
    given = CouponDefinition(config=config(limit=usage_limit(max_uses=9)))
    given.config.auto_generate.trigger_config.streak_id = "weekly"
    after = await update(
        shop,
        before.id,
        given,
        "config.usage_limit.max_uses",
        "config.auto_generate.trigger_config.streak_id",
    )
    assert after.config.usage_limit == usage_limit("global", 9)
    assert after.config.auto_generate.enabled
    assert after.config.auto_generate.trigger_config == TriggerConfig(
        streak_id="weekly", milestone_threshold=7
    )


async def test_a_masked_field_that_is_not_given_is_cleared_to_its_default(
    shop: Shop, clock: MovableClock
) -> None:
    before = await shop.define(
        starts_at=clock.now,
        expires_at=clock.now,
        valid_for=timedelta(days=1),
        limit=usage_limit("per_user", 7),
        max_uses_per_user=1,
        issue_limit=1,
        issue_limit_per_user=1,
        code_prefix="X",
        code_length=12,
        auto_generate={
            "enabled": True,
            "trigger": "achievement_completed",
            "trigger_config": {"achievement_id": "win"},
        },
    )
    cleared = [
        field.name
        for field in CouponConfig.DESCRIPTOR.fields
        if field.name not in ("reward_item_id", "code_format", "custom_code", "case_sensitive")
    ]
    after = await shop.change(before, *cleared)
    plain = await shop.define()
    assert after.config == plain.config
    nested = await shop.define(limit=usage_limit("per_user", 7))
    changed = await shop.change(nested, "usage_limit.max_uses")
    assert changed.config.usage_limit == usage_limit("per_user", 1)


async def test_a_star_replaces_all_that_can_be_changed(shop: Shop) -> None:
    before = await shop.define(name="Before", code_prefix="A", max_uses_per_user=3)
    given = CouponDefinition(
        name="After", config=config(reward_item_id=shop.item.item_id, code_length=9)
    )
    after = await update(shop, before.id, given, "*")
    assert (after.name, after.config.code_prefix, after.config.code_length) == ("After", "", 9)
    assert not after.config.HasField("max_uses_per_user")
    assert after.id == before.id
    assert after.created_at == before.created_at
    # What cannot be left out is missed.
    refusal = await refused(update(shop, before.id, CouponDefinition(name="Only"), "*"))
    assert refusal.reason == "INVALID_FIELD"
    refusal = await refused(update(shop, before.id, CouponDefinition(config=given.config), "*"))
    assert [one.field for one in refusal.field_violations] == ["definition.name"]


async def test_without_a_mask_the_fields_that_are_given_change(shop: Shop) -> None:
    before = await shop.define(name="Before", code_prefix="A", code_length=9)
    given = CouponDefinition(description="New", config=config(code_length=10))
    after = await update(shop, before.id, given)
    assert (after.name, after.description) == ("Before", "New")
    assert (after.config.code_prefix, after.config.code_length) == ("A", 10)


async def test_output_only_fields_are_ignored_without_a_mask(shop: Shop) -> None:
    before = await shop.define()
    given = CouponDefinition(
        id=shop.id, tenant_id=before.id, status=CouponDefinition.Status.archived, name="After"
    )
    after = await update(shop, before.id, given)
    assert (after.id, after.tenant_id, after.status) == (before.id, shop.id, before.status)
    assert after.name == "After"


@pytest.mark.parametrize(
    "path",
    [
        "",
        "id",
        "status",
        "created_at",
        "nonsense",
        "config.nonsense",
        "config.",
        "config.expires_at.seconds",
        "config.usage_limit.max_uses.value",
        "name.x",
        "Config.code_length",
        "config.codeLength",
    ],
)
async def test_a_path_that_names_nothing_to_change_is_refused(shop: Shop, path: str) -> None:
    definition = await shop.define()
    error = await refused(update(shop, definition.id, CouponDefinition(name="After"), "name", path))
    assert error.reason == "INVALID_FIELD"
    assert [one.field for one in error.field_violations] == ["update_mask"]
    assert (await shop.definition(definition.id)).name == "Campaign"


async def test_a_change_from_a_stale_etag_is_refused(shop: Shop) -> None:
    first = await shop.define(code_length=8)
    second = await shop.change(first, "code_length", code_length=9, etag=first.etag)
    error = await refused(shop.change(first, "code_length", code_length=10, etag=first.etag))
    assert error.reason == "ETAG_MISMATCH"
    assert await shop.definition(first.id) == second
    await shop.change(first, "code_length", code_length=10, etag=second.etag)
    await shop.change(first, "code_length", code_length=11)


async def test_archiving_from_a_stale_etag_is_refused(shop: Shop) -> None:
    first = await shop.define(code_length=8)
    second = await shop.change(first, "code_length", code_length=9)
    stale, current = [
        ArchiveCouponDefinitionRequest(tenant_id=shop.id, id=first.id, etag=one.etag)
        for one in (first, second)
    ]
    error = await refused(shop.admin.ArchiveCouponDefinition(stale))
    assert error.reason == "ETAG_MISMATCH"
    assert await shop.definition(first.id) == second
    archived = (await shop.admin.ArchiveCouponDefinition(current)).definition
    assert archived.status == CouponDefinition.archived
    # Archiving changed it.
    error = await refused(shop.admin.ArchiveCouponDefinition(current))
    assert error.reason == "ETAG_MISMATCH"


async def test_a_change_to_what_is_there_changes_nothing(shop: Shop, clock: MovableClock) -> None:
    definition = await shop.define(code_length=9)
    clock.advance(timedelta(days=1))
    assert await shop.change(definition, "code_length", code_length=9) == definition


async def test_the_reward_item_of_a_definition_must_exist(shop: Shop) -> None:
    other = await Shop.open(await shop.tenant.server.new_tenant())
    theirs = other.item.item_id
    assert await reason(shop.define(reward_item_id=theirs)) == "REWARD_ITEM_NOT_FOUND"
    definition = await shop.define()
    change = shop.change(definition, "reward_item_id", reward_item_id=theirs)
    assert await reason(change) == "REWARD_ITEM_NOT_FOUND"
    mine = await shop.reward_item("Coins")
    await shop.change(definition, "reward_item_id", reward_item_id=mine.item_id)
    code = await shop.code_for(definition, "alice")
    assert (await shop.redeem(code, "alice")).reward_item == mine


FIXED: list[tuple[dict[str, Any], dict[str, Any], str]] = [
    ({}, {"case_sensitive": True}, "case_sensitive"),
    ({"custom_code": "SALE"}, {"case_sensitive": True}, "case_sensitive"),
    ({"custom_code": "SALE"}, {"custom_code": "OTHER"}, "custom_code"),
    ({"custom_code": "SALE"}, {"custom_code": "Sale"}, "custom_code"),
    ({}, {"limit": usage_limit("global", 9)}, "usage_limit.limit_type"),
    ({"limit": usage_limit("global", 9)}, {"limit": usage_limit()}, "usage_limit.limit_type"),
    ({"limit": usage_limit("unlimited")}, {"limit": usage_limit()}, "usage_limit.limit_type"),
]


@pytest.mark.parametrize(("before", "after", "field"), FIXED)
async def test_what_gives_coupons_their_meaning_is_fixed_once_there_is_one(
    shop: Shop, before: dict[str, Any], after: dict[str, Any], field: str
) -> None:
    path = "usage_limit" if "limit" in after else field
    free = await shop.define(**before)
    await shop.change(free, path, **after)
    await shop.archive(free)
    fixed = await shop.define(**before)
    await shop.generate(fixed, "alice")
    error = await refused(shop.change(fixed, path, **after))
    assert error.reason == "DEFINITION_FIELD_FIXED"
    assert error.metadata["field"] == f"config.{field}"
    assert await shop.definition(fixed.id) == fixed


async def test_the_code_format_is_fixed_once_there_is_a_coupon(shop: Shop) -> None:
    free, fixed = await shop.define(), await shop.define()
    await shop.generate(fixed, "alice")
    paths = ("code_format", "custom_code", "code_length")
    changed = await shop.change(free, *paths, custom_code="SALE")
    assert changed.config.code_format == CouponConfig.CodeFormat.custom
    error = await refused(shop.change(fixed, *paths, custom_code="MORE"))
    assert error.reason == "DEFINITION_FIELD_FIXED"
    assert error.metadata["field"] == "config.code_format"


async def test_a_claim_fixes_the_custom_code_too(shop: Shop) -> None:
    definition = await shop.define(custom_code="SALE")
    await shop.redeem("SALE", "alice")
    change = shop.change(definition, "custom_code", custom_code="OTHER")
    assert await reason(change) == "DEFINITION_FIELD_FIXED"


@pytest.mark.parametrize("limit_type", ["per_user", "global"])
async def test_max_uses_never_goes_below_what_is_used(shop: Shop, limit_type: str) -> None:
    """Used by one coupon under `per_user`, by all of them under `global`."""
    definition = await shop.define(limit=usage_limit(limit_type, 9))
    alices, bobs = await shop.code_for(definition, "alice"), await shop.code_for(definition, "bob")
    for _ in range(3):
        redeemed = await shop.redeem(alices, "alice")
    await shop.redeem(bobs, "bob")
    used = {"per_user": 3, "global": 4}[limit_type]

    async def lower(max_uses: int) -> str:
        limit = UsageLimit()
        limit.max_uses.value = max_uses
        return await outcome(shop.change(definition, "usage_limit.max_uses", limit=limit))

    error = await refused(
        shop.change(definition, "usage_limit.max_uses", limit=usage_limit(max_uses=used - 1))
    )
    assert error.reason == "LIMIT_BELOW_USAGE"
    assert error.metadata == {"field": "config.usage_limit.max_uses", "used": str(used)}
    assert await lower(used) == ""
    await shop.reverse(redeemed.redemption.id)
    assert await lower(used - 1) == "", "a reversal makes room"
    assert await lower(used - 2) == "LIMIT_BELOW_USAGE"


async def test_the_issue_limit_never_goes_below_what_is_issued(shop: Shop) -> None:
    definition = await shop.define()
    await shop.generate(definition, quantity=3)
    error = await refused(shop.change(definition, "issue_limit", issue_limit=2))
    assert error.reason == "LIMIT_BELOW_USAGE"
    assert error.metadata == {"field": "config.issue_limit", "used": "3"}
    await shop.change(definition, "issue_limit", issue_limit=3)
    await shop.change(definition, "code_prefix", code_prefix="NEW")
