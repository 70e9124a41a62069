"""Turns bytes into the method's request message.

gRPC itself would do this before any interceptor: a signature is over the bytes, and what
cannot be parsed must be INVALID_ARGUMENT instead of UNKNOWN with the parser's own words.
"""

from google.protobuf.message import DecodeError, Message

from coupon_server.domain.errors import DomainError, Reason
from coupon_server.rpc.calls import Call, Method, Step


def decode(method: Method, proceed: Step) -> Step:
    parse = method.request_type.FromString
    name = method.request_type.DESCRIPTOR.name

    async def decoded(call: Call) -> Message:
        try:
            call.request = parse(call.body)
        except DecodeError:
            raise DomainError(
                Reason.MALFORMED_MESSAGE, f"The request is not a {name} message"
            ) from None
        return await proceed(call)

    return decoded
