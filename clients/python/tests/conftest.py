"""A gRPC server that records what arrives and answers as a test says."""

import asyncio
from collections.abc import Awaitable, Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field
from typing import Any

import grpc
import pytest
from google.protobuf.message import Message
from phoenix_coupons import AsyncCouponsClient, CouponsClient, Credential


@dataclass
class Received:
    method: str
    body: bytes
    metadata: dict[str, str | bytes]
    time_remaining: float


@dataclass
class Service(grpc.GenericRpcHandler):
    """Answers every method with the bytes that `answer` returns."""

    address: str = ""
    received: list[Received] = field(default_factory=list)
    answer: Callable[[grpc.ServicerContext], bytes] = lambda _: b""

    def service(self, handler_call_details: grpc.HandlerCallDetails) -> Any:
        def handle(body: bytes, context: grpc.ServicerContext) -> bytes:
            metadata = dict(context.invocation_metadata())
            self.received.append(
                Received(handler_call_details.method, body, metadata, context.time_remaining())
            )
            return self.answer(context)

        return grpc.unary_unary_rpc_method_handler(handle)


@pytest.fixture
def service() -> Iterator[Service]:
    recorder = Service()
    server = grpc.server(ThreadPoolExecutor(4))
    server.add_generic_rpc_handlers((recorder,))
    recorder.address = f"127.0.0.1:{server.add_insecure_port('127.0.0.1:0')}"
    server.start()
    yield recorder
    server.stop(grace=None).wait()


Call = Callable[..., Awaitable[Any]]


@pytest.fixture(params=["blocking", "async"])
def call(request: pytest.FixtureRequest, service: Service) -> Call:
    """Make one call, `"query.RedeemCoupon"`, through either client."""

    async def call_async(
        credential: Credential, path: str, message: Message, *, client: Any = None, **options: Any
    ) -> Any:
        stub, method = path.split(".")
        async with AsyncCouponsClient(service.address, credential, **client or {}) as opened:
            return await getattr(getattr(opened, stub), method)(message, **options)

    async def call_blocking(
        credential: Credential, path: str, message: Message, *, client: Any = None, **options: Any
    ) -> Any:
        def run() -> Any:
            stub, method = path.split(".")
            with CouponsClient(service.address, credential, **client or {}) as opened:
                return getattr(getattr(opened, stub), method)(message, **options)

        return await asyncio.to_thread(run)

    return call_async if request.param == "async" else call_blocking
