"""Events as messages, and as the texts that webhooks and the broker carry: one content for all."""

import json
from datetime import datetime
from typing import Any
from uuid import UUID

from google.protobuf.message import Message

from coupon_server.delivery.domain.delivered_events import DeliverableEvent, Grant, GuessingAlert
from coupon_server.delivery.domain.outbox import EventType
from coupon_server.delivery.domain.webhooks import TEST_EVENT
from coupon_server.domain.coupon import Coupon
from coupon_server.rpc.conversion.coupons import COUPON_SOURCE
from coupon_server.rpc.conversion.fields import write_timestamp
from coupon_server.rpc.conversion.rewards import reward_item_message
from phoenix_coupons import json_object
from phoenix_coupons.v1 import (
    CouponIssuance,
    CouponRevocation,
    GrantEvent,
    GrantReversal,
)
from phoenix_coupons.v1 import Grant as GrantMessage


def event_message(event: DeliverableEvent) -> GrantEvent:
    """The message of the event, for every reader; it never changes."""
    message = GrantEvent(
        id=str(event.id),
        type=event.type,
        tenant_id=str(event.tenant_id),
        user_id=event.user_id,
    )
    write_timestamp(message.occurred_at, event.occurred_at)
    subject = event.subject
    if isinstance(subject, Grant):
        if event.type is EventType.COUPON_REDEEMED:
            _write_grant(message.grant, subject)
        else:
            _write_reversal(message.reversal, subject)
    elif isinstance(subject, GuessingAlert):
        message.guessing.failures = subject.failures
        message.guessing.threshold = subject.threshold
        message.guessing.window.FromTimedelta(subject.window)
    elif event.type is EventType.COUPON_ISSUED:
        _write_issuance(message.issuance, subject)
    else:
        _write_revocation(message.revocation, subject)
    return message


def _write_grant(message: GrantMessage, grant: Grant) -> None:
    redemption = grant.redemption
    message.id = str(redemption.id)
    message.user_id = redemption.user_id
    message.reward_item.CopyFrom(reward_item_message(grant.reward_item))
    message.coupon_id = str(redemption.coupon_id)
    message.code = redemption.code
    message.definition_id = str(redemption.definition_id)
    write_timestamp(message.redeemed_at, redemption.redeemed_at)
    message.reference = redemption.reference
    message.metadata.update(redemption.metadata)


def _write_reversal(message: GrantReversal, grant: Grant) -> None:
    reversal = grant.redemption
    message.id = str(reversal.id)
    message.reverses_grant_id = str(reversal.reverses_id)
    message.user_id = reversal.user_id
    message.reward_item.CopyFrom(reward_item_message(grant.reward_item))
    message.coupon_id = str(reversal.coupon_id)
    message.code = reversal.code
    message.definition_id = str(reversal.definition_id)
    write_timestamp(message.reversed_at, reversal.redeemed_at)
    message.reason = reversal.reference


def _write_issuance(message: CouponIssuance, coupon: Coupon) -> None:
    message.coupon_id = str(coupon.id)
    message.user_id = coupon.user_id or ""
    message.code = coupon.code
    message.definition_id = str(coupon.definition_id)
    message.source = COUPON_SOURCE[coupon.source]
    message.generation_id = str(coupon.generation_id or "")
    write_timestamp(message.generated_at, coupon.generated_at)
    write_timestamp(message.valid_until, coupon.valid_until)


def _write_revocation(message: CouponRevocation, coupon: Coupon) -> None:
    message.coupon_id = str(coupon.id)
    message.user_id = coupon.user_id or ""
    message.code = coupon.code
    message.definition_id = str(coupon.definition_id)
    write_timestamp(message.revoked_at, coupon.revoked_at)
    message.reason = coupon.revoke_reason


def webhook_body(event: DeliverableEvent) -> str:
    """The body of a webhook (Standard Webhooks): type, timestamp, and the event as `data`."""
    return _webhook(event_message(event))


def body_of_test(tenant_id: UUID, event_id: UUID, now: datetime) -> str:
    """The body of a webhook that tests an endpoint: an event about nobody, without a subject."""
    message = GrantEvent(id=str(event_id), type=TEST_EVENT, tenant_id=str(tenant_id))
    write_timestamp(message.occurred_at, now)
    return _webhook(message)


def _webhook(message: GrantEvent) -> str:
    data = _json(message)
    return _text({"type": data["type"], "timestamp": data["occurred_at"], "data": data})


def cloud_event(event: DeliverableEvent) -> str:
    """The event as CloudEvents 1.0 in the structured form of JSON."""
    data = _json(event_message(event))
    attributes = {
        "specversion": "1.0",
        "id": data["id"],
        "source": f"/tenants/{event.tenant_id}",
        "type": data["type"],
        "subject": data["user_id"],
        "time": data["occurred_at"],
        "datacontenttype": "application/json",
        "data": data,
    }
    if not data["user_id"]:
        # About no user; the attribute must not be empty.
        del attributes["subject"]
    return _text(attributes)


def _text(value: dict[str, Any]) -> str:
    return json.dumps(value, ensure_ascii=False, separators=(",", ":"))


def _json(message: Message) -> dict[str, Any]:
    """The message as REST prints it: every field, unset messages as null."""
    return _completed(message, json_object(message))


def _completed(message: Message, record: dict[str, Any]) -> dict[str, Any]:
    # In the order of the contract; of what happened, the one that did.
    completed = {}
    for field in message.DESCRIPTOR.fields:
        if field.containing_oneof and field.name not in record:
            continue
        value = record.get(field.name)
        is_own = field.message_type is not None and (
            field.message_type.file.package == "phoenix_coupons.v1"
            and not field.message_type.GetOptions().map_entry
        )
        if is_own and value is not None:
            value = _completed(getattr(message, field.name), value)
        completed[field.name] = value
    return completed
