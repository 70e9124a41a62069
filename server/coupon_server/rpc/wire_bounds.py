"""Bounds of a message, checked before it is parsed: the number of fields, the length of texts.

The parser of protobuf allocates tens of bytes for two bytes on the wire, and protovalidate checks
each item. So a message with more fields than any valid one of its type is rejected unparsed. The
bounds follow from the descriptors and their field rules (protovalidate).
"""

from collections import Counter
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import NamedTuple, cast

from buf.validate import validate_pb2
from google.protobuf.descriptor import Descriptor, FieldDescriptor

from coupon_server.domain.errors import DomainError, InvalidField, Reason
from coupon_server.domain.rewards import MAX_PAYLOAD_BYTES, PAYLOAD_SIZE
from coupon_server.rpc.field_rules import MAX_KEY, quoted_key

SPARE_FIELDS = 1_000
"""How many unknown fields a message may have, such as those of a newer contract; and how many more
fields than a maximal valid one, such as those that occur twice (proto3 takes the last)."""

MAX_STRUCT_BYTES = 6 * MAX_PAYLOAD_BYTES
"""The most bytes of a payload on the wire, where a digit and a comma of JSON take eleven."""

MAX_DEPTH = 100
"""How deep groups may be nested: the parser's own limit."""

MAX_MASK_PATHS = 64
MAX_MASK_PATH_BYTES = 4 * 128
"""As the rule `update_mask.size` has it."""

STRUCT = "google.protobuf.Struct"
_MASK = "google.protobuf.FieldMask"
_RULES = {
    STRUCT: PAYLOAD_SIZE,
    _MASK: f"must have at most {MAX_MASK_PATHS} paths of at most 128 characters",
}

_VARINT, _FIXED64, _LENGTH, _GROUP, _END_GROUP, _FIXED32 = range(6)
_PACKED, _PAYLOAD, _NUMBER = -1, -2, -3
# Of numbers that are not varints.
_WIRE_TYPES = {
    FieldDescriptor.TYPE_DOUBLE: _FIXED64,
    FieldDescriptor.TYPE_FIXED64: _FIXED64,
    FieldDescriptor.TYPE_SFIXED64: _FIXED64,
    FieldDescriptor.TYPE_FLOAT: _FIXED32,
    FieldDescriptor.TYPE_FIXED32: _FIXED32,
    FieldDescriptor.TYPE_SFIXED32: _FIXED32,
}
_TEXTS = (FieldDescriptor.TYPE_STRING, FieldDescriptor.TYPE_BYTES)


class Unbounded(Exception):
    """The contract does not bound a field, so its message has no bound either."""


@dataclass(slots=True)
class _Level:
    """The bounds of the fields of a message type, by tag."""

    descriptor: Descriptor
    fields: "dict[int, _Level | int]"
    """A message; the most bytes of a text; `_PACKED` for packed numbers, `_NUMBER` for one;
    `_PAYLOAD`."""


class _Stop(NamedTuple):
    """The tag at which a scan stopped."""

    offset: int
    is_too_long: bool
    """Whether a text or payload is too long; otherwise there are too many fields."""


class WireBounds:
    """The bounds of one request type. Raises Unbounded when it has none."""

    def __init__(self, request: Descriptor) -> None:
        self._name = request.name
        self._level = _level(request, {})
        self.max_fields = _most_fields(request) + SPARE_FIELDS
        self._payload_bytes = MAX_STRUCT_BYTES * _most_payloads(request)
        # A field takes at least two bytes, so a shorter message can't have more.
        self._free_bytes = 2 * self.max_fields

    def check(self, body: bytes) -> None:
        """Reject a message with more fields, or longer texts, than a valid one has.

        Raises InvalidField, or MALFORMED_MESSAGE where it concerns no single field. Bodies of a few
        kilobytes are not scanned: parsing them costs less.
        """
        if len(body) <= self._free_bytes:
            return
        try:
            stop = _scan(body, self._level, self.max_fields, self._payload_bytes)
        except (IndexError, ValueError):
            raise malformed(self._name) from None
        if stop is not None:
            raise self._refusal(body, stop)

    def _refusal(self, body: bytes, stop: _Stop) -> DomainError:
        place = _own(_locate(body, self._level, stop.offset))
        if not place:
            return DomainError(
                Reason.MALFORMED_MESSAGE,
                f"The request has more than {self.max_fields} fields,"
                f" or {SPARE_FIELDS} unknown ones",
            )
        last = place[-1].field
        if last.message_type and (rule := _RULES.get(last.message_type.full_name)):
            return InvalidField(_path(body, place), rule)
        if stop.is_too_long:
            return InvalidField(_path(body, place), _text_rule(last))
        for depth, step in enumerate(place):
            if step.number is not None and step.number >= most_items(step.field):
                whole = [*place[:depth], _Step(step.field)]
                return InvalidField(_path(body, whole), _items_rule(step.field))
        return InvalidField(
            place[0].field.name,
            f"must not bring the request to more than {self.max_fields} fields in all,"
            f" or {SPARE_FIELDS} unknown ones",
        )


