"""Calls with a stream on either side, through the whole chain, on a service of the tests' own."""

import asyncio
from collections.abc import AsyncIterator, Iterator
from contextlib import aclosing, asynccontextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import grpc
import pytest
from google.protobuf import descriptor_pool, message_factory
from google.protobuf.descriptor import ServiceDescriptor
from google.protobuf.descriptor_pb2 import FileDescriptorSet
from grpc_tools import protoc

from coupon_server.domain.limits import Limits
from coupon_server.rpc import server as rpc_server
from coupon_server.rpc.calls import Call, Requests
from coupon_server.rpc.interceptors import interceptors
from coupon_server.rpc.rest.authorization import Authorization
from coupon_server.rpc.rest.routes import Routes
from coupon_server.rpc.server import RpcServer
from coupon_server.services.admission import Admission
from coupon_server.services.limits import TenantLimits
from phoenix_coupons import (
    ApiKeyCredential,
    CouponsError,
    Credential,
    Hmac,
    InvalidArgumentError,
    PermissionDeniedError,
    TenantToken,
    UnauthenticatedError,
    UnavailableError,
)
from phoenix_coupons._channel import AsyncChannel, BlockingChannel, Preparation
from phoenix_coupons._client import _OPTIONS
from support.contract import revoke_key
from support.links import linked
from support.serving import Served, Tenant

PROTO = """
syntax = "proto3";
package streams.test;
import "buf/validate/validate.proto";
import "phoenix_coupons/v1/auth_policy.proto";

message Say {
  string tenant_id = 1 [(buf.validate.field).string.uuid = true];
  string text = 2 [(buf.validate.field).string.max_len = 5];
}
message Said { string text = 1; }

service Echo {
  rpc Repeat(Say) returns (stream Said) {
    option (phoenix_coupons.v1.auth_policy) = {
      credentials: [tenant_jwt, hmac] tenant_field: "tenant_id" user_token: refused
      call_class: lists
    };
  }
  rpc RepeatByKey(Say) returns (stream Said) {
    option (phoenix_coupons.v1.auth_policy) = {
      credentials: [api_key] tenant_field: "tenant_id" scope: read user_token: refused
      call_class: lists
    };
  }
  rpc Join(stream Say) returns (Said) {
    option (phoenix_coupons.v1.auth_policy) = {
      credentials: [tenant_jwt] tenant_field: "tenant_id" user_token: refused
      call_class: lists
    };
  }
  rpc Mirror(stream Say) returns (stream Said) {
    option (phoenix_coupons.v1.auth_policy) = {
      credentials: [tenant_jwt] tenant_field: "tenant_id" user_token: refused
      call_class: lists
    };
  }
}
"""

MAX_STREAMS = 5

Stub = Any
"""A method of the service, as the client's channels make it."""


class Echo:
    """Says what it is told."""

    def __init__(self, said: Any) -> None:
        self._said = said
        self.ended = asyncio.Event()

    async def Repeat(self, request: Any, call: Call) -> AsyncIterator[Any]:
        """The text again and again, a hundred times a second."""
        try:
            while True:
                await call.check_may_go_on()
                yield self._said(text=request.text)
                await asyncio.sleep(0.01)
        finally:
            self.ended.set()

    RepeatByKey = Repeat

    async def Join(self, requests: Requests[Any], _: object) -> Any:
        """All the texts."""
        return self._said(text=" ".join([request.text async for request in requests]))

    async def Mirror(self, requests: Requests[Any], _: object) -> AsyncIterator[Any]:
        """Each text with its tenant, or the field that is wrong."""
        try:
            async with aclosing(requests.each()) as pairs:
                async for request, refusal in pairs:
                    text = f"{request.tenant_id} {request.text}"
                    yield self._said(text=refusal.violations[0][0] if refusal else text)
        finally:
            self.ended.set()


