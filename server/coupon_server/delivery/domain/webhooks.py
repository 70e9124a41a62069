"""Webhook endpoints, and what came of deliveries to them."""

from dataclasses import dataclass, field
from datetime import datetime, timedelta
from enum import StrEnum
from uuid import UUID

from coupon_server.delivery.domain.outbox import EventType
from coupon_server.domain.rewards import etag

TEST_EVENT = "webhook.test"
"""The type of the event that TestWebhookEndpoint sends."""

MAX_REDELIVERIES = 10_000
"""The most dead letters that one call sends again."""


class EndpointStatus(StrEnum):
    ACTIVE = "active"
    PAUSED = "paused"
    DISABLED = "disabled"
    """The endpoint answered 410 Gone."""


class DeliveryError(StrEnum):
    """Why an attempt failed, as the delivery log says it."""

    NONE = ""
    STATUS = "status"
    """The answer was not of the 200s."""
    REDIRECT = "redirect"
    TIMEOUT = "timeout"
    CONNECTION = "connection"
    """Refused, reset, or ended without an answer."""
    NAME = "name"
    """The host's name could not be resolved."""
    TLS = "tls"
    ADDRESS = "address"
    """The host is at an address that webhooks may not go to, or the URL has such a port."""
    RESPONSE = "response"
    """What came back was no HTTP, or more of it than the head of an answer may have."""
    INTERNAL = "internal"
    """The service could not make the webhook, and sent nothing."""


@dataclass(frozen=True, slots=True)
class AttemptResult:
    """What came of one attempt. `status_code` is None when there was no answer.

    `retry_after` is what the endpoint asked for.
    """

    error: DeliveryError
    status_code: int | None
    latency: timedelta
    retry_after: timedelta | None = None

    @property
    def delivered(self) -> bool:
        return self.error is DeliveryError.NONE

    @property
    def latency_ms(self) -> int:
        return round(self.latency.total_seconds() * 1_000)

    @property
    def gone(self) -> bool:
        """Whether the endpoint says that it will never take webhooks again."""
        return self.status_code == 410


def answer_error(status_code: int) -> DeliveryError:
    """What an HTTP status means for the attempt."""
    if 200 <= status_code < 300:
        return DeliveryError.NONE
    return DeliveryError.REDIRECT if 300 <= status_code < 400 else DeliveryError.STATUS


@dataclass(frozen=True, slots=True)
class WebhookEndpoint:
    """Where a tenant wants its events, of the named types or, when there are none, of all.

    The ciphertexts hold the secret, and that before it, which signs until `previous_until`.
    """

    tenant_id: UUID
    endpoint_id: UUID
    revision: int
    url: str
    description: str
    event_types: tuple[EventType, ...]
    status: EndpointStatus
    ciphertext: bytes = field(repr=False)
    created_at: datetime
    updated_at: datetime
    previous_ciphertext: bytes | None = field(default=None, repr=False)
    previous_until: datetime | None = None

    @property
    def etag(self) -> str:
        return etag(self.revision)


@dataclass(frozen=True, slots=True)
class LoggedAttempt:
    """A line of the delivery log."""

    tenant_id: UUID
    id: UUID
    endpoint_id: UUID
    event_id: UUID
    event_type: str
    attempt: int
    result: AttemptResult
    attempted_at: datetime


@dataclass(frozen=True, slots=True)
class AttemptFilter:
    """Which lines of an endpoint's delivery log; what is None does not matter."""

    tenant_id: UUID
    endpoint_id: UUID
    event_id: UUID | None = None
    delivered: bool | None = None


@dataclass(frozen=True, slots=True)
class DeadLetter:
    """An event that an endpoint did not take in time; error and status of the last attempt."""

    event_id: UUID
    event_type: str
    user_id: str
    attempts: int
    status_code: int | None
    error: DeliveryError
    died_at: datetime
