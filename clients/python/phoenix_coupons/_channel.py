"""Channels for the generated stubs that add what every call needs.

Stubs ask their channel for a callable of one of the four kinds of methods. Both channels here
answer with one that prepares the call (`Preparation`), hands bytes to gRPC, and raises
`CouponsError`; they differ in waiting only.
"""

import asyncio
import re
import uuid
from collections.abc import AsyncIterable, AsyncIterator, Callable, Generator, Iterable, Iterator
from dataclasses import dataclass
from typing import Any, Self

import grpc
import grpc.aio
from google.protobuf.message import Message

from phoenix_coupons._credentials import Credential, Metadata
from phoenix_coupons._errors import from_rpc_error, is_broken_write

Serializer = Callable[[Message], bytes]
OwnMetadata = Iterable[tuple[str, str | bytes]] | None


@dataclass(frozen=True, slots=True)
class Preparation:
    """Turns requests into bytes and headers. Free of I/O."""

    credential: Credential
    timeout: float
    """Seconds; of calls with one request and one response alone. A stream has no end of its own."""

    def unary(
        self,
        method: str,
        serialize: Serializer,
        request: Message,
        timeout: float | None,
        metadata: OwnMetadata,
    ) -> dict[str, Any]:
        """Return the arguments of a call with one request and one response."""
        timeout = self.timeout if timeout is None else timeout
        return self.server_stream(method, serialize, request, timeout, metadata)

    def server_stream(
        self,
        method: str,
        serialize: Serializer,
        request: Message,
        timeout: float | None,
        metadata: OwnMetadata,
    ) -> dict[str, Any]:
        """Return the arguments of a call with one request on the bare channel.

        The signature has to cover the bytes that are sent, so they are made here, once.
        """
        body = serialize(_with_request_id(request))
        return {"request": body} | self._options(method, body, timeout, metadata)

    def client_stream(
        self, method: str, requests: Any, timeout: float | None, metadata: OwnMetadata
    ) -> dict[str, Any]:
        """Return the arguments of a call with a stream of requests, which are bytes already."""
        return {"request_iterator": requests} | self._options(method, b"", timeout, metadata)

    def _options(
        self, method: str, body: bytes, timeout: float | None, metadata: OwnMetadata
    ) -> dict[str, Any]:
        own_metadata = tuple(metadata or ())
        _require_legal(own_metadata)
        return {
            "timeout": timeout,
            "metadata": (*own_metadata, *self.credential.metadata(method, body)),
        }


def _with_request_id(request: Message) -> Message:
    """Make a mutation safe to retry, without touching the caller's message."""
    if getattr(request, "request_id", None) != "":
        return request
    copy = type(request)()
    copy.CopyFrom(request)
    copy.request_id = str(uuid.uuid4())  # type: ignore[attr-defined]
    return copy


def _require_legal(metadata: Metadata) -> None:
    # gRPC would refuse it with an error that quotes every header, the credential too.
    for key, value in metadata:
        if not re.fullmatch(r"[0-9a-z_.-]+", key) or (
            isinstance(value, str) and not re.fullmatch(r"[ -~]*", value)
        ):
            raise ValueError(f"metadata {key!r} is not a legal gRPC header")


class _Serialized:
    """A client stream's messages as bytes; the first one names the request.

    What the caller's iterator raises is kept: gRPC would tell of a cancelled call alone.
    """

    def __init__(self, serialize: Serializer, requests: Any) -> None:
        self._serialize = serialize
        self._requests = requests
        self._is_first = True
        self._reader: asyncio.Task[Any] | None = None
        self.error: BaseException | None = None

    def of(self, request: Message) -> bytes:
        if self._is_first:
            request = _with_request_id(request)
            self._is_first = False
        return self._serialize(request)

    def __iter__(self) -> Iterator[bytes]:
        try:
            for request in self._requests:
                yield self.of(request)
        except Exception as error:
            self.error = error
            raise

    async def __aiter__(self) -> AsyncIterator[bytes]:
        self._reader = asyncio.current_task()
        try:
            async for request in _asynchronous(self._requests):
                yield self.of(request)
        except Exception as error:
            self.error = error
            raise

    def stop(self, _: object) -> None:
        """Ask for no more; grpc.aio would wait for a message of a call that has ended."""
        if self._reader is not None:
            self._reader.cancel()

    def cause(self, error: grpc.RpcError) -> BaseException:
        """What to raise for a call that failed."""
        return self.error or from_rpc_error(error)


