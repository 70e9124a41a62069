"""JSON objects as `google.protobuf.Struct`, by way of its bytes.

`Struct.update` and `json_format` set value by value, which takes several times as long; a payload
may have thousands.
"""

from collections.abc import Mapping
from struct import Struct as Packer
from typing import Any

from google.protobuf.struct_pb2 import Struct

_DOUBLE = Packer("<d").pack

# Tags of fields (number << 3 | wire type): of Struct, its entries, Value and ListValue.
_ENTRY, _KEY, _VALUE, _ITEM = b"\x0a", b"\x0a", b"\x12", b"\x0a"
_NULL, _NUMBER, _STRING = b"\x08\x00", b"\x11", b"\x1a"
_FALSE, _TRUE, _OBJECT, _LIST = b"\x20\x00", b"\x20\x01", b"\x2a", b"\x32"


def struct_of(content: Mapping[str, Any]) -> Struct:
    """The object as a message. Raises ValueError for text that is not Unicode."""
    return Struct.FromString(_object(content))


def _object(content: Mapping[str, Any]) -> bytes:
    return b"".join(
        _field(_ENTRY, _field(_KEY, name.encode()) + _field(_VALUE, _value(value)))
        for name, value in content.items()
    )


def _value(value: Any) -> bytes:
    match value:
        case None:
            return _NULL
        case bool():
            return _TRUE if value else _FALSE
        case str():
            return _field(_STRING, value.encode())
        case dict():
            return _field(_OBJECT, _object(value))
        case list():
            items = b"".join([_field(_ITEM, _value(item)) for item in value])
            return _field(_LIST, items)
        case _:
            return _NUMBER + _DOUBLE(value)


def _field(tag: bytes, content: bytes) -> bytes:
    size = len(content)
    if size < 128:
        return tag + bytes((size,)) + content
    length = bytearray(tag)
    while size > 127:
        length.append(size & 127 | 128)
        size >>= 7
    length.append(size)
    return bytes(length) + content
