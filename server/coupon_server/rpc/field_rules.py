"""Holds a message to the rules that the contract states for its fields (protovalidate)."""

import json

import protovalidate
from google.protobuf.message import Message

from coupon_server.domain.codes import CHARACTER_RULE
from coupon_server.domain.errors import InvalidField

WHOLE_REQUEST = "request"
"""What a rule about several fields is reported for."""

MAX_KEY = 64
"""Characters of a map's key that are told, with escapes for all but ASCII."""

_PATTERNS = {
    r"^[^\p{Cc}]*$": "must have no control characters",
    r"^[A-Za-z0-9._:-]*$": "must have no characters but A-Z a-z 0-9 . _ : -",
    r"^[A-Za-z0-9_-]*$": "must have no characters but A-Z a-z 0-9 _ -",
    r"^[0-9a-fA-F-]*$": "must be a valid UUID",
    r"^[\x21-\x7e]*$": "must have no characters but printable ASCII, without spaces",
    r"^[^\s\p{Z}\p{C}/:]*$": CHARACTER_RULE,
}
"""The contract's patterns in words."""


def broken_rules(message: Message) -> InvalidField | None:
    """What is wrong with the message's fields, if anything is."""
    try:
        protovalidate.validate(message)
    except protovalidate.ValidationError as error:
        return _invalid(error)
    return None


def _invalid(error: protovalidate.ValidationError) -> InvalidField:
    found = [(_path(violation.proto), _rule(violation)) for violation in error.violations]
    first, *more = found
    return InvalidField(*first, *more)


def _rule(violation: protovalidate.Violation) -> str:
    """The rule in words; the one against U+0000 would repeat that character."""
    if violation.proto.rule_id == "string.pattern":
        return _PATTERNS.get(violation.rule_value, violation.proto.message)
    return violation.proto.message.replace("\0", "U+0000")


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
