"""Both edges print whatever a service answers alike: all fields, unset messages as null."""

import json
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Any

import grpc
import pytest
from google.protobuf import json_format, message_factory
from google.protobuf.descriptor import Descriptor, FieldDescriptor
from google.protobuf.message import Message
from hypothesis import given, settings
from hypothesis import strategies as st

from coupon_server.rpc.rest import ext_authz_pb2 as pb
from coupon_server.rpc.rest.authorization import CHECK, about_answer
from coupon_server.rpc.rest.routes import Routes
from coupon_server.rpc.server import SERVICES
from support import edges
from support.bindings import BINDINGS, Binding
from support.edges import Edge
from support.rest import send

EXAMPLES = 20
NAMES = ["payload", "created_at", "reward_item", "coupons", "metadata"]
"""Of fields in messages, and as texts and in objects that no message is behind."""

MARKS = ["", '{"expires_at":null}', '\\",{"', '"}],"total":', "\\u007d"]
TEXTS = st.sampled_from([*NAMES, *MARKS]) | st.text(
    "\"\\{}[]:,n1/<'é🎉\u2028\x00\x1f\x7f ", max_size=8
)
JSON = st.recursive(
    st.none() | st.booleans() | st.sampled_from([0, -1.5, 1e300, 5e-324]) | TEXTS,
    lambda below: st.lists(below, max_size=3) | st.dictionaries(TEXTS, below, max_size=3),
    max_leaves=5,
)
OBJECTS = st.dictionaries(TEXTS, JSON, max_size=4)
SCALARS: dict[int, st.SearchStrategy[Any]] = {
    FieldDescriptor.TYPE_BOOL: st.booleans(),
    FieldDescriptor.TYPE_DOUBLE: st.floats(0, 1e20),
    FieldDescriptor.TYPE_INT32: st.integers(-(2**31), 2**31 - 1),
    FieldDescriptor.TYPE_STRING: TEXTS,
}
WITHIN = {
    "google.protobuf.Duration.seconds": 10**9,
    "google.protobuf.Duration.nanos": 999_999_999,
    "google.protobuf.Timestamp.seconds": 4 * 10**9,
    "google.protobuf.Timestamp.nanos": 999_999_999,
}
ONE_OF_EACH_ANSWER = list({one.answer.full_name: one for one in BINDINGS}.values())


class Scripted(grpc.GenericRpcHandler):
    """A service that permits every request and answers every call with the same bytes."""

    def __init__(self) -> None:
        self.answer = b""
        self._routes = Routes(SERVICES)

    def service(self, details: grpc.HandlerCallDetails) -> "grpc.RpcMethodHandler[bytes, bytes]":
        answers = {CHECK: self._permit, "/grpc.health.v1.Health/Check": lambda *_: b"\x08\x01"}
        return grpc.unary_unary_rpc_method_handler(
            answers.get(details.method, lambda *_: self.answer)
        )

    def _permit(self, check: bytes, _: grpc.ServicerContext) -> bytes:
        request = pb.CheckRequest.FromString(check).attributes.request.http
        route, _variables = self._routes.find(request.method, request.path)
        answer = pb.CheckResponse(status=pb.Status(), ok_response=pb.OkHttpResponse())
        answer.dynamic_metadata.update(about_answer(route))
        return answer.SerializeToString()


@pytest.fixture(scope="module")
def scripted() -> Iterator[tuple[Scripted, int]]:
    handler = Scripted()
    server = grpc.server(ThreadPoolExecutor(), handlers=[handler])
    port = server.add_insecure_port("127.0.0.1:0")
    server.start()
    yield handler, port
    server.stop(None).wait()


@pytest.fixture(scope="module")
def both(
    scripted: tuple[Scripted, int], gateway_program: Path, tmp_path_factory: pytest.TempPathFactory
) -> Iterator[tuple[Edge, Edge]]:
    folder, (_, port) = tmp_path_factory.mktemp("edges"), scripted
    with (
        edges.envoy(port, folder) as envoy,
        edges.gateway(gateway_program, port, folder) as gateway,
    ):
        yield envoy, gateway


@st.composite
def messages(draw: st.DrawFn, kind: Descriptor) -> Message:
    """A message of which any field may be unset."""
    if kind.full_name == "google.protobuf.Struct":
        return json_format.ParseDict(draw(OBJECTS), made(kind))
    alternatives = [draw(st.sampled_from(list(group.fields))) for group in kind.oneofs]
    fields = {
        field.name: draw(values(field))
        for field in kind.fields
        if field.containing_oneof is None or field in alternatives
        if draw(st.booleans())
    }
    return made(kind, **fields)


def made(kind: Descriptor, /, **fields: Any) -> Message:
    return message_factory.GetMessageClass(kind)(**fields)


def values(field: FieldDescriptor) -> st.SearchStrategy[Any]:
    one: st.SearchStrategy[Any]
    if field.full_name in WITHIN:
        one = st.integers(0, WITHIN[field.full_name])
    elif field.enum_type:
        one = st.sampled_from([value.number for value in field.enum_type.values])
    elif field.message_type is None:
        one = SCALARS[field.type]
    elif field.message_type.GetOptions().map_entry:
        return st.dictionaries(TEXTS, TEXTS, max_size=3)
    else:
        one = messages(field.message_type)
    return st.lists(one, max_size=2) if field.is_repeated else one


def printed(edge: Edge, binding: Binding) -> Any:
    """An answer's JSON, in which no name may stand twice. A whole double has several texts."""
    content = b"{}" if binding.rule.body else None
    answer = send(edge, binding.verb, binding.path(), (), content)
    assert answer.status == 200, answer
    length = answer.header("content-length")
    assert length is None or int(length) == len(answer.body)
    return json.loads(answer.body, object_pairs_hook=unique, parse_int=float)


def unique(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    names = [name for name, _ in pairs]
    assert len(set(names)) == len(names), names
    return dict(pairs)


@pytest.mark.parametrize("binding", ONE_OF_EACH_ANSWER, ids=str)
def test_any_answer_is_printed_alike(
    scripted: tuple[Scripted, int], both: tuple[Edge, Edge], binding: Binding
) -> None:
    handler, _ = scripted

    @settings(max_examples=EXAMPLES, derandomize=True, database=None, deadline=None)
    @given(messages(binding.answer))
    def check(answer: Message) -> None:
        if inner := binding.rule.response_body:
            handler.answer = made(binding.method.output_type, **{inner: answer}).SerializeToString()
        else:
            handler.answer = answer.SerializeToString()
        one, other = (printed(edge, binding) for edge in both)
        assert one == other
        assert json_format.ParseDict(other, made(binding.answer)) == answer

    check()
