"""Reward items, and what becomes of them in coupons and in the ledger."""

from datetime import timedelta

import pytest
from google.protobuf.field_mask_pb2 import FieldMask
from google.protobuf.struct_pb2 import Struct

from phoenix_coupons.v1 import (
    DeleteRewardItemRequest,
    GetRewardItemRequest,
    ListRewardItemsRequest,
    RewardItem,
    UpdateRewardItemRequest,
)
from support.builders import Shop, reason, refused
from support.clock import MovableClock


async def update(shop: Shop, item_id: str, given: RewardItem, *paths: str) -> RewardItem:
    request = UpdateRewardItemRequest(
        tenant_id=shop.id, item_id=item_id, reward_item=given, update_mask=FieldMask(paths=paths)
    )
    return (await shop.admin.UpdateRewardItem(request)).reward_item


async def get(shop: Shop, item_id: str) -> RewardItem:
    request = GetRewardItemRequest(tenant_id=shop.id, item_id=item_id)
    return (await shop.admin.GetRewardItem(request)).reward_item


async def delete(shop: Shop, item_id: str, etag: str = "") -> None:
    await shop.admin.DeleteRewardItem(
        DeleteRewardItemRequest(tenant_id=shop.id, item_id=item_id, etag=etag)
    )


async def test_a_reward_item_is_changed_by_mask_and_etag(shop: Shop, clock: MovableClock) -> None:
    clock.advance(timedelta(seconds=1))
    payload = Struct()
    payload.update({"amount": 5})
    given = RewardItem(name="Coins", description="Ignored", payload=payload)
    changed = await update(shop, shop.item.item_id, given, "name", "payload")
    assert (changed.name, changed.description) == ("Coins", "")
    assert changed.payload["amount"] == 5
    assert changed.created_at == shop.item.created_at
    assert changed.updated_at.ToDatetime(tzinfo=clock.now.tzinfo) == clock.now
    assert await get(shop, shop.item.item_id) == changed
    stale = RewardItem(name="Other", etag=shop.item.etag)
    assert await reason(update(shop, shop.item.item_id, stale, "name")) == "ETAG_MISMATCH"
    cleared = await update(shop, shop.item.item_id, RewardItem(etag=changed.etag), "payload")
    assert not cleared.HasField("payload")


async def test_a_deletion_from_a_stale_etag_is_refused(shop: Shop) -> None:
    changed = await update(shop, shop.item.item_id, RewardItem(name="Coins"), "name")
    assert await reason(delete(shop, changed.item_id, shop.item.etag)) == "ETAG_MISMATCH"
    assert await get(shop, changed.item_id) == changed
    await delete(shop, changed.item_id, changed.etag)
    assert await reason(get(shop, changed.item_id)) == "REWARD_ITEM_NOT_FOUND"


@pytest.mark.parametrize("path", ["item_id", "created_at", "payload.amount", "nonsense"])
async def test_a_path_that_names_nothing_to_change_is_refused(shop: Shop, path: str) -> None:
    error = await refused(update(shop, shop.item.item_id, RewardItem(name="X"), path))
    assert [one.field for one in error.field_violations] == ["update_mask"]


@pytest.mark.parametrize("field", ["name", "reward_type"])
async def test_a_required_field_cannot_be_cleared(shop: Shop, field: str) -> None:
    error = await refused(update(shop, shop.item.item_id, RewardItem(), field))
    assert [one.field for one in error.field_violations] == [f"reward_item.{field}"]


async def test_a_redemption_keeps_the_item_as_it_was(shop: Shop) -> None:
    definition = await shop.define()
    first, second = [await shop.code_for(definition, "alice") for _ in range(2)]
    old = (await shop.redeem(first, "alice")).redemption.id
    changed = await update(shop, shop.item.item_id, RewardItem(name="Coins"), "name")
    redeemed = await shop.redeem(second, "alice")
    assert redeemed.reward_item == changed
    kept = {row.id: row.reward_item for row in await shop.ledger()}
    assert kept == {old: shop.item, redeemed.redemption.id: changed}
    reversal = (await shop.reverse(old)).reversal
    assert reversal.reward_item == shop.item
    assert {coupon.reward_item.name for coupon in await shop.coupons()} == {"Coins"}


async def test_an_item_in_use_cannot_be_deleted(shop: Shop) -> None:
    definition, paused = await shop.define(), await shop.define()
    await shop.pause(paused)
    code = await shop.code_for(definition, "alice")
    await shop.redeem(code, "alice")
    for used in (definition, paused):
        assert await reason(delete(shop, shop.item.item_id)) == "REWARD_ITEM_IN_USE"
        await shop.archive(used)
    await delete(shop, shop.item.item_id)
    assert await reason(get(shop, shop.item.item_id)) == "REWARD_ITEM_NOT_FOUND"
    assert await reason(delete(shop, shop.item.item_id)) == "REWARD_ITEM_NOT_FOUND"
    listed = await shop.admin.ListRewardItems(ListRewardItemsRequest(tenant_id=shop.id))
    assert listed.total == 0


async def test_history_keeps_a_deleted_item(shop: Shop) -> None:
    definition = await shop.define()
    [made] = (await shop.generate(definition, "alice")).coupons
    await shop.redeem(made.code, "alice")
    await shop.archive(definition)
    await delete(shop, shop.item.item_id)
    [row] = await shop.ledger()
    assert row.reward_item == shop.item
    assert (await shop.coupon(made.id)).reward_item == shop.item
    assert (await shop.validate(made.code, "alice")).reason == "COUPON_UNAVAILABLE"


async def test_a_deleted_item_cannot_be_granted(shop: Shop) -> None:
    gone = await shop.reward_item("Gone")
    await delete(shop, gone.item_id)
    assert await reason(shop.define(reward_item_id=gone.item_id)) == "REWARD_ITEM_NOT_FOUND"


async def test_no_definition_replaces_the_item_it_grants_by_a_deleted_one(shop: Shop) -> None:
    definition = await shop.define()
    other = await shop.reward_item("Other")
    await shop.change(definition, "reward_item_id", reward_item_id=other.item_id)
    await delete(shop, shop.item.item_id)
    change = shop.change(definition, "reward_item_id", reward_item_id=shop.item.item_id)
    assert await reason(change) == "REWARD_ITEM_NOT_FOUND"
