"""Transcodes a REST request strictly: what an edge might ignore is rejected.

Edges transcode by themselves, some leniently (Envoy drops unknown fields). This decides beforehand
whether they may, and, for signed requests, which message has to come out.
"""

import json
import math
import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any, NoReturn, cast
from urllib.parse import parse_qsl

from google.api import field_behavior_pb2  # type: ignore[import-untyped]
from google.protobuf import json_format, message_factory
from google.protobuf.descriptor import Descriptor, FieldDescriptor
from google.protobuf.message import Message

from coupon_server.domain.errors import InvalidField
from coupon_server.domain.rewards import MAX_PAYLOAD_BYTES, PAYLOAD_SIZE, payload_size
from coupon_server.rpc.rest import json_bounds
from coupon_server.rpc.rest.json_bounds import MalformedField, malformed
from coupon_server.rpc.rest.routes import Route
from coupon_server.rpc.rest.structs import struct_of
from coupon_server.rpc.update_masks import FIELD as UPDATE_MASK
from coupon_server.rpc.update_masks import NO_FIELD, own_message
from coupon_server.rpc.wire_bounds import STRUCT, is_map

MAX_PARAMETERS = 100
"""Of a query; no path of the contract takes as many."""

_MAX_TEXT = 200
_MAX_DIGITS = 300
"""Of an integer; one with more may be no finite double."""

_INTEGER = re.compile(r"-?(?:0|[1-9][0-9]{0,9})")
_TIMESTAMP = re.compile(
    r"[0-9]{4}-[0-9]{2}-[0-9]{2}T[0-9]{2}:[0-9]{2}:[0-9]{2}(?:\.[0-9]{1,9})?"
    r"(?:Z|[+-](?:[01][0-9]|2[0-3]):?[0-5][0-9])"
)
_MISSING_COLON = re.compile(r"(?<=[+-][0-9]{2})(?=[0-9]{2}$)")
"""Where an offset of ISO 8601's basic format, such as `+0200`, has none."""

_DURATION = re.compile(r"-?[0-9]{1,12}(?:\.[0-9]{1,9})?s")
_TIME = "google.protobuf.Timestamp"
_WRITTEN = {"google.protobuf.Duration": _DURATION, _TIME: _TIMESTAMP}
_MASK = re.compile(r"\*|[a-z_]+(?:\.[a-z_]+)*(?:,[a-z_]+(?:\.[a-z_]+)*)*")
_BROKEN_ESCAPE = re.compile(r"%(?![0-9A-Fa-f]{2})")
_FIELD_BEHAVIOR = field_behavior_pb2.field_behavior
_BOOLEANS = {"true": True, "false": False}
_RULES = {
    FieldDescriptor.TYPE_BOOL: "must be true or false",
    FieldDescriptor.TYPE_INT32: "must be a whole number of 32 bits",
    FieldDescriptor.TYPE_STRING: "must be a string of Unicode characters",
}
_MESSAGE_RULES = {
    "google.protobuf.Duration": 'must be seconds, such as "86400s"',
    "google.protobuf.Int32Value": "must be a whole number of 32 bits, or null",
    "google.protobuf.Struct": "must be an object",
    _TIME: (
        'must be a time (RFC 3339), such as "2026-01-31T12:00:00Z" or "2026-01-31T12:00:00+02:00"'
    ),
}

Json = dict[str, Any]


@dataclass(frozen=True, slots=True)
class Transcoded:
    """A REST request, transcoded."""

    message: Message
    parameters_to_set: Mapping[str, str]
    """Query parameters without which a transcoder would read another request: the
    `update_mask` that a PATCH gets from the fields of its body (AIP-134), those in which `+`
    stands for a space, as in forms, which not every transcoder knows, and times that none reads."""

    body_to_send: bytes | None
    """The body for the transcoder, where it does not read a time in the one that was sent."""


