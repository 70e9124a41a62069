"""Bytes that are no message of the RPC's type."""

import grpc
import pytest
from google.protobuf.message import DecodeError
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from support.bounds import cases
from support.contract import RPCS, Outcome, Rpc, World, headers
from support.serving import Tenant

every_rpc = pytest.mark.parametrize("target", RPCS, ids=str)
few_examples = settings(
    max_examples=40,
    deadline=None,
    database=None,
    # The examples of a test share a tenant; none needs it as it was.
    suppress_health_check=[HealthCheck.function_scoped_fixture],
)

MALFORMED = {
    "a length that runs past the end": b"\x0a\xff\x01abc",
    "a tag without its value": b"\x0a",
    "an endless varint": b"\x10" + b"\xff" * 11,
    "field number 0": b"\x00\x01",
    "wire type 7": b"\x0f",
    "an open group": b"\x0b",
    "a group that ends unopened": b"\x0c",
    "100,000 groups within each other": b"\x0b" * 100_000,
    "invalid UTF-8": b"\x0a\x02\xff\xfe",
    "half a surrogate pair": b"\x0a\x03\xed\xa0\x80",
    "an overlong NUL": b"\x0a\x02\xc0\x80",
}


@pytest.fixture
async def tenant(world: World) -> Tenant:
    """A tenant that may be changed."""
    return await world.server.new_tenant()


async def called(world: World, target: Rpc, body: bytes, tenant: Tenant | None = None) -> Outcome:
    kind = min(target.policy.credentials)
    own = headers(tenant or world.tenant, kind, target.path, body)
    return await world.wire.call(target.path, body, own)


def is_malformed(outcome: Outcome) -> bool:
    return outcome.refused_with(grpc.StatusCode.INVALID_ARGUMENT, "MALFORMED_MESSAGE")


def parses(target: Rpc, body: bytes) -> bool:
    try:
        target.request_type.FromString(body)
    except DecodeError:
        return False
    return True


@every_rpc
async def test_malformed_bytes_are_refused_as_malformed(world: World, target: Rpc) -> None:
    outcomes = {name: await called(world, target, body) for name, body in MALFORMED.items()}
    assert [name for name, outcome in outcomes.items() if not is_malformed(outcome)] == []
    for outcome in outcomes.values():
        assert outcome.message == f"The request is not a {target.request_type.__name__} message"


@every_rpc
async def test_a_message_cut_short_is_malformed_or_lacks_fields(world: World, target: Rpc) -> None:
    request = target.minimal_request(world.tenant.id)
    for case in cases(target):
        if case.accepted and request.ByteSize() < 1_000:
            case.put(request)
    body = request.SerializeToString()
    # Short of the tenant nothing passes authorisation, so nothing can happen.
    for end in range(1, min(len(body), 38)):
        cut = body[:end]
        outcome = await called(world, target, cut)
        if parses(target, cut):
            assert outcome.code is grpc.StatusCode.PERMISSION_DENIED
        else:
            assert is_malformed(outcome)


@every_rpc
async def test_fields_of_another_wire_type_are_not_read(world: World, target: Rpc) -> None:
    number = target.request_type.DESCRIPTOR.fields_by_name[target.policy.tenant_field].number
    for body in (bytes([number << 3, 1]), bytes([number << 3 | 5, 1, 2, 3, 4])):
        outcome = await called(world, target, body)
        assert outcome.code is grpc.StatusCode.PERMISSION_DENIED


@every_rpc
@few_examples
@given(noise=st.binary(max_size=200))
async def test_no_bytes_make_the_server_fail(
    world: World, tenant: Tenant, target: Rpc, noise: bytes
) -> None:
    # The tenant comes first, so that what parses reaches the handler.
    body = target.request_type(**{target.policy.tenant_field: tenant.id}).SerializeToString()
    body += noise
    outcome = await called(world, target, body, tenant)
    if parses(target, body):
        assert outcome.code not in (grpc.StatusCode.INTERNAL, grpc.StatusCode.UNKNOWN)
    else:
        assert is_malformed(outcome)
