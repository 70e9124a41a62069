"""One webhook: signed, sent to an address that it may go to, and what came of it."""

import asyncio
import socket
import ssl
from collections.abc import Callable, Collection, Sequence
from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, datetime, timedelta
from email.utils import parsedate_to_datetime
from time import monotonic
from typing import Any
from uuid import UUID

import aiohttp
from aiohttp.abc import AbstractResolver, ResolveResult
from standardwebhooks import Webhook
from yarl import URL

from coupon_server.domain.clock import Clock
from coupon_server.domain.errors import InvalidField
from coupon_server.domain.webhooks import (
    AttemptResult,
    DeliveryError,
    address_refused,
    answer_error,
    check_url,
    is_public,
)

TIMEOUT_SECONDS = 15.0
"""For one webhook, from the resolution of the name to the answer's headers."""

CHECK_SECONDS = 3.0
"""How long a name may take to resolve when an endpoint is made or changed."""

RESOLVER_THREADS = 32
"""So many names that do not resolve can be waited for at once without delaying others."""

_HEADERS = {"content-type": "application/json", "user-agent": "phoenix-coupons-webhooks/1"}

Lookup = Callable[[str, int, int], Sequence[tuple[Any, ...]]]
"""Resolves host, port and address family, as `socket.getaddrinfo` does."""


class _AddressRefused(OSError):
    """The host has an address that webhooks may not go to."""


class WebhookSender:
    """Sends webhooks.

    Each is sent over a connection of its own, to the very address that was checked: the check is
    made on the socket's address, after the name was resolved. There are no redirects, no proxies
    from the environment, and no cookies; of the answer only status and headers are read.

    Args:
        allow_private: whether http, and addresses that are not public, are allowed.
        lookup: resolves names; the system's resolver by default.
    """

    def __init__(
        self,
        clock: Clock,
        *,
        allow_private: bool,
        timeout: float = TIMEOUT_SECONDS,
        lookup: Lookup | None = None,
    ) -> None:
        self._clock = clock
        self._allow_private = allow_private
        self._timeout = aiohttp.ClientTimeout(total=timeout)
        self._resolver = _Resolver(lookup or _system_lookup)
        self._session: aiohttp.ClientSession | None = None

    async def check(self, url: str) -> None:
        """Raises InvalidField for a URL to which webhooks may not be sent.

        A name that does not resolve now may do so later: it is checked each time it is used.
        """
        target = check_url(url, allow_private=self._allow_private)
        if target.address is not None or self._allow_private:
            return
        try:
            async with asyncio.timeout(CHECK_SECONDS):
                found = await self._resolver.resolve(target.host)
        except (OSError, TimeoutError):
            return
        if not all(is_public(one["host"]) for one in found):
            raise address_refused()

    async def send(
        self, url: str, secrets: Collection[str], event_id: UUID, body: str
    ) -> AttemptResult:
        """Send one webhook, signed with each of the secrets. Never raises for what goes wrong."""
        headers = _HEADERS | self._signature(secrets, str(event_id), body)
        started = monotonic()
        retry_after: timedelta | None = None
        status: int | None = None
        try:
            # Held to today's rules, whenever it was stored.
            check_url(url, allow_private=self._allow_private)
            async with self._opened().post(
                URL(url, encoded=True),
                data=body.encode(),
                headers=headers,
                allow_redirects=False,
            ) as response:
                status = response.status
                retry_after = _retry_after(response.headers.get("retry-after"), self._clock())
                # The body is nobody's concern, whatever its size.
                response.close()
            error = answer_error(status)
        except Exception as failure:
            error = _classified(failure)
        latency = timedelta(seconds=monotonic() - started)
        return AttemptResult(error, status, latency, retry_after)

    def _signature(self, secrets: Collection[str], message_id: str, body: str) -> dict[str, str]:
        now = self._clock().astimezone(UTC)
        signatures = [Webhook(secret).sign(message_id, now, body) for secret in secrets]
        return {
            "webhook-id": message_id,
            "webhook-timestamp": str(int(now.timestamp())),
            "webhook-signature": " ".join(signatures),
        }

    def _opened(self) -> aiohttp.ClientSession:
        if self._session is None:
            connector = aiohttp.TCPConnector(
                resolver=self._resolver,
                use_dns_cache=False,
                # A connection that is kept could end unnoticed, and would have been checked
                # another time.
                force_close=True,
                # Whoever sends says how many there are at once.
                limit=0,
                socket_factory=self._checked_socket,
            )
            self._session = aiohttp.ClientSession(
                connector=connector,
                cookie_jar=aiohttp.DummyCookieJar(),
                timeout=self._timeout,
                auto_decompress=False,
                trust_env=False,
                skip_auto_headers=("accept-encoding",),
            )
        return self._session

    def _checked_socket(self, address: Any) -> socket.socket:
        family, kind, protocol, _, name = address
        if not (self._allow_private or is_public(name[0])):
            raise _AddressRefused("webhooks may not go there")
        return socket.socket(family, kind, protocol)

    async def close(self) -> None:
        if self._session is not None:
            await self._session.close()
        await self._resolver.close()