def excess(
    body: bytes, message: Descriptor, max_fields: int, max_bytes: Mapping[str, int]
) -> str | None:
    """What exceeds the bounds of a message without field rules: the name of a text field that is
    longer than `max_bytes` of its name, or empty for the number of fields. None: nothing.

    A malformed message exceeds nothing: its parser stops where the scan did.
    """
    if len(body) <= 2 * max_fields:
        return None
    level = _level(message, {}, lambda field: max_bytes[field.name])
    try:
        stop = _scan(body, level, max_fields, 0)
    except (IndexError, ValueError):
        return None
    if stop is None or not stop.is_too_long:
        return None if stop is None else ""
    return _locate(body, level, stop.offset)[-1].field.name


def malformed(name: str) -> DomainError:
    """The error for bytes that are no message of the type with this name."""
    return DomainError(Reason.MALFORMED_MESSAGE, f"The request is not a {name} message")


# --- what the contract bounds ----------------------------------------------------------------


def _rules_of(field: FieldDescriptor) -> validate_pb2.FieldRules:
    rules: validate_pb2.FieldRules = field.GetOptions().Extensions[validate_pb2.field]
    return rules


def is_map(field: FieldDescriptor) -> bool:
    return field.message_type is not None and field.message_type.GetOptions().map_entry


def most_items(field: FieldDescriptor) -> int:
    """How many items a list or map may have; 1 for other fields."""
    if not field.is_repeated:
        return 1
    rules = _rules_of(field)
    if most := rules.map.max_pairs if is_map(field) else rules.repeated.max_items:
        return most
    if _holder(field).full_name == _MASK:
        return MAX_MASK_PATHS
    raise Unbounded(f"{field.full_name} has no max_items or max_pairs")


def _most_fields(message: Descriptor, around: tuple[Descriptor, ...] = ()) -> int:
    """The fields of a maximal valid message, those of the messages in it included."""
    if message.full_name == STRUCT:
        # Its bytes are bounded as a whole.
        return 0
    if message in around:
        raise Unbounded(f"{message.full_name} can hold itself")
    within = (*around, message)
    return sum(
        most_items(field)
        * (1 + (_most_fields(field.message_type, within) if field.message_type else 0))
        for field in message.fields
    )


def _most_payloads(message: Descriptor) -> int:
    """The payloads of a maximal valid message."""
    if message.full_name == STRUCT:
        return 1
    return sum(
        most_items(field) * _most_payloads(field.message_type)
        for field in message.fields
        if field.message_type is not None
    )


def _level(
    message: Descriptor,
    known: dict[str, _Level],
    most_bytes: Callable[[FieldDescriptor], int] | None = None,
) -> _Level:
    if message.full_name in known:
        return known[message.full_name]
    level = known[message.full_name] = _Level(message, {})
    for field in message.fields:
        tag = field.number << 3 | _LENGTH
        if field.message_type is not None and field.message_type.full_name == STRUCT:
            level.fields[tag] = _PAYLOAD
        elif field.message_type is not None:
            level.fields[tag] = _level(field.message_type, known, most_bytes)
        elif field.type in _TEXTS:
            level.fields[tag] = (most_bytes or max_bytes)(field)
        else:
            level.fields[field.number << 3 | _WIRE_TYPES.get(field.type, _VARINT)] = _NUMBER
            if field.is_repeated:
                level.fields[tag] = _PACKED
    return level


