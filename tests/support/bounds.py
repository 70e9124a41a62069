"""Values at and beyond the bounds of every request field, derived from the contract itself."""

import uuid
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass
from typing import Any

from buf.validate import validate_pb2
from google.api import field_behavior_pb2  # type: ignore[import-untyped]
from google.protobuf.descriptor import FieldDescriptor

from support.contract import Rpc, rules_of

PACKAGE = "phoenix_coupons.v1"
INT32_MAX = 2**31 - 1
MAX_PAYLOAD_BYTES = 16 * 1024
MAX_PAYLOAD_LEVELS = 32

# A character more than each pattern of the contract allows.
_NO_CONTROLS = ["a\x01", "a\n", "a\x7f", "a\u0085"]
_CODE = [*_NO_CONTROLS, "a/", "a:", "a b", "a\u00a0b", "a\u2028b", "a\u200bb", "a\ue000"]
_EXCLUDED = {
    r"^[^\p{Cc}]*$": _NO_CONTROLS,
    r"^[^\s\p{Z}\p{C}/:]*$": _CODE,
    r"^[A-Za-z0-9_-]*$": [*_NO_CONTROLS, "a=", "a+", "é"],
    r"^[A-Za-z0-9._:-]*$": [*_NO_CONTROLS, "a/", "a b", "é"],
    r"^[0-9a-fA-F-]*$": [*_NO_CONTROLS, "g", "{a}"],
    r"^[\x21-\x7e]*$": [*_NO_CONTROLS, "a b", "é"],
}

# Rules that the contract states in CEL, as (accepted, refused).
_CEL_NUMBERS = {"code_length.range": ([0, 4, 32], [-1, 1, 3, 33, INT32_MAX])}
_CEL_MASKS = {
    "update_mask.size": (
        # Which every mask may name.
        [["etag"] * 64],
        [["name"] * 65, ["a" * 129], ["no_such_field"], ["name\0"], ["tenant_id"]],
    )
}

Get = Callable[[Any], Any]
"""The message in a request that holds the field."""


@dataclass(frozen=True, slots=True)
class Case:
    """A value for one field of a request, and whether the field may have it."""

    path: str
    """The field, as an error names it."""
    label: str
    put: Callable[[Any], None]
    accepted: bool

    def __str__(self) -> str:
        return f"{self.path}: {self.label}"


def leaf_fields(target: Rpc) -> list[tuple[str, FieldDescriptor]]:
    """Every field of the request, down to those that hold no message of the contract."""
    return [(path, field) for path, field, _ in _leaves(target.request_type.DESCRIPTOR)]


def cases(target: Rpc) -> list[Case]:
    """The bounds of every field but the tenant, which is held against the credential before."""
    return [
        case
        for path, field, get in _leaves(target.request_type.DESCRIPTOR)
        if path != target.policy.tenant_field
        for case in _field_cases(path, field, get)
    ]


def is_output_only(field: FieldDescriptor) -> bool:
    behavior = field.GetOptions().Extensions[field_behavior_pb2.field_behavior]
    return field_behavior_pb2.OUTPUT_ONLY in behavior


def _leaves(
    descriptor: Any, prefix: str = "", get: Get = lambda request: request
) -> Iterator[tuple[str, FieldDescriptor, Get]]:
    for field in descriptor.fields:
        path = prefix + field.name
        if not _is_own_message(field):
            yield path, field, get
        elif field.is_repeated:
            yield path, field, get
            yield from _leaves(field.message_type, f"{path}[0].", _first_of(get, field.name))
        else:
            yield from _leaves(field.message_type, f"{path}.", _within(get, field.name))


def _within(get: Get, name: str) -> Get:
    return lambda request: getattr(get(request), name)


def _first_of(get: Get, name: str) -> Get:
    return lambda request: getattr(get(request), name)[0]


