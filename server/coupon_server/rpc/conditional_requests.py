"""Conditional requests (RFC 9110, section 13): `If-Match` for the `etag` of a change, and `ETag`.

REST edges pass both on: `If-Match` as metadata of the call, `ETag` as metadata of its answer. gRPC
callers have the field `etag` for it.
"""

import re
from collections.abc import Awaitable, Callable
from functools import reduce
from typing import Any

from google.api import annotations_pb2  # type: ignore[import-untyped]
from google.protobuf.descriptor import Descriptor, MethodDescriptor
from google.protobuf.message import Message

from coupon_server.domain.errors import InvalidField
from coupon_server.rpc.calls import Call
from coupon_server.rpc.rest.json_bounds import malformed

IF_MATCH = "if-match"

_STRONG_TAG = re.compile(r'"([!#-~]+)"')
_ONE_TAG = re.compile(r'(?:W/)?"[!#-~]*"')

Handler = Callable[[Any, Call], Awaitable[Message]]


def conditional(method: MethodDescriptor, handler: Handler) -> Handler:
    """The handler of a method without streams, with what conditions and entity tags it has."""
    return _tagging(method, _guarded(method, handler))


def etag_path(request: Descriptor) -> tuple[str, ...] | None:
    """Where a request has the `etag` that guards a change.

    A deletion has it beside the id of its resource, an update in the resource itself.
    """
    if "etag" in request.fields_by_name:
        return ("etag",)
    for field in request.fields:
        if field.message_type is not None and "etag" in field.message_type.fields_by_name:
            return (field.name, "etag")
    return None


def expected_etag(if_match: str) -> str | None:
    """The etag that `If-Match` wants; None for any.

    A weak tag is returned as it is written, which no etag is: it matches nothing (section 8.8.3.2).
    """
    written = if_match.strip()
    if written == "*":
        return None
    if not _ONE_TAG.fullmatch(written):
        raise malformed('If-Match: must be one entity tag, such as "v1" with its quotes, or *')
    strong = _STRONG_TAG.fullmatch(written)
    return strong[1] if strong else written


def _guarded(method: MethodDescriptor, handler: Handler) -> Handler:
    path = etag_path(method.input_type)
    if path is None:
        return handler

    async def guarded(request: Any, call: Call) -> Message:
        for header, value in call.metadata:
            if header == IF_MATCH:
                _expect(reduce(getattr, path[:-1], request), str(value))
        return await handler(request, call)

    return guarded


def _expect(guarded: Any, if_match: str) -> None:
    etag = expected_etag(if_match)
    if etag is None:
        return
    if guarded.etag not in ("", etag):
        raise InvalidField("etag", "must be that of If-Match")
    guarded.etag = etag


def _tagging(method: MethodDescriptor, handler: Handler) -> Handler:
    body = method.GetOptions().Extensions[annotations_pb2.http].response_body
    resource = method.output_type.fields_by_name[body].message_type if body else None
    if resource is None or "etag" not in resource.fields_by_name:
        return handler

    async def tagging(request: Any, call: Call) -> Message:
        response = await handler(request, call)
        etag = getattr(response, body).etag
        await call.context.send_initial_metadata((("etag", f'"{etag}"'),))
        return response

    return tagging
