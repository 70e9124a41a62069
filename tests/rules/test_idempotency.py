"""`request_id`: a request has one effect, however often it is sent."""

import asyncio
from collections.abc import Awaitable, Callable
from datetime import timedelta
from typing import Any

import asyncpg
import pytest
from google.protobuf.message import Message

from coupon_server.rpc import grant_cursors
from phoenix_coupons import TenantToken
from phoenix_coupons.v1 import (
    AcknowledgeGrantsRequest,
    ArchiveCouponDefinitionRequest,
    CreateApiKeyRequest,
    CreateCouponDefinitionRequest,
    CreateRewardItemRequest,
    CreateWebhookEndpointRequest,
    DeleteRewardItemRequest,
    DeleteWebhookEndpointRequest,
    GenerateCouponsRequest,
    GuessLimit,
    GuessPolicy,
    LiftGuessBlockRequest,
    PauseCouponDefinitionRequest,
    PauseWebhookEndpointRequest,
    RedeemCouponRequest,
    RedeliverWebhookRequest,
    ResumeCouponDefinitionRequest,
    ResumeWebhookEndpointRequest,
    ReverseRedemptionRequest,
    RevokeApiKeyRequest,
    RevokeCouponRequest,
    RevokeCouponsRequest,
    RevokeTenantSecretRequest,
    RotateTenantSecretRequest,
    RotateWebhookSecretRequest,
    SetGuessPolicyRequest,
    UpdateCouponDefinitionRequest,
    UpdateRewardItemRequest,
    UpdateWebhookEndpointRequest,
    coupon_admin_pb2,
    coupon_query_pb2,
    grant_delivery_pb2,
    tenant_admin_pb2,
)
from phoenix_coupons.v1 import TestWebhookEndpointRequest as SendTestRequest
from support.builders import Shop, config, reason, refused, usage_limit
from support.clock import MovableClock

Prepare = Callable[[Shop], Awaitable[tuple[Message, Message]]]
"""Makes a request that succeeds, and another one that would, too."""


async def _create_reward_item(shop: Shop) -> tuple[Message, Message]:
    request = CreateRewardItemRequest(tenant_id=shop.id, name="A", reward_type="x")
    return request, CreateRewardItemRequest(tenant_id=shop.id, name="B", reward_type="x")


async def _update_reward_item(shop: Shop) -> tuple[Message, Message]:
    def request(name: str) -> UpdateRewardItemRequest:
        made = UpdateRewardItemRequest(tenant_id=shop.id, item_id=shop.item.item_id)
        made.reward_item.name = name
        return made

    return request("A"), request("B")


async def _delete_reward_item(shop: Shop) -> tuple[Message, Message]:
    one, other = await shop.reward_item("A"), await shop.reward_item("B")
    return (
        DeleteRewardItemRequest(tenant_id=shop.id, item_id=one.item_id),
        DeleteRewardItemRequest(tenant_id=shop.id, item_id=other.item_id),
    )


async def _create_definition(shop: Shop) -> tuple[Message, Message]:
    def request(name: str) -> CreateCouponDefinitionRequest:
        return CreateCouponDefinitionRequest(
            tenant_id=shop.id, name=name, config=config(reward_item_id=shop.item.item_id)
        )

    return request("A"), request("B")


async def _update_definition(shop: Shop) -> tuple[Message, Message]:
    definition = await shop.define()

    def request(name: str) -> UpdateCouponDefinitionRequest:
        made = UpdateCouponDefinitionRequest(tenant_id=shop.id, id=definition.id)
        made.definition.name = name
        return made

    return request("A"), request("B")


def _status_change(request_type: type[Any]) -> Prepare:
    async def prepare(shop: Shop) -> tuple[Message, Message]:
        one, other = await shop.define(), await shop.define()
        return (
            request_type(tenant_id=shop.id, id=one.id),
            request_type(tenant_id=shop.id, id=other.id),
        )

    return prepare


async def _generate(shop: Shop) -> tuple[Message, Message]:
    definition = await shop.define()
    return (
        GenerateCouponsRequest(tenant_id=shop.id, id=definition.id, user_ids=["alice", "bob"]),
        GenerateCouponsRequest(tenant_id=shop.id, id=definition.id, user_ids=["bob", "alice"]),
    )