@dataclass
class Running:
    """The service, running, and what a client needs to call it."""

    echo: Echo
    server: RpcServer
    address: str
    service: ServiceDescriptor

    def method(self, channel: Any, name: str) -> Stub:
        descriptor = self.service.methods_by_name[name]
        sides = [
            "stream" if streams else "unary"
            for streams in (descriptor.client_streaming, descriptor.server_streaming)
        ]
        return getattr(channel, "_".join(sides))(
            f"/{self.service.full_name}/{name}",
            message_factory.GetMessageClass(descriptor.input_type).SerializeToString,
            message_factory.GetMessageClass(descriptor.output_type).FromString,
        )


@pytest.fixture(scope="module")
def service(tmp_path_factory: pytest.TempPathFactory, project: Path) -> ServiceDescriptor:
    folder = tmp_path_factory.mktemp("proto")
    (folder / "echo.proto").write_text(PROTO)
    own = project / "proto"
    known = Path(protoc.__file__).parent / "_proto"
    paths = [f"-I{path}" for path in (folder, own, own / "third_party", known)]
    compiled = folder / "echo.bin"
    assert not protoc.main(["", *paths, f"--descriptor_set_out={compiled}", "echo.proto"])
    [file] = FileDescriptorSet.FromString(compiled.read_bytes()).file
    described = descriptor_pool.Default().AddSerializedFile(file.SerializeToString())
    return described.services_by_name["Echo"]


@pytest.fixture
async def running(server: Served, service: ServiceDescriptor) -> AsyncIterator[Running]:
    async with _running(server, service) as made:
        yield made


@asynccontextmanager
async def _running(server: Served, service: ServiceDescriptor) -> AsyncIterator[Running]:
    app = server.app
    echo = Echo(_messages(service)["Said"])
    unfinished = app.unfinished_requests()
    limits = TenantLimits(app.database, Limits(streams_in_flight=MAX_STREAMS))
    admission = Admission(app.database, limits, app.clock)
    echo_server = RpcServer(
        {"Echo": echo},
        interceptors(
            app.authenticator,
            "all",
            admission,
            of_tenants=unfinished,
            of_strangers=unfinished,
        ),
        Authorization(Routes(()), app.authenticator, app.assertions, app.peers, admission, "none"),
        app.connection_limits(),
        unfinished,
        services=(service,),
    )
    port = await echo_server.start("127.0.0.1:0")
    yield Running(echo, echo_server, f"127.0.0.1:{port}", service)
    await echo_server.drain(0, 0.2)


def _messages(service: ServiceDescriptor) -> dict[str, Any]:
    types = service.file.message_types_by_name
    return {name: message_factory.GetMessageClass(one) for name, one in types.items()}


@pytest.fixture
def say(service: ServiceDescriptor) -> Any:
    return _messages(service)["Say"]


@pytest.fixture
async def call(running: Running, tenant: Tenant) -> AsyncIterator[Any]:
    """A method by its name, called with the tenant's token or another credential."""
    async with grpc.aio.insecure_channel(running.address) as channel:

        def method(name: str, credential: Credential | None = None) -> Stub:
            used = credential or TenantToken(tenant.id, tenant.credentials.tenant_secret)
            return running.method(AsyncChannel(channel, Preparation(used, 5)), name)

        yield method


async def _read_all(stream: Any) -> list[Any]:
    return [response async for response in stream]


async def test_a_server_stream_ends_when_its_reader_goes(
    running: Running, call: Any, say: Any, tenant: Tenant
) -> None:
    stream = call("Repeat")(say(tenant_id=tenant.id, text="hi"))
    assert [(await stream.read()).text for _ in range(3)] == ["hi"] * 3
    stream.cancel()
    await asyncio.wait_for(running.echo.ended.wait(), 5)


async def test_a_server_stream_may_be_signed(call: Any, say: Any, tenant: Tenant) -> None:
    signed = Hmac(tenant.id, tenant.credentials.tenant_secret)
    stream = call("Repeat", signed)(say(tenant_id=tenant.id, text="hi"))
    assert (await stream.read()).text == "hi"
    stream.cancel()


