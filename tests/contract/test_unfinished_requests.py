"""Requests that begin and do not end, of every method that takes one message."""

import asyncio
import time
from collections.abc import AsyncIterator, Sequence
from typing import Any

import grpc
import pytest

from coupon_server.auth.principals import CredentialKind
from support.contract import RPCS, Headers, Rpc, World, headers, rpc
from support.serving import Served, Tenant, serving, settings_for

CHECK = "/envoy.service.auth.v3.Authorization/Check"
HEALTH = "/grpc.health.v1.Health/Check"
WATCH = "/grpc.health.v1.Health/Watch"
TARGET = rpc("ListRewardItems")
ONE_MESSAGE = [one for one in RPCS if not one.client_streaming]


def begin(channel: grpc.aio.Channel, path: str, metadata: Headers = (), timeout: float = 30) -> Any:
    """A call of a method that takes one message, of which nothing is sent yet."""
    return channel.stream_unary(path)(metadata=metadata, timeout=timeout)


@pytest.fixture
async def hasty(database_url: str) -> AsyncIterator[Served]:
    """A server for four unfinished requests of each kind, each of which may take a second."""
    settings = settings_for(database_url, request_seconds=1, max_unfinished_requests=4)
    async with serving(settings) as served:
        yield served


@pytest.fixture
async def tenant(hasty: Served) -> Tenant:
    return await hasty.new_tenant()


@pytest.fixture
async def channels(hasty: Served) -> AsyncIterator[Sequence[grpc.aio.Channel]]:
    """Three connections."""
    options = [("grpc.use_local_subchannel_pool", 1)]
    channels = [grpc.aio.insecure_channel(hasty.address, options) for _ in range(3)]
    yield channels
    for channel in channels:
        await channel.close()


@pytest.fixture
def channel(channels: Sequence[grpc.aio.Channel]) -> grpc.aio.Channel:
    return channels[0]


def own(tenant: Tenant) -> Headers:
    return headers(tenant, CredentialKind.api_key, TARGET.path, b"")


@pytest.mark.parametrize("method", ONE_MESSAGE, ids=str)
async def test_who_calls_is_asked_before_the_message(world: World, method: Rpc) -> None:
    async with grpc.aio.insecure_channel(world.server.address) as channel:
        for metadata in ((), (("x-api-key", "pk_" + 43 * "A"),), (("authorization", "Bearer x"),)):
            assert await begin(channel, method.path, metadata).code() is (
                grpc.StatusCode.UNAUTHENTICATED
            )


async def test_a_signature_that_cannot_hold_is_refused_before_the_message(
    channel: grpc.aio.Channel, tenant: Tenant
) -> None:
    path = rpc("ValidateCoupon").path
    signed = dict(headers(tenant, CredentialKind.hmac, path, b""))
    for wrong in ({"x-timestamp": "1"}, {"x-signature": "nonsense"}, {"x-tenant-id": "me"}):
        call = begin(channel, path, tuple((signed | wrong).items()))
        assert await call.code() is grpc.StatusCode.UNAUTHENTICATED


@pytest.mark.parametrize("path", [TARGET.path, CHECK, HEALTH, WATCH])
async def test_a_message_has_to_come_in_time(
    channel: grpc.aio.Channel, tenant: Tenant, path: str
) -> None:
    call = begin(channel, path, own(tenant))
    assert await call.code() is grpc.StatusCode.DEADLINE_EXCEEDED
    assert await call.details() == "The request did not arrive within 1 s"


async def test_a_signed_message_has_to_come_in_time(
    channel: grpc.aio.Channel, tenant: Tenant
) -> None:
    path = rpc("ValidateCoupon").path
    call = begin(channel, path, headers(tenant, CredentialKind.hmac, path, b""))
    assert await call.code() is grpc.StatusCode.DEADLINE_EXCEEDED


