"""CloudEvents, as publishers would send them."""

from typing import Any, Literal

from cloudevents.core.bindings.http import to_binary_event, to_structured_event
from cloudevents.core.v1.event import CloudEvent
from google.protobuf.json_format import MessageToDict

from phoenix_coupons.v1 import Event

Mode = Literal["structured", "binary"]


def cloud_event(event: Event, **changes: Any) -> CloudEvent:
    """The event as its publisher would say it."""
    kind = event.WhichOneof("kind")
    assert kind is not None
    attributes = {
        "specversion": "1.0",
        "id": event.event_id,
        "source": "/game",
        "type": f"coupons.{kind}.v1",
        "subject": event.user_id,
        "time": event.occurred_at.ToDatetime().isoformat() + "Z",
        "datacontenttype": "application/json",
    }
    data = MessageToDict(getattr(event, kind), preserving_proto_field_name=True)
    return unchecked(attributes | changes, data)


def unchecked(attributes: dict[str, Any], data: Any) -> CloudEvent:
    """A CloudEvent of which nothing is checked; attributes that are None are left out."""
    event = CloudEvent.__new__(CloudEvent)
    event._attributes = {name: value for name, value in attributes.items() if value is not None}
    event._data = data
    return event


def message(event: CloudEvent, mode: Mode) -> tuple[dict[str, str], bytes]:
    """Headers and payload."""
    made = to_structured_event(event) if mode == "structured" else to_binary_event(event)
    return made.headers, made.body
