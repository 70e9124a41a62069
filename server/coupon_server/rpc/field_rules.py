"""Holds a message to the rules that the contract states for its fields (protovalidate)."""

import json

import protovalidate
from google.protobuf.message import Message

from coupon_server.domain.errors import InvalidField

WHOLE_REQUEST = "request"
"""What a rule about several fields is reported for."""

MAX_KEY = 64
"""Characters of a map's key that are told, with escapes for all but ASCII."""


def broken_rules(message: Message) -> InvalidField | None:
    """What is wrong with the message's fields, if anything is."""
    try:
        protovalidate.validate(message)
    except protovalidate.ValidationError as error:
        return _invalid(error)
    return None


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
