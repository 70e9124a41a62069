"""A blocking channel for the generated stubs that adds what every call needs."""

import logging
import threading
from collections.abc import Callable, Iterable
from typing import Any, Self

import grpc
from google.protobuf.message import Message

from phoenix_coupons._errors import cancelled, closed
from phoenix_coupons._preparation import (
    ManyRequests,
    OneRequest,
    OwnMetadata,
    Preparation,
    Serializer,
)

_log = logging.getLogger(__name__)

Begin = Callable[[], Any]
"""Begins an attempt: a call of gRPC."""


class BlockingChannel:
    """What a stub needs of `grpc.Channel`.

    Stubs ask for a callable of one of the four kinds of methods. Each prepares the call
    (`Preparation`), hands bytes to gRPC, and raises `CouponsError`.
    """

    def __init__(self, channel: grpc.Channel, preparation: Preparation) -> None:
        self._channel = channel
        self._prepare = preparation
        self._closing = _Closing()

    def close(self) -> None:
        """Close gRPC's channel; calls under way, and those between two attempts, fail."""
        if self._closing.begin():
            self._channel.close()

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
            self._closing.check(request)
            call = self._prepare.unary(method, request_serializer, request, timeout, metadata)
            return _BlockingCall(
                lambda: bare.future(**call.arguments(), **options), call, self._closing
            )

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
            self._closing.check(request)
            call = self._prepare.server_stream(
                method, request_serializer, request, timeout, metadata
            )
            return _BlockingResponses(
                lambda: bare(**call.arguments(), **options), call, self._closing
            )

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
            self._closing.check()
            call = self._prepare.client_stream(
                method, request_serializer, request_iterator, timeout, metadata
            )
            return _BlockingCall(
                lambda: bare.future(**call.arguments(iter(call.requests)), **options),
                call,
                self._closing,
            )

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
            self._closing.check()
            call = self._prepare.client_stream(
                method, request_serializer, request_iterator, timeout, metadata
            )
            return _BlockingResponses(
                lambda: bare(**call.arguments(iter(call.requests)), **options), call, self._closing
            )

        return start


class _Closing:
    """Whether the client is closed, and pauses that end when it is."""

    def __init__(self) -> None:
        self._condition = threading.Condition()
        self.begun = False

    def begin(self) -> bool:
        """Whether this is the first time."""
        with self._condition:
            was_open, self.begun = not self.begun, True
            self._condition.notify_all()
            return was_open

    def check(self, request: Message | None = None) -> None:
        """Refuse a call, of which nothing is sent, if the client is closed."""
        if self.begun:
            raise closed(getattr(request, "request_id", ""))

    def pause(self, seconds: float, call: "_Attempted") -> None:
        """Wait, at most until the client is closed or the call cancelled."""
        with self._condition:
            self._condition.wait_for(lambda: self.begun or call.is_given_up, seconds)

    def wake(self) -> None:
        """Let those who wait look whether their call was cancelled."""
        with self._condition:
            self._condition.notify_all()


class _Attempted:
    """A call that may take several attempts; gRPC's call of the last one is `_call`."""

    def __init__(self, begin: Begin, request: OneRequest | ManyRequests, closing: _Closing) -> None:
        self._begin = begin
        self._request = request
        self._closing = closing
        self.is_given_up = False
        self._call: Any = None
        self._attempt()

    def __getattr__(self, name: str) -> Any:
        return getattr(self._call, name)

    def cancel(self) -> bool:
        """End the call, unless it has ended; False if it has."""
        self.is_given_up = True
        self._closing.wake()
        return bool(self._call.cancel())

    def _attempt(self) -> None:
        if self._closing.begun:
            raise closed(self._request.request_id)
        if self.is_given_up:
            raise cancelled(self._request.request_id)
        try:
            self._call = self._begin()
        except ValueError:
            # gRPC's word for a channel that is closed, as this one may be since.
            if self._closing.begun:
                raise closed(self._request.request_id) from None
            raise
        if self.is_given_up:
            self._call.cancel()

    def _pause_after(self, error: grpc.RpcError) -> float | None:
        gone = self.is_given_up or self._closing.begun
        return None if gone else self._request.pause_after(error)

    def _failure(self, error: grpc.RpcError) -> Exception:
        is_cancelled = self._call.code() is grpc.StatusCode.CANCELLED
        if is_cancelled and self._closing.begun:
            failure: Exception = closed(self._request.request_id)
        elif is_cancelled and self.is_given_up:
            failure = cancelled(self._request.request_id)
        else:
            failure = self._request.failure(error)
        failure.__cause__ = error
        return failure


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


