"""Bounds of messages before they are parsed: no valid one is refused, and none is too large."""

import json
from typing import Any, cast

import pytest
from google.protobuf import json_format, message_factory
from google.protobuf.descriptor import Descriptor, FieldDescriptor
from google.protobuf.descriptor_pb2 import (
    DescriptorProto,
    FieldDescriptorProto,
    FileDescriptorProto,
)
from google.protobuf.descriptor_pool import DescriptorPool
from google.protobuf.field_mask_pb2 import FieldMask
from google.protobuf.message import DecodeError, Message
from google.protobuf.struct_pb2 import Struct
from hypothesis import given
from hypothesis import strategies as st

from coupon_server.domain.errors import DomainError, InvalidField, Reason
from coupon_server.domain.rewards import MAX_PAYLOAD_BYTES, payload_size
from coupon_server.rpc import field_rules
from coupon_server.rpc.errors import MAX_VIOLATIONS
from coupon_server.rpc.rest import ext_authz_pb2
from coupon_server.rpc.rest.structs import struct_of
from coupon_server.rpc.wire_bounds import (
    MAX_MASK_PATHS,
    MAX_STRUCT_BYTES,
    SPARE_FIELDS,
    Unbounded,
    WireBounds,
    excess,
    is_map,
    max_bytes,
    most_items,
)
from phoenix_coupons.v1 import (
    CreateRewardItemRequest,
    Event,
    GenerateCouponsRequest,
    RedeemCouponRequest,
    RewardItem,
    SendEventsRequest,
    UpdateRewardItemRequest,
)
from support.contract import RPCS, Rpc
from support.fillings import UNKNOWN, field_of, fillings

every_rpc = pytest.mark.parametrize("method", RPCS, ids=str)
TENANT = "0198c2f0-5a3b-7c1d-8e2f-000000000001"
any_rpc = st.sampled_from(RPCS)


def bounds_of(message_type: type[Message]) -> WireBounds:
    """Those that look at bodies of every size."""
    bounds = WireBounds(cast("Descriptor", message_type.DESCRIPTOR))
    bounds._free_bytes = -1
    return bounds


BOUNDS = {method.request_type: bounds_of(method.request_type) for method in RPCS}


def refusal(message_type: type[Message], body: bytes) -> DomainError | None:
    try:
        BOUNDS[message_type].check(body)
    except DomainError as error:
        return error
    return None