@pytest.mark.parametrize("path", [TARGET.path, CHECK, HEALTH, WATCH])
async def test_a_call_needs_a_message(channel: grpc.aio.Channel, tenant: Tenant, path: str) -> None:
    call = begin(channel, path, own(tenant))
    await call.done_writing()
    assert await call.code() is grpc.StatusCode.INVALID_ARGUMENT
    assert await call.details() == "The call has no request message"


async def test_of_several_messages_the_first_is_the_request(
    channel: grpc.aio.Channel, tenant: Tenant
) -> None:
    call = begin(channel, TARGET.path, own(tenant))
    await call.write(TARGET.minimal_request(tenant.id).SerializeToString())
    await call.write(b"\x0b")
    await call.done_writing()
    assert await call.code() is grpc.StatusCode.OK


async def test_a_caller_that_gives_up_leaves_its_place(
    channel: grpc.aio.Channel, tenant: Tenant
) -> None:
    # A tenant has two places.
    for timeout in (0.1, 0.1, 30, 30):
        call = begin(channel, TARGET.path, own(tenant), timeout)
        if timeout < 1:
            assert await call.code() is grpc.StatusCode.DEADLINE_EXCEEDED
        else:
            await asyncio.sleep(0.05)
            call.cancel()
    call = begin(channel, TARGET.path, own(tenant))
    await call.write(TARGET.minimal_request(tenant.id).SerializeToString())
    assert await call.code() is grpc.StatusCode.OK


async def test_the_callers_deadline_holds_while_its_message_is_received(
    channel: grpc.aio.Channel, tenant: Tenant
) -> None:
    call = begin(channel, TARGET.path, own(tenant), 0.2)
    assert await call.code() is grpc.StatusCode.DEADLINE_EXCEEDED
    assert await call.details() != "The request did not arrive within 1 s"


async def test_one_tenant_leaves_places_to_others(
    hasty: Served, channels: Sequence[grpc.aio.Channel], tenant: Tenant
) -> None:
    unfinished = [begin(channels[0], TARGET.path, own(tenant)) for _ in range(10)]
    other = await hasty.new_tenant()
    call = begin(channels[1], TARGET.path, own(other))
    await call.write(TARGET.minimal_request(other.id).SerializeToString())
    assert await call.code() is grpc.StatusCode.OK
    codes = {await call.code() for call in unfinished}
    assert codes == {grpc.StatusCode.DEADLINE_EXCEEDED, grpc.StatusCode.UNAVAILABLE}


async def test_those_who_wait_have_slow_ones_ended(channels: Sequence[grpc.aio.Channel]) -> None:
    slow = [begin(channel, HEALTH) for channel in channels[:2] for _ in range(2)]
    await asyncio.sleep(0.1)
    call = begin(channels[2], HEALTH)
    await call.write(b"")
    assert await call.code() is grpc.StatusCode.OK
    codes = [await call.code() for call in slow]
    assert grpc.StatusCode.UNAVAILABLE in codes


@pytest.mark.parametrize("path", [HEALTH, WATCH])
async def test_health_takes_small_messages(channel: grpc.aio.Channel, path: str) -> None:
    call = begin(channel, path)
    await call.write(b"\x0a\x81\x08" + 1025 * b"a")
    assert await call.code() is grpc.StatusCode.INVALID_ARGUMENT
    call = begin(channel, path)
    await call.write(b"\x0b")
    assert await call.code() is grpc.StatusCode.INVALID_ARGUMENT


async def test_a_connection_has_few_streams_without_a_credential(
    channels: Sequence[grpc.aio.Channel],
) -> None:
    def watch(channel: grpc.aio.Channel) -> Any:
        method: Any = channel.unary_stream(WATCH)
        return method(b"")

    watching = [watch(channels[0]) for _ in range(4)]
    for one in watching:
        assert await one.read()
    assert await watch(channels[0]).code() is grpc.StatusCode.RESOURCE_EXHAUSTED
    assert await watch(channels[1]).read()
    watching[0].cancel()
    deadline = time.monotonic() + 20
    while await (again := watch(channels[0])).read() is grpc.aio.EOF:
        assert time.monotonic() < deadline
    again.cancel()
