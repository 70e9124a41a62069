"""Webhook endpoints, delivery attempts and dead letters."""

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
    """Why an attempt failed, as the delivery log names it."""

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
    """The response is not HTTP, or its head exceeds the limits."""
    INTERNAL = "internal"
    """The service could not build the request, and sent nothing."""


@dataclass(frozen=True, slots=True)
class AttemptResult:
    """The outcome of one attempt. `status_code` is None when there was no response.

    `retry_after` is the `Retry-After` of the response.
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
        """Whether the endpoint answered 410 Gone."""
        return self.status_code == 410


def answer_error(status_code: int) -> DeliveryError:
    """The error that an HTTP status stands for."""
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
    """One attempt in the delivery log."""

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
    """Selects attempts of an endpoint's delivery log; a field that is None matches all."""

    tenant_id: UUID
    endpoint_id: UUID
    event_id: UUID | None = None
    delivered: bool | None = None


@dataclass(frozen=True, slots=True)
class DeadLetter:
    """An event that an endpoint did not accept in time; error and status of the last attempt."""

    event_id: UUID
    event_type: str
    user_id: str
    attempts: int
    status_code: int | None
    error: DeliveryError
    died_at: datetime
