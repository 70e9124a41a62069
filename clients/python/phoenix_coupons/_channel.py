"""Channels for the generated stubs that add what every call needs.

Stubs ask their channel for `unary_unary` alone. Both classes here answer with a
callable that prepares the call (`Preparation`), hands bytes to gRPC, and raises
`CouponsError`; they differ in waiting only.
"""

import re
import uuid
from collections.abc import Callable, Generator, Iterable
from dataclasses import dataclass
from typing import Any

import grpc
import grpc.aio
from google.protobuf.message import Message

from phoenix_coupons._credentials import Credential, Metadata
from phoenix_coupons._errors import CouponsError, from_rpc_error

Serializer = Callable[[Message], bytes]


@dataclass(frozen=True, slots=True)
class Preparation:
    """Turns a request into bytes and headers. Free of I/O."""

    credential: Credential
    timeout: float

    def __call__(
        self,
        method: str,
        serialize: Serializer,
        request: Message,
        timeout: float | None,
        metadata: Iterable[tuple[str, str | bytes]] | None,
    ) -> dict[str, Any]:
        """Return the arguments of the call on the bare channel.

        The signature has to cover the bytes that are sent, so they are made here,
        once.
        """
        body = serialize(_with_request_id(request))
        own_metadata = tuple(metadata or ())
        _require_legal(own_metadata)
        return {
            "request": body,
            "timeout": self.timeout if timeout is None else timeout,
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


class BlockingChannel:
    """What a stub needs of `grpc.Channel`."""

    def __init__(self, channel: grpc.Channel, preparation: Preparation) -> None:
        self._channel = channel
        self._prepare = preparation

    def unary_unary(
        self,
        method: str,
        request_serializer: Serializer,
        response_deserializer: Callable[[bytes], Any],
        **_: object,
    ) -> "_BlockingMethod":
        bare: grpc.UnaryUnaryMultiCallable[bytes, Any] = self._channel.unary_unary(
            method, None, response_deserializer
        )
        return _BlockingMethod(bare, method, request_serializer, self._prepare)


class _BlockingMethod:
    """A `grpc.UnaryUnaryMultiCallable`."""

    def __init__(
        self,
        bare: "grpc.UnaryUnaryMultiCallable[bytes, Any]",
        method: str,
        serialize: Serializer,
        prepare: Preparation,
    ) -> None:
        self._bare = bare
        self._method = method
        self._serialize = serialize
        self._prepare = prepare

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

    def future(
        self,
        request: Message,
        timeout: float | None = None,
        metadata: Metadata | None = None,
        **options: Any,
    ) -> "_BlockingCall":
        call = self._prepare(self._method, self._serialize, request, timeout, metadata)
        return _BlockingCall(self._bare.future(**call, **options))


class _BlockingCall:
    """A `grpc.Future` and `grpc.Call` whose errors are CouponsErrors."""

    def __init__(self, call: Any) -> None:
        self._call = call

    def __getattr__(self, name: str) -> Any:
        return getattr(self._call, name)

    def result(self, timeout: float | None = None) -> Any:
        try:
            return self._call.result(timeout)
        except grpc.RpcError as error:
            raise from_rpc_error(error) from error

    def exception(self, timeout: float | None = None) -> CouponsError | None:
        error = self._call.exception(timeout)
        return None if error is None else from_rpc_error(error)

    def add_done_callback(self, callback: Callable[["_BlockingCall"], None]) -> None:
        self._call.add_done_callback(lambda _: callback(self))


class AsyncChannel:
    """What a stub needs of `grpc.aio.Channel`."""

    def __init__(self, channel: grpc.aio.Channel, preparation: Preparation) -> None:
        self._channel = channel
        self._prepare = preparation

    def unary_unary(
        self,
        method: str,
        request_serializer: Serializer,
        response_deserializer: Callable[[bytes], Any],
        **_: object,
    ) -> Callable[..., "_AsyncCall"]:
        bare: grpc.aio.UnaryUnaryMultiCallable[bytes, Any] = self._channel.unary_unary(
            method, None, response_deserializer
        )

        def start(
            request: Message,
            *,
            timeout: float | None = None,
            metadata: Iterable[tuple[str, str | bytes]] | None = None,
            **options: Any,
        ) -> _AsyncCall:
            call = self._prepare(method, request_serializer, request, timeout, metadata)
            return _AsyncCall(bare(**call, **options))

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
