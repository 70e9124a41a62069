"""Every path of the contract through both edges: one answer, whichever of them gives it."""

import json
from collections.abc import Callable
from dataclasses import dataclass, field, replace
from typing import Any

import pytest
from google.protobuf import json_format, message_factory
from google.protobuf.descriptor import Descriptor, FieldDescriptor

from coupon_server.rpc.update_masks import own_message
from support.bindings import BINDINGS, Binding
from support.builders import Shop
from support.contract import UNARY_RPCS, Headers, rpc
from support.edges import Edge
from support.rest import Answer, Json, accepted, send
from support.scenes import Scene, set_scene
from support.serving import Served

COMPARED_HEADERS = (
    *("content-type", "x-request-id", "cache-control", "retry-after", "allow"),
    "ratelimit-policy",
)
# By the RPC.
READS = [one for one in BINDINGS if not rpc(one.method.name).mutates]
MUTATIONS = [one for one in BINDINGS if rpc(one.method.name).mutates]


@dataclass(frozen=True)
class Case:
    """A good request of an RPC, but for its path."""

    query: str = ""
    body: Callable[[Scene], Json] = field(default=lambda _: {})
    id: str = "id"
    """The scene's variable that is the path's `id`."""


def body(**fields: Any) -> Callable[[Scene], Json]:
    return lambda _: fields


def completed(event_id: str, user_id: str) -> Json:
    """An event by which the user earns the coupon of the scene's second definition."""
    return {
        "event_id": event_id,
        "user_id": user_id,
        "occurred_at": "2026-01-01T00:00:00Z",
        "achievement_completed": {"achievement_id": "first-win", "completion_id": event_id},
    }