def largest(descriptor: Any) -> Any:
    """A message with as many items and as long texts as its type may have."""
    made = message_factory.GetMessageClass(descriptor)()
    for field in descriptor.fields:
        if field.message_type and field.message_type.full_name == "google.protobuf.Struct":
            getattr(made, field.name).update({"a": [1] * (MAX_PAYLOAD_BYTES // 2 - 4)})
        elif is_map(field):
            getattr(made, field.name).update({f"{n:04}": "v" for n in range(most_items(field))})
        elif field.message_type and field.is_repeated:
            getattr(made, field.name).extend([largest(field.message_type)] * most_items(field))
        elif field.message_type:
            getattr(made, field.name).CopyFrom(largest(field.message_type))
        elif field.type == FieldDescriptor.TYPE_STRING:
            text = "x" * max_bytes(field)
            setting(made, field, text)
        else:
            setting(made, field, 1)
    return made


def setting(message: Any, field: FieldDescriptor, value: Any) -> None:
    if field.is_repeated:
        getattr(message, field.name).extend([value] * most_items(field))
    else:
        setattr(message, field.name, value)


@every_rpc
def test_the_largest_message_is_not_too_large(method: Rpc) -> None:
    body = largest(method.request_type.DESCRIPTOR).SerializeToString()
    assert refusal(method.request_type, body) is None
    newer = b"".join(field_of(UNKNOWN, b"%d" % n) for n in range(SPARE_FIELDS))
    assert refusal(method.request_type, body + newer) is None
    assert refusal(method.request_type, body + newer + field_of(UNKNOWN, b"")) is not None


@st.composite
def messages(draw: st.DrawFn, descriptor: Any) -> Any:
    """Any message of a type, valid or not, but small."""
    made = message_factory.GetMessageClass(descriptor)()
    for field in draw(st.lists(st.sampled_from(list(descriptor.fields)), max_size=5)):
        kind = field.message_type
        if is_map(field):
            getattr(made, field.name).update(draw(st.dictionaries(st.text(), st.text())))
        elif kind and kind.full_name == "google.protobuf.Struct":
            getattr(made, field.name).update(draw(PAYLOADS))
        elif kind and field.is_repeated:
            getattr(made, field.name).extend(draw(st.lists(messages(kind), max_size=3)))
        elif kind:
            getattr(made, field.name).CopyFrom(draw(messages(kind)))
        elif field.type == FieldDescriptor.TYPE_STRING:
            setting_some(made, field, draw(st.text(max_size=40)))
        else:
            setting_some(made, field, draw(st.integers(0, 1)))
    return made


def setting_some(message: Any, field: FieldDescriptor, value: Any) -> None:
    if field.is_repeated:
        getattr(message, field.name).append(value)
    elif field.type == FieldDescriptor.TYPE_BOOL:
        setattr(message, field.name, bool(value))
    else:
        setattr(message, field.name, value)


NUMBERS = st.floats(allow_nan=False, allow_infinity=False)
SHORT = st.text(max_size=5)
PAYLOADS = st.dictionaries(
    SHORT,
    st.recursive(
        st.none() | st.booleans() | NUMBERS | SHORT,
        lambda inner: st.lists(inner, max_size=4) | st.dictionaries(SHORT, inner, max_size=3),
        max_leaves=8,
    ),
    max_size=4,
)


@given(data=st.data(), method=any_rpc, noise=st.binary(max_size=20))
def test_what_parses_is_never_malformed(data: st.DataObject, method: Rpc, noise: bytes) -> None:
    message = data.draw(messages(method.request_type.DESCRIPTOR))
    body = message.SerializeToString() + noise
    outcome = refusal(method.request_type, body)
    try:
        method.request_type.FromString(body)
    except DecodeError:
        return
    # A text may be longer than its rule, of which the refusal tells.
    assert outcome is None or isinstance(outcome, InvalidField)


@given(method=any_rpc, body=st.binary(max_size=60))
def test_what_is_malformed_here_is_malformed_to_the_parser(method: Rpc, body: bytes) -> None:
    """Otherwise something could hide from the count behind it."""
    outcome = refusal(method.request_type, body)
    if outcome is not None and outcome.reason is Reason.MALFORMED_MESSAGE:
        with pytest.raises(DecodeError):
            method.request_type.FromString(body)


@every_rpc
def test_every_filling_is_refused_or_worth_little(method: Rpc) -> None:
    for filling in fillings(method, TENANT):
        body = filling.body(200_000)
        if refusal(method.request_type, body) is not None:
            continue
        try:
            message = method.request_type.FromString(body)
        except DecodeError:
            continue
        assert fields_in(message) <= BOUNDS[method.request_type].max_fields + MAX_STRUCT_BYTES, (
            filling
        )


def fields_in(message: Message) -> int:
    count = 0
    for field, value in message.ListFields():
        items = list(value) if field.is_repeated else [value]
        count += len(items)
        count += sum(fields_in(item) for item in items if isinstance(item, Message))
    return count


LARGE = struct_of({"a": "x" * MAX_STRUCT_BYTES})


@pytest.mark.parametrize(
    ("message", "field", "rule"),
    [
        (GenerateCouponsRequest(user_ids=["a"] * 30_000), "user_ids",
         "must contain no more than 10000 item(s)"),
        (SendEventsRequest(events=[Event()] * 9_000), "events",
         "must contain no more than 100 item(s)"),
        (SendEventsRequest(events=[Event()] * 7 + [Event(user_id="u" * 129)]),
         "events[7].user_id", "must be at most 128 bytes"),
        (RedeemCouponRequest(metadata={f"{n}": "" for n in range(2_000)}), "metadata",
         "map must be at most 20 entries"),
        (RedeemCouponRequest(metadata={"k" * 300: ""}), 'metadata["' + "k" * 64 + '"]',
         "must be at most 64 characters"),
        (RedeemCouponRequest(metadata={"\n": "v" * 1025}), r'metadata["\n"]',
         "must be at most 256 characters"),
        (RedeemCouponRequest(code="x" * 1025), "code", "must be at most 256 characters"),
        (RedeemCouponRequest(tenant_id="x" * 37), "tenant_id", "must be a valid UUID"),
        (CreateRewardItemRequest(payload=LARGE), "payload",
         "must be at most 16384 bytes as JSON"),
        (UpdateRewardItemRequest(reward_item=RewardItem(payload=LARGE)),
         "reward_item.payload", "must be at most 16384 bytes as JSON"),
        (UpdateRewardItemRequest(update_mask=FieldMask(paths=["a"] * 9_000)), "update_mask",
         "must have at most 64 paths of at most 128 characters"),
    ],
)  # fmt: skip
def test_a_refusal_names_the_field_and_the_rule(message: Message, field: str, rule: str) -> None:
    outcome = refusal(type(message), message.SerializeToString())
    assert isinstance(outcome, InvalidField)
    assert outcome.violations == [(field, rule)]


def test_a_payload_in_parts_is_bounded_as_a_whole() -> None:
    half = struct_of({"a": "x" * (MAX_STRUCT_BYTES // 2)})
    part = CreateRewardItemRequest(payload=half).SerializeToString()
    assert refusal(CreateRewardItemRequest, part) is None
    assert refusal(CreateRewardItemRequest, part * 2) is not None


def test_unknown_fields_are_counted() -> None:
    outcome = refusal(RedeemCouponRequest, field_of(UNKNOWN, b"") * (SPARE_FIELDS + 1))
    assert outcome is not None
    assert outcome.reason is Reason.MALFORMED_MESSAGE
    assert f"{SPARE_FIELDS} unknown ones" in outcome.message


def test_a_list_without_a_maximum_keeps_the_server_from_starting() -> None:
    file = FileDescriptorProto(name="unbounded.proto", package="test", syntax="proto3")
    file.message_type.append(
        DescriptorProto(
            name="Request",
            field=[
                FieldDescriptorProto(
                    name="numbers",
                    number=1,
                    type=FieldDescriptorProto.TYPE_INT32,
                    label=FieldDescriptorProto.LABEL_REPEATED,
                )
            ],
        )
    )
    pool = DescriptorPool()
    pool.AddSerializedFile(file.SerializeToString())
    with pytest.raises(Unbounded, match=r"test\.Request\.numbers"):
        WireBounds(pool.FindMessageTypeByName("test.Request"))


def test_the_maxima_of_masks_are_those_of_the_contract() -> None:
    for count, accepted in ((MAX_MASK_PATHS, True), (MAX_MASK_PATHS + 1, False)):
        # Of several broken rules, too.
        request = UpdateRewardItemRequest(update_mask=FieldMask(paths=["name"] * count))
        broken = field_rules.broken_rules(request)
        assert broken is not None
        fields = [field for field, _ in broken.violations]
        assert "item_id" in fields
        assert ("update_mask" in fields) is not accepted


# --- payloads -------------------------------------------------------------------------------------


@given(payload=PAYLOADS)
def test_a_payload_has_no_more_bytes_on_the_wire_than_are_allowed(payload: dict[str, Any]) -> None:
    allowed = payload_size(payload) * MAX_STRUCT_BYTES // MAX_PAYLOAD_BYTES
    assert struct_of(payload).ByteSize() <= allowed


@given(payload=PAYLOADS)
def test_a_struct_is_what_the_library_makes_of_it(payload: dict[str, Any]) -> None:
    assert struct_of(payload) == json_format.ParseDict(payload, Struct())


def test_text_that_is_not_unicode_is_no_struct() -> None:
    for payload in ({"a": "\ud800"}, {"\ud800": 1}, {"a": [{"b": "\udfff"}]}):
        with pytest.raises(ValueError, match="surrogates"):
            struct_of(json.loads(json.dumps(payload)))


# --- questions of edges ---------------------------------------------------------------------------


def test_what_a_question_has_too_much_of() -> None:
    http = ext_authz_pb2.AttributeContext.HttpRequest
    limits = {"method": 9, "path": 100, "key": 20, "value": 30, "body": 40, "raw_body": 50}

    def found(**fields: Any) -> str | None:
        request = ext_authz_pb2.CheckRequest()
        request.attributes.request.http.CopyFrom(http(**fields))
        body = request.SerializeToString()
        return excess(body, ext_authz_pb2.CheckRequest.DESCRIPTOR, 30, limits)

    assert found(path="/" * 100, raw_body=b"b" * 50, headers={"k" * 20: "v" * 30}) is None
    assert found(path="/" * 101) == "path"
    assert found(raw_body=b"b" * 61) == "raw_body"
    assert found(headers={"k" * 60: ""}) == "key"
    assert found(headers={"": "v" * 60}) == "value"
    assert found(headers={f"{n}": "" for n in range(30)}) == ""


# --- rules after parsing --------------------------------------------------------------------------


def test_more_violations_are_found_after_the_first() -> None:
    good, bad = [f"u{n}" for n in range(5_000)], [f"\n{n}" for n in range(5_000)]
    request = GenerateCouponsRequest(
        tenant_id=TENANT, id=TENANT, user_ids=good + bad, quantity=-1, request_id="\n"
    )
    broken = field_rules.broken_rules(request)
    assert broken is not None
    fields = [field for field, _ in broken.violations]
    assert fields[0] == "user_ids[5000]"
    assert fields[1:MAX_VIOLATIONS] == [f"user_ids[{n}]" for n in range(5_001, 5_020)]


def test_an_excess_of_items_is_reported_beside_them() -> None:
    metadata = {f"\n{n}": "" for n in range(30)}
    broken = field_rules.broken_rules(
        RedeemCouponRequest(tenant_id=TENANT, user_id="a", metadata=metadata)
    )
    assert broken is not None
    assert broken.violations[0] == ("code", "must be at least 1 characters")
    assert ("metadata", "map must be at most 20 entries") in broken.violations
    keys = [rule for field, rule in broken.violations if field.startswith('metadata["')]
    assert set(keys[: MAX_VIOLATIONS - 2]) == {"must have no control characters"}
