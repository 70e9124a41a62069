"""A call in progress, as it passes through the interceptors to its handler."""

import asyncio
from collections.abc import AsyncGenerator, AsyncIterator, Awaitable, Callable
from contextlib import aclosing
from dataclasses import dataclass, field
from time import monotonic
from typing import Any, Generic, TypeVar

import grpc
from google.protobuf.message import Message

from coupon_server.auth.policy import MethodPolicy
from coupon_server.auth.presented import Metadata
from coupon_server.auth.principals import Principal
from coupon_server.domain.errors import DomainError, InvalidField, Reason
from coupon_server.services.admission import Account

Context = grpc.aio.ServicerContext[Any, Any]

CHECK_SECONDS = 0.5
"""How often a waiting stream checks whether it may go on."""

RECHECK_SECONDS = 0.25
"""How long a verified credential is not verified again."""

M = TypeVar("M", bound=Message)


@dataclass(frozen=True, slots=True)
class Method:
    """An RPC: its full path, policy, types and handler."""

    path: str
    policy: MethodPolicy
    request_type: type[Message]
    response_type: type[Message]
    client_streaming: bool
    server_streaming: bool
    handler: Callable[[Any, "Call"], Any]
    """Takes the request, or `Requests`, and the call. Returns an awaitable of the response, or
    with `server_streaming` an async generator of responses."""


class Requests(Generic[M]):
    """The messages of a client stream, each checked when it is asked for.

    What breaks a field's rule ends the call, unless it is read by `each`.
    """

    def __init__(
        self,
        bodies: AsyncIterator[bytes],
        admit: Callable[[bytes], M],
        refusal: Callable[[M], InvalidField | None],
    ) -> None:
        """`admit` parses and authorises a message, or raises; `refusal` holds it to the rules."""
        self._bodies = bodies
        self._admit = admit
        self._refusal = refusal

    async def __aiter__(self) -> AsyncIterator[M]:
        async for message, refusal in self.each():
            if refusal is not None:
                raise refusal
            yield message

    async def each(self) -> AsyncGenerator[tuple[M, InvalidField | None], None]:
        """Each message, with the refusal of one that breaks a field's rule."""
        async for body in self._bodies:
            message = self._admit(body)
            yield message, self._refusal(message)


Verify = Callable[["Call"], Awaitable[Principal]]
"""Authenticates a call; raises CREDENTIAL_INVALID."""


@dataclass(slots=True)
class Call:
    """One call. The steps that find out who calls, and for what, set the fields without value."""

    method: Method
    context: Context
    metadata: Metadata
    body: bytes
    """The request on the wire, once it is received; empty for a client stream."""
    bodies: AsyncIterator[bytes] | None
    """The messages of a client stream on the wire."""
    id: str
    """Names the call in logs and in the `x-request-id` trailer."""
    draining: asyncio.Event
    """Set when the server is about to stop."""
    mutual_tls: bool
    """Whether the connection has a certificate of the caller's."""
    is_received: bool = False
    """Whether `body` is the request."""
    verify: Verify = field(init=False)
    principal: Principal = field(init=False)
    refusal: Reason | None = field(init=False, default=None)
    """Why the call was refused; None for one that was not, or whose caller has gone."""
    account: Account = field(init=False)
    """The account of the caller's tenant at this worker."""
    request: Any = field(init=False)
    """The request message, or `Requests`."""
    _verified_at: float = field(init=False, default_factory=monotonic)

    def when_over(self, callback: Callable[[object], None]) -> None:
        """Register a callback for the end of the call: response taken, or caller gone."""
        self.context.add_done_callback(callback)  # type: ignore[arg-type]  # the stub has a class

    async def check_may_go_on(self) -> None:
        """Raises the error that ends a long stream: SERVICE_UNAVAILABLE when the server drains,
        CREDENTIAL_INVALID when the call's credential is no longer valid.

        A stream checks every `CHECK_SECONDS`, so that a revocation ends it within a second. A check
        is cheap: it verifies the credential at most every `RECHECK_SECONDS`.
        """
        if self.draining.is_set():
            raise DomainError(
                Reason.SERVICE_UNAVAILABLE, "The server is being stopped; go on with another one"
            )
        if monotonic() - self._verified_at >= RECHECK_SECONDS:
            self.principal = await self.verify(self)
            self._verified_at = monotonic()


Step = Callable[[Call], Awaitable[bytes | None]]
"""The rest of the chain. Returns the response on the wire; None: the responses were written."""

Interceptor = Callable[[Method, Step], Step]
"""Wraps the rest of the chain for one method."""


async def handle(call: Call) -> bytes:
    """The innermost step of a method with one response: its handler."""
    response: Message = await call.method.handler(call.request, call)
    # Serialised here, so that the size is known, and the message is freed before a slow reader.
    return response.SerializeToString()


async def handle_streaming(call: Call) -> None:
    """The innermost step of a server stream, at the pace of its reader (backpressure)."""
    async with aclosing(call.method.handler(call.request, call)) as responses:
        async for response in responses:
            await _write(call, response.SerializeToString())


async def _write(call: Call, response: bytes) -> None:
    call.account.hold_answer(len(response), refusable=True)
    try:
        await call.context.write(response)
    finally:
        call.account.release_answer(len(response))