CASES = {
    "ListRewardItems": Case("page_size=1"),
    "GetRewardItem": Case(),
    "CreateRewardItem": Case(
        body=body(
            name="Über-Gems 🎉",
            description="two\nlines",
            reward_type="currency",
            payload={"amount": 100.5, "tags": ["a", None, True, {}], "": "", "none": None},
        )
    ),
    "UpdateRewardItem": Case(body=body(name="Coins", payload={"amount": 1})),
    "DeleteRewardItem": Case(),
    "ListCouponDefinitions": Case("status=active&page_size=5"),
    "GetCouponDefinition": Case(),
    "CreateCouponDefinition": Case(
        body=lambda scene: {
            "name": "New Year",
            "config": {
                "reward_item_id": scene.shop.item.item_id,
                "code_format": "random",
                "code_prefix": "NY-",
                "code_length": 12,
                "starts_at": "2026-01-01T00:00:00.123456Z",
                "expires_at": "2036-01-01T00:00:00+02:00",
                "usage_limit": {"limit_type": "global", "max_uses": 1000},
                "max_uses_per_user": 2,
                "valid_for": "86400.5s",
                "auto_generate": {
                    "enabled": True,
                    "trigger": "streak_milestone",
                    "trigger_config": {"streak_id": "daily", "milestone_threshold": 7},
                },
            },
        }
    ),
    "UpdateCouponDefinition": Case(
        "update_mask=name,config.max_uses_per_user",
        body(name="Renamed", config={"max_uses_per_user": 3}),
    ),
    "PauseCouponDefinition": Case(),
    "ResumeCouponDefinition": Case(),
    "ArchiveCouponDefinition": Case(),
    "GetCouponDefinitionStats": Case(),
    "GetCodeStrength": Case("users=100", id="random_codes_id"),
    "GenerateCoupons": Case(body=body(user_ids=["alice", "bob", "ünï 🎉"])),
    "ListIssuedCoupons": Case("user_id=alice&status=active&page_size=3"),
    "GetIssuedCoupon": Case(),
    "RevokeCoupon": Case(body=body(reason="fraud")),
    "RevokeCoupons": Case(
        body=lambda scene: {"coupon_ids": [scene.variables["coupon_id"]], "reason": "fraud"}
    ),
    "ListRedemptions": Case("start_time=2026-01-01T00:00:00Z&end_time=2999-01-01T00:00:00%2B01:00"),
    "GetRedemption": Case(),
    "ReverseRedemption": Case(body=body(reason="returned")),
    "ListGenerations": Case("state=succeeded&page_size=1"),
    "GetGeneration": Case(),
    "CancelGeneration": Case(),
    "ListRevocations": Case("state=cancelled"),
    "GetRevocation": Case(),
    "StartRevocation": Case(
        body=lambda scene: {
            "definition_id": scene.variables["id"],
            "user_id": "nobody",
            "status": "active",
            "source": "imported",
            "reason": "leaked",
        }
    ),
    "CancelRevocation": Case(),
    "ListActiveDefinitions": Case("page_size=2147483647"),
    "ListUserCoupons": Case("status=active"),
    "ValidateCoupon": Case("user_id=alice", body(user_id="alice")),
    "RedeemCoupon": Case(body=body(user_id="alice", reference="order 7", metadata={"ü": "🎉"})),
    "ListUserRedemptions": Case("page_size=1"),
    "ListUserProgress": Case("page_size=1"),
    "SendEvent": Case(
        body=lambda scene: {"tenant_id": scene.shop.id, "event": completed("one", "alice")}
    ),
    "SendEvents": Case(
        body=lambda scene: {
            "tenant_id": scene.shop.id,
            "events": [
                completed("zwei 🎉", "alice"),
                # Of fields that exclude one another, those that are null are not given.
                completed("three", "ünï 🎉") | {"streak_milestone_reached": None},
                {
                    "event_id": "four",
                    "user_id": "bob",
                    "occurred_at": "2026-01-01T01:00:00.5+01:00",
                    "leaderboard_rank_reached": {"leaderboard_id": "weekly", "rank": 2147483647},
                },
            ],
        }
    ),
    "ListApiKeys": Case("page_size=1"),
    "CreateApiKey": Case(
        body=body(name="till 8", scopes=["read", "generate"], expires_at="2999-01-01T00:00:00Z")
    ),
    "RevokeApiKey": Case(),
    "ListTenantSecrets": Case(),
    "RotateTenantSecret": Case(body=body(overlap="60s")),
    "RevokeTenantSecret": Case(),
    "ListWebhookEndpoints": Case("page_size=1"),
    "GetWebhookEndpoint": Case(),
    "CreateWebhookEndpoint": Case(
        body=body(
            url="https://hooks.invalid/?tenant=%C3%BC",
            description="Über-hooks 🎉",
            event_types=["coupon.redeemed", "coupon.revoked"],
        )
    ),
    "UpdateWebhookEndpoint": Case(
        "update_mask=description,event_types", body(description="Renamed", event_types=[])
    ),
    "DeleteWebhookEndpoint": Case(),
    "PauseWebhookEndpoint": Case(),
    "ResumeWebhookEndpoint": Case(),
    "RotateWebhookSecret": Case(body=body(overlap="60s")),
    "TestWebhookEndpoint": Case(),
    "ListWebhookAttempts": Case("outcome=failed&page_size=1"),
    "ListDeadLetters": Case("page_size=1"),
    "RedeliverWebhook": Case(),
    "GetGuessPolicy": Case(),
    "SetGuessPolicy": Case(
        body=body(
            user={"failures": 30, "window": "86400s", "block": "1.5s", "max_block": "3600s"},
            tenant={"failures": 100, "window": "60s"},
            peer=None,
        )
    ),
    "LiftGuessBlock": Case(body=body(user_id="ünï 🎉")),
    "GetTenantUsage": Case(),
    "GetGrantCursor": Case(),
    "PollGrants": Case(
        "wait=30s&max_events=2&event_types=coupon.redeemed&event_types=coupon.issued"
    ),
    "AcknowledgeGrants": Case(body=lambda scene: {"cursor": scene.variables["cursor"]}),
}


def ask(edge: Edge, binding: Binding, scene: Scene, credentials: Headers) -> Answer:
    """The case of the binding's RPC, at its path."""
    case = CASES[binding.method.name]
    variables = {**scene.variables, "id": scene.variables[case.id]}
    target, content = binding.path(variables), None
    # What another path of the RPC has in itself.
    first = next(one for one in BINDINGS if one.method is binding.method)
    missing = [f"{name}={variables[name]}" for name in {*first.variables} - {*binding.variables}]
    if binding.verb != "POST" and (query := "&".join(filter(None, [case.query, *missing]))):
        target += f"?{query}"
    if binding.rule.body:
        content = json.dumps(case.body(scene)).encode()
    headers = (*credentials, ("x-request-id", "one-request"), ("idempotency-key", "once"))
    return send(edge, binding.verb, target, headers, content)