async def _revoke_coupon(shop: Shop) -> tuple[Message, Message]:
    [made] = (await shop.generate(await shop.define(), quantity=1)).coupons
    return (
        RevokeCouponRequest(tenant_id=shop.id, coupon_id=made.id, reason="A"),
        RevokeCouponRequest(tenant_id=shop.id, coupon_id=made.id, reason="B"),
    )


async def _revoke_coupons(shop: Shop) -> tuple[Message, Message]:
    one, other = (await shop.generate(await shop.define(), quantity=2)).coupons
    return (
        RevokeCouponsRequest(tenant_id=shop.id, coupon_ids=[one.id], reason="A"),
        RevokeCouponsRequest(tenant_id=shop.id, coupon_ids=[one.id, other.id], reason="A"),
    )


async def _reverse(shop: Shop) -> tuple[Message, Message]:
    code = await shop.code_for(await shop.define(limit=usage_limit("unlimited")), "alice")
    one, other = [(await shop.redeem(code, "alice")).redemption.id for _ in range(2)]
    return (
        ReverseRedemptionRequest(tenant_id=shop.id, redemption_id=one, reason="A"),
        ReverseRedemptionRequest(tenant_id=shop.id, redemption_id=other, reason="A"),
    )


async def _redeem(shop: Shop) -> tuple[Message, Message]:
    code = await shop.code_for(await shop.define(limit=usage_limit("unlimited")), "alice")
    return (
        RedeemCouponRequest(tenant_id=shop.id, code=code, user_id="alice", metadata={"a": "1"}),
        RedeemCouponRequest(tenant_id=shop.id, code=code, user_id="alice", metadata={"a": "2"}),
    )


async def _create_api_key(shop: Shop) -> tuple[Message, Message]:
    return (
        CreateApiKeyRequest(tenant_id=shop.id, name="A"),
        CreateApiKeyRequest(tenant_id=shop.id, name="B"),
    )


async def _revoke_api_key(shop: Shop) -> tuple[Message, Message]:
    one, other = [
        (await shop.tenants.CreateApiKey(CreateApiKeyRequest(tenant_id=shop.id, name=name))).api_key
        for name in ("A", "B")
    ]
    return (
        RevokeApiKeyRequest(tenant_id=shop.id, key_id=one.key_id),
        RevokeApiKeyRequest(tenant_id=shop.id, key_id=other.key_id),
    )


async def _rotate_secret(shop: Shop) -> tuple[Message, Message]:
    request, other = (
        RotateTenantSecretRequest(tenant_id=shop.id),
        RotateTenantSecretRequest(tenant_id=shop.id),
    )
    other.overlap.seconds = 60
    return request, other


async def _revoke_secret(shop: Shop) -> tuple[Message, Message]:
    [before] = (
        await shop.tenants.ListTenantSecrets(
            tenant_admin_pb2.ListTenantSecretsRequest(tenant_id=shop.id)
        )
    ).secrets
    rotated = await shop.tenants.RotateTenantSecret(RotateTenantSecretRequest(tenant_id=shop.id))
    return (
        RevokeTenantSecretRequest(tenant_id=shop.id, secret_id=before.secret_id),
        RevokeTenantSecretRequest(tenant_id=shop.id, secret_id=rotated.secret.secret_id),
    )


async def _endpoints(shop: Shop) -> tuple[str, str]:
    # Where nobody can listen, and nothing is asked for the name.
    request = CreateWebhookEndpointRequest(tenant_id=shop.id, url="https://hooks.invalid/")
    one, other = [
        (await shop.tenants.CreateWebhookEndpoint(request)).endpoint.endpoint_id for _ in range(2)
    ]
    return one, other


async def _create_endpoint(shop: Shop) -> tuple[Message, Message]:
    one, other = (
        CreateWebhookEndpointRequest(tenant_id=shop.id, url=f"https://hooks.invalid/{path}")
        for path in ("a", "b")
    )
    return one, other


async def _update_endpoint(shop: Shop) -> tuple[Message, Message]:
    endpoint_id, _ = await _endpoints(shop)

    def request(description: str) -> UpdateWebhookEndpointRequest:
        made = UpdateWebhookEndpointRequest(tenant_id=shop.id, endpoint_id=endpoint_id)
        made.endpoint.description = description
        return made

    return request("A"), request("B")


def _of_endpoints(request_type: type[Any]) -> Prepare:
    async def prepare(shop: Shop) -> tuple[Message, Message]:
        one, other = [
            request_type(tenant_id=shop.id, endpoint_id=endpoint_id)
            for endpoint_id in await _endpoints(shop)
        ]
        return one, other

    return prepare


