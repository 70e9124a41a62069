"""A gRPC service that answers as a test says, and records what it receives."""

import threading
import time
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from dataclasses import dataclass, field
from typing import Any

import grpc
from google.protobuf import any_pb2
from google.protobuf.message import Message
from google.rpc import error_details_pb2, status_pb2
from grpc_status import rpc_status

Answer = Callable[[grpc.ServicerContext], bytes]


@dataclass
class Received:
    """One attempt of a call; of a stream of requests, its first message."""

    method: str
    body: bytes
    metadata: dict[str, str | bytes]
    time_remaining: float | None
    arrived_at: float = field(default_factory=time.monotonic)


@dataclass
class Service(grpc.GenericRpcHandler):
    """Answers every method with the bytes that `answer` returns; streams with `answers` of them."""

    address: str = ""
    received: list[Received] = field(default_factory=list)
    answer: Answer = lambda _: b""
    answers: Callable[[grpc.ServicerContext], Iterator[bytes]] | None = None
    """Set for a method with a stream on either side."""
    arrived: threading.Event = field(default_factory=threading.Event)
    """Set once an attempt was received."""

    def service(self, handler_call_details: grpc.HandlerCallDetails) -> Any:
        def record(body: bytes, context: grpc.ServicerContext) -> None:
            metadata = dict(context.invocation_metadata())
            self.received.append(
                Received(handler_call_details.method, body, metadata, context.time_remaining())
            )
            self.arrived.set()

        def handle(body: bytes, context: grpc.ServicerContext) -> bytes:
            record(body, context)
            return self.answer(context)

        def handle_streams(
            bodies: Iterator[bytes], context: grpc.ServicerContext
        ) -> Iterator[bytes]:
            record(next(bodies, b""), context)
            assert self.answers is not None
            yield from self.answers(context)

        if self.answers is None:
            return grpc.unary_unary_rpc_method_handler(handle)
        return grpc.stream_stream_rpc_method_handler(handle_streams)


@contextmanager
def running() -> Iterator[Service]:
    """A service at an address of its own."""
    recorder = Service()
    server = grpc.server(
        ThreadPoolExecutor(4),
        # As many pings as a test wants.
        options=[
            ("grpc.http2.min_ping_interval_without_data_ms", 10),
            ("grpc.http2.max_ping_strikes", 0),
            ("grpc.max_receive_message_length", -1),
        ],
    )
    server.add_generic_rpc_handlers((recorder,))
    recorder.address = f"127.0.0.1:{server.add_insecure_port('127.0.0.1:0')}"
    server.start()
    yield recorder
    server.stop(grace=None).wait()


def fail(
    code: grpc.StatusCode,
    message: str,
    *details: Message,
    trailers: tuple[tuple[str, str | bytes], ...] = (),
) -> Answer:
    """An answer that is an error with these details."""

    def answer(context: grpc.ServicerContext) -> bytes:
        status = status_pb2.Status(code=code.value[0], message=message)
        for detail in details:
            packed = any_pb2.Any()
            packed.Pack(detail)
            status.details.append(packed)
        rich = rpc_status.to_status(status)
        context.set_trailing_metadata(
            (("x-request-id", "req-1"), *rich.trailing_metadata, *trailers)
        )
        context.abort(code, message)
        raise AssertionError

    return answer


def reason(name: str, **metadata: str) -> error_details_pb2.ErrorInfo:
    """The detail that says why."""
    return error_details_pb2.ErrorInfo(reason=name, domain="coupons.phoenix", metadata=metadata)


@dataclass
class Held:
    """An answer that comes when the test ends, or the call."""

    arrived: threading.Event = field(default_factory=threading.Event)
    over: threading.Event = field(default_factory=threading.Event)

    def __call__(self, context: grpc.ServicerContext) -> bytes:
        context.add_callback(self.over.set)
        self.arrived.set()
        self.over.wait(30)
        return b""

    def stream(self, context: grpc.ServicerContext) -> Iterator[bytes]:
        """The same with a stream, which begins with an answer."""
        yield b""
        self(context)