async def _asynchronous(
    requests: AsyncIterable[Message] | Iterable[Message],
) -> AsyncIterator[Message]:
    if isinstance(requests, AsyncIterable):
        async for request in requests:
            yield request
    else:
        for request in requests:
            yield request


# --- blocking ------------------------------------------------------------------------------


class BlockingChannel:
    """What a stub needs of `grpc.Channel`."""

    def __init__(self, channel: grpc.Channel, preparation: Preparation) -> None:
        self._channel = channel
        self._prepare = preparation

    def unary_unary(
        self, method: str, request_serializer: Serializer, response_deserializer: Any, **_: object
    ) -> "_BlockingMethod":
        bare: Any = self._channel.unary_unary(method, None, response_deserializer)

        def start(
            request: Message,
            timeout: float | None = None,
            metadata: OwnMetadata = None,
            **options: Any,
        ) -> _BlockingCall:
            call = self._prepare.unary(method, request_serializer, request, timeout, metadata)
            return _BlockingCall(bare.future(**call, **options), from_rpc_error)

        return _BlockingMethod(start)

    def unary_stream(
        self, method: str, request_serializer: Serializer, response_deserializer: Any, **_: object
    ) -> "Callable[..., _BlockingResponses]":
        bare: Any = self._channel.unary_stream(method, None, response_deserializer)

        def start(
            request: Message,
            timeout: float | None = None,
            metadata: OwnMetadata = None,
            **options: Any,
        ) -> _BlockingResponses:
            call = self._prepare.server_stream(
                method, request_serializer, request, timeout, metadata
            )
            return _BlockingResponses(bare(**call, **options), from_rpc_error)

        return start

    def stream_unary(
        self, method: str, request_serializer: Serializer, response_deserializer: Any, **_: object
    ) -> "_BlockingMethod":
        bare: Any = self._channel.stream_unary(method, None, response_deserializer)

        def start(
            request_iterator: Iterable[Message],
            timeout: float | None = None,
            metadata: OwnMetadata = None,
            **options: Any,
        ) -> _BlockingCall:
            requests = _Serialized(request_serializer, request_iterator)
            call = self._prepare.client_stream(method, iter(requests), timeout, metadata)
            return _BlockingCall(bare.future(**call, **options), requests.cause)

        return _BlockingMethod(start)

    def stream_stream(
        self, method: str, request_serializer: Serializer, response_deserializer: Any, **_: object
    ) -> "Callable[..., _BlockingResponses]":
        bare: Any = self._channel.stream_stream(method, None, response_deserializer)

        def start(
            request_iterator: Iterable[Message],
            timeout: float | None = None,
            metadata: OwnMetadata = None,
            **options: Any,
        ) -> _BlockingResponses:
            requests = _Serialized(request_serializer, request_iterator)
            call = self._prepare.client_stream(method, iter(requests), timeout, metadata)
            return _BlockingResponses(bare(**call, **options), requests.cause)

        return start


class _BlockingMethod:
    """A method with one response: `grpc.UnaryUnaryMultiCallable`, `StreamUnaryMultiCallable`."""

    def __init__(self, start: Callable[..., "_BlockingCall"]) -> None:
        self.future = start

    def __call__(self, *args: Any, **kwargs: Any) -> Any:
        return self.with_call(*args, **kwargs)[0]

    def with_call(self, *args: Any, **kwargs: Any) -> tuple[Any, "_BlockingCall"]:
        call = self.future(*args, **kwargs)
        try:
            return call.result(), call
        except BaseException:
            # Interrupted while waiting: gRPC never drops a call that nobody cancels.
            call.cancel()
            raise