def essence(answer: Answer) -> tuple[object, ...]:
    """What both edges answer alike."""
    return answer.status, [answer.header(name) for name in COMPARED_HEADERS], answer.json


def test_every_rpc_has_a_case() -> None:
    assert set(CASES) == {one.name for one in UNARY_RPCS}


@pytest.fixture(scope="module")
async def still_scene(served: Served) -> Scene:
    """One for tests that change nothing."""
    return await set_scene(await Shop.open(await served.new_tenant()))


@pytest.mark.parametrize("binding", READS, ids=str)
def test_both_edges_read_alike(
    envoy: Edge, gateway: Edge, still_scene: Scene, binding: Binding
) -> None:
    credentials = accepted(still_scene.shop.tenant, binding)
    one, other = (ask(edge, binding, still_scene, credentials) for edge in (envoy, gateway))
    assert_fits(one, binding)
    assert essence(without_use(one)) == essence(without_use(other))


def without_use(answer: Answer) -> Answer:
    """An answer that does not tell how much of each limit is used, as the calls count, too."""
    if b'"streams_in_flight"' not in answer.body:
        return answer
    limits = [one | {"used": None, "resets_at": None} for one in answer.json["limits"]]
    return replace(answer, body=json.dumps({"limits": limits}).encode())


@pytest.mark.parametrize("binding", MUTATIONS, ids=str)
@pytest.mark.parametrize("first", ["envoy", "gateway"])
async def test_both_edges_change_alike(
    envoy: Edge, gateway: Edge, shop: Shop, binding: Binding, first: str
) -> None:
    """The second request has the key of the first, which it must mean to the letter."""
    scene = await set_scene(shop)
    edges = (envoy, gateway) if first == "envoy" else (gateway, envoy)
    credentials = accepted(shop.tenant, binding)
    one, other = (ask(edge, binding, scene, credentials) for edge in edges)
    assert_fits(one, binding)
    assert essence(without_repeats(one)) == essence(without_repeats(other))


def without_repeats(answer: Answer) -> Answer:
    """An answer that does not tell whether an event was a duplicate."""
    body = answer.body.replace(b'"duplicate":true', b'"duplicate":false')
    return replace(answer, body=body)


def assert_fits(answer: Answer, binding: Binding) -> None:
    """Every message in the body has all of its fields."""
    message = message_factory.GetMessageClass(binding.answer)()
    json_format.ParseDict(answer.ok, message)
    assert_complete(answer.json, binding.answer)


def assert_complete(value: Json, message: Descriptor) -> None:
    """Unset messages are null. Of alternatives there is the one. Numbers are numbers."""
    needed = {one.name for one in message.fields if one.containing_oneof is None}
    assert value.keys() >= needed, message.full_name
    for one in message.fields:
        found = value.get(one.name)
        if one.type == FieldDescriptor.TYPE_INT32:
            assert isinstance(found, int), one.full_name
        elif (below := own_message(one)) and found is not None:
            for inner in found if one.is_repeated else [found]:
                assert_complete(inner, below)


@pytest.mark.parametrize("binding", BINDINGS, ids=str)
async def test_both_edges_refuse_alike(
    envoy: Edge, gateway: Edge, still_scene: Scene, shop: Shop, binding: Binding
) -> None:
    for credentials, refusal in {
        (): (401, "CREDENTIAL_INVALID"),
        (("x-api-key", "pk_" + "A" * 43),): (401, "CREDENTIAL_INVALID"),
        accepted(shop.tenant, binding): (403, "CREDENTIAL_NOT_ALLOWED"),
    }.items():
        one, other = (ask(edge, binding, still_scene, credentials) for edge in (envoy, gateway))
        assert one.refusal == refusal
        assert essence(one) == essence(other)
