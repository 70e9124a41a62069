"""Webhook endpoints, as a tenant's admins manage them."""

import base64
import secrets
from collections.abc import Callable, Collection
from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta
from uuid import UUID

from coupon_server.auth.secrets import Keyring, SecretUnreadable
from coupon_server.database.transactions import Database, Transaction
from coupon_server.delivery.domain.outbox import EventType
from coupon_server.delivery.domain.webhooks import (
    MAX_REDELIVERIES,
    TEST_EVENT,
    AttemptFilter,
    DeadLetter,
    EndpointStatus,
    LoggedAttempt,
    WebhookEndpoint,
)
from coupon_server.delivery.http.sender import WebhookSender
from coupon_server.delivery.services.webhook_delivery import live_secrets
from coupon_server.delivery.storage import streams
from coupon_server.delivery.storage import webhook_endpoints as webhooks
from coupon_server.domain.clock import Clock
from coupon_server.domain.errors import DomainError, InvalidField, Reason
from coupon_server.domain.ids import new_id, new_id_at
from coupon_server.domain.paging import Page, PageRequest
from coupon_server.keyed_semaphore import KeyedSemaphore

_SECRET_PREFIX = "whsec_"  # noqa: S105 - a prefix, not a secret
_SECRET_BYTES = 32


@dataclass(frozen=True, slots=True)
class NewEndpointSecret:
    """An endpoint with the secret just made for it, which is not shown again."""

    endpoint: WebhookEndpoint
    secret: str = field(repr=False)