class _BlockingCall:
    """A `grpc.Future` and `grpc.Call` whose errors are CouponsErrors."""

    def __init__(self, call: Any, cause: Callable[[grpc.RpcError], BaseException]) -> None:
        self._call = call
        self._cause = cause

    def __getattr__(self, name: str) -> Any:
        return getattr(self._call, name)

    def result(self, timeout: float | None = None) -> Any:
        try:
            return self._call.result(timeout)
        except grpc.RpcError as error:
            raise self._cause(error) from error

    def exception(self, timeout: float | None = None) -> BaseException | None:
        error = self._call.exception(timeout)
        return None if error is None else self._cause(error)

    def add_done_callback(self, callback: Callable[["_BlockingCall"], None]) -> None:
        self._call.add_done_callback(lambda _: callback(self))


class _BlockingResponses:
    """An iterator of responses, and a `grpc.Call`, whose errors are CouponsErrors."""

    def __init__(self, call: Any, cause: Callable[[grpc.RpcError], BaseException]) -> None:
        self._call = call
        self._cause = cause

    def __getattr__(self, name: str) -> Any:
        return getattr(self._call, name)

    def __iter__(self) -> Self:
        return self

    def __next__(self) -> Any:
        try:
            return next(self._call)
        except grpc.RpcError as error:
            raise self._cause(error) from error
        except KeyboardInterrupt:
            # gRPC never drops a call that nobody cancels.
            self._call.cancel()
            raise


# --- asyncio -------------------------------------------------------------------------------


class AsyncChannel:
    """What a stub needs of `grpc.aio.Channel`."""

    def __init__(self, channel: grpc.aio.Channel, preparation: Preparation) -> None:
        self._channel = channel
        self._prepare = preparation

    def unary_unary(
        self, method: str, request_serializer: Serializer, response_deserializer: Any, **_: object
    ) -> Callable[..., "_AsyncCall"]:
        bare: Any = self._channel.unary_unary(method, None, response_deserializer)

        def start(
            request: Message,
            *,
            timeout: float | None = None,
            metadata: OwnMetadata = None,
            **options: Any,
        ) -> _AsyncCall:
            call = self._prepare.unary(method, request_serializer, request, timeout, metadata)
            return _AsyncCall(bare(**call, **options))

        return start

    def unary_stream(
        self, method: str, request_serializer: Serializer, response_deserializer: Any, **_: object
    ) -> Callable[..., "_AsyncStream"]:
        bare: Any = self._channel.unary_stream(method, None, response_deserializer)

        def start(
            request: Message,
            *,
            timeout: float | None = None,
            metadata: OwnMetadata = None,
            **options: Any,
        ) -> _AsyncStream:
            call = self._prepare.server_stream(
                method, request_serializer, request, timeout, metadata
            )
            return _AsyncStream(bare(**call, **options))

        return start

    def stream_unary(
        self, method: str, request_serializer: Serializer, response_deserializer: Any, **_: object
    ) -> Callable[..., "_AsyncStream"]:
        bare: Any = self._channel.stream_unary(method, None, response_deserializer)
        return self._streaming(bare, method, request_serializer)

    def stream_stream(
        self, method: str, request_serializer: Serializer, response_deserializer: Any, **_: object
    ) -> Callable[..., "_AsyncStream"]:
        bare: Any = self._channel.stream_stream(method, None, response_deserializer)
        return self._streaming(bare, method, request_serializer)

    def _streaming(
        self, bare: Any, method: str, serialize: Serializer
    ) -> Callable[..., "_AsyncStream"]:
        def start(
            request_iterator: AsyncIterable[Message] | Iterable[Message] | None = None,
            timeout: float | None = None,
            metadata: OwnMetadata = None,
            **options: Any,
        ) -> _AsyncStream:
            requests = _Serialized(serialize, request_iterator)
            # Without an iterator the caller writes the messages itself.
            stream = None if request_iterator is None else aiter(requests)
            call = self._prepare.client_stream(method, stream, timeout, metadata)
            return _AsyncStream(bare(**call, **options), requests)

        return start


