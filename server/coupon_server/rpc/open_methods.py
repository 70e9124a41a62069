"""Methods that take no credential: health, reflection and the Check of REST edges.

Any client can call them, so the resources of each call are bounded here.
"""

from collections import Counter
from collections.abc import AsyncIterator, Awaitable, Callable, Iterator
from contextlib import contextmanager
from typing import Any, TypeVar

import grpc
from google.protobuf.message import DecodeError, Message
from grpc_health.v1 import health, health_pb2

from coupon_server.domain.errors import DomainError, Reason
from coupon_server.rpc.aborts import abort
from coupon_server.rpc.call_ids import call_id
from coupon_server.rpc.calls import Context
from coupon_server.rpc.connections import connection_of, require_client_certificate
from coupon_server.rpc.rest.authorization import CHECK, Authorization
from coupon_server.rpc.rest.ext_authz_pb2 import CheckResponse
from coupon_server.rpc.unfinished_requests import UnfinishedRequests
from coupon_server.rpc.wire_bounds import malformed

MAX_HEALTH_BYTES = 1024
"""A request has the name of a service in it, which a watcher keeps."""

MAX_STREAMS = 4
"""Streams without a credential that one connection may keep open."""

Handler = Any
"""As the functions of gRPC that make handlers return one."""

M = TypeVar("M", bound=Message)


class OpenMethods:
    """The handlers of these methods."""

    def __init__(self, unfinished: UnfinishedRequests, mutual_tls: Callable[[], bool]) -> None:
        """`unfinished`: among which their requests are received. `mutual_tls`: whether callers
        have to have a certificate."""
        self._unfinished = unfinished
        self._mutual_tls = mutual_tls
        # Only connections with an open stream are in it.
        self._streams: Counter[str] = Counter()

    def check(self, authorization: Authorization) -> dict[str, Handler]:
        """The Check, by its path."""
        return {CHECK: self._unary(authorization.check, CheckResponse)}

    def health(self, servicer: health.aio.HealthServicer) -> dict[str, Handler]:
        """Check and Watch of `grpc.health.v1.Health`, by their paths."""

        async def check(body: bytes, context: Context) -> Message:
            request = _parsed(health_pb2.HealthCheckRequest, body, MAX_HEALTH_BYTES)
            response: Message = await servicer.Check(request, context)
            return response

        async def watch(_: object, context: Context) -> None:
            with self._stream(context):
                body = await self._receive(context)
                request = _parsed(health_pb2.HealthCheckRequest, body, MAX_HEALTH_BYTES)
                await servicer.Watch(request, context)

        watching: Handler = grpc.stream_stream_rpc_method_handler(
            self._refusing(watch),
            request_deserializer=None,
            response_serializer=health_pb2.HealthCheckResponse.SerializeToString,
        )
        service = f"/{health.SERVICE_NAME}/"
        return {
            service + "Check": self._unary(check, health_pb2.HealthCheckResponse),
            service + "Watch": watching,
        }

    def reflection(self, names: list[str]) -> dict[str, Handler]:
        """Reflection about the services of these names, by its path."""
        # Imported on demand: it takes megabytes in every worker.
        from grpc_reflection.v1alpha import reflection, reflection_pb2

        servicer = reflection.aio.ReflectionServicer([*names, reflection.SERVICE_NAME])

        async def info(requests: AsyncIterator[Message], context: Context) -> None:
            with self._stream(context):
                async for response in servicer.ServerReflectionInfo(requests, context):
                    await context.write(response)

        handler = grpc.stream_stream_rpc_method_handler(
            self._refusing(info),
            request_deserializer=reflection_pb2.ServerReflectionRequest.FromString,
            response_serializer=reflection_pb2.ServerReflectionResponse.SerializeToString,
        )
        return {f"/{reflection.SERVICE_NAME}/ServerReflectionInfo": handler}

    def _unary(
        self,
        respond: Callable[[bytes, Context], Awaitable[Message]],
        response_type: type[Message],
    ) -> Handler:
        async def received(_: object, context: Context) -> Message:
            return await respond(await self._receive(context), context)

        return grpc.stream_unary_rpc_method_handler(
            self._refusing(received),
            request_deserializer=None,
            response_serializer=response_type.SerializeToString,
        )

    def _refusing(
        self, handler: Callable[[Any, Context], Awaitable[Any]]
    ) -> Callable[[Any, Context], Awaitable[Any]]:
        """The handler, whose errors become statuses."""

        async def begun(requests: object, context: Context) -> Any:
            try:
                if self._mutual_tls():
                    require_client_certificate(context)
                return await handler(requests, context)
            except DomainError as error:
                await abort(context, error, _id(context))

        return begun

    async def _receive(self, context: Context) -> bytes:
        return await self._unfinished.receive(context, connection_of(context), _id(context))

    @contextmanager
    def _stream(self, context: Context) -> Iterator[None]:
        peer = context.peer()
        if self._streams[peer] >= MAX_STREAMS:
            raise DomainError(
                Reason.TOO_MANY_STREAMS,
                f"The connection has {MAX_STREAMS} streams without a credential open already",
                limit=str(MAX_STREAMS),
            )
        self._streams[peer] += 1
        try:
            yield
        finally:
            self._streams[peer] -= 1
            if not self._streams[peer]:
                del self._streams[peer]


def _id(context: Context) -> str:
    return call_id(context.invocation_metadata() or ())


def _parsed(request_type: type[M], body: bytes, most: int) -> M:
    name = request_type.DESCRIPTOR.name
    if len(body) > most:
        raise DomainError(Reason.MALFORMED_MESSAGE, f"A {name} has at most {most} bytes")
    try:
        return request_type.FromString(body)
    except DecodeError:
        raise malformed(name) from None
