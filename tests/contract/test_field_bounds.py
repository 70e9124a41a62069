"""Every field of every request, at its bounds and beyond them."""

from collections.abc import Mapping
from typing import Any

import grpc
import pytest
from google.protobuf.descriptor import FieldDescriptor

from coupon_server.rpc.errors import MAX_VIOLATIONS
from phoenix_coupons.v1 import (
    CreateRewardItemRequest,
    CreateWebhookEndpointRequest,
    GenerateCouponsRequest,
    RedeemCouponRequest,
    RewardItem,
    UpdateRewardItemRequest,
)
from support.bounds import Case, cases, is_output_only, leaf_fields, nested
from support.builders import Shop
from support.contract import RPCS, Outcome, Rpc, World, rpc, rules_of

every_rpc = pytest.mark.parametrize("target", RPCS, ids=str)

# What a field's bounds must be tried with, because it is refused for other reasons without.
_WITH: Mapping[str, Mapping[str, Any]] = {
    "config.custom_code": {"config.code_format": "custom"},
    "definition.config.custom_code": {"definition.config.code_format": "custom"},
    "user_ids": {"quantity": 0},
    # The other fields of a limit are required.
    **{
        f"policy.{kind}.{name}": {
            f"policy.{kind}.failures": 1,
            f"policy.{kind}.window.seconds": 60,
            f"policy.{kind}.block.seconds": 1,
            f"policy.{kind}.max_block.seconds": 30 * 86_400,
        }
        for kind in ("user_token", "user", "peer")
        for name in ("failures", "window", "block", "max_block")
    },
    **{
        f"policy.tenant.{name}": {"policy.tenant.failures": 1, "policy.tenant.window.seconds": 60}
        for name in ("failures", "window")
    },
}
# Accepted by its bounds, and refused for what it is.
_REFUSED_ANYWAY = {
    # Text of the right length that is no UUID.
    "config.reward_item_id",
    "definition.config.reward_item_id",
    # A custom code has to be there, a date to lie ahead.
    "config.custom_code: ''",
    "definition.config.custom_code: ''",
    "expires_at: the earliest",
    # An event must have happened.
    "event.occurred_at: the latest",
    "events[0].occurred_at: the latest",
    # Optional in later messages alone.
    "StartGeneration definition_id: ''",
    "ImportCoupons definition_id: ''",
    # Text that leads nowhere, and is no place in a stream.
    "url",
    "endpoint.url",
    "cursor",
    "after",
}
# A time that can't be is told of its line, and the others are kept.
_TOLD_BY_LINE = {"coupons[0].generated_at", "coupons[0].expires_at"}


@pytest.fixture
async def shop(world: World) -> Shop:
    return await Shop.open(await world.server.new_tenant())


@pytest.fixture
async def existing(shop: Shop) -> dict[str, dict[str, str]]:
    """Ids of what updates are tried on: most of their rules are checked on the merged result."""
    definition = await shop.define()
    endpoint = await shop.tenants.CreateWebhookEndpoint(
        CreateWebhookEndpointRequest(tenant_id=shop.id, url="https://hooks.invalid/")
    )
    return {
        "UpdateRewardItem": {"item_id": shop.item.item_id},
        "UpdateCouponDefinition": {"id": definition.id},
        "UpdateWebhookEndpoint": {"endpoint_id": endpoint.endpoint.endpoint_id},
        "ListWebhookAttempts": {"endpoint_id": endpoint.endpoint.endpoint_id},
        "ListDeadLetters": {"endpoint_id": endpoint.endpoint.endpoint_id},
    }


def request_for(target: Rpc, case: Case, tenant_id: str, ids: Mapping[str, str]) -> Any:
    request = target.minimal_request(tenant_id, **ids)
    for path, value in _WITH.get(case.path.partition("[")[0], {}).items():
        *parents, name = path.split(".")
        message: Any = request
        for parent in parents:
            message = getattr(message, parent)
        setattr(message, name, value)
    case.put(request)
    return request


def is_refused(outcome: Outcome, case: Case) -> bool:
    """Whether the outcome names the field and the rule."""
    named = [
        rule
        for field, rule in outcome.violations.items()
        if field == case.path or (case.path.endswith('["') and field.startswith(case.path))
    ]
    return (
        outcome.refused_with(grpc.StatusCode.INVALID_ARGUMENT, "INVALID_FIELD")
        and all(named)
        and bool(named)
        # People read it.
        and not any("regex" in rule for rule in named)
    )


@every_rpc
async def test_every_field_is_held_to_its_bounds(
    world: World, shop: Shop, existing: dict[str, dict[str, str]], target: Rpc
) -> None:
    ids = existing.get(target.name, {})
    wrong = {}
    for case in cases(target):
        if case.path in _TOLD_BY_LINE:
            continue
        request = request_for(target, case, shop.id, ids)
        outcome = await world.wire.send(target, request, shop.tenant)
        named = case.path in outcome.violations
        anyway = not {case.path, str(case), f"{target.name} {case}"}.isdisjoint(_REFUSED_ANYWAY)
        as_due = not named or anyway if case.accepted else is_refused(outcome, case)
        if not as_due or outcome.code in (grpc.StatusCode.INTERNAL, grpc.StatusCode.UNKNOWN):
            wrong[str(case)] = outcome.code.name, outcome.message, outcome.violations
    assert wrong == {}


