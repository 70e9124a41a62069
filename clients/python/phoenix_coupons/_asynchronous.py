"""A channel of asyncio for the generated stubs that adds what every call needs."""

import asyncio
from collections.abc import AsyncIterable, AsyncIterator, Callable, Generator, Iterable
from typing import Any, NoReturn, TypeVar
from weakref import WeakSet

import grpc
import grpc.aio
from google.protobuf.message import Message

from phoenix_coupons._errors import CouponsError, cancelled, closed, is_broken_write, unreadable
from phoenix_coupons._preparation import (
    ManyRequests,
    OneRequest,
    OwnMetadata,
    Preparation,
    Serializer,
)

Begin = Callable[[], Any]
"""Begins an attempt: a call of grpc.aio."""

_Kept = TypeVar("_Kept", bound="_Attempted")


class AsyncChannel:
    """What a stub needs of `grpc.aio.Channel`.

    Stubs ask for a callable of one of the four kinds of methods. Each prepares the call
    (`Preparation`), hands bytes to gRPC, and raises `CouponsError`.
    """

    def __init__(self, channel: grpc.aio.Channel, preparation: Preparation) -> None:
        self._channel = channel
        self._prepare = preparation
        self._calls: WeakSet[_Attempted] = WeakSet()
        self._is_closed = False

    async def close(self) -> None:
        """Close gRPC's channel; calls under way, and those between two attempts, fail."""
        if self._is_closed:
            return
        self._is_closed = True
        for call in list(self._calls):
            call.close()
        await self._channel.close()

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
            self._check_is_open(request)
            call = self._prepare.unary(method, request_serializer, request, timeout, metadata)
            return self._kept(_AsyncCall(lambda: bare(**call.arguments(), **options), call))

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
            self._check_is_open(request)
            call = self._prepare.server_stream(
                method, request_serializer, request, timeout, metadata
            )
            return self._kept(_AsyncStream(lambda: bare(**call.arguments(), **options), call))

        return start

    def stream_unary(
        self, method: str, request_serializer: Serializer, response_deserializer: Any, **_: object
    ) -> Callable[..., "_AsyncRequestStream"]:
        bare: Any = self._channel.stream_unary(method, None, response_deserializer)
        return self._streaming(bare, method, request_serializer)

    def stream_stream(
        self, method: str, request_serializer: Serializer, response_deserializer: Any, **_: object
    ) -> Callable[..., "_AsyncRequestStream"]:
        bare: Any = self._channel.stream_stream(method, None, response_deserializer)
        return self._streaming(bare, method, request_serializer)

    def _streaming(
        self, bare: Any, method: str, serialize: Serializer
    ) -> Callable[..., "_AsyncRequestStream"]:
        def start(
            request_iterator: AsyncIterable[Message] | Iterable[Message] | None = None,
            timeout: float | None = None,
            metadata: OwnMetadata = None,
            **options: Any,
        ) -> _AsyncRequestStream:
            self._check_is_open()
            call = self._prepare.client_stream(
                method, serialize, request_iterator, timeout, metadata
            )
            stream = aiter(call.requests) if call.requests.are_given else None
            return self._kept(
                _AsyncRequestStream(lambda: bare(**call.arguments(stream), **options), call)
            )

        return start

    def _check_is_open(self, request: Message | None = None) -> None:
        """Refuse a call, of which nothing is sent, if the client is closed."""
        if self._is_closed:
            raise closed(getattr(request, "request_id", ""))

    def _kept(self, call: _Kept) -> _Kept:
        self._calls.add(call)
        return call


