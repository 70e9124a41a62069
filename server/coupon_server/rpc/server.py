"""The gRPC server: services behind the interceptors, health and reflection beside them."""

import asyncio
from collections.abc import AsyncIterator, Callable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import grpc
from google.protobuf import message_factory
from google.protobuf.descriptor import MethodDescriptor, ServiceDescriptor
from grpc_health.v1 import health, health_pb2, health_pb2_grpc

from coupon_server.auth.policy import MethodPolicy, policies
from coupon_server.rpc.calls import Call, Context, Interceptor, Method, Step
from coupon_server.rpc.interceptors import chain
from coupon_server.rpc.interceptors.observe import call_id
from coupon_server.rpc.rest.authorization import Authorization
from phoenix_coupons.v1 import (
    coupon_admin_pb2,
    coupon_jobs_pb2,
    coupon_query_pb2,
    event_ingest_pb2,
    grant_delivery_pb2,
    tenant_admin_pb2,
)

SERVICES: tuple[ServiceDescriptor, ...] = tuple(
    file.DESCRIPTOR.services_by_name[name]
    for file, name in (
        (coupon_admin_pb2, "CouponAdmin"),
        (coupon_jobs_pb2, "CouponJobs"),
        (coupon_query_pb2, "CouponQuery"),
        (event_ingest_pb2, "EventIngest"),
        (grant_delivery_pb2, "GrantDelivery"),
        (tenant_admin_pb2, "TenantAdmin"),
    )
)

MAX_PENDING = 10_000
"""How many calls may wait for Python. Of further ones the core ends some, whoever's, CANCELLED."""

_OPTIONS = (
    # Workers share the port; the kernel spreads connections over them.
    ("grpc.so_reuseport", 1),
    ("grpc.max_receive_message_length", 4 * 1024 * 1024),
    # A generation of 10,000 coupons is more than 1 MiB, a page of large payloads up to 33.
    ("grpc.max_send_message_length", 64 * 1024 * 1024),
    ("grpc.http2.min_ping_interval_without_data_ms", 10_000),
    ("grpc.keepalive_permit_without_calls", 1),
    # A client that is gone without a word keeps its streams for less than a minute.
    ("grpc.keepalive_time_ms", 30_000),
    ("grpc.http2.ping_timeout_ms", 20_000),
    ("grpc.server.max_pending_requests", MAX_PENDING),
    ("grpc.server.max_pending_requests_hard_limit", MAX_PENDING + 1_000),
)

# By whether the client streams, and whether the server does.
_HANDLERS: Mapping[tuple[bool, bool], Callable[..., Any]] = {
    (False, False): grpc.unary_unary_rpc_method_handler,
    (False, True): grpc.unary_stream_rpc_method_handler,
    (True, False): grpc.stream_unary_rpc_method_handler,
    (True, True): grpc.stream_stream_rpc_method_handler,
}


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
        *,
        services: Sequence[ServiceDescriptor] = SERVICES,
        with_reflection: bool = False,
    ) -> None:
        """`servicers`: by service name, one for each service. `authorization`: for REST edges.

        Raises PolicyError when an RPC has no authorisation policy.
        """
        self._services = services
        self._server = grpc.aio.server(options=_OPTIONS)
        self._health = health.aio.HealthServicer()
        self._draining = asyncio.Event()
        rules = policies(services)
        for service in services:
            self._add_service(service, servicers[service.name], rules, interceptors)
        self._server.add_generic_rpc_handlers((authorization.handler(),))
        health_pb2_grpc.add_HealthServicer_to_server(self._health, self._server)
        if with_reflection:
            self._add_reflection()

    def _add_service(
        self,
        service: ServiceDescriptor,
        servicer: object,
        rules: Mapping[str, MethodPolicy],
        interceptors: list[Interceptor],
    ) -> None:
        handlers = {}
        for descriptor in service.methods:
            path = f"/{service.full_name}/{descriptor.name}"
            method = Method(
                path=path,
                policy=rules[path],
                request_type=message_factory.GetMessageClass(descriptor.input_type),
                client_streaming=descriptor.client_streaming,
                server_streaming=descriptor.server_streaming,
                handler=getattr(servicer, descriptor.name),
            )
            handlers[descriptor.name] = self._handler(descriptor, method, interceptors)
        generic = grpc.method_handlers_generic_handler(service.full_name, handlers)
        self._server.add_generic_rpc_handlers((generic,))

    def _handler(
        self, descriptor: MethodDescriptor, method: Method, interceptors: list[Interceptor]
    ) -> Any:
        """The method's chain as a gRPC handler that takes and gives messages as bytes."""
        begin = _begin_stream if method.client_streaming else _begin
        return _HANDLERS[method.client_streaming, method.server_streaming](
            begin(method, chain(method, interceptors), self._draining),
            request_deserializer=None,
            response_serializer=None,
        )

    def _add_reflection(self) -> None:
        # Imported when it is wanted: it is megabytes in every worker.
        from grpc_reflection.v1alpha import reflection

        names = [service.full_name for service in self._services]
        names += [health.SERVICE_NAME, reflection.SERVICE_NAME]
        reflection.enable_server_reflection(names, self._server)

    async def start(self, address: str, tls: TlsFiles | None = None) -> int:
        """Listen on `host:port` and serve. Returns the port; raises OSError if it is taken."""
        try:
            port = (
                self._server.add_secure_port(address, _credentials(tls))
                if tls
                else self._server.add_insecure_port(address)
            )
        except RuntimeError as error:
            raise OSError(f"cannot listen on {address}") from error
        await self._server.start()
        await self._set_health(health_pb2.HealthCheckResponse.SERVING)
        return port

    async def drain(self, notice_seconds: float, grace_seconds: float) -> None:
        """Say NOT_SERVING for a while, turn new calls away, let running ones finish, stop."""
        await self._health.enter_graceful_shutdown()
        self._draining.set()
        await asyncio.sleep(notice_seconds)
        await self._server.stop(grace_seconds)

    async def _set_health(self, status: Any) -> None:
        for name in ("", *(service.full_name for service in self._services)):
            await self._health.set(name, status)


def _begin(method: Method, step: Step, draining: asyncio.Event) -> Any:
    async def begun(body: bytes, context: Context) -> bytes | None:
        metadata = context.invocation_metadata() or ()
        return await step(Call(method, context, metadata, body, None, call_id(metadata), draining))

    return begun


def _begin_stream(method: Method, step: Step, draining: asyncio.Event) -> Any:
    async def begun(bodies: AsyncIterator[bytes], context: Context) -> bytes | None:
        metadata = context.invocation_metadata() or ()
        return await step(Call(method, context, metadata, b"", bodies, call_id(metadata), draining))

    return begun


def _credentials(tls: TlsFiles) -> grpc.ServerCredentials:
    return grpc.ssl_server_credentials(
        [(tls.private_key.read_bytes(), tls.certificate.read_bytes())],
        root_certificates=tls.client_ca.read_bytes() if tls.client_ca else None,
        require_client_auth=tls.client_ca is not None,
    )