async def test_a_revocation_ends_a_stream(call: Any, say: Any, tenant: Tenant) -> None:
    stream = call("RepeatByKey", ApiKeyCredential(tenant.credentials.api_key))(
        say(tenant_id=tenant.id)
    )
    await stream.read()
    await revoke_key(tenant)
    with pytest.raises(UnauthenticatedError):
        await asyncio.wait_for(_read_all(stream), 2)


async def test_a_stream_ends_when_the_server_drains(
    running: Running, call: Any, say: Any, tenant: Tenant
) -> None:
    stream = call("Repeat")(say(tenant_id=tenant.id))
    await stream.read()
    async with asyncio.timeout(5):
        await running.server.drain(0, 60)
    with pytest.raises(UnavailableError, match="being stopped"):
        await _read_all(stream)


async def test_a_stream_ends_when_its_reader_is_gone_without_a_word(
    server: Served, service: ServiceDescriptor, say: Any, tenant: Tenant, sooner: None
) -> None:
    async with _running(server, service) as running:
        host, _, port = running.address.partition(":")
        async with (
            linked(host, int(port)) as (link, address),
            grpc.aio.insecure_channel(address) as channel,
        ):
            token = TenantToken(tenant.id, tenant.credentials.tenant_secret)
            mirror = running.method(AsyncChannel(channel, Preparation(token, 60)), "Mirror")
            stream = mirror()
            await stream.write(say(tenant_id=tenant.id, text="hi"))
            await stream.read()
            link.freeze()
            # Nothing is sent on it from either side.
            await asyncio.wait_for(running.echo.ended.wait(), 60)
            stream.cancel()


async def test_a_client_notices_that_its_server_is_gone_without_a_word(
    running: Running, say: Any, tenant: Tenant
) -> None:
    options = dict(_OPTIONS)
    options["grpc.http2.ping_timeout_ms"] //= 10
    host, _, port = running.address.partition(":")
    async with (
        linked(host, int(port)) as (link, address),
        grpc.aio.insecure_channel(address, [*options.items()]) as channel,
    ):
        token = TenantToken(tenant.id, tenant.credentials.tenant_secret)
        repeat = running.method(AsyncChannel(channel, Preparation(token, 60)), "Repeat")
        stream = repeat(say(tenant_id=tenant.id))
        await stream.read()
        link.freeze()
        with pytest.raises(UnavailableError):
            await asyncio.wait_for(_read_all(stream), 30)


@pytest.fixture
def sooner(monkeypatch: pytest.MonkeyPatch) -> None:
    """The server asks its clients sooner whether they are there."""
    options: dict[str, int] = dict(rpc_server._OPTIONS)
    for name in ("grpc.keepalive_time_ms", "grpc.http2.ping_timeout_ms"):
        options[name] //= 10
    monkeypatch.setattr(rpc_server, "_OPTIONS", tuple(options.items()))


async def test_a_server_streams_request_is_checked(call: Any, say: Any, tenant: Tenant) -> None:
    with pytest.raises(InvalidArgumentError) as error:
        await call("Repeat")(say(tenant_id=tenant.id, text="too long")).read()
    assert [one.field for one in error.value.field_violations] == ["text"]


@pytest.mark.parametrize("asynchronous", [True, False])
async def test_a_client_stream_names_its_tenant_once(
    call: Any, say: Any, tenant: Tenant, asynchronous: bool
) -> None:
    def texts() -> Iterator[Any]:
        yield say(tenant_id=tenant.id, text="one")
        yield say(text="two")
        yield say(tenant_id=tenant.id, text="three")

    async def texts_in_time() -> AsyncIterator[Any]:
        for text in texts():
            yield text

    said = await call("Join")(texts_in_time() if asynchronous else texts())
    assert said.text == "one two three"


async def test_a_client_stream_can_be_written(call: Any, say: Any, tenant: Tenant) -> None:
    stream = call("Mirror")()
    await stream.write(say(tenant_id=tenant.id, text="one"))
    assert (await stream.read()).text == f"{tenant.id} one"
    await stream.write(say(text="two"))
    assert (await stream.read()).text == f"{tenant.id} two"
    await stream.done_writing()
    assert await stream.read() is grpc.aio.EOF