async def _acknowledge(shop: Shop) -> tuple[Message, Message]:
    await shop.generate(await shop.define(), "alice", "bob")
    await shop.tenant.server.app.background.sequencer.run_once()
    one, other = (
        AcknowledgeGrantsRequest(
            tenant_id=shop.id, cursor=grant_cursors.encode(shop.tenant.uuid, sequence)
        )
        for sequence in (1, 2)
    )
    return one, other


async def _set_guess_policy(shop: Shop) -> tuple[Message, Message]:
    limits = [GuessLimit(failures=failures) for failures in (5, 6)]
    for limit in limits:
        for duration in (limit.window, limit.block, limit.max_block):
            duration.FromSeconds(60)
    one, other = (
        SetGuessPolicyRequest(tenant_id=shop.id, policy=GuessPolicy(user=limit)) for limit in limits
    )
    return one, other


async def _lift_guess_block(shop: Shop) -> tuple[Message, Message]:
    one, other = (LiftGuessBlockRequest(tenant_id=shop.id, user_id=user) for user in ("ada", "bob"))
    return one, other


MUTATIONS: dict[str, Prepare] = {
    "CreateRewardItem": _create_reward_item,
    "UpdateRewardItem": _update_reward_item,
    "DeleteRewardItem": _delete_reward_item,
    "CreateCouponDefinition": _create_definition,
    "UpdateCouponDefinition": _update_definition,
    "PauseCouponDefinition": _status_change(PauseCouponDefinitionRequest),
    "ResumeCouponDefinition": _status_change(ResumeCouponDefinitionRequest),
    "ArchiveCouponDefinition": _status_change(ArchiveCouponDefinitionRequest),
    "GenerateCoupons": _generate,
    "RevokeCoupon": _revoke_coupon,
    "RevokeCoupons": _revoke_coupons,
    "ReverseRedemption": _reverse,
    "RedeemCoupon": _redeem,
    "CreateApiKey": _create_api_key,
    "RevokeApiKey": _revoke_api_key,
    "RotateTenantSecret": _rotate_secret,
    "RevokeTenantSecret": _revoke_secret,
    "CreateWebhookEndpoint": _create_endpoint,
    "UpdateWebhookEndpoint": _update_endpoint,
    "DeleteWebhookEndpoint": _of_endpoints(DeleteWebhookEndpointRequest),
    "PauseWebhookEndpoint": _of_endpoints(PauseWebhookEndpointRequest),
    "ResumeWebhookEndpoint": _of_endpoints(ResumeWebhookEndpointRequest),
    "RotateWebhookSecret": _of_endpoints(RotateWebhookSecretRequest),
    "TestWebhookEndpoint": _of_endpoints(SendTestRequest),
    "RedeliverWebhook": _of_endpoints(RedeliverWebhookRequest),
    "AcknowledgeGrants": _acknowledge,
    "SetGuessPolicy": _set_guess_policy,
    "LiftGuessBlock": _lift_guess_block,
}
# And the field that shows it for a minute, with the metadata that name whose it is.
SECRETS = {
    "CreateApiKey": ("value", "key_id"),
    "RotateTenantSecret": ("value", "secret_id"),
    "CreateWebhookEndpoint": ("secret", "endpoint_id"),
    "RotateWebhookSecret": ("secret", "endpoint_id"),
}


def call(shop: Shop, name: str, request: Any, request_id: str) -> Awaitable[Any]:
    identified = type(request)()
    identified.CopyFrom(request)
    identified.request_id = request_id
    stub = next(s for s in (shop.admin, shop.query, shop.grants, shop.tenants) if hasattr(s, name))
    answer: Awaitable[Any] = getattr(stub, name)(identified)
    return answer


async def contents(database_url: str) -> dict[str, list[str]]:
    """All rows of all tables, as text, but for those in which calls themselves are counted."""
    connection = await asyncpg.connect(database_url)
    names = await connection.fetch(
        "SELECT tablename FROM pg_tables WHERE schemaname = 'public'"
        # What servers count of calls, repeated or not.
        " AND tablename NOT IN ('tenant_days', 'tenant_rates') ORDER BY tablename"
    )
    found = {}
    for (name,) in names:
        rows = await connection.fetch(f'SELECT t::text FROM "{name}" t ORDER BY 1')
        found[name] = [row[0] for row in rows]
    await connection.close()
    return found