def transcode(route: Route, variables: Mapping[str, str], query: str, body: bytes) -> Transcoded:
    """The request message.

    `variables`: those of the path, decoded; `query`: as sent, without its question mark.
    Raises MALFORMED_MESSAGE; the error names the field or parameter and the rule.
    """
    texts, lists = _texts(route, query)
    content = _content(route, body)
    rewritten = _normalise(content, _resource(route), "")
    placed = _placed(route, variables, content)
    times = _rewritten_times(route, texts)
    texts |= times
    to_set = dict(texts) if "+" in query else times
    if route.verb == "PATCH" and not texts.get(UPDATE_MASK):
        # Never empty: a transcoder would derive a mask of its own.
        mask = ",".join(_paths(content, _resource(route), "")) or NO_FIELD
        to_set[UPDATE_MASK] = texts[UPDATE_MASK] = mask
    mask = texts.pop(UPDATE_MASK, "")
    if mask and not _MASK.fullmatch(mask):
        _refuse_field(UPDATE_MASK, "must be names of fields, such as name,config.starts_at")
    parameters = {name: _json_value(route, name, text) for name, text in texts.items()}
    message = _parse(route, placed | parameters | lists | dict(variables))
    if mask:
        message.update_mask.paths.extend(mask.split(","))  # type: ignore[attr-defined]
    return Transcoded(message, to_set, _written(content) if rewritten else None)


def _content(route: Route, body: bytes) -> Json:
    """The body as a JSON object; no body is an empty one."""
    if not body:
        return {}
    if not route.body:
        _refuse(f"a {route.verb} has no body")
    json_bounds.check(body, route.max_values)
    try:
        content = _DECODER.decode(body.decode())
    except ValueError:
        _refuse("the body is not JSON (RFC 8259) in UTF-8")
    if not isinstance(content, dict):
        _refuse("the body is not a JSON object")
    return content


def _unique(pairs: list[tuple[str, Any]]) -> Json:
    found: Json = {}
    for name, value in pairs:
        if name in found:
            _refuse_field(name, "is given more than once")
        found[name] = value
    return found


def _no_constant(name: str) -> NoReturn:
    raise ValueError(name)


def _finite(text: str) -> float:
    number = float(text)
    if math.isinf(number):
        _refuse("a number is larger than a double can be")
    return number


def _bounded(text: str) -> int:
    if len(text) > _MAX_DIGITS:
        _refuse(f"a number has more than {_MAX_DIGITS} digits")
    return int(text)


_DECODER = json.JSONDecoder(
    object_pairs_hook=_unique,
    parse_constant=_no_constant,
    parse_float=_finite,
    parse_int=_bounded,
)


def _placed(route: Route, variables: Mapping[str, str], content: Json) -> Json:
    """The body, placed in the request."""
    if route.body not in ("", "*"):
        return {route.body: content}
    for name in variables:
        if name in content:
            _refuse_field(name, "stands in the path and must not be repeated")
    return content


def _resource(route: Route) -> Descriptor:
    """The message that is the body of a route."""
    if route.body in ("", "*"):
        return route.request
    return cast("Descriptor", route.request.fields_by_name[route.body].message_type)


def _normalise(content: Json, message: Descriptor, prefix: str) -> bool:
    """Reject unknown fields, and values that transcoders read in different ways.

    Names are those of the proto files alone: transcoders take `lowerCamelCase` for the same
    fields, and one field could occur twice. Times get the one form that transcoders read;
    returns whether any had another.
    """
    rewritten = False
    for name, value in content.items():
        path = prefix + name
        # (upb fails to look up a half of a surrogate pair.)
        if not name.isascii() or name not in message.fields_by_name:
            _refuse_field(path, "is no field of the request")
        field = message.fields_by_name[name]
        if field.type == FieldDescriptor.TYPE_STRING:
            # The contract has one form of it.
            continue
        items = _items(field, value, path)
        for _, item in items:
            if item is not None and not _is_plain(field, item):
                _refuse_field(path, _rule(field))
        if _is_time(field) and isinstance(value, str) and (text := _with_colon(value)) != value:
            content[name], rewritten = text, True
        below = own_message(field)
        for place, item in items:
            if below is not None and isinstance(item, dict):
                rewritten |= _normalise(item, below, place + ".")
    _check_alternatives(content, message, prefix)
    return rewritten


