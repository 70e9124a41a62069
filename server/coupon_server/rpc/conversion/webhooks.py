"""Webhook endpoints, attempts and dead letters."""

from datetime import datetime

from coupon_server.delivery.domain.webhooks import (
    DeadLetter,
    DeliveryError,
    LoggedAttempt,
    WebhookEndpoint,
)
from coupon_server.rpc.conversion.fields import count_message, native
from phoenix_coupons.v1 import DeadLetter as DeadLetterMessage
from phoenix_coupons.v1 import (
    WebhookAttempt,
)
from phoenix_coupons.v1 import WebhookEndpoint as WebhookEndpointMessage


def endpoint_message(endpoint: WebhookEndpoint, now: datetime) -> WebhookEndpointMessage:
    """The endpoint without its secrets; that before is told of while it signs along."""
    until = endpoint.previous_until
    return WebhookEndpointMessage(
        endpoint_id=str(endpoint.endpoint_id),
        tenant_id=str(endpoint.tenant_id),
        url=endpoint.url,
        description=endpoint.description,
        event_types=endpoint.event_types,
        status=native(endpoint.status),
        previous_secret_until=native(until) if until is not None and now < until else None,
        created_at=native(endpoint.created_at),
        updated_at=native(endpoint.updated_at),
        etag=endpoint.etag,
    )


def attempt_message(attempt: LoggedAttempt) -> WebhookAttempt:
    result = attempt.result
    return WebhookAttempt(
        id=str(attempt.id),
        endpoint_id=str(attempt.endpoint_id),
        event_id=str(attempt.event_id),
        event_type=attempt.event_type,
        attempt=attempt.attempt,
        outcome=WebhookAttempt.Outcome.delivered
        if result.delivered
        else WebhookAttempt.Outcome.failed,
        error=_delivery_error(result.error),
        status_code=count_message(result.status_code),
        latency_ms=result.latency_ms,
        attempted_at=native(attempt.attempted_at),
    )


def dead_letter_message(letter: DeadLetter) -> DeadLetterMessage:
    return DeadLetterMessage(
        event_id=str(letter.event_id),
        event_type=letter.event_type,
        user_id=letter.user_id,
        attempts=letter.attempts,
        error=_delivery_error(letter.error),
        status_code=count_message(letter.status_code),
        died_at=native(letter.died_at),
    )


def _delivery_error(error: DeliveryError) -> WebhookAttempt.Error.ValueType:
    return WebhookAttempt.Error.Value(error or "error_unspecified")
