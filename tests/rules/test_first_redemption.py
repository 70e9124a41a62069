"""The service's main job from end to end, over gRPC with real credentials."""

from google.protobuf.struct_pb2 import Struct

from phoenix_coupons import AsyncCouponsClient
from phoenix_coupons.v1 import (
    Coupon,
    CouponConfig,
    CreateCouponDefinitionRequest,
    CreateRewardItemRequest,
    GenerateCouponsRequest,
    ListUserCouponsRequest,
    ListUserRedemptionsRequest,
    RedeemCouponRequest,
    ValidateCouponRequest,
)
from support.serving import Tenant

PAYLOAD = Struct()
PAYLOAD.update({"amount": 100, "nested": {"list": [1, None, True, "x"]}})


async def test_a_reward_is_defined_handed_out_validated_redeemed_and_remembered(
    tenant: Tenant, admin: AsyncCouponsClient, backend: AsyncCouponsClient
) -> None:
    created = await admin.admin.CreateRewardItem(
        CreateRewardItemRequest(
            tenant_id=tenant.id,
            name="Gems",
            reward_type="currency",
            payload=PAYLOAD,
        )
    )
    item = created.reward_item
    assert item.payload["amount"] == 100
    definition = (
        await admin.admin.CreateCouponDefinition(
            CreateCouponDefinitionRequest(
                tenant_id=tenant.id,
                name="Loyalty",
                config=CouponConfig(reward_item_id=item.item_id, code_prefix="REWARD"),
            )
        )
    ).definition
    generated = await admin.admin.GenerateCoupons(
        GenerateCouponsRequest(tenant_id=tenant.id, id=definition.id, user_ids=["alice"])
    )
    [made] = generated.coupons
    assert made.code.startswith("REWARD")
    assert len(made.code) == len("REWARD") + 8

    held = await backend.query.ListUserCoupons(
        ListUserCouponsRequest(tenant_id=tenant.id, user_id="alice")
    )
    assert [coupon.code for coupon in held.coupons] == [made.code]
    typed = f"  {made.code.lower()} "
    validated = await backend.query.ValidateCoupon(
        ValidateCouponRequest(tenant_id=tenant.id, code=typed, user_id="alice")
    )
    assert validated.valid
    assert validated.remaining_uses.value == 1

    redeemed = await backend.query.RedeemCoupon(
        RedeemCouponRequest(
            tenant_id=tenant.id,
            code=typed,
            user_id="alice",
            reference="order-1",
            metadata={"channel": "app"},
        )
    )
    assert redeemed.reward_item == item
    assert redeemed.coupon.status == Coupon.Status.redeemed
    history = await backend.query.ListUserRedemptions(
        ListUserRedemptionsRequest(tenant_id=tenant.id, user_id="alice")
    )
    [row] = history.redemptions
    assert row.id == redeemed.redemption.id
    assert row.reference == "order-1"
    assert dict(row.metadata) == {"channel": "app"}
    assert row.reward_item == item
