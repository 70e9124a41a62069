"""What every call needs, whoever waits for it: bytes, headers, deadline, attempts, errors."""

import asyncio
import math
import re
import uuid
from collections.abc import AsyncIterable, AsyncIterator, Callable, Iterable, Iterator
from dataclasses import dataclass
from typing import Any

import grpc
from google.protobuf.message import Message

from phoenix_coupons._connection import MAX_REQUEST_BYTES
from phoenix_coupons._credentials import Credential, Metadata, MintedToken
from phoenix_coupons._errors import from_rpc_error, pushback, too_large
from phoenix_coupons._retries import Attempts, RetryPolicy

Serializer = Callable[[Message], bytes]
OwnMetadata = Iterable[tuple[str, str | bytes]] | None
_DEFAULT_POLICY = RetryPolicy()


@dataclass(frozen=True, slots=True)
class Preparation:
    """Turns requests into bytes and headers. Free of I/O."""

    credential: Credential
    timeout: float
    """Seconds; of calls with one request and one response alone. A stream has no end of its own."""
    retries: RetryPolicy = _DEFAULT_POLICY

    def __post_init__(self) -> None:
        require_timeout(self.timeout)

    def unary(
        self,
        method: str,
        serialize: Serializer,
        request: Message,
        timeout: float | None,
        metadata: OwnMetadata,
    ) -> "OneRequest":
        """Prepare a call with one request and one response."""
        timeout = self.timeout if timeout is None else timeout
        return self.server_stream(method, serialize, request, timeout, metadata)

    def server_stream(
        self,
        method: str,
        serialize: Serializer,
        request: Message,
        timeout: float | None,
        metadata: OwnMetadata,
    ) -> "OneRequest":
        """Prepare a call with one request.

        A signature has to cover the bytes that are sent, so they are made here, once.
        """
        request = _with_request_id(request)
        headers = _Headers(self.credential, method, metadata)
        attempts = Attempts(self.retries, _checked(timeout), headers.renew_credential)
        return OneRequest(_bytes(serialize, request), _request_id(request), headers, attempts)

    def client_stream(
        self,
        method: str,
        serialize: Serializer,
        requests: Any,
        timeout: float | None,
        metadata: OwnMetadata,
    ) -> "ManyRequests":
        """Prepare a call with a stream of requests."""
        headers = _Headers(self.credential, method, metadata)
        return ManyRequests(Requests(serialize, requests), _checked(timeout), headers)


class _Headers:
    """The caller's metadata and the credential's, which each attempt gets anew."""

    def __init__(self, credential: Credential, method: str, metadata: OwnMetadata) -> None:
        self._credential = credential
        self._method = method
        self._own = tuple(metadata or ())
        self._proof: Metadata = ()
        _require_legal(self._own)

    def of(self, body: bytes) -> Metadata:
        self._proof = self._credential.metadata(self._method, body)
        return (*self._own, *self._proof)

    def renew_credential(self) -> bool:
        """Whether another attempt would have another credential."""
        if not isinstance(self._credential, MintedToken):
            return False
        self._credential.renew(self._proof)
        return True


class OneRequest:
    """A call with one request, which may be attempted again."""

    def __init__(self, body: bytes, request_id: str, headers: _Headers, attempts: Attempts) -> None:
        self._body = body
        self._headers = headers
        self._attempts = attempts
        self.request_id = request_id

    def arguments(self) -> dict[str, Any]:
        """Return the arguments of an attempt on the bare channel."""
        metadata = self._headers.of(self._body)
        return {"request": self._body, "timeout": self._attempts.timeout(), "metadata": metadata}

    def failure(self, error: grpc.RpcError) -> Exception:
        """Return what to raise for a call that failed."""
        return from_rpc_error(error, self.request_id)

    def pause_after(self, error: grpc.RpcError) -> float | None:
        """Return the seconds until the next attempt, or None if there is none."""
        return self._attempts.pause_after(from_rpc_error(error), pushback(error))


class ManyRequests:
    """A call with a stream of requests, which are sent once."""

    def __init__(self, requests: "Requests", timeout: float | None, headers: _Headers) -> None:
        self.requests = requests
        self._timeout = timeout
        self._headers = headers

    @property
    def request_id(self) -> str:
        return self.requests.request_id

    def arguments(self, stream: Any) -> dict[str, Any]:
        """Return the arguments of the call, whose messages are an iterator of bytes or None."""
        metadata = self._headers.of(b"")
        return {"request_iterator": stream, "timeout": self._timeout, "metadata": metadata}

    def failure(self, error: grpc.RpcError) -> Exception:
        """Return what to raise for a call that failed."""
        return self.requests.error or from_rpc_error(error, self.request_id)

    def pause_after(self, error: grpc.RpcError) -> None:
        """Say that there is no other attempt; the next call gets another token."""
        if from_rpc_error(error).code is grpc.StatusCode.UNAUTHENTICATED:
            self._headers.renew_credential()


class Requests:
    """A stream's messages as bytes; the first one names the request.

    What the caller's iterator raises is kept: gRPC would tell of a cancelled call alone.
    """

    def __init__(self, serialize: Serializer, requests: Any) -> None:
        self._serialize = serialize
        self._requests = requests
        self._is_first = True
        self._reader: asyncio.Task[Any] | None = None
        self.request_id = ""
        self.error: Exception | None = None

    def of(self, request: Message) -> bytes:
        """Return the bytes of the next message."""
        if self._is_first:
            request = _with_request_id(request)
            self.request_id = _request_id(request)
            self._is_first = False
        return _bytes(self._serialize, request)

    @property
    def are_given(self) -> bool:
        """Whether there is an iterator; without one the caller writes the messages itself."""
        return self._requests is not None

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


async def _asynchronous(
    requests: AsyncIterable[Message] | Iterable[Message],
) -> AsyncIterator[Message]:
    if isinstance(requests, AsyncIterable):
        async for request in requests:
            yield request
    else:
        for request in requests:
            yield request


def require_timeout(timeout: float) -> None:
    """Refuse a timeout with which no call could succeed."""
    if not 0 < timeout < math.inf:
        raise ValueError("timeout must be above 0 seconds, and finite")


def _checked(timeout: float | None) -> float | None:
    if timeout is not None:
        require_timeout(timeout)
    return timeout


def _bytes(serialize: Serializer, request: Message) -> bytes:
    body = serialize(request)
    if len(body) > MAX_REQUEST_BYTES:
        raise too_large(len(body), MAX_REQUEST_BYTES, _request_id(request))
    return body


def _request_id(request: Message) -> str:
    return getattr(request, "request_id", "")


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