class _BlockingCall(_Attempted):
    """A `grpc.Future` and `grpc.Call` whose errors are CouponsErrors."""

    def __init__(self, begin: Begin, request: OneRequest | ManyRequests, closing: _Closing) -> None:
        self._lock = threading.Lock()
        self._ended = threading.Event()
        self._callbacks: list[Callable[[_BlockingCall], None]] = []
        self._response: Any = None
        self._error: Exception | None = None
        super().__init__(begin, request, closing)

    def cancel(self) -> bool:
        if self._ended.is_set():
            return False
        super().cancel()
        return True

    def cancelled(self) -> bool:
        return self.is_given_up and self._error is not None

    def done(self) -> bool:
        return self._ended.is_set()

    def running(self) -> bool:
        return not self._ended.is_set()

    def is_active(self) -> bool:
        return not self._ended.is_set()

    def result(self, timeout: float | None = None) -> Any:
        error = self.exception(timeout)
        if error is not None:
            raise error
        return self._response

    def exception(self, timeout: float | None = None) -> Exception | None:
        if not self._ended.wait(timeout):
            raise grpc.FutureTimeoutError
        return self._error

    def add_done_callback(self, callback: Callable[["_BlockingCall"], None]) -> None:
        with self._lock:
            if not self._ended.is_set():
                self._callbacks.append(callback)
                return
        callback(self)

    def initial_metadata(self) -> Any:
        return self._last().initial_metadata()

    def trailing_metadata(self) -> Any:
        return self._last().trailing_metadata()

    def code(self) -> Any:
        return self._last().code()

    def details(self) -> Any:
        return self._last().details()

    def _last(self) -> Any:
        self._ended.wait()
        return self._call

    def _attempt(self) -> None:
        super()._attempt()
        self._call.add_done_callback(self._attempt_ended)

    def _attempt_ended(self, call: Any) -> None:
        """Runs in the thread of gRPC's that all calls share."""
        if call.code() is grpc.StatusCode.OK:
            self._end(call.result(), None)
            return
        try:
            failure, pause = self._failure(call), self._pause_after(call)
            if pause is None:
                self._end(None, failure)
                return
            # A pause is not for a shared thread, nor is the code of a caller's own credential.
            threading.Thread(target=self._attempt_again, args=(pause,), daemon=True).start()
        except Exception as error:
            self._end(None, error)

    def _attempt_again(self, pause: float) -> None:
        self._closing.pause(pause, self)
        try:
            self._attempt()
        except Exception as error:
            self._end(None, error)

    def _end(self, response: Any, error: Exception | None) -> None:
        with self._lock:
            self._response, self._error = response, error
            self._ended.set()
        for callback in self._callbacks:
            try:
                callback(self)
            except Exception:
                _log.exception("a callback of a call failed")


class _BlockingResponses(_Attempted):
    """An iterator of responses, and a `grpc.Call`, whose errors are CouponsErrors."""

    _has_answered = False

    def __iter__(self) -> Self:
        return self

    def __next__(self) -> Any:
        while True:
            try:
                response = next(self._call)
            except grpc.RpcError as error:
                self._attempt_after(error)
            except KeyboardInterrupt:
                # gRPC never drops a call that nobody cancels.
                self._call.cancel()
                raise
            else:
                self._has_answered = True
                return response

    def _attempt_after(self, error: grpc.RpcError) -> None:
        """Begin another attempt, if nothing was read of this one, or raise why it failed."""
        failure = self._failure(error)
        pause = None if self._has_answered else self._pause_after(error)
        if pause is None:
            raise failure
        self._closing.pause(pause, self)
        self._attempt()
