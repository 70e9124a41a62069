"""CloudEvents 1.0, as brokers carry them, to events of the domain.

Attributes: `id` is the event's id, `subject` the user, `time` when it occurred; `type` names the
kind, and the data are that message of the contract in JSON. Both modes: structured
(`application/cloudevents+json`) and binary (headers `ce-…`).
"""

from collections.abc import Mapping
from typing import Any
from uuid import UUID

from cloudevents.core.bindings.http import HTTPMessage, from_http
from cloudevents.core.formats.json import JSONFormat
from cloudevents.core.v1.event import CloudEvent
from google.protobuf import json_format

from coupon_server.domain.errors import DomainError, Reason
from coupon_server.domain.events import Event
from coupon_server.rpc.conversion.events import parse_event
from coupon_server.rpc.field_rules import broken_rules
from phoenix_coupons.v1 import events_pb2

KINDS = {
    f"coupons.{field.name}.v1": field.name
    for field in events_pb2.Event.DESCRIPTOR.oneofs_by_name["kind"].fields
}
"""The fields of an event, by the types of CloudEvents."""

MAX_BYTES = 64 * 1024
"""Of a message's body: as much as every consumer of CloudEvents takes (specification, "Size
Limits"); an event of this contract has a few kilobytes."""

# The library would make up some of them.
_NEEDED = ("id", "specversion", "subject", "time", "type")


def event_of(tenant_id: UUID, headers: Mapping[str, str], body: bytes) -> Event:
    """The tenant's event in a message. Raises MALFORMED_MESSAGE, InvalidField."""
    received = _cloud_event(headers, body)
    attributes = received.get_attributes()
    kind = KINDS.get(attributes["type"])
    if kind is None:
        raise _malformed(f"its type is none of {', '.join(KINDS)}")
    try:
        message = events_pb2.Event(event_id=attributes["id"], user_id=attributes["subject"])
        message.occurred_at.FromDatetime(attributes["time"])
    except (ValueError, OverflowError):
        # Half a surrogate pair, or a time before the year 1 in UTC.
        raise _malformed("its id, subject or time can't be an event's") from None
    _fill(getattr(message, kind), received.get_data())
    if (refusal := broken_rules(message)) is not None:
        raise refusal
    return parse_event(tenant_id, message)


def _cloud_event(headers: Mapping[str, str], body: bytes) -> CloudEvent:
    if len(body) > MAX_BYTES:
        raise _malformed(f"it has more than {MAX_BYTES} bytes")
    try:
        # Nobody but the library knows what it raises for bytes that are none.
        event = from_http(HTTPMessage(dict(headers), body), JSONFormat(), _complete)
    except DomainError:
        raise
    except Exception:
        raise _malformed("it is not a CloudEvent 1.0 in JSON") from None
    assert isinstance(event, CloudEvent)  # noqa: S101 - what `_complete` makes
    return event


def _complete(attributes: dict[str, Any], data: Any) -> CloudEvent:
    for name in _NEEDED:
        if name not in attributes:
            raise _malformed(f"it lacks the attribute {name}")
    return CloudEvent(attributes, data)


def _fill(payload: Any, data: object) -> None:
    """Set the fields of what was reached."""
    payload.SetInParent()
    refusal = _malformed(f"its data are not a {payload.DESCRIPTOR.name} in JSON")
    if not isinstance(data, dict):
        raise refusal
    try:
        json_format.ParseDict(data, payload)
    except (json_format.ParseError, ValueError):
        raise refusal from None


def _malformed(why: str) -> DomainError:
    return DomainError(Reason.MALFORMED_MESSAGE, f"The message is malformed: {why}")
