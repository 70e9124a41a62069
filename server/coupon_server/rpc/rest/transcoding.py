"""The message that a REST request means, strictly: what an edge might pass over is refused.

Edges transcode by themselves. This tells beforehand whether they may, for those that are lenient
(Envoy drops unknown fields), and what the outcome has to be, for requests that are signed.
"""

import json
import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any, NoReturn
from urllib.parse import parse_qsl

from google.protobuf import json_format, message_factory
from google.protobuf.descriptor import Descriptor, FieldDescriptor
from google.protobuf.message import Message

from coupon_server.domain.errors import DomainError, Reason
from coupon_server.rpc.rest.routes import Route
from coupon_server.rpc.update_masks import FIELD as UPDATE_MASK
from coupon_server.rpc.update_masks import own_message

MAX_DEPTH = 100
"""How deep JSON may be nested; protobuf's own limit."""

_MAX_TEXT = 200
_INTEGER = re.compile(r"-?[0-9]{1,10}")
_BOOLEANS = {"true": True, "false": False}

Json = dict[str, Any]


@dataclass(frozen=True, slots=True)
class Transcoded:
    """What a REST request means."""

    message: Message
    derived_mask: str
    """The `update_mask` that a PATCH without one gets from the fields of its body (AIP-134);
    empty when there is none to derive."""


def transcode(route: Route, variables: Mapping[str, str], query: str, body: bytes) -> Transcoded:
    """The request message.

    `variables`: those of the path, decoded; `query`: as sent, without its question mark.
    Raises MALFORMED_MESSAGE; the error names the field or parameter and the rule.
    """
    parameters = _parameters(route, query)
    content = _content(route, body)
    mask = parameters.pop(UPDATE_MASK, None)
    message = _parse(route, _placed(route, variables, content) | parameters | dict(variables))
    derived = ""
    if route.verb == "PATCH" and mask is None:
        resource = route.request.fields_by_name[route.body].message_type
        mask = derived = ",".join(_paths(content, resource, ""))
    if mask:
        message.update_mask.paths.extend(mask.split(","))  # type: ignore[attr-defined]
    return Transcoded(message, derived)


def _content(route: Route, body: bytes) -> Json:
    """The body as a JSON object; nothing at all counts as an empty one."""
    if not body:
        return {}
    if not route.body:
        _refuse(f"a {route.verb} has no body")
    try:
        content = json.loads(body, object_pairs_hook=_unique, parse_constant=_no_constant)
    except RecursionError:
        _refuse(f"the body is nested more than {MAX_DEPTH} levels deep")
    except ValueError:
        _refuse("the body is not JSON (RFC 8259) in UTF-8")
    if not isinstance(content, dict):
        _refuse("the body is not a JSON object")
    return content


def _unique(pairs: list[tuple[str, Any]]) -> Json:
    found: Json = {}
    for name, value in pairs:
        if name in found:
            _refuse(f"{name[:_MAX_TEXT]}: is given more than once")
        found[name] = value
    return found


def _no_constant(name: str) -> NoReturn:
    raise ValueError(name)


def _placed(route: Route, variables: Mapping[str, str], content: Json) -> Json:
    """The body where it belongs in the request."""
    if route.body not in ("", "*"):
        return {route.body: content}
    fields = route.request.fields_by_name
    for name in variables:
        if name in content or fields[name].json_name in content:
            _refuse(f"{name}: stands in the path and must not be repeated")
    return content


def _parameters(route: Route, query: str) -> Json:
    """The query parameters as JSON values, by their fields' names."""
    try:
        pairs = parse_qsl(query, keep_blank_values=True, errors="strict")
    except ValueError:
        _refuse("the query is not UTF-8")
    if pairs and route.verb == "POST":
        _refuse("a POST takes no query parameters")
    found: Json = {}
    for name, text in pairs:
        field = route.request.fields_by_name.get(name)
        if field is None or name in (*route.variables, route.body):
            _refuse(f"{name[:_MAX_TEXT]}: is no query parameter of this path")
        if name in found:
            _refuse(f"{name}: is given more than once")
        found[name] = _json_value(field.type, name, text)
    return found


def _json_value(field_type: int, name: str, text: str) -> str | bool:
    if field_type == FieldDescriptor.TYPE_INT32 and not _INTEGER.fullmatch(text):
        _refuse(f"{name}: is not a whole number")
    if field_type == FieldDescriptor.TYPE_BOOL:
        if text not in _BOOLEANS:
            _refuse(f"{name}: is neither true nor false")
        return _BOOLEANS[text]
    return text


def _parse(route: Route, request: Json) -> Message:
    message = message_factory.GetMessageClass(route.request)()
    try:
        json_format.ParseDict(request, message, max_recursion_depth=MAX_DEPTH)
    except (json_format.ParseError, ValueError) as error:
        # The first line says where and what; the others list what there could have been.
        _refuse(str(error).partition("\n")[0][:_MAX_TEXT])
    return message


def _paths(content: Json, resource: Descriptor | None, prefix: str) -> Iterator[str]:
    """Every field that `content` has of a resource, in the depth of the contract's messages."""
    fields = resource.fields if resource else ()
    names = {name: field for field in fields for name in (field.name, field.json_name)}
    for name, value in content.items():
        field = names[name]
        path = prefix + field.name
        below = own_message(field)
        if below is not None and isinstance(value, dict) and value:
            yield from _paths(value, below, path + ".")
        else:
            yield path


def _refuse(rule: str) -> NoReturn:
    raise DomainError(Reason.MALFORMED_MESSAGE, f"The request is malformed: {rule}") from None
