"""Every RPC of the contract, and calls that put exactly what they are told on the wire."""

import re
import uuid
from collections.abc import AsyncIterator, Callable, Iterable, Mapping, Sequence
from contextlib import asynccontextmanager
from dataclasses import dataclass, replace
from datetime import datetime
from typing import Any, TypeAlias

import grpc
from buf.validate import validate_pb2
from google.protobuf import message_factory
from google.protobuf.descriptor import FieldDescriptor
from google.protobuf.message import Message
from google.rpc import error_details_pb2, status_pb2

from coupon_server.auth.policy import MethodPolicy, policies
from coupon_server.auth.principals import CredentialKind, Scope
from coupon_server.domain.errors import InvalidField, Reason
from coupon_server.rpc import grant_cursors
from coupon_server.rpc.errors import status_of
from coupon_server.rpc.server import SERVICES
from coupon_server.services.credentials import NewApiKey
from phoenix_coupons import AdminToken, ApiKeyCredential, Credential, Hmac, TenantToken
from phoenix_coupons._channel import Ending
from phoenix_coupons.v1 import StreamEventsResponse
from support.app import TESTS
from support.serving import Served, Tenant, serving, settings_for

Headers = tuple[tuple[str, str], ...]
UntypedMethod: TypeAlias = "grpc.aio.UnaryUnaryMultiCallable[bytes, bytes]"

# What no caller may ever be shown: SQL and its library's words, traces, files, secrets.
LEAKS = re.compile(
    r"(?i:traceback|sqlalchemy|asyncpg|postgres|\.py\b|site-packages|/(?:tmp|usr|home|root)/)"
    r"|\b(?:SELECT|INSERT|DELETE FROM|UPDATE \w+ SET|WHERE|JOIN|relation|constraint|SQLSTATE)\b"
    r"|pk_[\w-]{20}|ts_[\w-]{20}|eyJ[\w-]{10}"
)


@dataclass(frozen=True, slots=True)
class Rpc:
    """An RPC, as its descriptor and its policy tell it."""

    service: str
    name: str
    path: str
    """`/package.Service/Method`."""
    request_type: type[Message]
    policy: MethodPolicy
    client_streaming: bool
    server_streaming: bool

    def __str__(self) -> str:
        return f"{self.service}.{self.name}"

    def minimal_request(self, tenant_id: str, **ids: str) -> Message:
        """The least that passes validation; ids name nothing unless `ids` gives them by field."""
        request = _minimal(self.request_type.DESCRIPTOR)
        for name, value in {self.policy.tenant_field: tenant_id, **ids}.items():
            if name in self.request_type.DESCRIPTOR.fields_by_name:
                setattr(request, name, value)
        if tenant_id and getattr(request, "cursor", ""):
            # One that is needed is the tenant's own.
            setattr(request, "cursor", grant_cursors.encode(uuid.UUID(tenant_id), 0))  # noqa: B010
        return request

    @property
    def streams(self) -> bool:
        return self.client_streaming or self.server_streaming

    @property
    def mutates(self) -> bool:
        return self.service == "EventIngest" or (
            "request_id" in self.request_type.DESCRIPTOR.fields_by_name
        )


def _rpcs() -> Iterable[Rpc]:
    rules = policies(SERVICES)
    for service in SERVICES:
        for method in service.methods:
            path = f"/{service.full_name}/{method.name}"
            request_type = message_factory.GetMessageClass(method.input_type)
            sides = method.client_streaming, method.server_streaming
            yield Rpc(service.name, method.name, path, request_type, rules[path], *sides)


RPCS: tuple[Rpc, ...] = tuple(_rpcs())
UNARY_RPCS = tuple(one for one in RPCS if not one.streams)
_STREAMING = {one.path: one for one in RPCS if one.streams}


def rpc(name: str) -> Rpc:
    """The RPC with this name, such as `RedeemCoupon`."""
    return next(one for one in RPCS if one.name == name)


def rules_of(field: FieldDescriptor) -> validate_pb2.FieldRules:
    """What the contract demands of the field."""
    return field.GetOptions().Extensions[validate_pb2.field]


NOTHING = str(uuid.UUID(int=0))


def _set(message: Message, **values: object) -> None:
    for name, value in values.items():
        setattr(message, name, value)


# What no single field's rules say.
_NEEDED: Mapping[str, Callable[[Any], None]] = {
    "GenerateCouponsRequest": lambda request: setattr(request, "quantity", 1),
    "StartGenerationRequest": lambda request: _set(request, definition_id=NOTHING, quantity=1),
    "StartRevocationRequest": lambda request: _set(request, definition_id=NOTHING),
    "ImportCouponsRequest": lambda request: _set(request, definition_id=NOTHING),
    "CreateWebhookEndpointRequest": lambda request: setattr(
        request, "url", "https://hooks.invalid/"
    ),
    "CouponConfig": lambda config: setattr(config, "reward_item_id", str(uuid.uuid4())),
    "Event": lambda event: setattr(event.achievement_completed, "achievement_id", "x"),
}