def test_every_mutation_has_a_request_id_and_is_tried_here() -> None:
    services = [
        *coupon_admin_pb2.DESCRIPTOR.services_by_name.values(),
        *coupon_query_pb2.DESCRIPTOR.services_by_name.values(),
        *grant_delivery_pb2.DESCRIPTOR.services_by_name.values(),
        *tenant_admin_pb2.DESCRIPTOR.services_by_name.values(),
    ]
    methods = [
        method for service in services for method in service.methods if not method.server_streaming
    ]
    identified = {one.name for one in methods if "request_id" in one.input_type.fields_by_name}
    reads = {
        one.name for one in methods if one.name.startswith(("Get", "List", "Poll", "Validate"))
    }
    assert identified == {one.name for one in methods} - reads
    assert identified == MUTATIONS.keys()


@pytest.mark.parametrize("name", MUTATIONS)
async def test_the_same_request_gets_the_first_answer_and_changes_nothing(
    shop: Shop, clock: MovableClock, database_url: str, name: str
) -> None:
    request, other = await MUTATIONS[name](shop)
    first = await call(shop, name, request, "id-1")
    before = await contents(database_url)
    assert await call(shop, name, request, "id-1") == first
    clock.advance(timedelta(hours=24))
    if name not in SECRETS:
        assert await call(shop, name, request, "id-1") == first
    error = await refused(call(shop, name, other, "id-1"))
    assert error.reason == "REQUEST_ID_REUSED"
    assert error.message == "The request id was used for another request"
    assert await contents(database_url) == before


@pytest.mark.parametrize("name", MUTATIONS)
async def test_many_copies_of_a_request_at_once_have_one_effect(shop: Shop, name: str) -> None:
    request, _ = await MUTATIONS[name](shop)
    answers = await asyncio.gather(*(call(shop, name, request, "id-1") for _ in range(8)))
    assert all(answer == answers[0] for answer in answers)


def test_every_answer_with_a_secret_is_tried_here() -> None:
    shown = {
        method.name: field.name
        for service in tenant_admin_pb2.DESCRIPTOR.services_by_name.values()
        for method in service.methods
        for field in method.output_type.fields
        if field.name in ("value", "secret") and field.type == field.TYPE_STRING
    }
    assert shown == {name: field for name, (field, _) in SECRETS.items()}


@pytest.mark.parametrize("name", SECRETS)
async def test_a_secret_is_shown_to_retries_of_a_minute(
    shop: Shop, clock: MovableClock, database_url: str, name: str
) -> None:
    field, named = SECRETS[name]
    request, _ = await MUTATIONS[name](shop)
    first = await call(shop, name, request, "id-1")
    secret = getattr(first, field)
    assert secret
    clock.advance(timedelta(minutes=1))
    assert await call(shop, name, request, "id-1") == first
    clock.advance(timedelta(microseconds=1))
    error = await refused(call(shop, name, request, "id-1"))
    assert error.reason == "SECRET_NOT_SHOWN_AGAIN"
    assert error.metadata[named] in error.message
    assert error.metadata[named] in str(first)
    stored = await contents(database_url)
    assert not [row for rows in stored.values() for row in rows if secret.encode().hex() in row]
    assert not [row for rows in stored.values() for row in rows if secret in row]


async def test_a_secret_that_has_ended_is_not_shown_again(shop: Shop) -> None:
    key = await call(shop, "CreateApiKey", (await _create_api_key(shop))[0], "id-1")
    await shop.tenants.RevokeApiKey(
        RevokeApiKeyRequest(tenant_id=shop.id, key_id=key.api_key.key_id)
    )
    rotation, _ = await _rotate_secret(shop)
    await call(shop, "RotateTenantSecret", rotation, "id-1")
    at_once = RotateTenantSecretRequest(tenant_id=shop.id)
    at_once.overlap.SetInParent()
    await shop.tenants.RotateTenantSecret(at_once)
    endpoint, _ = await _create_endpoint(shop)
    made = await call(shop, "CreateWebhookEndpoint", endpoint, "id-1")
    await shop.tenants.DeleteWebhookEndpoint(
        DeleteWebhookEndpointRequest(tenant_id=shop.id, endpoint_id=made.endpoint.endpoint_id)
    )
    for name, request in (
        ("CreateApiKey", (await _create_api_key(shop))[0]),
        ("RotateTenantSecret", rotation),
        ("CreateWebhookEndpoint", endpoint),
    ):
        error = await refused(call(shop, name, request, "id-1"))
        assert error.reason == "SECRET_NOT_SHOWN_AGAIN", name


