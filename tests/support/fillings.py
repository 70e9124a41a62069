"""Messages that are as large as they may be and worth nothing, derived from the contract.

Every field that can hold much, at every depth of every request, is filled with what no valid
message has: on the wire, and as JSON.
"""

import json
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from typing import Any, cast

from google.protobuf import message_factory
from google.protobuf.descriptor import Descriptor, FieldDescriptor

from coupon_server.rpc.wire_bounds import most_items
from support.contract import Rpc, rules_of

STRUCT = "google.protobuf.Struct"
UNKNOWN = 1000
"""The number of a field that no message has."""

_TEXTS = (FieldDescriptor.TYPE_STRING, FieldDescriptor.TYPE_BYTES)


@dataclass(frozen=True, slots=True)
class Filling:
    """A way to fill a field of a request: `body` makes so many bytes of it, or a few less."""

    field: str
    label: str
    body: Callable[[int], bytes]

    def __str__(self) -> str:
        return f"{self.field}: {self.label}"


# --- on the wire (https://protobuf.dev/programming-guides/encoding) ------------------------------


def varint(value: int) -> bytes:
    parts = bytearray()
    while value > 127:
        parts.append(value & 127 | 128)
        value >>= 7
    parts.append(value)
    return bytes(parts)


def field_of(number: int, content: bytes) -> bytes:
    """A field with a length."""
    return varint(number << 3 | 2) + varint(len(content)) + content


Around = Callable[[bytes], bytes]
"""Puts the fields of a message into the request that has it."""

Make = Callable[[int], bytes]


def fillings(target: Rpc, tenant_id: str) -> list[Filling]:
    """Requests of the tenant, with the least that they need before what fills them."""
    prefix = target.minimal_request(tenant_id).SerializeToString()

    def begun(around: Around, make: Make) -> Make:
        return lambda size: prefix + around(make(size - len(prefix) - 64))

    return [
        Filling(path, label, begun(around, make))
        for path, makers, around in _places(cast("Descriptor", target.request_type.DESCRIPTOR))
        for label, make in makers.items()
    ]


def _places(
    message: Descriptor, path: str = "", around: Around = lambda content: content
) -> Iterator[tuple[str, dict[str, Make], Around]]:
    yield path or "request", _unknown(), around
    for field in message.fields:
        name = f"{path}.{field.name}" if path else field.name
        kind = field.message_type
        if makers := _makers(field):
            yield name, makers, around
        if kind is not None and kind.full_name == STRUCT:
            yield name, _payloads(), _inside(around, field)
        elif kind is not None:
            yield from _places(kind, name, _inside(around, field))


def _inside(around: Around, field: FieldDescriptor) -> Around:
    return lambda content: around(field_of(field.number, content))