def _items(field: FieldDescriptor, value: Any, path: str) -> list[tuple[str, Any]]:
    """The values of a field, each with its path: the items of a list, or the one value."""
    if not (field.is_repeated and isinstance(value, list)):
        return [(path, value)]
    return [(f"{path}[{number}]", one) for number, one in enumerate(value)]


def _check_alternatives(content: Json, message: Descriptor, prefix: str) -> None:
    """Reject more than one field of a oneof."""
    for oneof in message.oneofs:
        given = [field.name for field in oneof.fields if content.get(field.name) is not None]
        if len(given) > 1:
            _refuse_field(prefix + oneof.name, f"must be one alone of {', '.join(given)}")


def _is_plain(field: FieldDescriptor, value: Any) -> bool:
    """Whether a value has the one form that the contract has for it."""
    kind = field.message_type.full_name if field.message_type else ""
    if own_message(field) is not None:
        return isinstance(value, dict)
    if field.type == FieldDescriptor.TYPE_INT32 or kind == "google.protobuf.Int32Value":
        return not isinstance(value, str)
    if field.enum_type:
        known = field.enum_type.values_by_name
        return isinstance(value, str) and value.isascii() and value in known
    if pattern := _WRITTEN.get(kind):
        return isinstance(value, str) and pattern.fullmatch(value) is not None
    return True


def _is_time(field: FieldDescriptor) -> bool:
    return field.message_type is not None and field.message_type.full_name == _TIME


def _with_colon(time: str) -> str:
    """A time with its offset as RFC 3339 has it; what is no time stays as it is."""
    return _MISSING_COLON.sub(":", time) if _TIMESTAMP.fullmatch(time) else time


def _rewritten_times(route: Route, texts: Mapping[str, str]) -> dict[str, str]:
    """The parameters that are times and lacked a colon."""
    fields = route.request.fields_by_name
    times = {name: _with_colon(text) for name, text in texts.items() if _is_time(fields[name])}
    return {name: time for name, time in times.items() if time != texts[name]}


def _written(content: Json) -> bytes:
    """The JSON of a body, no longer than it needs to be."""
    return json.dumps(content, ensure_ascii=False, separators=(",", ":")).encode()


def _texts(route: Route, query: str) -> tuple[dict[str, str], dict[str, list[str]]]:
    """The query parameters, decoded as forms are (`+` is a space); those of lists, which may be
    given several times, apart."""
    if query.count("&") >= MAX_PARAMETERS:
        _refuse(f"the query has more than {MAX_PARAMETERS} parameters")
    if _BROKEN_ESCAPE.search(query):
        _refuse("a % in the query begins no escape (RFC 3986)")
    try:
        pairs = parse_qsl(query, keep_blank_values=True, errors="strict")
    except ValueError:
        _refuse("the query is not UTF-8")
    if pairs and route.verb == "POST":
        _refuse("a POST takes no query parameters")
    texts: dict[str, str] = {}
    lists: dict[str, list[str]] = {}
    for name, text in pairs:
        if name not in route.request.fields_by_name or name in (*route.variables, route.body):
            _refuse_field(name, "is no query parameter of this path")
        if route.request.fields_by_name[name].is_repeated:
            if " " in text:
                # No edge could be told what a `+` means in one of several parameters.
                _refuse_field(name, "must have no spaces")
            lists.setdefault(name, []).append(text)
            continue
        if name in texts:
            _refuse_field(name, "is given more than once")
        texts[name] = text
    return texts, lists


def _json_value(route: Route, name: str, text: str) -> str | bool:
    field = route.request.fields_by_name[name]
    if field.type == FieldDescriptor.TYPE_INT32 and not _INTEGER.fullmatch(text):
        _refuse_field(name, _rule(field))
    if field.enum_type and text not in field.enum_type.values_by_name:
        _refuse_field(name, _rule(field))
    if field.type == FieldDescriptor.TYPE_BOOL:
        if text not in _BOOLEANS:
            _refuse_field(name, _rule(field))
        return _BOOLEANS[text]
    if field.message_type and not _is_plain(field, text):
        _refuse_field(name, _rule(field))
    return text