def _field_cases(path: str, field: FieldDescriptor, get: Get) -> Iterator[Case]:
    rules, name = rules_of(field), field.name

    def case(label: str, accepted: bool, put: Callable[[Any], None], at: str = path) -> Case:
        return Case(at, label, lambda request: put(get(request)), accepted)

    def setting(value: object) -> Callable[[Any], None]:
        return lambda message: setattr(message, name, value)

    if _is_map(field):
        yield from _map_cases(name, rules.map, case)
    elif field.is_repeated and field.message_type is not None:
        yield from _message_list_cases(name, rules.repeated, case)
    elif field.is_repeated:
        yield from _list_cases(path, rules.repeated, field, case)
    elif field.type == FieldDescriptor.TYPE_STRING:
        for accepted, text in _texts(rules):
            yield case(_shown(text), accepted, setting(text))
    elif field.type == FieldDescriptor.TYPE_ENUM:
        for accepted, number in _enumerators(rules, field):
            yield case(str(number), accepted, setting(number))
    elif field.type == FieldDescriptor.TYPE_INT32:
        for accepted, number in _numbers(rules):
            yield case(str(number), accepted, setting(number))
    elif field.message_type is not None:
        for label, accepted, fill in _WELL_KNOWN[field.message_type.name](rules, field):
            yield case(label, accepted, _filling(name, fill))


def _filling(name: str, fill: Callable[[Any], None]) -> Callable[[Any], None]:
    def put(message: Any) -> None:
        value = getattr(message, name)
        value.SetInParent()
        fill(value)

    return put


def _is_own_message(field: FieldDescriptor) -> bool:
    kind = field.message_type
    return kind is not None and kind.file.package == PACKAGE and not _is_map(field)


def _is_map(field: FieldDescriptor) -> bool:
    return field.message_type is not None and field.message_type.GetOptions().map_entry


def _shown(text: str) -> str:
    return ascii(text) if len(text) < 40 else f"{len(text)} times {text[0]!a}"


# --- by type -------------------------------------------------------------------------------


