"""Messages as JSON objects."""

from typing import Any

from google.protobuf import json_format
from google.protobuf.message import Message

_LARGEST_EXACT = 2**53
"""Up to here a double holds every integer."""


def json_object(message: Message) -> dict[str, Any]:
    """The message under the names of the contract, with all fields that have no presence.

    A payload's numbers are doubles. Those that are integers are written as such, as the REST edges
    do: `100.0` is no integer to whoever reads strictly.
    """
    record: dict[str, Any] = _with_integers(
        json_format.MessageToDict(
            message, preserving_proto_field_name=True, always_print_fields_with_no_presence=True
        )
    )
    return record


def _with_integers(value: Any) -> Any:
    match value:
        case dict():
            return {name: _with_integers(one) for name, one in value.items()}
        case list():
            return [_with_integers(one) for one in value]
        case float() if value.is_integer() and abs(value) <= _LARGEST_EXACT:
            return int(value)
        case _:
            return value