def _parse(route: Route, request: Json) -> Message:
    message: Message = message_factory.GetMessageClass(route.request)()
    if route.body in request:
        # Whose fields are named as the body has them.
        resource = getattr(message, route.body)
        resource.SetInParent()
        _fill(resource, request.pop(route.body), "")
    _fill(message, request, "")
    return message


def _fill(message: Message, content: Json, prefix: str) -> None:
    """Set the fields of a message, as `json_format` would with more work for each value."""
    for name, value in content.items():
        if value is None:
            continue
        field = cast("FieldDescriptor", message.DESCRIPTOR.fields_by_name[name])
        try:
            _set(message, field, value, prefix + name)
        except (json_format.ParseError, TypeError, ValueError):
            _refuse_field(prefix + name, _rule(field))


def _set(message: Any, field: FieldDescriptor, value: Any, path: str) -> None:
    """Raises ParseError, TypeError or ValueError when the value is not of the field's type."""
    kind = field.message_type.full_name if field.message_type else ""
    if own_message(field) is not None:
        _set_message(message, field, value, path)
    elif is_map(field) and isinstance(value, dict):
        getattr(message, field.name).update(value)
    elif kind == STRUCT:
        _set_payload(getattr(message, field.name), value, path)
    elif kind in _WRITTEN:
        getattr(message, field.name).FromJsonString(value)
    elif field.type != FieldDescriptor.TYPE_STRING:
        json_format.ParseDict({field.name: value}, message)
    elif not field.is_repeated:
        setattr(message, field.name, value)
    elif isinstance(value, list):
        getattr(message, field.name).extend(value)
    else:
        raise TypeError


def _set_message(message: Any, field: FieldDescriptor, value: Any, path: str) -> None:
    below = getattr(message, field.name)
    if not field.is_repeated:
        below.SetInParent()
        _fill(below, value, path + ".")
        return
    if not isinstance(value, list) or None in value:
        raise TypeError
    for number, item in enumerate(value):
        _fill(below.add(), item, f"{path}[{number}].")


def _set_payload(payload: Any, value: Any, path: str) -> None:
    if not isinstance(value, dict):
        raise TypeError
    if payload_size(value) > MAX_PAYLOAD_BYTES:
        raise InvalidField(path, PAYLOAD_SIZE)
    payload.SetInParent()
    payload.CopyFrom(struct_of(value))


def _rule(field: FieldDescriptor) -> str:
    """What the JSON of a field must be."""
    if field.message_type and field.message_type.GetOptions().map_entry:
        return "must be an object of strings"
    if field.enum_type:
        names = ", ".join(value.name for value in field.enum_type.values)
        return f"must be {'a list, each one' if field.is_repeated else 'one'} of {names}"
    if field.is_repeated:
        return f"must be a list of {'objects' if field.message_type else 'strings'}"
    if field.message_type:
        return _MESSAGE_RULES.get(field.message_type.full_name, "must be an object")
    return _RULES[field.type]


def _paths(content: Json, resource: Descriptor, prefix: str) -> Iterator[str]:
    """Every field that `content` has of a resource, in the depth of the contract's messages.

    What the service alone sets is left out (AIP-203), so that what was read can be sent back.
    """
    for name, value in content.items():
        field = resource.fields_by_name[name]
        if field_behavior_pb2.OUTPUT_ONLY in field.GetOptions().Extensions[_FIELD_BEHAVIOR]:
            continue
        below = own_message(field)
        if below is not None and isinstance(value, dict) and value:
            yield from _paths(value, below, f"{prefix}{name}.")
        else:
            yield prefix + name


def _refuse(rule: str) -> NoReturn:
    raise malformed(rule) from None


def _refuse_field(path: str, rule: str) -> NoReturn:
    raise MalformedField(path[:_MAX_TEXT], rule) from None