def max_bytes(field: FieldDescriptor) -> int:
    """The most bytes of a text of this field. Raises Unbounded."""
    if _holder(field).full_name == _MASK:
        return MAX_MASK_PATH_BYTES
    text = _text_rules(field)
    if text.max_len or text.max_bytes:
        # A character takes up to four bytes of UTF-8.
        return min(4 * text.max_len or text.max_bytes, text.max_bytes or 4 * text.max_len)
    if text.uuid:
        return 36
    if words := getattr(text, "in"):
        return max(len(word.encode()) for word in words)
    raise Unbounded(f"{field.full_name} has no max_len or max_bytes")


def _text_rules(field: FieldDescriptor) -> validate_pb2.StringRules:
    """The rules of a text; those of a map's texts are at the field that is the map."""
    entry = _holder(field)
    if not entry.GetOptions().map_entry:
        rules = _rules_of(field)
        return rules.repeated.items.string if field.is_repeated else rules.string
    [pairs] = [
        _rules_of(holder).map
        for holder in cast("Descriptor", entry.containing_type).fields
        if holder.message_type == entry
    ]
    return pairs.keys.string if field.name == "key" else pairs.values.string


def _holder(field: FieldDescriptor) -> Descriptor:
    """The message type that has the field."""
    return cast("Descriptor", field.containing_type)


# --- the wire (https://protobuf.dev/programming-guides/encoding) --------------------------------


def _scan(data: bytes, level: _Level, budget: int, payload_budget: int) -> _Stop | None:
    """Scan the tags of a message, and of those within it, while the budgets last.

    `budget`: fields; `payload_budget`: bytes of payloads, in which no fields are counted.

    Raises IndexError or ValueError for malformed bytes, though not for all that the parser rejects.
    """
    position, end, spare = 0, len(data), SPARE_FIELDS
    fields: Mapping[int, _Level | int] = level.fields
    # Of the messages around: where they end, and their fields. A group is in none of the contract,
    # so it has no fields, and the end of what is around it.
    around: list[tuple[int, Mapping[int, _Level | int]]] = []
    groups: list[int] = []
    while True:
        while position >= end:
            if position > end or (groups and groups[-1] == len(around)):
                raise ValueError
            if not around:
                return None
            end, fields = around.pop()
        start = position
        tag = data[position]
        position += 1
        if tag > 127:
            tag, position = _varint(data, position - 1)
        budget -= 1
        if tag not in fields:
            spare -= 1
        if budget < 0 or spare < 0:
            return _Stop(start, is_too_long=False)
        kind = tag & 7
        if kind == _LENGTH:
            size = data[position]
            position += 1
            if size > 127:
                # Most texts have a length of two bytes: no call for those.
                if data[position] < 128:
                    size += (data[position] << 7) - 128
                    position += 1
                else:
                    size, position = _varint(data, position - 1)
            below = fields.get(tag)
            if below is None:
                position += size
            elif below.__class__ is int:
                if below == _PACKED:
                    # The tag itself is none of them.
                    budget -= size - 1
                    if budget < 0:
                        return _Stop(start, is_too_long=False)
                elif below == _PAYLOAD:
                    # The parser joins a payload that comes in parts.
                    payload_budget -= size
                    if payload_budget < 0:
                        return _Stop(start, is_too_long=True)
                elif size > below:
                    return _Stop(start, is_too_long=True)
                position += size
            else:
                around.append((end, fields))
                if position + size > end:
                    raise ValueError
                end, fields = position + size, below.fields  # type: ignore[union-attr]
        elif kind == _VARINT:
            if data[position] > 127:
                _, position = _varint(data, position)
            else:
                position += 1
        elif kind == _GROUP:
            if len(around) > MAX_DEPTH:
                raise ValueError
            around.append((end, fields))
            groups.append(len(around))
            fields = {}
        elif kind == _END_GROUP:
            if not groups or groups.pop() != len(around):
                raise ValueError
            end, fields = around.pop()
        elif kind == _FIXED64:
            position += 8
        elif kind == _FIXED32:
            position += 4
        else:
            raise ValueError