def _minimal(descriptor: Any) -> Message:
    message = message_factory.GetMessageClass(descriptor)()
    for field in descriptor.fields:
        rules = rules_of(field)
        if field.is_repeated:
            if rules.repeated.min_items:
                getattr(message, field.name).append(_minimal_item(field))
        elif field.type == FieldDescriptor.TYPE_STRING:
            setattr(message, field.name, _minimal_text(rules))
        elif field.message_type and rules.required:
            getattr(message, field.name).CopyFrom(_minimal(field.message_type))
    _NEEDED.get(descriptor.name, lambda _: None)(message)
    return message


def _minimal_item(field: FieldDescriptor) -> Message | str:
    if field.message_type:
        return _minimal(field.message_type)
    return _minimal_text(rules_of(field).repeated.items)


def _minimal_text(rules: validate_pb2.FieldRules) -> str:
    if rules.string.uuid and rules.ignore != validate_pb2.IGNORE_IF_ZERO_VALUE:
        return str(uuid.uuid4())
    return "x" * rules.string.min_len


# --- calls ---------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class Outcome:
    """How a call ended, word for word."""

    code: grpc.StatusCode
    message: str
    trailers: tuple[tuple[str, str | bytes], ...]
    response: bytes

    @property
    def reason(self) -> str:
        info = error_details_pb2.ErrorInfo()
        return str(self._detail(info).reason)

    @property
    def violations(self) -> dict[str, str]:
        """The rule that each field broke."""
        bad_request = self._detail(error_details_pb2.BadRequest())
        return {found.field: found.description for found in bad_request.field_violations}

    @property
    def metadata_size(self) -> int:
        """Bytes of the trailers as HTTP/2 counts them (RFC 9113, section 6.5.2), at most."""
        texts = [*self.trailers, ("grpc-message", self.message.encode() * 3)]
        return sum(len(key) + _wire_length(value) + 32 for key, value in texts)

    def refused_with(self, code: grpc.StatusCode, reason: str) -> bool:
        return (self.code, self.reason) == (code, reason)

    def _detail(self, message: Any) -> Any:
        for detail in self._status().details:
            detail.Unpack(message)
        return message

    def _status(self) -> status_pb2.Status:
        status: status_pb2.Status = status_pb2.Status.FromString(
            self.header("grpc-status-details-bin") or b""
        )
        return status

    def header(self, key: str) -> Any:
        """The trailer with this key; None if there is none."""
        return dict(self.trailers).get(key)

    def everything_told(self) -> str:
        return "\n".join([self.message, str(self._status()), *map(str, self.trailers)])


def _wire_length(value: str | bytes) -> int:
    return len(value) if isinstance(value, str) else len(value) * 4 // 3 + 3


class Wire:
    """A channel without manners: it sends any bytes with any headers, and never retries."""

    def __init__(self, channel: grpc.aio.Channel) -> None:
        self._channel = channel

    async def call(
        self,
        path: str,
        body: bytes,
        headers: Headers = (),
        seconds: float = 30,
        before: Sequence[bytes] = (),
    ) -> Outcome:
        """How the call ends, or begins if it streams: with a request, and the first response.

        `before`: messages of a client stream that come before `body`. Whatever the call tells is
        searched for what must not be told.
        """
        call = self._begin(path, body, before, metadata=headers, timeout=seconds)
        ending = Ending(call)
        try:
            response: bytes = await (call.read() if _streams_back(path) else call)
        except grpc.aio.AioRpcError as raised:
            error = await ending.failure() or raised
            trailers = error.trailing_metadata() or ()
            outcome = Outcome(error.code(), error.details() or "", tuple(trailers), b"")
        else:
            call.cancel()
            trailers = () if _streams_back(path) else await call.trailing_metadata()
            refusal = _refusal(path, response)
            outcome = refusal or Outcome(grpc.StatusCode.OK, "", tuple(trailers), response)
        leak = LEAKS.search(outcome.everything_told())
        assert leak is None, f"{path} told {leak}"
        return outcome

    def _begin(self, path: str, body: bytes, before: Sequence[bytes], **options: Any) -> Any:
        if path not in _STREAMING:
            unary: UntypedMethod = self._channel.unary_unary(path, None, None)
            return unary(body, **options)
        target = _STREAMING[path]
        request = [*before, body] if target.client_streaming else body
        sides = [
            "stream" if one else "unary"
            for one in (target.client_streaming, target.server_streaming)
        ]
        method = getattr(self._channel, "_".join(sides))(path, None, None)
        return method(request, **options)

    async def send(
        self, target: Rpc, request: Message, tenant: Tenant, kind: CredentialKind | None = None
    ) -> Outcome:
        """Call with a good credential of the tenant: of this kind, or any that is accepted."""
        kind = kind or min(target.policy.credentials)
        body = request.SerializeToString()
        # Of a client stream, whose messages come later, a signature covers none.
        signed = b"" if target.client_streaming else body
        return await self.call(target.path, body, headers(tenant, kind, target.path, signed))