def _texts(rules: validate_pb2.FieldRules) -> Iterator[tuple[bool, str]]:
    text = rules.string
    yield False, "a\0"
    if words := getattr(text, "in"):
        yield from ((True, word) for word in words)
        yield from ((False, word) for word in ("", words[0].upper(), words[0] + "s"))
        return
    if text.uuid:
        yield from _uuids(is_optional=rules.ignore == validate_pb2.IGNORE_IF_ZERO_VALUE)
        return
    yield True, "a" * text.min_len
    if text.min_len:
        yield False, "a" * (text.min_len - 1)
    if text.max_len:
        yield True, "a" * text.max_len
        yield False, "a" * (text.max_len + 1)
    if text.max_bytes:
        yield True, "é" * (text.max_bytes // 2)
        yield False, "é" * (text.max_bytes // 2 + 1)
    if text.pattern:
        for excluded in _EXCLUDED[text.pattern]:
            yield False, excluded


def _uuids(*, is_optional: bool) -> Iterator[tuple[bool, str]]:
    known = str(uuid.uuid4())
    yield is_optional, ""
    yield True, known
    yield True, known.upper()
    for damaged in (known[:-1], known + "0", known.replace("-", ""), f"{{{known}}}", "g" * 36):
        yield False, damaged


def _enumerators(
    rules: validate_pb2.FieldRules, field: FieldDescriptor
) -> Iterator[tuple[bool, int]]:
    assert field.enum_type is not None
    for value in field.enum_type.values:
        yield value.number not in rules.enum.not_in, value.number
    yield False, max(value.number for value in field.enum_type.values) + 1
    yield False, -1


def _numbers(rules: validate_pb2.FieldRules) -> Iterator[tuple[bool, int]]:
    number = rules.int32
    for rule in rules.cel:
        fit, unfit = _CEL_NUMBERS[rule.id]
        yield from ((True, one) for one in fit)
        yield from ((False, one) for one in unfit)
    if number.HasField("gte"):
        yield True, number.gte
        yield False, number.gte - 1
        yield False, -INT32_MAX - 1
        yield True, number.lte if number.HasField("lte") else INT32_MAX
    if number.HasField("lte"):
        yield False, number.lte + 1
        yield False, INT32_MAX


def _list_cases(
    path: str,
    rules: validate_pb2.RepeatedRules,
    field: FieldDescriptor,
    case: Callable[..., Case],
) -> Iterator[Case]:
    def holding(values: Iterable[object]) -> Callable[[Any], None]:
        given = list(values)

        def put(message: Any) -> None:
            message.ClearField(field.name)
            getattr(message, field.name).extend(given)

        return put

    is_enum = field.type == FieldDescriptor.TYPE_ENUM
    items = _enumerators(rules.items, field) if is_enum else _texts(rules.items)
    for accepted, item in items:
        yield case(_shown(str(item)), accepted, holding([item]), f"{path}[0]")
    distinct = _distinct(rules.max_items + 1, rules.items, is_enum=is_enum)
    yield case(f"{rules.max_items} items", True, holding(distinct[:-1]))
    yield case(f"{rules.max_items + 1} items", False, holding(distinct))
    yield case("an item twice", not rules.unique, holding([distinct[0], distinct[0]]))
    if rules.min_items:
        yield case(f"{rules.min_items - 1} items", False, holding(distinct[: rules.min_items - 1]))


def _message_list_cases(
    name: str, rules: validate_pb2.RepeatedRules, case: Callable[..., Case]
) -> Iterator[Case]:
    """Lists of the one message that a minimal request has."""

    def holding(count: int) -> Callable[[Any], None]:
        def put(message: Any) -> None:
            items = getattr(message, name)
            one = type(items[0]).FromString(items[0].SerializeToString())
            del items[:]
            items.extend([one] * count)

        return put

    yield case(f"{rules.max_items + 1} items", False, holding(rules.max_items + 1))
    yield case(f"{rules.min_items - 1} items", False, holding(rules.min_items - 1))
    yield case(f"{rules.max_items} items", True, holding(rules.max_items))


def _distinct(count: int, rules: validate_pb2.FieldRules, *, is_enum: bool) -> list[object]:
    if is_enum:
        # There are no more enumerators than the list may have items.
        return [*range(1, count), 1]
    if words := getattr(rules.string, "in"):
        # Nor are there more words.
        return [*words, words[0]]
    return [str(uuid.uuid4()) if rules.string.uuid else f"u{n}" for n in range(count)]


def _map_cases(
    name: str, rules: validate_pb2.MapRules, case: Callable[..., Case]
) -> Iterator[Case]:
    def holding(pairs: dict[str, str]) -> Callable[[Any], None]:
        return lambda message: getattr(message, name).update(pairs)

    for accepted, key in _texts(rules.keys):
        yield case(f"key {_shown(key)}", accepted, holding({key: "v"}), f'{name}["')
    for accepted, value in _texts(rules.values):
        yield case(f"value {_shown(value)}", accepted, holding({"k": value}), f'{name}["k"]')
    for accepted, count in ((True, rules.max_pairs), (False, rules.max_pairs + 1)):
        yield case(f"{count} pairs", accepted, holding({f"k{n}": "v" for n in range(count)}))


Filled = Iterator[tuple[str, bool, Callable[[Any], None]]]


def _counts(rules: validate_pb2.FieldRules, _: FieldDescriptor) -> Filled:
    for accepted, number in _numbers(rules):
        yield str(number), accepted, _value_of(number)


def _value_of(number: int) -> Callable[[Any], None]:
    return lambda wrapper: setattr(wrapper, "value", number)


def _stamp(seconds: int, nanos: int) -> Callable[[Any], None]:
    def fill(message: Any) -> None:
        message.seconds, message.nanos = seconds, nanos

    return fill


EARLIEST, LATEST = -62_135_596_800, 253_402_300_799  # The years 1 and 9999.
MAX_NANOS = 999_999_999


def _timestamps(_: validate_pb2.FieldRules, field: FieldDescriptor) -> Filled:
    # What the service alone writes is not read.
    ignored = is_output_only(field)
    yield "the latest", True, _stamp(LATEST, MAX_NANOS)
    yield "the earliest", True, _stamp(EARLIEST, 0)
    yield "too early", ignored, _stamp(EARLIEST - 1, MAX_NANOS)
    yield "too late", ignored, _stamp(LATEST + 1, 0)
    yield "beyond 64 bits of nanoseconds", ignored, _stamp(2**63 - 1, 0)
    yield "nanos too small", ignored, _stamp(4_000_000_000, -1)
    yield "nanos too large", ignored, _stamp(4_000_000_000, MAX_NANOS + 1)


def _durations(rules: validate_pb2.FieldRules, _: FieldDescriptor) -> Filled:
    least, most = rules.duration.gte.seconds, rules.duration.lte.seconds
    below = (least, -1) if least == 0 else (least - 1, MAX_NANOS)
    yield f"{least} s", True, _stamp(least, 0)
    yield f"just below {least} s", False, _stamp(*below)
    yield f"{most} s", True, _stamp(most, 0)
    yield f"just above {most} s", False, _stamp(most, 1)
    yield "the largest", False, _stamp(2**63 - 1, MAX_NANOS)
    yield "the smallest", False, _stamp(-(2**63), 0)
    yield "nanos too large", False, _stamp(60, MAX_NANOS + 1)
    yield "nanos of another sign", False, _stamp(60, -1)


def _masks(rules: validate_pb2.FieldRules, _: FieldDescriptor) -> Filled:
    for rule in rules.cel:
        fit, unfit = _CEL_MASKS[rule.id]
        for accepted, masks in ((True, fit), (False, unfit)):
            for paths in masks:
                yield f"{len(paths)} paths such as {_shown(paths[0])}", accepted, _paths(paths)


def _paths(paths: list[str]) -> Callable[[Any], None]:
    return lambda mask: mask.paths.extend(paths)


def _payloads(_: validate_pb2.FieldRules, __: FieldDescriptor) -> Filled:
    overhead = len('{"a":""}')
    for bytes_over in (0, 1):
        text = "x" * (MAX_PAYLOAD_BYTES - overhead + bytes_over)
        yield f"{MAX_PAYLOAD_BYTES + bytes_over} bytes", not bytes_over, _json({"a": text})
    wide = "é" * ((MAX_PAYLOAD_BYTES - overhead) // 2)
    yield f"{MAX_PAYLOAD_BYTES} bytes beyond ASCII", True, _json({"a": wide})
    yield f"{MAX_PAYLOAD_BYTES + 2} bytes beyond ASCII", False, _json({"a": wide + "é"})
    for digits_over in (0, 1):
        # {"a":[1,1,1…]}
        ones = [1] * (MAX_PAYLOAD_BYTES // 2 - 5) + [10 ** (digits_over + 1)]
        yield (
            f"{MAX_PAYLOAD_BYTES + digits_over} bytes of ones",
            not digits_over,
            _json({"a": ones}),
        )
    for is_list in (False, True):
        kind = "lists" if is_list else "objects"
        deepest = nested(MAX_PAYLOAD_LEVELS, is_list=is_list)
        yield f"{MAX_PAYLOAD_LEVELS} levels of {kind}", True, _json(deepest)
        deeper = nested(MAX_PAYLOAD_LEVELS + 1, is_list=is_list)
        yield f"{MAX_PAYLOAD_LEVELS + 1} levels of {kind}", False, _json(deeper)
    yield "U+0000 in a key", False, _json({"a": {"b\0": 1}})
    yield "U+0000 in a value", False, _json({"a": ["b\0"]})
    for number in ("nan", "inf", "-inf"):
        yield number, False, _json({"a": [float(number)]})
    yield "every kind of value", True, _json({"a": [1, -0.5, 1e308, "x", True, None, {}, []]})


def nested(levels: int, *, is_list: bool = False) -> dict[str, Any]:
    """An object of so many levels, the innermost of which holds a number."""
    value: Any = {"a": 1} if not is_list else [1]
    for _ in range(levels - 2):
        value = [value] if is_list else {"a": value}
    return {"a": value}


def _json(value: dict[str, Any]) -> Callable[[Any], None]:
    return lambda struct: struct.update(value)


_WELL_KNOWN: dict[str, Callable[[validate_pb2.FieldRules, FieldDescriptor], Filled]] = {
    "Int32Value": _counts,
    "Timestamp": _timestamps,
    "Duration": _durations,
    "FieldMask": _masks,
    "Struct": _payloads,
}