class _Attempted:
    """A call that may take several attempts; grpc.aio's call of the last one is `_call`."""

    def __init__(self, begin: Begin, request: OneRequest | ManyRequests) -> None:
        self._begin = begin
        self._request = request
        self._given_up: Callable[[str], CouponsError] | None = None
        """Why, if it was cancelled on this side: the error's maker."""
        self._pausing: asyncio.Future[None] | None = None
        self._call: Any = begin()

    def __getattr__(self, name: str) -> Any:
        return getattr(self._call, name)

    def done(self) -> bool:
        return self._pausing is None and bool(self._call.done())

    def cancel(self) -> bool:
        """End the call, unless it has ended; False if it has. Whoever awaits it gets an error."""
        return self._give_up(cancelled)

    def close(self) -> None:
        """End the call because the client is closed."""
        self._give_up(closed)

    def _give_up(self, error: Callable[[str], CouponsError]) -> bool:
        if self.done():
            return False
        self._given_up = self._given_up or error
        if self._pausing is not None and not self._pausing.done():
            self._pausing.set_result(None)
        self._call.cancel()
        return True

    async def _attempt_after(self, error: grpc.aio.AioRpcError, *, may_repeat: bool) -> None:
        """Begin another attempt when it is time, or raise why the last one failed."""
        if self._given_up is not None:
            raise self._given_up(self._request.request_id) from error
        pause = self._request.pause_after(error) if may_repeat else None
        if pause is None:
            raise self._request.failure(error)
        await self._pause(pause)
        if self._given_up is not None:
            raise self._given_up(self._request.request_id) from error
        self._call = self._begin()

    async def _pause(self, seconds: float) -> None:
        self._pausing = asyncio.get_running_loop().create_future()
        try:
            await asyncio.wait((self._pausing,), timeout=seconds)
        finally:
            self._pausing = None


class _AsyncCall(_Attempted):
    """A `grpc.aio.UnaryUnaryCall` whose errors are CouponsErrors."""

    def __init__(self, begin: Begin, request: OneRequest) -> None:
        super().__init__(begin, request)
        self._task = asyncio.get_running_loop().create_task(self._run())
        # asyncio reports errors that nobody has asked for.
        self._task.add_done_callback(lambda task: task.cancelled() or task.exception())

    def __await__(self) -> Generator[Any, None, Any]:
        return self._result().__await__()

    def done(self) -> bool:
        return self._task.done()

    def cancelled(self) -> bool:
        return self._given_up is not None and self._task.done()

    def add_done_callback(self, callback: Callable[["_AsyncCall"], None]) -> None:
        self._task.add_done_callback(lambda _: callback(self))

    async def initial_metadata(self) -> Any:
        return await (await self._last()).initial_metadata()

    async def trailing_metadata(self) -> Any:
        return await (await self._last()).trailing_metadata()

    async def code(self) -> Any:
        return await (await self._last()).code()

    async def details(self) -> Any:
        return await (await self._last()).details()

    async def _last(self) -> Any:
        await asyncio.wait((self._task,))
        return self._call

    async def _result(self) -> Any:
        # Not by awaiting it: who is cancelled ends the call, but for others that is an error.
        try:
            await asyncio.wait((self._task,))
        except asyncio.CancelledError:
            self.cancel()
            raise
        return self._task.result()

    async def _run(self) -> Any:
        while True:
            call = self._call
            # To await the call itself would not tell its cancellation from that of this task.
            try:
                code = await call.code()
            except asyncio.CancelledError:
                call.cancel()
                raise
            if code is grpc.StatusCode.OK:
                return _readable(await call, self._request)
            await self._attempt_after(await _status(call), may_repeat=True)


class _AsyncStream(_Attempted):
    """A call of `grpc.aio` with a stream of responses, whose errors are CouponsErrors."""

    _has_answered = False

    async def __aiter__(self) -> AsyncIterator[Any]:
        while (response := await self.read()) is not grpc.aio.EOF:
            yield response

    async def read(self) -> Any:
        """Return the next response, or `grpc.aio.EOF`."""
        while True:
            try:
                response = _readable(await self._call.read(), self._request)
            except asyncio.CancelledError:
                if self._given_up is None or _is_being_cancelled():
                    raise
                raise self._given_up(self._request.request_id) from None
            except grpc.aio.AioRpcError as error:
                await self._attempt_after(error, may_repeat=not self._has_answered)
            else:
                self._has_answered = True
                return response


