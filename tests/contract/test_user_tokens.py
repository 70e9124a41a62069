"""Tokens confined to one user, which reach browsers: what they see, and what they can't."""

from collections.abc import Awaitable
from datetime import UTC, datetime, timedelta
from typing import Any

import grpc
import jwt
import pytest

from coupon_server.auth.policy import UserToken
from phoenix_coupons import AsyncCouponsClient
from phoenix_coupons.v1 import (
    AutoGenerate,
    ListActiveDefinitionsRequest,
    ListUserCouponsRequest,
    ListUserRedemptionsRequest,
    RedeemCouponRequest,
    TriggerConfig,
    ValidateCouponRequest,
    ValidateCouponResponse,
)
from support.builders import Shop, refused
from support.contract import RPCS, Rpc, World
from support.serving import Tenant

OWN_USER = [one for one in RPCS if one.policy.user_token is UserToken.own_user]
REFUSED = [one for one in RPCS if one.policy.user_token is UserToken.refused]


@pytest.fixture
async def shop(world: World) -> Shop:
    return await Shop.open(await world.server.new_tenant())


@pytest.fixture
async def alice(shop: Shop) -> AsyncCouponsClient:
    """The app in Alice's hands."""
    return await shop.tenant.user("alice")


def user_token(tenant: Tenant, **claims: Any) -> tuple[tuple[str, str]]:
    own = {
        "sub_type": "tenant",
        "sub_id": tenant.id,
        "exp": int((datetime.now(UTC) + timedelta(minutes=1)).timestamp()),
    }
    token = jwt.encode(own | claims, tenant.credentials.tenant_secret)
    return (("authorization", f"Bearer {token}"),)


async def call_as(world: World, target: Rpc, user: object, **fields: str) -> tuple[Any, str]:
    """Code and reason of a call by a token of this user."""
    request = target.minimal_request(world.tenant.id, **fields)
    outcome = await world.wire.call(
        target.path, request.SerializeToString(), user_token(world.tenant, user_id=user)
    )
    return outcome.code, outcome.reason


@pytest.mark.parametrize("target", OWN_USER, ids=str)
async def test_a_user_reaches_their_own_data_alone(world: World, target: Rpc) -> None:
    passed, _ = await call_as(world, target, "alice", user_id="alice")
    assert passed in (grpc.StatusCode.OK, grpc.StatusCode.NOT_FOUND)
    denied = (grpc.StatusCode.PERMISSION_DENIED, "CREDENTIAL_NOT_ALLOWED")
    for other in ("bob", "Alice", "alice ", "alic"):
        assert await call_as(world, target, "alice", user_id=other) == denied


@pytest.mark.parametrize("target", OWN_USER, ids=str)
async def test_without_a_user_the_token_stands_for_its_own(world: World, target: Rpc) -> None:
    passed, _ = await call_as(world, target, "alice", user_id="")
    assert passed in (grpc.StatusCode.OK, grpc.StatusCode.NOT_FOUND)


@pytest.mark.parametrize("target", REFUSED, ids=str)
async def test_administration_is_refused_to_users(world: World, target: Rpc) -> None:
    denied = (grpc.StatusCode.PERMISSION_DENIED, "CREDENTIAL_NOT_ALLOWED")
    assert await call_as(world, target, "alice") == denied


@pytest.mark.parametrize("user", ["", None, 7, ["alice"], {"id": "alice"}, True])
async def test_a_broken_user_claim_does_not_widen_the_token(world: World, user: object) -> None:
    for target in OWN_USER:
        invalid = (grpc.StatusCode.UNAUTHENTICATED, "CREDENTIAL_INVALID")
        assert await call_as(world, target, user, user_id="alice") == invalid


async def test_a_user_sees_their_coupons_and_redemptions(
    shop: Shop, alice: AsyncCouponsClient
) -> None:
    definition = await shop.define()
    code = await shop.code_for(definition, "alice")
    await shop.code_for(definition, "bob")
    redeemed = await alice.query.RedeemCoupon(
        RedeemCouponRequest(tenant_id=shop.id, code=code, user_id="alice")
    )
    own = await alice.query.ListUserCoupons(
        ListUserCouponsRequest(tenant_id=shop.id, user_id="alice")
    )
    assert [coupon.code for coupon in own.coupons] == [code]
    history = await alice.query.ListUserRedemptions(
        ListUserRedemptionsRequest(tenant_id=shop.id, user_id="alice")
    )
    assert [row.id for row in history.redemptions] == [redeemed.redemption.id]


async def test_definitions_are_shown_to_users_without_codes_and_triggers(
    shop: Shop, alice: AsyncCouponsClient
) -> None:
    trigger = AutoGenerate(
        enabled=True,
        trigger=AutoGenerate.Trigger.achievement_completed,
        trigger_config=TriggerConfig(achievement_id="first-win"),
    )
    await shop.define(code_prefix="SECRET", code_length=9, auto_generate=trigger)
    await shop.define(custom_code="NEWYEAR2025")
    request = ListActiveDefinitionsRequest(tenant_id=shop.id)
    complete = await shop.query.ListActiveDefinitions(request)
    redacted = await alice.query.ListActiveDefinitions(request)

    told = str(redacted)
    for hidden in ("SECRET", "NEWYEAR2025", "first-win", "achievement_completed"):
        assert hidden in str(complete)
        assert hidden not in told
    for definition in complete.definitions:
        for name in ("code_prefix", "code_length", "custom_code", "auto_generate"):
            definition.config.ClearField(name)
    assert redacted == complete


async def test_a_user_cannot_tell_anothers_code_from_one_that_does_not_exist(
    shop: Shop, alice: AsyncCouponsClient
) -> None:
    bobs = await shop.code_for(await shop.define(), "bob")

    async def validated(code: str) -> ValidateCouponResponse:
        return await alice.query.ValidateCoupon(
            ValidateCouponRequest(tenant_id=shop.id, code=code, user_id="alice")
        )

    def redeem(code: str) -> Awaitable[object]:
        return alice.query.RedeemCoupon(
            RedeemCouponRequest(tenant_id=shop.id, code=code, user_id="alice")
        )

    assert (await validated(bobs)).reason == "COUPON_NOT_FOUND"
    assert await validated(bobs) == await validated("UNKNOWN")
    hidden = await refused(redeem(bobs))
    unknown = await refused(redeem("UNKNOWN"))
    assert (hidden.code, hidden.reason, hidden.message, hidden.metadata) == (
        grpc.StatusCode.NOT_FOUND,
        "COUPON_NOT_FOUND",
        "Coupon not found",
        {},
    )
    assert (unknown.reason, unknown.message) == (hidden.reason, hidden.message)
    # The tenant's own backend is told.
    assert (await refused(shop.redeem(bobs, "alice"))).reason == "COUPON_NOT_ASSIGNED"
    assert (await shop.validate(bobs, "alice")).reason == "COUPON_NOT_ASSIGNED"


async def test_a_users_request_ids_are_their_own(shop: Shop, alice: AsyncCouponsClient) -> None:
    bob = await shop.tenant.user("bob")
    definition = await shop.define()
    codes = {user: await shop.code_for(definition, user) for user in ("alice", "bob")}
    for user, client in (("alice", alice), ("bob", bob)):
        answer = await client.query.RedeemCoupon(
            RedeemCouponRequest(
                tenant_id=shop.id, code=codes[user], user_id=user, request_id="the-same"
            )
        )
        assert answer.redemption.user_id == user
    assert len(await shop.ledger()) == 2
