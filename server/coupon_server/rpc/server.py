"""The gRPC server: services behind the interceptors, health and reflection beside them."""

import asyncio
from collections.abc import AsyncIterator, Callable, Mapping, Sequence
from dataclasses import dataclass
from operator import attrgetter
from pathlib import Path
from typing import Any

import grpc
from google.protobuf import message_factory
from google.protobuf.descriptor import FileDescriptor, MethodDescriptor, ServiceDescriptor
from grpc_health.v1 import health, health_pb2

from coupon_server.auth.policy import MethodPolicy, policies
from coupon_server.rpc.call_ids import call_id
from coupon_server.rpc.calls import Call, Context, Interceptor, Method, Step
from coupon_server.rpc.conditional_requests import conditional
from coupon_server.rpc.interceptors import chain
from coupon_server.rpc.open_methods import OpenMethods
from coupon_server.rpc.rest.authorization import Authorization
from coupon_server.rpc.unfinished_requests import UnfinishedRequests
from phoenix_coupons import v1

SERVICES: tuple[ServiceDescriptor, ...] = tuple(
    sorted(
        (
            service
            for module in vars(v1).values()
            if isinstance(file := getattr(module, "DESCRIPTOR", None), FileDescriptor)
            for service in file.services_by_name.values()
        ),
        key=attrgetter("full_name"),
    )
)
"""The services of the contract."""

WINDOW_BYTES = 16 * 1024
"""How much of a message gRPC takes from a stream that nobody reads (RFC 9113, section 6.9.2)."""

MAX_PENDING = 10_000
"""How many calls may wait for Python. Beyond it the core ends calls CANCELLED, of any tenant."""

MAX_ANSWER_BYTES = 4 * 1024 * 1024
"""The most bytes of an answer: what gRPC's clients take by default. The largest are those of
GenerateCoupons and SendEvents, 10,000 coupons of at most 360 bytes. Pages have less."""

_OPTIONS = (
    # Workers share the port; the kernel spreads connections over them.
    ("grpc.so_reuseport", 1),
    ("grpc.max_receive_message_length", 4 * 1024 * 1024),
    ("grpc.max_send_message_length", MAX_ANSWER_BYTES),
    ("grpc.http2.min_ping_interval_without_data_ms", 5_000),
    ("grpc.keepalive_permit_without_calls", 1),
    # A client that is gone without a word keeps its streams for less than a minute.
    ("grpc.keepalive_time_ms", 30_000),
    ("grpc.http2.ping_timeout_ms", 20_000),
    # TLS and the preface of HTTP/2 come within this time, or the connection is closed.
    ("grpc.server_handshake_timeout_ms", 10_000),
    # What a stream may send before anybody reads it. The probe would raise it to 4 MiB and more.
    ("grpc.http2.lookahead_bytes", WINDOW_BYTES),
    ("grpc.http2.bdp_probe", 0),
    # Streams that are over count until the core has freed them. By default so many of these are
    # refused streams for a client that keeps to the limit, when it has many large answers.
    ("grpc.http2.max_deallocating_streams", 400),
    ("grpc.server.max_pending_requests", MAX_PENDING),
    ("grpc.server.max_pending_requests_hard_limit", MAX_PENDING + 1_000),
    # Of headers; larger ones end the call. The core's defaults, on which documents rely.
    ("grpc.max_metadata_size", 8 * 1024),
    ("grpc.absolute_max_metadata_size", 16 * 1024),
)

# By whether the server streams. Requests are streams to gRPC, so that a handler begins when the
# headers are there, and receives the message itself once it knows who calls.
_HANDLERS: Mapping[bool, Callable[..., Any]] = {
    False: grpc.stream_unary_rpc_method_handler,
    True: grpc.stream_stream_rpc_method_handler,
}


@dataclass(frozen=True, slots=True)
class ConnectionLimits:
    """What connections may take of a server. Durations are in seconds."""

    connections: int
    streams: int
    """At a time on one connection."""
    idle: int
    """After so long without a call a connection is closed."""
    age: int
    """After so long a connection takes no more calls."""
    grace: int
    """So long the calls of a connection that is too old may go on."""

    def options(self) -> tuple[tuple[str, int], ...]:
        """As arguments of gRPC's core."""
        return (
            ("grpc.max_allowed_incoming_connections", self.connections),
            ("grpc.max_concurrent_streams", self.streams),
            ("grpc.max_connection_idle_ms", self.idle * 1000),
            ("grpc.max_connection_age_ms", self.age * 1000),
            ("grpc.max_connection_age_grace_ms", self.grace * 1000),
        )


@dataclass(frozen=True, slots=True)
class TlsFiles:
    """PEM files: the server's certificate chain and key, and for mutual TLS the clients' CAs."""

    certificate: Path
    private_key: Path
    client_ca: Path | None


