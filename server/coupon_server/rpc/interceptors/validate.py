"""Checks every field against the rules that the contract states (protovalidate)."""

import json

import protovalidate
from google.protobuf.message import Message

from coupon_server.domain.errors import InvalidField
from coupon_server.rpc.calls import Call, Method, Step


def validate(_: Method, proceed: Step) -> Step:
    async def validated(call: Call) -> Message:
        try:
            protovalidate.validate(call.request)
        except protovalidate.ValidationError as error:
            raise _invalid(error) from None
        return await proceed(call)

    return validated


WHOLE_REQUEST = "request"
"""What a rule about several fields is reported for."""

MAX_KEY = 64
"""Characters of a map's key that are told, with escapes for all but ASCII."""


def _invalid(error: protovalidate.ValidationError) -> InvalidField:
    found = [(_path(violation.proto), _rule(violation.proto)) for violation in error.violations]
    first, *more = found
    return InvalidField(*first, *more)


def _rule(violation: protovalidate.ViolationPb) -> str:
    """The rule in words; the one against U+0000 would repeat that character."""
    return violation.message.replace("\0", "U+0000")


def _path(violation: protovalidate.ViolationPb) -> str:
    """The field's path, such as `user_ids[3]` or `metadata["order"]`."""
    if violation.field is None or not violation.field.elements:
        return WHOLE_REQUEST
    return ".".join(map(_element, violation.field.elements))


def _element(element: protovalidate.FieldPathElementPb) -> str:
    if element.subscript is None:
        return element.field_name
    value = element.subscript.value
    return (
        f"{element.field_name}[{json.dumps(value[:MAX_KEY])}]"
        if isinstance(value, str)
        else f"{element.field_name}[{value}]"
    )