@every_rpc
def test_every_field_has_bounds(target: Rpc) -> None:
    paths = {case.path for case in cases(target) if not case.accepted}
    # Of an item of a list or map, the field.
    refused = paths | {path.rpartition("[")[0] for path in paths}
    for path, field in leaf_fields(target):
        any_value_will_do = field.type == FieldDescriptor.TYPE_BOOL or (
            is_output_only(field) and field.type == FieldDescriptor.TYPE_MESSAGE
        )
        assert any_value_will_do or path in refused | {target.policy.tenant_field}, path


@every_rpc
def test_every_text_is_bounded_and_free_of_nul(target: Rpc) -> None:
    for path, field in leaf_fields(target):
        rules = rules_of(field)
        texts = [
            one.string
            for one in (rules, rules.repeated.items, rules.map.keys, rules.map.values)
            if one.HasField("string")
        ]
        assert texts or field.type != FieldDescriptor.TYPE_STRING, path
        # A text that is one of some words needs no more.
        for text in [one for one in texts if not getattr(one, "in")]:
            assert text.uuid or text.max_len, path
            assert text.uuid or text.pattern or text.not_contains == "\0", path


async def test_an_error_lists_at_most_20_violations_and_fits_into_metadata(
    world: World, shop: Shop
) -> None:
    for character in ("k", "\U0001f600", "\0", '"'):
        request = RedeemCouponRequest(tenant_id=shop.id, code="", user_id="")
        request.metadata.update({character * (500 + n): "\0" for n in range(60)})
        outcome = await world.wire.send(rpc("RedeemCoupon"), request, shop.tenant)
        assert outcome.reason == "INVALID_FIELD"
        assert len(outcome.violations) <= MAX_VIOLATIONS
        assert outcome.metadata_size < 8 * 1024
    users = [f"\n{n}" for n in range(10_000)]
    generate = GenerateCouponsRequest(tenant_id=shop.id, id=shop.item.item_id, user_ids=users)
    outcome = await world.wire.send(rpc("GenerateCoupons"), generate, shop.tenant)
    assert len(outcome.violations) == MAX_VIOLATIONS
    assert outcome.violations["user_ids[0]"]
    assert outcome.metadata_size < 8 * 1024


async def test_a_huge_map_key_is_truncated_in_the_error(world: World, shop: Shop) -> None:
    request = RedeemCouponRequest(tenant_id=shop.id, code="x", user_id="alice")
    request.metadata["k" * 1_000_000] = "v"
    outcome = await world.wire.send(rpc("RedeemCoupon"), request, shop.tenant)
    assert outcome.reason == "INVALID_FIELD"
    [(field, rule)] = outcome.violations.items()
    assert field.startswith('metadata["kkk')
    assert "64" in rule
    assert outcome.metadata_size < 2 * 1024


async def test_control_characters_are_not_echoed(world: World, shop: Shop) -> None:
    request = RedeemCouponRequest(tenant_id=shop.id, code="a\0", user_id="a\x1b[2J\n")
    request.metadata["\x1b[2J"] = "v"
    outcome = await world.wire.send(rpc("RedeemCoupon"), request, shop.tenant)
    assert len(outcome.violations) == 3
    for field, rule in outcome.violations.items():
        assert (field + rule).isprintable()
    assert outcome.message.isprintable()


async def test_an_update_names_the_field_of_the_request(shop: Shop, world: World) -> None:
    for path in ("name", "reward_type"):
        request = UpdateRewardItemRequest(
            tenant_id=shop.id, item_id=shop.item.item_id, reward_item=RewardItem()
        )
        request.update_mask.paths.append(path)
        outcome = await world.wire.send(rpc("UpdateRewardItem"), request, shop.tenant)
        assert outcome.violations == {f"reward_item.{path}": "must not be empty"}


async def test_the_deepest_payload_comes_back_as_it_was(shop: Shop) -> None:
    payload = nested(32)
    request = CreateRewardItemRequest(tenant_id=shop.id, name="Deep", reward_type="x")
    request.payload.update(payload)
    item = (await shop.admin.CreateRewardItem(request)).reward_item
    assert item.payload == request.payload
    definition = await shop.define(reward_item_id=item.item_id)
    redeemed = await shop.redeem(await shop.code_for(definition, "alice"), "alice")
    assert redeemed.coupon.reward_item == item
    [row] = await shop.ledger(definition_id=definition.id)
    assert row.reward_item.payload == request.payload


async def test_numbers_in_a_payload_are_doubles(shop: Shop) -> None:
    request = CreateRewardItemRequest(tenant_id=shop.id, name="Numbers", reward_type="x")
    numbers = [0.1, 1e308, 5e-324, -0.0, 2.0**53, 123456789.0]
    request.payload.update({"numbers": numbers})
    item = (await shop.admin.CreateRewardItem(request)).reward_item
    returned = item.payload.fields["numbers"].list_value.values
    assert [value.number_value for value in returned] == numbers


async def test_a_page_size_above_the_maximum_is_lowered_to_it(
    world: World, shop: Shop, existing: dict[str, dict[str, str]]
) -> None:
    for target in RPCS:
        if "page_size" in target.request_type.DESCRIPTOR.fields_by_name:
            request: Any = target.minimal_request(shop.id, **existing.get(target.name, {}))
            request.page_size = 1_000_000
            outcome = await world.wire.send(target, request, shop.tenant)
            assert outcome.code is grpc.StatusCode.OK


async def test_a_message_above_4_mib_is_refused(world: World, shop: Shop) -> None:
    request = GenerateCouponsRequest(
        tenant_id=shop.id, id=shop.item.item_id, user_ids=["u" * (4 * 1024 * 1024)]
    )
    outcome = await world.wire.send(rpc("GenerateCoupons"), request, shop.tenant)
    assert outcome.code is grpc.StatusCode.RESOURCE_EXHAUSTED