def _repeated(unit: bytes) -> Make:
    return lambda size: unit * (size // len(unit))


def _counted(unit: Callable[[int], bytes]) -> Make:
    def make(size: int) -> bytes:
        return b"".join(map(unit, range(size // len(unit(0)))))

    return make


def _unknown() -> dict[str, Make]:
    tag = varint(UNKNOWN << 3)
    group, end = varint(UNKNOWN << 3 | 3), varint(UNKNOWN << 3 | 4)
    return {
        "unknown numbers": _repeated(tag + b"\x01"),
        "unknown texts": _repeated(field_of(UNKNOWN, b"")),
        "an unknown long text": lambda size: field_of(UNKNOWN, bytes(size)),
        "unknown groups": _repeated(group + end),
        "open groups": _repeated(group),
    }


def _makers(field: FieldDescriptor) -> dict[str, Make]:
    number = field.number
    if field.message_type is None and field.type not in _TEXTS:
        numbers = {"numbers": _repeated(varint(number << 3) + b"\x7f")}
        if field.is_repeated:
            numbers["numbers side by side"] = lambda size: field_of(number, b"\x01" * size)
        return numbers
    makers: dict[str, Make] = {
        "empty": _repeated(field_of(number, b"")),
        "a byte": _repeated(field_of(number, b"x")),
        "a control character": _repeated(field_of(number, b"\x01")),
        "no UTF-8": _repeated(field_of(number, b"\xff")),
    }
    if field.message_type is None:
        makers |= {
            "a long text": lambda size: field_of(number, b"x" * size),
            "long control characters": lambda size: field_of(number, b"\x01" * size),
            "texts of a kilobyte": _repeated(field_of(number, b"x" * 1024)),
        }
        if field.is_repeated:
            makers["distinct texts"] = _counted(lambda n: field_of(number, b"\x01%06x" % n))
    elif field.message_type.GetOptions().map_entry:
        makers |= {
            "distinct keys": _counted(lambda n: field_of(number, field_of(1, b"\x01%06x" % n))),
            "a key again": _repeated(field_of(number, field_of(1, b"\x01"))),
            "a long key": lambda size: field_of(number, field_of(1, b"\x01" * size)),
            "a long value": lambda size: field_of(number, field_of(2, b"\0" * size)),
        }
    if field.is_repeated:
        makers["valid but for the last"] = lambda _: _valid_but_for_the_last(field)
    return makers


def _valid_but_for_the_last(field: FieldDescriptor) -> bytes:
    """As many and as large items as are allowed, one of which breaks a rule."""
    if field.message_type is None:
        good = [f"{n:0126}é" for n in range(most_items(field) - 1)]
        return b"".join(field_of(field.number, item.encode()) for item in [*good, "\x01"])
    if field.message_type.GetOptions().map_entry:
        good = [f"{n:064}" for n in range(most_items(field) - 1)]
        entries = [field_of(1, key.encode()) + field_of(2, b"v" * 256) for key in good]
        return b"".join(field_of(field.number, entry) for entry in [*entries, field_of(1, b"\x01")])
    item = _largest(field.message_type).SerializeToString()
    return field_of(field.number, item) * (most_items(field) - 1) + field_of(field.number, b"")


def _largest(message: Descriptor) -> Any:
    """The message with the longest texts that its rules allow."""
    made = message_factory.GetMessageClass(message)()
    for field in message.fields:
        if field.type == FieldDescriptor.TYPE_STRING:
            text = rules_of(field).string
            setattr(made, field.name, "é" * (text.max_bytes // 2 or text.max_len))
        elif field.message_type is not None and not field.message_type.fields_by_name.get(
            "seconds"
        ):
            getattr(made, field.name).CopyFrom(_largest(field.message_type))
        elif field.message_type is not None:
            getattr(made, field.name).seconds = 1_000_000_000
    return made


def _payloads() -> dict[str, Make]:
    """Contents of a Struct."""

    def entry(key: bytes, value: bytes) -> bytes:
        return field_of(1, field_of(1, key) + field_of(2, value))

    def list_of(item: bytes) -> Make:
        return lambda size: entry(b"a", field_of(6, _repeated(field_of(1, item))(size)))

    deep = b""
    for _ in range(40):
        deep = field_of(6, field_of(1, deep))

    return {
        "nulls": list_of(b"\x08\x00"),
        "values of no kind": list_of(b""),
        "numbers": list_of(b"\x11" + bytes(8)),
        "empty lists": list_of(field_of(6, b"")),
        "nested lists": list_of(deep),
        "distinct keys": _counted(lambda n: entry(b"%06x" % n, b"\x08\x00")),
        "a key again": _repeated(entry(b"", b"")),
        "a long key": lambda size: entry(b"\0" * size, b""),
        "a long text": lambda size: entry(b"a", field_of(3, b"\0" * size)),
        # As many as fit into the size that is allowed, and one more.
        "numbers beyond the size": lambda _: list_of(b"\x11" + b"\0" * 6 + b"\xf0\x3f")(11 * 8189),
        "a NaN after numbers": lambda _: (
            list_of(b"\x11" + b"\0" * 6 + b"\xf0\x3f")(11 * 8000)
            + entry(b"b", b"\x11" + b"\xff" * 8)
        ),
    }


# --- as JSON --------------------------------------------------------------------------------------


def json_fillings(message: Descriptor, fixed: frozenset[str]) -> list[Filling]:
    """Bodies of a request; `fixed` are its fields that stand elsewhere."""
    return [
        Filling(path, label, make)
        for path, around in _json_places(message, fixed)
        for label, make in _json_makers(*around).items()
    ]


def _json_places(
    message: Descriptor, fixed: frozenset[str], path: str = "", before: str = "", after: str = ""
) -> Iterator[tuple[str, tuple[str, str]]]:
    """Each field's path, and what stands before and after its value."""
    for field in message.fields:
        if field.name in fixed:
            continue
        name = f"{path}.{field.name}" if path else field.name
        opening, closing = f'{before}{{"{field.name}":', "}" + after
        yield name, (opening, closing)
        kind = field.message_type
        if kind is not None and kind.file.package == message.file.package:
            if field.is_repeated and not kind.GetOptions().map_entry:
                opening, closing = opening + "[", "]" + closing
            if not kind.GetOptions().map_entry:
                yield from _json_places(kind, frozenset(), name, opening, closing)


def _json_makers(before: str, after: str) -> dict[str, Make]:
    def around(make: Callable[[int], str]) -> Make:
        def body(size: int) -> bytes:
            return f"{before}{make(size - len(before) - len(after) - 16)}{after}".encode()

        return body

    def list_of(item: str) -> Make:
        return around(lambda size: "[" + ",".join([item] * (size // (len(item) + 1))) + "]")

    def names(size: int) -> str:
        return "{" + ",".join(f'"{n:06x}":0' for n in range(size // 11)) + "}"

    return {
        "empty texts": list_of('""'),
        "a control character": list_of(r'"\u0001"'),
        "nulls": list_of("null"),
        "numbers": list_of("1"),
        "fractions": list_of("1.5"),
        "objects": list_of("{}"),
        "objects with a field": list_of('{"":0}'),
        "commas": around(lambda size: "[" + "," * size),
        "names": around(names),
        "a name again": around(lambda size: "{" + ",".join(['"a":0'] * (size // 6)) + "}"),
        "a long name": around(lambda size: '{"' + "x" * size + '":0}'),
        "a long text": around(lambda size: '"' + "x" * size + '"'),
        "a long text of escapes": around(lambda size: '"' + r"\u0001" * (size // 6) + '"'),
        "quotation marks": around(lambda size: '"' * size),
        "escaped quotation marks": around(lambda size: '"' + r"\"" * (size // 2) + '"'),
        "backslashes": around(lambda size: "\\" * size),
        "brackets": around(lambda size: "[" * size),
        "nested objects": around(lambda size: '{"a":' * (size // 5)),
        "spaces": around(lambda size: " " * size + "1"),
        "digits": around(lambda size: "1" * size),
        "10,000 texts": around(lambda _: json.dumps(["u" * 90] * 9_999 + ["\x01"])),
        "8,000 numbers": around(lambda _: json.dumps({"a": [1] * 8_000, "b": "x" * 200})),
        "3,000 fields": around(lambda _: json.dumps({f"{n}": "" for n in range(3_000)})),
    }


def some(found: list[Filling], count: int) -> list[Filling]:
    """`count` of the fillings of each field, beginning with another one for each."""
    by_field: dict[str, list[Filling]] = {}
    for filling in found:
        by_field.setdefault(filling.field, []).append(filling)
    return [
        of_field[(number + step) % len(of_field)]
        for number, of_field in enumerate(by_field.values())
        for step in range(min(count, len(of_field)))
    ]