def _streams_back(path: str) -> bool:
    return path in _STREAMING and _STREAMING[path].server_streaming


def _refusal(path: str, response: bytes) -> Outcome | None:
    """What a stream of events says of one that breaks a rule, as a call would end with it."""
    if path != rpc("StreamEvents").path:
        return None
    refused = StreamEventsResponse.FromString(response).refused
    if not refused.reason:
        return None
    assert refused.reason == Reason.INVALID_FIELD
    first, *more = [(one.field, one.description) for one in refused.field_violations]
    status = status_of(InvalidField(*first, *more)).SerializeToString()
    code, details = grpc.StatusCode.INVALID_ARGUMENT, ("grpc-status-details-bin", status)
    return Outcome(code, refused.message, (details,), b"")


@asynccontextmanager
async def wire(
    address: str, tls: grpc.ChannelCredentials | None = None, **options: Any
) -> AsyncIterator[Wire]:
    settings = [("grpc.enable_retries", 0), ("grpc.use_local_subchannel_pool", 1)]
    settings += [(f"grpc.{name}", value) for name, value in options.items()]
    channel = (
        grpc.aio.secure_channel(address, tls, settings)
        if tls
        else grpc.aio.insecure_channel(address, settings)
    )
    async with channel:
        yield Wire(channel)


# --- credentials ---------------------------------------------------------------------------


def credential(tenant: Tenant, kind: CredentialKind) -> Credential:
    """The tenant's own, as the client presents it."""
    own = tenant.credentials
    match kind:
        case CredentialKind.admin_jwt:
            return AdminToken(str(own.api_key_id), own.api_key)
        case CredentialKind.api_key:
            return ApiKeyCredential(own.api_key)
        case CredentialKind.tenant_jwt:
            return TenantToken(tenant.id, own.tenant_secret)
        case CredentialKind.hmac:
            return Hmac(tenant.id, own.tenant_secret)


def headers(tenant: Tenant, kind: CredentialKind, path: str, body: bytes) -> Headers:
    """The tenant's own credential of this kind."""
    return as_headers(credential(tenant, kind).metadata(path, body))


def as_headers(metadata: Iterable[tuple[str, str | bytes]]) -> Headers:
    return tuple((key, str(value)) for key, value in metadata)


def with_key(tenant: Tenant, key: NewApiKey) -> Tenant:
    """The tenant, acting by another of its API keys."""
    own = replace(tenant.credentials, api_key_id=key.key.key_id, api_key=key.value)
    return replace(tenant, credentials=own)


# --- a server to share ---------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class World:
    """A server that tests share which leave their tenants as they found them."""

    server: Served
    wire: Wire
    tenant: Tenant
    other: Tenant
    revoked: Tenant
    """`tenant`, acting by an API key that was revoked."""
    expired: Tenant
    """`tenant`, acting by an API key that has expired."""


async def add_key(
    tenant: Tenant, scopes: Iterable[Scope], expires_at: datetime | None = None
) -> NewApiKey:
    """Another API key of the tenant, made as an operator makes one."""
    app = tenant.server.app
    async with app.database.transaction() as transaction:
        return await app.credentials.create_api_key(
            transaction,
            tenant.uuid,
            name="another",
            scopes=frozenset(scopes),
            expires_at=expires_at,
        )


async def revoke_key(tenant: Tenant) -> None:
    """Revoke the API key by which the tenant acts."""
    # The last one cannot be revoked.
    await add_key(tenant, Scope)
    app = tenant.server.app
    async with app.database.transaction() as transaction:
        await app.credentials.revoke_api_key(
            transaction, tenant.uuid, tenant.credentials.api_key_id
        )


async def _expire_key(tenant: Tenant) -> None:
    """Let the API key by which the tenant acts have expired."""
    async with tenant.server.app.database.driver_connection(TESTS) as connection:
        await connection.execute(
            "UPDATE api_keys SET expires_at = now() - interval '1 second' WHERE key_id = $1",
            tenant.credentials.api_key_id,
        )


@asynccontextmanager
async def open_world(database_url: str) -> AsyncIterator[World]:
    async with (
        serving(settings_for(database_url, access_log="none")) as server,
        wire(server.address) as shared,
    ):
        tenant = await server.new_tenant()
        revoked = with_key(tenant, await add_key(tenant, Scope))
        expired = with_key(tenant, await add_key(tenant, Scope))
        await revoke_key(revoked)
        await _expire_key(expired)
        yield World(server, shared, tenant, await server.new_tenant(), revoked, expired)
