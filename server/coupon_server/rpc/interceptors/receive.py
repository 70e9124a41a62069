"""Takes in the request, or each message of a client stream: parsed, then allowed, then checked.

gRPC itself would parse before any interceptor: a signature is over the bytes, and what cannot be
parsed must be INVALID_ARGUMENT instead of UNKNOWN with the parser's own words.
"""

from collections.abc import AsyncIterator, Callable

from google.protobuf.message import DecodeError, Message

from coupon_server.auth import policy
from coupon_server.domain.errors import DomainError, Reason
from coupon_server.rpc.calls import Call, Method, Requests, Step
from coupon_server.rpc.field_rules import broken_rules


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
        # Before the first message comes, if one ever does.
        policy.check_kind(rules, call.principal)
        is_first = True

        def admit(body: bytes) -> Message:
            nonlocal is_first
            message = parse(body)
            if not is_first and not getattr(message, rules.tenant_field):
                setattr(message, rules.tenant_field, call.principal.tenant)
            is_first = False
            policy.authorize(rules, call.principal, message)
            return message

        call.request = Requests(_bodies(call), admit, broken_rules)
        return await proceed(call)

    return received


async def _bodies(call: Call) -> AsyncIterator[bytes]:
    assert call.bodies is not None  # noqa: S101 — it is a client stream
    async for body in call.bodies:
        yield body


def _parser(method: Method) -> Callable[[bytes], Message]:
    from_string = method.request_type.FromString
    name = method.request_type.DESCRIPTOR.name

    def parse(body: bytes) -> Message:
        try:
            return from_string(body)
        except DecodeError:
            raise DomainError(
                Reason.MALFORMED_MESSAGE, f"The request is not a {name} message"
            ) from None

    return parse