class _Resolver(AbstractResolver):
    """The system's resolver, in threads of its own: a name that hangs holds up nothing else."""

    def __init__(self, lookup: Lookup) -> None:
        self._lookup = lookup
        self._threads = ThreadPoolExecutor(RESOLVER_THREADS, thread_name_prefix="resolver")

    async def resolve(
        self, host: str, port: int = 0, family: socket.AddressFamily = socket.AF_UNSPEC
    ) -> list[ResolveResult]:
        loop = asyncio.get_running_loop()
        found = await loop.run_in_executor(self._threads, self._lookup, host, port, family)
        return [
            ResolveResult(
                hostname=host,
                host=name[0],
                port=port,
                family=found_family,
                proto=protocol,
                flags=socket.AI_NUMERICHOST,
            )
            for found_family, _, protocol, _, name in found
        ]

    async def close(self) -> None:
        self._threads.shutdown(wait=False, cancel_futures=True)


def _system_lookup(host: str, port: int, family: int) -> Sequence[tuple[Any, ...]]:
    return socket.getaddrinfo(
        host, port, family=family, type=socket.SOCK_STREAM, flags=socket.AI_ADDRCONFIG
    )


def _classified(failure: Exception) -> DeliveryError:
    if isinstance(failure, TimeoutError):
        return DeliveryError.TIMEOUT
    if isinstance(failure, InvalidField) or _caused_by(failure, _AddressRefused):
        return DeliveryError.ADDRESS
    if isinstance(failure, aiohttp.ClientSSLError | ssl.SSLError):
        return DeliveryError.TLS
    if isinstance(failure, aiohttp.ClientConnectorDNSError):
        return DeliveryError.NAME
    if isinstance(failure, aiohttp.ClientConnectionError | OSError):
        return DeliveryError.CONNECTION
    if isinstance(failure, ValueError | aiohttp.ClientError):
        return DeliveryError.RESPONSE
    raise failure


def _caused_by(failure: BaseException | None, kind: type[BaseException]) -> bool:
    seen = failure
    while seen is not None:
        if isinstance(seen, kind):
            return True
        seen = getattr(seen, "os_error", None) or seen.__cause__ or seen.__context__
    return False


def _retry_after(header: str | None, now: datetime) -> timedelta | None:
    """What `Retry-After` asks for, in seconds or as a date; None for what is neither."""
    if header is None:
        return None
    try:
        if header.strip().isdecimal():
            return timedelta(seconds=min(int(header), 10**6))
        at = parsedate_to_datetime(header)
    except (ValueError, OverflowError):
        return None
    at = at if at.tzinfo else at.replace(tzinfo=UTC)
    return max(at - now, timedelta(0))
