"""Signs a webhook, sends it to an allowed address, and reports the outcome."""

import asyncio
from collections.abc import Collection
from datetime import UTC, datetime, timedelta
from email.utils import parsedate_to_datetime
from time import monotonic
from typing import TYPE_CHECKING
from uuid import UUID

from standardwebhooks import Webhook

from coupon_server.delivery.domain.targets import (
    Ports,
    Target,
    address_refused,
    check_url,
    is_public,
)
from coupon_server.delivery.domain.webhooks import AttemptResult, answer_error
from coupon_server.delivery.http.resolver import Lookup, Names
from coupon_server.domain.clock import Clock

if TYPE_CHECKING:
    from coupon_server.delivery.http.client import HttpClient

TIMEOUT_SECONDS = 15.0
"""The timeout of one webhook, from resolving the name to the end of the response's headers."""

CHECK_SECONDS = 3.0
"""How long a name may take to resolve when an endpoint is made or changed."""

_MAX_RETRY_AFTER = 64
"""Characters. A date takes 29."""

_HEADERS = {"content-type": "application/json", "user-agent": "phoenix-coupons-webhooks/1"}


class WebhookSender:
    """Sends webhooks.

    Each is sent over a connection of its own, to the very address that was checked: the check is
    made on the socket's address, after the name was resolved. There are no redirects, no proxies
    from the environment, and no cookies; of the answer only status and headers are read.

    Args:
        allow_private: whether http, and addresses that are not public, are allowed.
        ports: those that webhooks may go to.
        lookup: resolves names; the system's resolver by default.
    """

    def __init__(
        self,
        clock: Clock,
        *,
        allow_private: bool,
        ports: Ports,
        timeout: float = TIMEOUT_SECONDS,
        lookup: Lookup | None = None,
    ) -> None:
        self._clock = clock
        self._allow_private = allow_private
        self._ports = ports
        self._timeout = timeout
        self._names = Names(lookup)
        self._client: HttpClient | None = None

    async def check(self, tenant_id: UUID, url: str) -> None:
        """Raises InvalidField for a URL to which a tenant's webhooks may not be sent.

        A name that does not resolve now may do so later: it is checked each time it is used.
        """
        target = self._target(url)
        if target.address is not None or self._allow_private:
            return
        try:
            async with asyncio.timeout(CHECK_SECONDS):
                addresses = await self._names.resolve(tenant_id, target.host)
        except (OSError, UnicodeError):
            return
        if not all(is_public(address) for _, address in addresses):
            raise address_refused()

    async def send(
        self, tenant_id: UUID, url: str, secrets: Collection[str], event_id: UUID, body: str
    ) -> AttemptResult:
        """Send a tenant's webhook, signed with each of the secrets.

        A failure is reported in the result.
        """
        from coupon_server.delivery.http.client import HttpClient, classified

        if self._client is None:
            self._client = HttpClient(self._names, self._is_allowed, self._timeout)
        headers = _HEADERS | self._signature(secrets, str(event_id), body)
        started = monotonic()
        try:
            # The stored URL is checked against the present settings.
            target = self._target(url)
            answer = await self._client.post(tenant_id, target, body.encode(), headers)
        except Exception as failure:
            return AttemptResult(classified(failure), None, _since(started))
        return AttemptResult(
            answer_error(answer.status),
            answer.status,
            _since(started),
            _retry_after(answer.retry_after, self._clock()),
        )

    def _target(self, url: str) -> Target:
        return check_url(url, allow_private=self._allow_private, ports=self._ports)

    def _is_allowed(self, address: str) -> bool:
        return self._allow_private or is_public(address)

    def _signature(self, secrets: Collection[str], message_id: str, body: str) -> dict[str, str]:
        now = self._clock().astimezone(UTC)
        signatures = [Webhook(secret).sign(message_id, now, body) for secret in secrets]
        return {
            "webhook-id": message_id,
            "webhook-timestamp": str(int(now.timestamp())),
            "webhook-signature": " ".join(signatures),
        }


def _since(started: float) -> timedelta:
    return timedelta(seconds=monotonic() - started)


def _retry_after(header: str | None, now: datetime) -> timedelta | None:
    """What `Retry-After` asks for, in seconds or as a date; None for what is neither."""
    if header is None or len(header) > _MAX_RETRY_AFTER:
        return None
    try:
        if header.strip().isdecimal():
            return timedelta(seconds=min(int(header), 10**6))
        at = parsedate_to_datetime(header)
    except (ValueError, OverflowError):
        return None
    at = at if at.tzinfo else at.replace(tzinfo=UTC)
    return max(at - now, timedelta(0))