class _AsyncRequestStream(_Attempted):
    """A call of `grpc.aio` with a stream of requests, whose errors are CouponsErrors.

    What its type cannot do (reading the responses of a call that has one, say), gRPC refuses.
    """

    _request: ManyRequests

    def __init__(self, begin: Begin, request: ManyRequests) -> None:
        super().__init__(begin, request)
        self._ending = Ending(self._call)
        self._call.add_done_callback(request.requests.stop)

    def __await__(self) -> Generator[Any, None, Any]:
        return self._response().__await__()

    async def __aiter__(self) -> AsyncIterator[Any]:
        while (response := await self.read()) is not grpc.aio.EOF:
            yield response

    async def read(self) -> Any:
        """Return the next response, or `grpc.aio.EOF`."""
        try:
            return _readable(await self._call.read(), self._request)
        except _ENDINGS as error:
            if isinstance(error, grpc.RpcError) and is_broken_write(error):
                # What the server said before is still to be read, and keeps its status back.
                response = await self._call._read()  # noqa: SLF001 — `read` refuses by now
                if response is not grpc.aio.EOF:
                    return response
            await self._raise(error)

    async def write(self, request: Message) -> None:
        """Send a message; only of a call that was begun without an iterator.

        When it fails, what the server said before is still to be read, and then how it ended.
        """
        body = self._request.requests.of(request)
        try:
            await self._call.write(body)
        except _ENDINGS as error:
            await self._raise(error)

    async def done_writing(self) -> None:
        """Say that no message follows; only of a call that was begun without an iterator."""
        try:
            await self._call.done_writing()
        except _ENDINGS as error:
            await self._raise(error)

    async def wait_for_connection(self) -> None:
        """Wait until the call has a connection."""
        try:
            await self._call.wait_for_connection()
        except _ENDINGS as error:
            await self._raise(error)

    async def _response(self) -> Any:
        try:
            code = await self._call.code()
        except asyncio.CancelledError:
            self._call.cancel()
            raise
        if code is grpc.StatusCode.OK:
            return _readable(await self._call, self._request)
        return await self._raise(await _status(self._call))

    async def _raise(self, error: BaseException) -> NoReturn:
        """Raise the caller's own error, or why the call ended, or the cancellation of the task."""
        if isinstance(error, asyncio.CancelledError) and _is_being_cancelled():
            raise error
        own = self._request.requests.error
        if own is not None:
            raise own
        if self._given_up is not None:
            raise self._given_up(self._request.request_id) from None
        if isinstance(error, asyncio.CancelledError):
            raise error
        status = await self._ending.failure() or error
        if not isinstance(status, grpc.RpcError):
            raise status
        self._request.pause_after(status)
        raise self._request.failure(status)


_ENDINGS = (
    grpc.RpcError,
    grpc.aio.InternalError,
    asyncio.CancelledError,
    asyncio.InvalidStateError,
)
"""What grpc.aio raises when a call has ended, or its connection."""


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
            _status(self._call).send(None)
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
            status = await _status(self._call)
        return None


async def _status(call: Any) -> grpc.aio.AioRpcError:
    """How the call ended, as an error."""
    return grpc.aio.AioRpcError(
        await call.code(),
        await call.initial_metadata(),
        await call.trailing_metadata(),
        await call.details(),
    )


def _readable(response: Any, request: OneRequest | ManyRequests) -> Any:
    if response is None:
        raise unreadable(request.request_id)
    return response


def _is_being_cancelled() -> bool:
    """Whether the caller's own task is cancelled, not the call alone."""
    task = asyncio.current_task()
    return task is not None and task.cancelling() > 0