async def test_each_message_is_held_to_the_rules(call: Any, say: Any, tenant: Tenant) -> None:
    texts = [say(tenant_id=tenant.id, text="one"), say(text="too long"), say(text="two")]
    said = [answer.text for answer in await _read_all(call("Mirror")(texts))]
    assert said == [f"{tenant.id} one", "text", f"{tenant.id} two"]
    with pytest.raises(InvalidArgumentError) as error:
        await call("Join")(texts)
    assert [one.field for one in error.value.field_violations] == ["text"]


async def test_no_message_reaches_another_tenant(
    call: Any, say: Any, server: Served, tenant: Tenant
) -> None:
    other = await server.new_tenant()
    for texts in (
        [say()],
        [say(tenant_id=other.id)],
        [say(tenant_id=tenant.id)] * 2 + [say(tenant_id=other.id)],
    ):
        with pytest.raises(PermissionDeniedError):
            await call("Join")(texts)


async def test_a_client_stream_takes_bearer_tokens_only(
    call: Any, say: Any, tenant: Tenant
) -> None:
    own = tenant.credentials
    for credential in (Hmac(tenant.id, own.tenant_secret), ApiKeyCredential(own.api_key)):
        with pytest.raises(PermissionDeniedError, match="this kind of credential"):
            # Before it said anything.
            await call("Join", credential)([])
    token = TenantToken(tenant.id, own.tenant_secret, user_id="alice")
    with pytest.raises(PermissionDeniedError, match="confined to a user"):
        await call("Join", token)([say(tenant_id=tenant.id)])


@pytest.mark.parametrize("name", ["Join", "Mirror"])
async def test_a_refusal_reaches_a_client_that_is_still_writing(
    call: Any, say: Any, tenant: Tenant, name: str
) -> None:
    key = ApiKeyCredential(tenant.credentials.api_key)

    async def refused() -> None:
        stream = call(name, key)([say(tenant_id=tenant.id, text="hello")] * 50)
        with pytest.raises(PermissionDeniedError, match="this kind of credential"):
            await (stream if name == "Join" else stream.read())

    for _ in range(20):
        await asyncio.gather(*(refused() for _ in range(10)))


async def test_a_refusal_reaches_a_client_that_writes_itself(
    call: Any, say: Any, tenant: Tenant
) -> None:
    async def talk() -> None:
        stream = call("Mirror", ApiKeyCredential(tenant.credentials.api_key))()
        for _ in range(50):
            await stream.write(say(tenant_id=tenant.id, text="hello"))
        await stream.read()

    for _ in range(20):
        for ended in await asyncio.gather(*(talk() for _ in range(10)), return_exceptions=True):
            with pytest.raises(PermissionDeniedError, match="this kind of credential"):
                raise ended or AssertionError("it was not refused")


@pytest.mark.parametrize("by_hand", [False, True])
async def test_answers_that_were_not_read_hide_neither_themselves_nor_a_refusal(
    call: Any, say: Any, server: Served, tenant: Tenant, by_hand: bool
) -> None:
    other = await server.new_tenant()

    async def texts() -> AsyncIterator[Any]:
        for tenant_id in (*[tenant.id] * 20, other.id):
            yield say(tenant_id=tenant_id, text="hello")
        while True:
            yield say(tenant_id=tenant.id, text="hello")
            await asyncio.sleep(0)

    async def write_all() -> None:
        async for text in texts():
            await stream.write(text)

    async def read_all() -> None:
        async for answer in stream:
            answers.append(answer.text)

    stream, ended = call("Mirror")(None if by_hand else texts()), asyncio.Event()
    stream.add_done_callback(lambda _: ended.set())
    if by_hand:
        with pytest.raises(CouponsError):
            await write_all()
    await ended.wait()
    answers: list[str] = []
    with pytest.raises(PermissionDeniedError, match="another tenant"):
        await read_all()
    assert answers == [f"{tenant.id} hello"] * 20