def _varint(data: bytes, position: int) -> tuple[int, int]:
    """A varint of at most ten bytes, and where it ends."""
    value = 0
    for shift in range(0, 70, 7):
        byte = data[position]
        position += 1
        value |= (byte & 127) << shift
        if byte < 128:
            return value, position
    raise ValueError


# --- naming what is wrong ----------------------------------------------------------------------


class _Step(NamedTuple):
    """A field on the way to a place in a message."""

    field: FieldDescriptor
    number: int | None = None
    """Which item of a list or map, from 0 on; None for the field as a whole."""
    start: int = 0
    """Where the value begins."""


def _locate(data: bytes, level: _Level, offset: int) -> list[_Step]:
    """The fields that lead to the tag at `offset`, as far as they are of the contract.

    What is before the tag has been scanned, so it is well formed.
    """
    place: list[_Step] = []
    counts: Counter[int] = Counter()
    position = groups = 0
    while True:
        start = position
        tag = data[position]
        position += 1
        if tag > 127:
            tag, position = _varint(data, start)
        if (
            start != offset
            and not groups
            and tag & 7 in (_LENGTH, _VARINT)
            and data[position] < 128
        ):
            # All but a few of those before the place: the same as below, but faster.
            end = position + 1 + (data[position] if tag & 7 else 0)
            if end <= offset:
                counts[tag] += 1
                position = end
                continue
        kind = tag & 7
        groups += (kind == _GROUP) - (kind == _END_GROUP)
        field = level.descriptor.fields_by_number.get(tag >> 3)
        below = level.fields.get(tag)
        is_here = start == offset
        end = position if is_here else _end(data, kind, position)
        if not is_here and offset >= end:
            counts[tag] += 1
            position = end
            continue
        if field is None or groups:
            return place
        number = counts[tag] if field.is_repeated else None
        if below == _PACKED:
            number = most_items(field)
        if kind == _LENGTH and not is_here:
            _, position = _varint(data, position)
        place.append(_Step(field, number, position))
        if is_here or not isinstance(below, _Level):
            return place
        level = below
        counts.clear()


def _end(data: bytes, kind: int, position: int) -> int:
    """Where the value of a field ends whose tag ends at `position`."""
    if kind == _VARINT:
        return _varint(data, position)[1]
    if kind == _LENGTH:
        size, position = _varint(data, position)
        return position + size
    return position + {_FIXED64: 8, _FIXED32: 4}.get(kind, 0)


def _own(place: list[_Step]) -> list[_Step]:
    """The way as far as it is in messages of the contract; protobuf's own are one value."""
    for depth, step in enumerate(place):
        if step.field.message_type and step.field.message_type.full_name in _RULES:
            return place[: depth + 1]
    return place


def _path(data: bytes, place: list[_Step]) -> str:
    """As an error names it, such as `events[7].user_id` or `metadata["order"]`."""
    names = []
    for step in place:
        if _holder(step.field).GetOptions().map_entry:
            continue
        name = step.field.name
        if step.number is not None:
            name += f"[{quoted_key(_key(data, step.start)) if is_map(step.field) else step.number}]"
        names.append(name)
    return ".".join(names)


def _key(data: bytes, start: int) -> str:
    """The key of a map's entry, or its beginning; empty if the entry does not begin with it."""
    tag, position = _varint(data, start)
    if tag != 1 << 3 | _LENGTH:
        return ""
    size, position = _varint(data, position)
    return data[position : position + min(size, 4 * MAX_KEY)].decode(errors="replace")


def _text_rule(field: FieldDescriptor) -> str:
    """The rule of a text that is too long, in the words of protovalidate."""
    text = _text_rules(field)
    if text.max_bytes:
        return f"must be at most {text.max_bytes} bytes"
    if text.max_len:
        return f"must be at most {text.max_len} characters"
    if text.uuid:
        return "must be a valid UUID"
    return f"must be in list [{', '.join(getattr(text, 'in'))}]"


def _items_rule(field: FieldDescriptor) -> str:
    """The rule of a list or map with too many items, in the words of protovalidate."""
    if is_map(field):
        return f"map must be at most {most_items(field)} entries"
    return f"must contain no more than {most_items(field)} item(s)"
