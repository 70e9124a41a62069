"""Processes the request, or each message of a client stream: bounds its size, parses it, authorises
it, and checks its fields' rules.

gRPC itself would parse before any interceptor: a signature is over the bytes, and what cannot be
parsed must be INVALID_ARGUMENT instead of UNKNOWN with the parser's own words.
"""

from collections.abc import Callable
from typing import cast

from google.protobuf.descriptor import Descriptor
from google.protobuf.message import DecodeError, Message

from coupon_server.auth import policy
from coupon_server.rpc.calls import Call, Method, Requests, Step
from coupon_server.rpc.field_rules import broken_rules, prepare
from coupon_server.rpc.wire_bounds import WireBounds, malformed


def receive(method: Method, proceed: Step) -> Step:
    return (_receive_stream if method.client_streaming else _receive_message)(method, proceed)


def _receive_message(method: Method, proceed: Step) -> Step:
    parse = _parser(method)
    rules = method.policy

    async def received(call: Call) -> bytes | None:
        call.request = parse(call.body)
        policy.authorize(rules, call.principal, call.request)
        if (refusal := broken_rules(call.request)) is not None:
            raise refusal
        return await proceed(call)

    return received


def _receive_stream(method: Method, proceed: Step) -> Step:
    parse = _parser(method)
    rules = method.policy

    async def received(call: Call) -> bytes | None:
        is_first = True

        def admit(body: bytes) -> Message:
            nonlocal is_first
            message = parse(body)
            if not is_first and not getattr(message, rules.tenant_field):
                setattr(message, rules.tenant_field, call.principal.tenant)
            is_first = False
            policy.authorize(rules, call.principal, message)
            return message

        assert call.bodies is not None  # noqa: S101 — it is a client stream
        call.request = Requests(call.bodies, admit, broken_rules)
        return await proceed(call)

    return received


def _parser(method: Method) -> Callable[[bytes], Message]:
    """Parses a message, if it is not larger than any that is valid."""
    from_string = method.request_type.FromString
    descriptor = cast("Descriptor", method.request_type.DESCRIPTOR)
    check = WireBounds(descriptor).check
    prepare(method.request_type)

    def parse(body: bytes) -> Message:
        check(body)
        try:
            return from_string(body)
        except DecodeError:
            raise malformed(descriptor.name) from None

    return parse