@pytest.mark.parametrize("name", ["Join", "Mirror"])
async def test_nobody_asks_for_messages_of_a_stream_that_has_ended(
    call: Any, say: Any, tenant: Tenant, name: str
) -> None:
    coming: asyncio.Queue[Any] = asyncio.Queue()
    left = asyncio.Event()

    async def texts() -> AsyncIterator[Any]:
        try:
            while True:
                yield await coming.get()
        finally:
            left.set()

    coming.put_nowait(say(tenant_id=tenant.id, text="hello"))
    stream = call(name, ApiKeyCredential(tenant.credentials.api_key))(texts())
    with pytest.raises(PermissionDeniedError):
        await (stream if name == "Join" else stream.read())
    # Or the next message would be lost to it.
    await asyncio.wait_for(left.wait(), 5)


async def test_what_the_callers_iterator_raises_reaches_the_caller(
    call: Any, say: Any, tenant: Tenant
) -> None:
    def texts() -> Iterator[Any]:
        yield say(tenant_id=tenant.id, text="one")
        raise LookupError("no more")

    with pytest.raises(LookupError, match="no more"):
        await call("Join")(texts())


async def test_a_tenant_has_so_many_streams_open(
    running: Running, call: Any, say: Any, server: Served, tenant: Tenant
) -> None:
    def repeat(tenant: Tenant) -> Any:
        token = TenantToken(tenant.id, tenant.credentials.tenant_secret)
        return call("Repeat", token)(say(tenant_id=tenant.id))

    async def mirror() -> Any:
        stream = call("Mirror")()
        await stream.write(say(tenant_id=tenant.id))
        await stream.read()
        return stream

    other = await server.new_tenant()
    streams = [repeat(tenant) for _ in range(MAX_STREAMS - 1)]
    for stream in streams:
        await stream.read()
    # What is refused takes no place, and what is of other tenants takes none here.
    with pytest.raises(PermissionDeniedError):
        await call("Repeat")(say(tenant_id=other.id)).read()
    others = repeat(other)
    await others.read()
    streams.append(await mirror())
    for refused in (repeat(tenant).read(), call("Join")([say(tenant_id=tenant.id)])):
        with pytest.raises(CouponsError) as error:
            await refused
        assert (error.value.reason, error.value.metadata) == ("TOO_MANY_STREAMS", {"limit": "5"})
    # Each way to end gives its place back: by the reader, and by the last message.
    streams.pop(0).cancel()
    await asyncio.wait_for(running.echo.ended.wait(), 5)
    streams.append(repeat(tenant))
    await streams[-1].read()
    ended = streams.pop(-2)
    await ended.done_writing()
    assert await ended.read() is grpc.aio.EOF
    assert (await call("Join")([say(tenant_id=tenant.id, text="in")])).text == "in"
    for stream in (*streams, others):
        stream.cancel()


async def test_streams_from_blocking_code(running: Running, say: Any, tenant: Tenant) -> None:
    def talk() -> None:
        token = TenantToken(tenant.id, tenant.credentials.tenant_secret)
        texts = [say(tenant_id=tenant.id, text="one"), say(text="two")]

        def broken() -> Iterator[Any]:
            yield texts[0]
            raise LookupError("no more")

        with grpc.insecure_channel(running.address) as bare:
            channel = BlockingChannel(bare, Preparation(token, 5))
            join, mirror, repeat = (
                running.method(channel, name) for name in ("Join", "Mirror", "Repeat")
            )
            assert join(iter(texts)).text == "one two"
            assert [said.text for said in mirror(iter(texts))] == [
                f"{tenant.id} one",
                f"{tenant.id} two",
            ]
            stream = repeat(texts[0])
            assert next(stream).text == "one"
            stream.cancel()
            with pytest.raises(InvalidArgumentError):
                join(iter([say(tenant_id=tenant.id, text="too long")]))
            for method in (join, lambda requests: list(mirror(requests))):
                with pytest.raises(LookupError, match="no more"):
                    method(broken())

    await asyncio.to_thread(talk)
