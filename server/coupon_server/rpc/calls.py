"""A call in progress, as it passes through the interceptors to its handler."""

from collections.abc import Awaitable, Callable
from contextvars import ContextVar
from dataclasses import dataclass, field
from typing import Any

import grpc
from google.protobuf.message import Message

from coupon_server.auth.policy import MethodPolicy
from coupon_server.auth.presented import Metadata
from coupon_server.auth.principals import Principal

Context = grpc.aio.ServicerContext[Any, Any]


@dataclass(frozen=True, slots=True)
class Method:
    """An RPC: its full path, who may call it, what it takes and what serves it."""

    path: str
    policy: MethodPolicy
    request_type: type[Message]
    handler: Callable[[Any, Any], Awaitable[Message]]


@dataclass(slots=True)
class Call:
    """One call. The steps that find out `principal` and `request` set them."""

    method: Method
    context: Context
    metadata: Metadata
    body: bytes
    id: str
    """Names the call in logs and in the `x-request-id` trailer."""
    principal: Principal = field(init=False)
    request: Message = field(init=False)


Step = Callable[[Call], Awaitable[Message]]
"""What handles a call from some point of the chain on."""

Interceptor = Callable[[Method, Step], Step]
"""Wraps the rest of the chain for one method."""

_current: ContextVar[Call] = ContextVar("call")


def current_call() -> Call:
    """The call that is being handled."""
    return _current.get()


async def handle(call: Call) -> Message:
    """The innermost step: the method's handler."""
    _current.set(call)
    return await call.method.handler(call.request, call.context)
