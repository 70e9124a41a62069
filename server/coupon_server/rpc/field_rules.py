"""Checks a message against the rules of its fields in the contract (protovalidate)."""

import json
from itertools import islice
from typing import Any, NamedTuple

import protovalidate
from google.protobuf.message import Message

from coupon_server.domain.codes import CHARACTER_RULE
from coupon_server.domain.errors import InvalidField
from coupon_server.rpc.errors import MAX_VIOLATIONS

WHOLE_REQUEST = "request"
"""The field that errors name when a rule about several fields is broken."""

MAX_KEY = 64
"""The most characters of a map's key in an error; all but ASCII are escaped."""

_PATTERNS = {
    r"^[^\p{Cc}]*$": "must have no control characters",
    r"^[A-Za-z0-9._:-]*$": "must have no characters but A-Z a-z 0-9 . _ : -",
    r"^[A-Za-z0-9_-]*$": "must have no characters but A-Z a-z 0-9 _ -",
    r"^[0-9a-fA-F-]*$": "must be a valid UUID",
    r"^[\x21-\x7e]*$": "must have no characters but printable ASCII, without spaces",
    r"^[^\s\p{Z}\p{C}/:]*$": CHARACTER_RULE,
}
"""The contract's patterns in words."""


KEPT_MESSAGES = 20
KEPT_ITEMS = 65
"""Once a rule is broken, so many items of each list of messages, and of other lists and maps, are
checked for more broken rules. Masks and maps may have fewer, so that too many are reported."""


class _Offset(NamedTuple):
    """How many items at the beginning of a list were left out."""

    field: str = ""
    items: int = 0


_NO_OFFSET = _Offset()


def prepare(message_type: type[Message]) -> None:
    """Compile the rules of a type, which would delay the first call by some milliseconds."""
    protovalidate.collect_violations(message_type(), fail_fast=True)


def broken_rules(message: Message) -> InvalidField | None:
    """The broken rules of the message's fields; None without any.

    The first broken rule, and those that a part of the message breaks too: listing all costs CPU
    time for each, and an error lists a few (`rpc.errors.MAX_VIOLATIONS`).
    """
    violations = protovalidate.collect_violations(message, fail_fast=True)
    if not violations:
        return None
    first = violations[0].proto
    part, offset = _part(message, first)
    broken = [(_path(first), _rule(violations[0]))]
    for violation in protovalidate.collect_violations(part)[:MAX_VIOLATIONS]:
        broken_rule = _path(violation.proto, offset), _rule(violation)
        if broken_rule not in broken:
            broken.append(broken_rule)
    return InvalidField(*broken[0], *broken[1:])


def _part(message: Message, first: protovalidate.ViolationPb) -> tuple[Message, _Offset]:
    """The message with a part of each list and map.

    Of the list in which `first` was found, those from the item on that broke it.
    """
    offset = _NO_OFFSET
    if first.field is not None and first.field.elements:
        element = first.field.elements[0]
        if element.subscript is not None and isinstance(element.subscript.value, int):
            offset = _Offset(element.field_name, element.subscript.value)
    return _cut(message, offset), offset


def _cut(message: Message, offset: _Offset = _NO_OFFSET) -> Message:
    part = type(message)()
    for field, value in message.ListFields():
        start = offset.items if field.name == offset.field else 0
        kept: Any = getattr(part, field.name)
        if field.message_type is not None and field.message_type.GetOptions().map_entry:
            for key in islice(value, KEPT_ITEMS):
                if isinstance(value[key], Message):
                    kept[key].CopyFrom(value[key])
                else:
                    kept[key] = value[key]
        elif field.is_repeated and field.message_type is not None:
            kept.extend(map(_cut, value[start : start + KEPT_MESSAGES]))
        elif field.is_repeated:
            kept.extend(value[start : start + KEPT_ITEMS])
        elif field.message_type is not None:
            kept.SetInParent()
            # A payload, which has its own rules, may be large.
            if field.message_type.full_name != "google.protobuf.Struct":
                kept.CopyFrom(_cut(value))
        else:
            setattr(part, field.name, value)
    return part


def _rule(violation: protovalidate.Violation) -> str:
    """The rule in words; the one against U+0000 would repeat that character."""
    if violation.proto.rule_id == "string.pattern":
        return _PATTERNS.get(violation.rule_value, violation.proto.message)
    return violation.proto.message.replace("\0", "U+0000")


def _path(violation: protovalidate.ViolationPb, offset: _Offset = _NO_OFFSET) -> str:
    """The field's path, such as `user_ids[3]` or `metadata["order"]`."""
    if violation.field is None or not violation.field.elements:
        return WHOLE_REQUEST
    first, *more = violation.field.elements
    head = _element(first, offset.items if first.field_name == offset.field else 0)
    return ".".join([head, *map(_element, more)])


def _element(element: protovalidate.FieldPathElementPb, offset: int = 0) -> str:
    if element.subscript is None:
        return element.field_name
    value = element.subscript.value
    return (
        f"{element.field_name}[{quoted_key(value)}]"
        if isinstance(value, str)
        else f"{element.field_name}[{value + offset}]"
    )


def quoted_key(key: str) -> str:
    """A map's key as paths have it: in part, and with escapes."""
    return json.dumps(key[:MAX_KEY])
