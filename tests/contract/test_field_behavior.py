"""`google.api.field_behavior` (AIP-203): every field has one, and it agrees with the rules."""

from collections.abc import Iterator

import pytest
from buf.validate import validate_pb2
from google.api import field_behavior_pb2  # type: ignore[import-untyped]
from google.protobuf.descriptor import Descriptor, FieldDescriptor

from coupon_server.rpc.server import SERVICES
from support.contract import rules_of

METHODS = [method for service in SERVICES for method in service.methods]
KINDS = {"REQUIRED", "OPTIONAL", "OUTPUT_ONLY"}


def below(message: Descriptor, known: set[Descriptor]) -> set[Descriptor]:
    """The message and every one of the contract that its fields hold."""
    if message.file.package == "phoenix_coupons.v1" and message not in known:
        known.add(message)
        for field in message.fields:
            if field.message_type:
                below(field.message_type, known)
    return known


def messages(roots: Iterator[Descriptor]) -> list[Descriptor]:
    found: set[Descriptor] = set()
    for root in roots:
        below(root, found)
    return sorted(
        (one for one in found if not one.GetOptions().map_entry), key=lambda one: one.full_name
    )


REQUESTS = messages(method.input_type for method in METHODS)
# What answers consist of; the answers themselves say what they hold, and nobody sends it.
RESOURCES = [
    one
    for one in messages(method.output_type for method in METHODS)
    if one not in {method.output_type for method in METHODS}
]


def behaviors(field: FieldDescriptor) -> set[str]:
    values = field.GetOptions().Extensions[field_behavior_pb2.field_behavior]
    return {field_behavior_pb2.FieldBehavior.Name(value) for value in values}


def must_be_set(field: FieldDescriptor) -> bool:
    """Whether a request is refused in which the field is left out, for the field's own rules."""
    rules = rules_of(field)
    if rules.ignore == validate_pb2.IGNORE_IF_ZERO_VALUE:
        return False
    counts = rules.int32.gte if field.type == FieldDescriptor.TYPE_INT32 else 0
    text = rules.string
    return rules.required or any((text.min_len, text.uuid, rules.repeated.min_items, counts > 0))


@pytest.mark.parametrize("message", [*REQUESTS, *RESOURCES], ids=lambda one: one.name)
def test_every_field_has_one_behavior(message: Descriptor) -> None:
    for field in message.fields:
        assert len(behaviors(field) & KINDS) == 1, field.full_name


@pytest.mark.parametrize("message", REQUESTS, ids=lambda one: one.name)
def test_required_is_what_the_rules_require(message: Descriptor) -> None:
    for field in message.fields:
        assert ("REQUIRED" in behaviors(field)) is must_be_set(field), field.full_name


@pytest.mark.parametrize(
    "message", [one for one in RESOURCES if one not in REQUESTS], ids=lambda one: one.name
)
def test_what_nobody_sends_is_output_only(message: Descriptor) -> None:
    for field in message.fields:
        assert behaviors(field) == {"OUTPUT_ONLY"}, field.full_name