class _AsyncCall:
    """A `grpc.aio.UnaryUnaryCall` whose errors are CouponsErrors."""

    def __init__(self, call: Any) -> None:
        self._call = call

    def __getattr__(self, name: str) -> Any:
        return getattr(self._call, name)

    def __await__(self) -> Generator[Any, None, Any]:
        try:
            return (yield from self._call.__await__())
        except grpc.RpcError as error:
            raise from_rpc_error(error) from error


class Ending:
    """How the server ended a client stream.

    A message that is written as the call ends cannot be sent, for which gRPC notes an error of
    its own: in place of the server's status, or until that comes (grpc/grpc#36066).
    """

    _PATIENCE = 100
    """Hundredths of a second to wait for the server's status."""

    def __init__(self, call: Any) -> None:
        self._call = call
        self._first: grpc.aio.AioRpcError | None = None
        call.add_done_callback(self._note)

    def _note(self, _: object) -> None:
        # A call that has ended has nothing to wait for, and a moment later it may be too late.
        try:
            self._status().send(None)
        except StopIteration as finished:
            self._first = finished.value

    async def failure(self) -> grpc.aio.AioRpcError | None:
        """The server's status; None if the call has not failed, or nothing was heard of it."""
        status = self._first
        for _ in range(self._PATIENCE):
            if status is None or status.code() is grpc.StatusCode.OK:
                break
            if not is_broken_write(status):
                return status
            await asyncio.sleep(0.01)
            status = await self._status()
        return None

    async def _status(self) -> grpc.aio.AioRpcError:
        call = self._call
        return grpc.aio.AioRpcError(
            await call.code(),
            await call.initial_metadata(),
            await call.trailing_metadata(),
            await call.details(),
        )


class _AsyncStream:
    """A call of `grpc.aio` with a stream on either side, whose errors are CouponsErrors.

    What its type cannot do (reading a client stream's responses, say), gRPC refuses.
    """

    def __init__(self, call: Any, requests: _Serialized | None = None) -> None:
        self._call = call
        self._requests = requests
        self._ending: Ending | None = None
        if requests is not None:
            self._ending = Ending(call)
            call.add_done_callback(requests.stop)

    def __getattr__(self, name: str) -> Any:
        return getattr(self._call, name)

    def __await__(self) -> Generator[Any, None, Any]:
        try:
            return (yield from self._call.__await__())
        except (grpc.RpcError, asyncio.CancelledError) as error:
            raise (yield from self._cause(error).__await__()) from error

    async def __aiter__(self) -> AsyncIterator[Any]:
        while (response := await self.read()) is not grpc.aio.EOF:
            yield response

    async def read(self) -> Any:
        """Return the next response, or `grpc.aio.EOF`."""
        try:
            return await self._call.read()
        except (grpc.RpcError, asyncio.CancelledError) as error:
            if isinstance(error, grpc.RpcError) and is_broken_write(error):
                # What the server said before is still to be read, and keeps its status back.
                response = await self._call._read()  # noqa: SLF001 — `read` refuses by now
                if response is not grpc.aio.EOF:
                    return response
            raise await self._cause(error) from error

    async def write(self, request: Message) -> None:
        """Send a message; only of a call that was begun without an iterator.

        When it fails, what the server said before is still to be read, and then how it ended.
        """
        assert self._requests is not None  # noqa: S101 — gRPC refuses before
        try:
            await self._call.write(self._requests.of(request))
        except (grpc.RpcError, asyncio.InvalidStateError) as error:
            raise await self._cause(error) from error

    async def _cause(self, error: BaseException) -> BaseException:
        if self._requests is not None and self._requests.error is not None:
            return self._requests.error
        if self._ending is not None and not isinstance(error, asyncio.CancelledError):
            error = await self._ending.failure() or error
        return from_rpc_error(error) if isinstance(error, grpc.RpcError) else error
