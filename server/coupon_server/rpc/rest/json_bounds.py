"""Bounds of a JSON body, checked before it is decoded: the number of values, and their depth."""

from google.protobuf.descriptor import Descriptor

from coupon_server.domain.errors import DomainError, InvalidField, Reason
from coupon_server.domain.rewards import MAX_PAYLOAD_VALUES
from coupon_server.rpc.wire_bounds import STRUCT, most_items

MAX_DEPTH = 100
"""How deep JSON may be nested; protobuf's own limit."""

SPARE_VALUES = 100
"""How many more values than a maximal valid one a body may have: the transcoder's errors are more
precise."""

_MALFORMED = "The request is malformed: "
_NO_BRACKETS = bytes(byte for byte in range(256) if byte not in b"[]{}")


def most_values(request: Descriptor) -> int:
    """How many values (RFC 8259, section 3) a body of this type may have, in objects and lists."""
    return _most_values(request) + SPARE_VALUES


def _most_values(message: Descriptor) -> int:
    if message.full_name == STRUCT:
        return MAX_PAYLOAD_VALUES
    if message.file.package == "google.protobuf":
        # Written as one value.
        return 0
    values = 0
    for field in message.fields:
        below = _most_values(field.message_type) if field.message_type else 0
        values += 1 + (most_items(field) * (1 + below) if field.is_repeated else below)
    return values


def check(body: bytes, most: int) -> None:
    """Reject a body with more values than `most`, or deeper than `MAX_DEPTH`.

    Raises MALFORMED_MESSAGE. A body that is no JSON may pass: its parser stops at the fault, and
    the values before it are counted.
    """
    if b"\\" in body:
        # Of the quotation marks, those that begin and end strings are left.
        body = body.replace(rb"\\", b"").replace(rb"\"", b"")
    # A value can have a name, and be a string.
    is_too_much = body.count(b'"') > 4 * most
    # Each leaves a mark, so that no list of one looks empty.
    structure = body if is_too_much else b"s".join(body.split(b'"')[::2])
    brackets = structure.translate(None, _NO_BRACKETS)
    if len(brackets) > MAX_DEPTH:
        _check_depth(brackets[: 2 * most])
    if is_too_much or _values(structure, len(brackets) // 2) > most:
        raise malformed(f"the body has more than {most} values")


def _values(structure: bytes, containers: int) -> int:
    """A list or object has a value more than commas, unless it is empty."""
    dense = structure.translate(None, b" \t\r\n")
    return dense.count(b",") + containers - dense.count(b"[]") - dense.count(b"{}")


def _check_depth(brackets: bytes) -> None:
    depth = 0
    for bracket in brackets:
        depth += 1 if bracket in b"[{" else -1
        if depth > MAX_DEPTH:
            raise malformed(f"the body is nested more than {MAX_DEPTH} levels deep")


class MalformedField(InvalidField):
    """A field or query parameter that is not written as the contract has it."""

    def __init__(self, field: str, rule: str) -> None:
        super().__init__(_quoted(field), rule)
        self.reason = Reason.MALFORMED_MESSAGE
        self.message = _MALFORMED + self.message


def malformed(rule: str) -> DomainError:
    """The error of a malformed request; the rule may quote it."""
    return DomainError(Reason.MALFORMED_MESSAGE, _MALFORMED + _quoted(rule))


def _quoted(text: str) -> str:
    # JSON can hold halves of surrogate pairs, which no answer can.
    return text.encode(errors="backslashreplace").decode()
