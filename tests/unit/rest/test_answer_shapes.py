"""What edges are told of the nulls in answers."""

import pytest
from google.protobuf.descriptor import Descriptor

from coupon_server.rpc.rest.answer_shapes import answer_shape
from phoenix_coupons.v1 import (
    CreateApiKeyResponse,
    DeleteRewardItemResponse,
    GrantEvent,
    ListIssuedCouponsResponse,
)
from support.bindings import BINDINGS

ITEM = "payload?,created_at?,updated_at?"
KEY = "created_at?,expires_at?,revoked_at?,last_used_at?"
COUPON = "generated_at?,expires_at?,redeemed_at?,reward_item?:3,starts_at?,revoked_at?"
ALTERNATIVES = "grant:2,reversal:3,issuance:4,revocation:5,guessing:6"


@pytest.mark.parametrize(
    ("answer", "shape"),
    [
        (CreateApiKeyResponse.DESCRIPTOR, f"api_key?:2;{KEY}"),
        (ListIssuedCouponsResponse.DESCRIPTOR, f"coupons:2;{COUPON};{ITEM}"),
        (DeleteRewardItemResponse.DESCRIPTOR, ""),
    ],
    ids=lambda one: one.name if isinstance(one, Descriptor) else "",
)
def test_a_shape_has_every_message_once(answer: Descriptor, shape: str) -> None:
    assert answer_shape(answer) == shape


def test_of_alternatives_none_is_null() -> None:
    assert answer_shape(GrantEvent.DESCRIPTOR).partition(";")[0] == f"occurred_at?,{ALTERNATIVES}"


def test_shapes_are_what_edges_read() -> None:
    """Nulls are a sum of bits in a double there, and objects are messages, never maps of them."""
    for binding in BINDINGS:
        for message in answer_shape(binding.answer).split(";"):
            assert message.count("?") < 53
    maps = [
        field.message_type.fields_by_name["value"].message_type
        for binding in BINDINGS
        for message in [binding.answer, *_below(binding.answer)]
        for field in message.fields
        if field.message_type and field.message_type.GetOptions().map_entry
    ]
    assert maps
    assert not any(maps)


def _below(message: Descriptor) -> list[Descriptor]:
    fields = [field.message_type for field in message.fields if field.message_type]
    own = [one for one in fields if one.file.package == "phoenix_coupons.v1"]
    return [*own, *(inner for one in own for inner in _below(one))]