async def test_a_failure_is_not_kept(shop: Shop) -> None:
    definition = await shop.define(max_uses_per_user=1)
    first, second = [await shop.code_for(definition, "alice") for _ in range(2)]
    redeemed = await shop.redeem(first, "alice")
    refusal = await refused(shop.redeem(second, "alice", request_id="id-1"))
    assert refusal.reason == "COUPON_LIMIT_REACHED"
    await shop.reverse(redeemed.redemption.id)
    await shop.redeem(second, "alice", request_id="id-1")
    await shop.pause(definition)
    refusal = await refused(shop.generate(definition, "bob", request_id="id-1"))
    assert refusal.reason == "DEFINITION_PAUSED"
    await shop.resume(definition)
    await shop.generate(definition, "bob", "carol", request_id="id-1")


async def test_a_retry_is_answered_even_after_the_definition_was_archived(shop: Shop) -> None:
    definition = await shop.define()
    generated = await shop.generate(definition, "alice", request_id="id-1")
    code = generated.coupons[0].code
    redeemed = await shop.redeem(code, "alice", request_id="id-1")
    await shop.revoke(generated.coupons[0].id)
    await shop.archive(definition)
    assert await shop.redeem(code, "alice", request_id="id-1") == redeemed
    assert await shop.generate(definition, "alice", request_id="id-1") == generated


async def test_an_id_means_something_else_for_every_tenant_method_and_user(shop: Shop) -> None:
    limit = usage_limit("unlimited")
    other = await Shop.open(await shop.tenant.server.new_tenant())
    for one in (shop, other):
        definition = await one.define(custom_code="SALE", limit=limit)
        await one.generate(definition, "alice", request_id="id-1")
        await one.redeem("SALE", "alice", request_id="id-1")
        await one.revoke((await one.coupons())[0].id, request_id="id-1")
    definition = await shop.define(custom_code="MORE", limit=limit)
    users = [await shop.tenant.user(user) for user in ("alice", "bob")]
    rows = [
        await user.query.RedeemCoupon(
            RedeemCouponRequest(tenant_id=shop.id, code="MORE", user_id=user_id, request_id="id-2")
        )
        for user, user_id in zip(users, ("alice", "bob"), strict=True)
    ]
    rows.append(await shop.redeem("MORE", "alice", request_id="id-2"))
    assert len({row.redemption.id for row in rows}) == 3


async def test_an_id_survives_the_rotation_of_the_credential(shop: Shop) -> None:
    code = await shop.code_for(await shop.define(), "alice")
    redeemed = await shop.redeem(code, "alice", request_id="id-1")
    # Another credential of the same tenant makes the retry.
    rotated = await shop.tenants.RotateTenantSecret(RotateTenantSecretRequest(tenant_id=shop.id))
    backend = await shop.tenant.server.client(TenantToken(shop.id, rotated.value))
    request = RedeemCouponRequest(tenant_id=shop.id, code=code, user_id="alice", request_id="id-1")
    assert await backend.query.RedeemCoupon(request) == redeemed


async def test_the_message_is_compared_whole(shop: Shop) -> None:
    definition = await shop.define(limit=usage_limit("unlimited"))
    code = await shop.code_for(definition, "alice")
    fields: dict[str, Any] = {"reference": "a", "metadata": {"a": "1", "b": "2"}}
    first = await shop.redeem(code, "alice", request_id="id-1", **fields)
    fields["metadata"] = {"b": "2", "a": "1"}
    assert await shop.redeem(code, "alice", request_id="id-1", **fields) == first
    changes: list[dict[str, Any]] = [
        {"reference": "b"},
        {"metadata": {}},
        {"metadata": {"a": "1", "b": "3"}},
    ]
    for change in changes:
        call = shop.redeem(code, "alice", request_id="id-1", **fields | change)
        assert await reason(call) == "REQUEST_ID_REUSED"
    assert (
        await reason(shop.redeem(code, "bob", request_id="id-1", **fields)) == "REQUEST_ID_REUSED"
    )
    typed_otherwise = shop.redeem(code.lower(), "alice", request_id="id-1", **fields)
    assert await reason(typed_otherwise) == "REQUEST_ID_REUSED"
    assert len(await shop.ledger()) == 1