class RpcServer:
    """A gRPC server on one port. Health says NOT_SERVING until it serves, and from `drain` on."""

    def __init__(
        self,
        servicers: Mapping[str, object],
        interceptors: list[Interceptor],
        authorization: Authorization,
        limits: ConnectionLimits,
        of_strangers: UnfinishedRequests,
        *,
        services: Sequence[ServiceDescriptor] = SERVICES,
        with_reflection: bool = False,
    ) -> None:
        """`servicers`: by service name, one for each service. `authorization`: for REST edges.
        `of_strangers`: the requests that are being received of callers who are not known.

        Raises PolicyError when an RPC has no authorisation policy.
        """
        self._services = services
        self._server = grpc.aio.server(options=(*_OPTIONS, *limits.options()))
        self._health = health.aio.HealthServicer()
        self._draining = asyncio.Event()
        self._mutual_tls = False
        self._open_methods = OpenMethods(of_strangers, lambda: self._mutual_tls)
        rules = policies(services)
        handlers: dict[str, Any] = {}
        for service in services:
            handlers |= self._methods(service, servicers[service.name], rules, interceptors)
        handlers |= self._open_methods.check(authorization)
        handlers |= self._open_methods.health(self._health)
        if with_reflection:
            names = [*(service.full_name for service in services), health.SERVICE_NAME]
            handlers |= self._open_methods.reflection(names)
        self._server.add_generic_rpc_handlers((_Handlers(handlers),))

    def _methods(
        self,
        service: ServiceDescriptor,
        servicer: object,
        rules: Mapping[str, MethodPolicy],
        interceptors: list[Interceptor],
    ) -> dict[str, Any]:
        handlers = {}
        for descriptor in service.methods:
            path = f"/{service.full_name}/{descriptor.name}"
            method = Method(
                path=path,
                policy=rules[path],
                request_type=message_factory.GetMessageClass(descriptor.input_type),
                response_type=message_factory.GetMessageClass(descriptor.output_type),
                client_streaming=descriptor.client_streaming,
                server_streaming=descriptor.server_streaming,
                handler=_handler_of(descriptor, servicer),
            )
            handlers[path] = self._handler(method, interceptors)
        return handlers

    def _handler(self, method: Method, interceptors: list[Interceptor]) -> Any:
        """The method's chain as a gRPC handler that takes and gives messages as bytes."""
        return _HANDLERS[method.server_streaming](
            self._begin(method, chain(method, interceptors)),
            request_deserializer=None,
            response_serializer=None,
        )

    def _begin(self, method: Method, step: Step) -> Any:
        async def begun(bodies: AsyncIterator[bytes], context: Context) -> bytes | None:
            metadata = context.invocation_metadata() or ()
            messages = bodies if method.client_streaming else None
            return await step(
                Call(
                    method,
                    context,
                    metadata,
                    b"",
                    messages,
                    call_id(metadata),
                    self._draining,
                    self._mutual_tls,
                )
            )

        return begun

    async def start(self, address: str, tls: TlsFiles | None = None) -> int:
        """Listen on `host:port` and serve. Returns the port; raises OSError if it is taken."""
        self._mutual_tls = tls is not None and tls.client_ca is not None
        try:
            port = (
                self._server.add_secure_port(address, _credentials(tls))
                if tls
                else self._server.add_insecure_port(address)
            )
        except RuntimeError as error:
            raise OSError(f"cannot listen on {address}") from error
        await self._server.start()
        await self.set_healthy(True)
        return port

    async def set_healthy(self, healthy: bool) -> None:
        """Report SERVING, or NOT_SERVING while the server goes on; of no effect from `drain` on."""
        status = health_pb2.HealthCheckResponse
        await self._set_health(status.SERVING if healthy else status.NOT_SERVING)

    async def drain(self, notice_seconds: float, grace_seconds: float) -> None:
        """Report NOT_SERVING for a while, reject new calls, let running ones finish, stop."""
        await self._health.enter_graceful_shutdown()
        self._draining.set()
        await asyncio.sleep(notice_seconds)
        await self._server.stop(grace_seconds)

    async def _set_health(self, status: Any) -> None:
        for name in ("", *(service.full_name for service in self._services)):
            await self._health.set(name, status)


def _handler_of(method: MethodDescriptor, servicer: object) -> Any:
    handler = getattr(servicer, method.name)
    if method.client_streaming or method.server_streaming:
        return handler
    return conditional(method, handler)


class _Handlers(grpc.GenericRpcHandler):
    """All methods in one place: gRPC asks one handler after another."""

    def __init__(self, handlers: Mapping[str, Any]) -> None:
        self._handlers = handlers

    def service(self, handler_call_details: grpc.HandlerCallDetails) -> Any:
        return self._handlers.get(handler_call_details.method)


def _credentials(tls: TlsFiles) -> grpc.ServerCredentials:
    return grpc.ssl_server_credentials(
        [(tls.private_key.read_bytes(), tls.certificate.read_bytes())],
        root_certificates=tls.client_ca.read_bytes() if tls.client_ca else None,
        require_client_auth=tls.client_ca is not None,
    )