class WebhookService:
    """Mutations run in the transaction they are given.

    Args:
        body_of_test: renders the body of a test event, from tenant, event id and time.
        endpoint_limit: how many endpoints a tenant may have.
    """

    def __init__(
        self,
        database: Database,
        keyring: Keyring,
        sender: WebhookSender,
        body_of_test: Callable[[UUID, UUID, datetime], str],
        clock: Clock,
        endpoint_limit: Callable[[UUID], int],
    ) -> None:
        self._endpoint_limit = endpoint_limit
        self._database = database
        self._keyring = keyring
        self._sender = sender
        self._body_of_test = body_of_test
        self._clock = clock
        self._test_semaphores = KeyedSemaphore[tuple[UUID, UUID]](1)

    async def list_endpoints(self, tenant_id: UUID, page: PageRequest) -> Page[WebhookEndpoint]:
        async with self._database.transaction() as transaction:
            return await webhooks.fetch_list(transaction, tenant_id, page)

    async def count(self, transaction: Transaction, tenant_id: UUID) -> int:
        """How many endpoints the tenant has."""
        return await webhooks.count(transaction, tenant_id)

    async def get(self, tenant_id: UUID, endpoint_id: UUID) -> WebhookEndpoint:
        """Raises WEBHOOK_ENDPOINT_NOT_FOUND."""
        async with self._database.transaction() as transaction:
            return await webhooks.fetch(transaction, tenant_id, endpoint_id)

    async def url_refusal(self, tenant_id: UUID, url: str) -> InvalidField | None:
        """Why the tenant's webhooks may not go to this URL; None: they may.

        Called outside a transaction, which must not wait for a resolver.
        """
        try:
            await self._sender.check(tenant_id, url)
        except InvalidField as refusal:
            return refusal
        return None

    async def create(
        self,
        transaction: Transaction,
        tenant_id: UUID,
        *,
        url: str,
        description: str,
        event_types: Collection[EventType],
    ) -> NewEndpointSecret:
        """Create an active endpoint for events from now on. The URL has been checked.

        Raises WEBHOOK_ENDPOINT_LIMIT_REACHED.
        """
        most = self._endpoint_limit(tenant_id)
        if await webhooks.lock_endpoints(transaction, tenant_id) >= most:
            raise DomainError(
                Reason.WEBHOOK_ENDPOINT_LIMIT_REACHED,
                f"The tenant can have {most} webhook endpoints",
                limit=str(most),
            )
        now = self._clock()
        endpoint_id = new_id()
        secret = _new_secret()
        endpoint = WebhookEndpoint(
            tenant_id=tenant_id,
            endpoint_id=endpoint_id,
            revision=1,
            url=url,
            description=description,
            event_types=_ordered(event_types),
            status=EndpointStatus.ACTIVE,
            ciphertext=self._keyring.encrypt(secret, tenant_id, endpoint_id),
            created_at=now,
            updated_at=now,
        )
        await webhooks.add(transaction, endpoint)
        return NewEndpointSecret(endpoint, secret)

    async def lock(
        self, transaction: Transaction, tenant_id: UUID, endpoint_id: UUID, etag: str = ""
    ) -> WebhookEndpoint:
        """Lock the endpoint for a change. Raises WEBHOOK_ENDPOINT_NOT_FOUND, ETAG_MISMATCH."""
        endpoint = await webhooks.fetch(transaction, tenant_id, endpoint_id, lock=True)
        if etag and etag != endpoint.etag:
            raise DomainError(Reason.ETAG_MISMATCH, "The endpoint was changed in between")
        return endpoint

    async def update(
        self,
        transaction: Transaction,
        current: WebhookEndpoint,
        *,
        url: str,
        description: str,
        event_types: Collection[EventType],
    ) -> WebhookEndpoint:
        """Change a locked endpoint, whose new URL has been checked."""
        changed = replace(
            current, url=url, description=description, event_types=_ordered(event_types)
        )
        return await self._store(transaction, changed)

    async def set_status(
        self, transaction: Transaction, tenant_id: UUID, endpoint_id: UUID, status: EndpointStatus
    ) -> WebhookEndpoint:
        """Pause or resume delivery; after a resume, pending events are due at once.

        Raises WEBHOOK_ENDPOINT_NOT_FOUND.
        """
        current = await self.lock(transaction, tenant_id, endpoint_id)
        if current.status is status:
            return current
        return await self._store(transaction, replace(current, status=status))

    async def delete(
        self, transaction: Transaction, tenant_id: UUID, endpoint_id: UUID, etag: str
    ) -> None:
        """Raises WEBHOOK_ENDPOINT_NOT_FOUND, ETAG_MISMATCH."""
        # The sequencer queues events under this lock, and must not queue any for the endpoint now.
        await streams.lock(transaction, tenant_id)
        await self.lock(transaction, tenant_id, endpoint_id, etag)
        await webhooks.remove(transaction, tenant_id, endpoint_id)

    async def rotate_secret(
        self, transaction: Transaction, tenant_id: UUID, endpoint_id: UUID, overlap: timedelta
    ) -> NewEndpointSecret:
        """Make a new secret; the previous one signs as well for `overlap`.

        Raises WEBHOOK_ENDPOINT_NOT_FOUND.
        """
        current = await self.lock(transaction, tenant_id, endpoint_id)
        secret = _new_secret()
        changed = replace(
            current,
            ciphertext=self._keyring.encrypt(secret, tenant_id, endpoint_id),
            previous_ciphertext=current.ciphertext if overlap else None,
            previous_until=self._clock() + overlap if overlap else None,
        )
        return NewEndpointSecret(await self._store(transaction, changed), secret)

    async def secrets_of(self, tenant_id: UUID, endpoint_id: UUID) -> list[str]:
        """The secrets with which the endpoint's webhooks are signed now; none if it is deleted."""
        try:
            return self._live_secrets(await self.get(tenant_id, endpoint_id))
        except DomainError as error:
            if error.reason is Reason.WEBHOOK_ENDPOINT_NOT_FOUND:
                return []
            raise

    def _live_secrets(self, endpoint: WebhookEndpoint) -> list[str]:
        return live_secrets(
            self._keyring,
            (endpoint.tenant_id, endpoint.endpoint_id),
            endpoint.ciphertext,
            endpoint.previous_ciphertext,
            endpoint.previous_until,
            self._clock(),
        )

    def signs_with(self, endpoint: WebhookEndpoint, secret: str) -> bool:
        """Whether this is the endpoint's newest secret."""
        key = endpoint.tenant_id, endpoint.endpoint_id
        try:
            return self._keyring.decrypt(endpoint.ciphertext, *key) == secret
        except SecretUnreadable:
            return False

    async def _store(self, transaction: Transaction, changed: WebhookEndpoint) -> WebhookEndpoint:
        now = self._clock()
        stored = replace(changed, revision=changed.revision + 1, updated_at=now)
        await webhooks.change(transaction, stored)
        if stored.status is EndpointStatus.ACTIVE:
            await webhooks.reschedule(transaction, stored.tenant_id, stored.endpoint_id, now)
        return stored

    async def send_test(self, tenant_id: UUID, endpoint_id: UUID) -> LoggedAttempt:
        """Send a test event now, whatever the endpoint's status.

        A keyed semaphore admits one test of an endpoint at a time in a process, so that a tenant
        opens no more connections than it has endpoints. Raises WEBHOOK_ENDPOINT_NOT_FOUND.
        """
        async with self._test_semaphores.of((tenant_id, endpoint_id)):
            return await self._send_test(tenant_id, endpoint_id)

    async def _send_test(self, tenant_id: UUID, endpoint_id: UUID) -> LoggedAttempt:
        endpoint = await self.get(tenant_id, endpoint_id)
        event_id, now = new_id(), self._clock()
        live = self._live_secrets(endpoint)
        body = self._body_of_test(tenant_id, event_id, now)
        result = await self._sender.send(tenant_id, endpoint.url, live, event_id, body)
        return LoggedAttempt(
            tenant_id, new_id_at(now), endpoint_id, event_id, TEST_EVENT, 1, result, now
        )

    async def log_test(self, transaction: Transaction, attempt: LoggedAttempt) -> None:
        await webhooks.log(transaction, attempt)

    async def list_attempts(
        self, attempt_filter: AttemptFilter, page: PageRequest
    ) -> Page[LoggedAttempt]:
        """Raises WEBHOOK_ENDPOINT_NOT_FOUND."""
        async with self._database.transaction() as transaction:
            await webhooks.fetch(transaction, attempt_filter.tenant_id, attempt_filter.endpoint_id)
            return await webhooks.fetch_attempts(transaction, attempt_filter, page)

    async def list_dead_letters(
        self, tenant_id: UUID, endpoint_id: UUID, page: PageRequest
    ) -> Page[DeadLetter]:
        """Raises WEBHOOK_ENDPOINT_NOT_FOUND."""
        async with self._database.transaction() as transaction:
            await webhooks.fetch(transaction, tenant_id, endpoint_id)
            return await webhooks.fetch_dead_letters(transaction, tenant_id, endpoint_id, page)

    async def redeliver(
        self, transaction: Transaction, tenant_id: UUID, endpoint_id: UUID, event_id: UUID | None
    ) -> int:
        """Redeliver one event, or with None all dead letters; return how many.

        Closes the endpoint's circuit, so that the events are due at once.
        Raises WEBHOOK_ENDPOINT_NOT_FOUND, WEBHOOK_EVENT_NOT_FOUND.
        """
        await self.lock(transaction, tenant_id, endpoint_id)
        await webhooks.close_circuit(transaction, tenant_id, endpoint_id)
        now = self._clock()
        if event_id is None:
            return await webhooks.redeliver_dead_letters(
                transaction, tenant_id, endpoint_id, now, MAX_REDELIVERIES
            )
        await webhooks.redeliver_event(transaction, tenant_id, endpoint_id, event_id, now)
        return 1


def _new_secret() -> str:
    return _SECRET_PREFIX + base64.b64encode(secrets.token_bytes(_SECRET_BYTES)).decode()


def _ordered(event_types: Collection[EventType]) -> tuple[EventType, ...]:
    return tuple(event_type for event_type in EventType if event_type in event_types)
