"""HTTP for webhooks, by aiohttp. Imported when the first one is sent, not when a process starts."""

import socket
import ssl
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any

import aiohttp
from aiohttp.abc import AbstractResolver, ResolveResult
from yarl import URL

from coupon_server.domain.errors import InvalidField
from coupon_server.domain.webhooks import DeliveryError
from coupon_server.services.names import Names


class AddressRefused(OSError):
    """The host has an address that webhooks may not go to."""


@dataclass(frozen=True, slots=True)
class Answer:
    """The status of an answer, and its `Retry-After`."""

    status: int
    retry_after: str | None


class HttpClient:
    """Posts over connections of their own.

    Args:
        is_allowed: whether a connection to this IP address may be made.
    """

    def __init__(self, names: Names, is_allowed: Callable[[str], bool], timeout: float) -> None:
        self._is_allowed = is_allowed
        connector = aiohttp.TCPConnector(
            resolver=_Resolver(names),
            use_dns_cache=False,
            # A connection that is kept could end unnoticed, and would have been checked another
            # time.
            force_close=True,
            # Whoever sends says how many there are at once.
            limit=0,
            socket_factory=self._checked_socket,
        )
        self._session = aiohttp.ClientSession(
            connector=connector,
            cookie_jar=aiohttp.DummyCookieJar(),
            timeout=aiohttp.ClientTimeout(total=timeout),
            auto_decompress=False,
            trust_env=False,
            skip_auto_headers=("accept-encoding",),
        )

    async def post(self, url: str, body: bytes, headers: Mapping[str, str]) -> Answer:
        """Redirects are answers like others; the body of an answer is not read."""
        async with self._session.post(
            URL(url, encoded=True), data=body, headers=headers, allow_redirects=False
        ) as response:
            # The body is nobody's concern, whatever its size.
            response.close()
            return Answer(response.status, response.headers.get("retry-after"))

    def _checked_socket(self, address: Any) -> socket.socket:
        family, kind, protocol, _, name = address
        if not self._is_allowed(name[0]):
            raise AddressRefused("webhooks may not go there")
        return socket.socket(family, kind, protocol)

    async def close(self) -> None:
        await self._session.close()


class _Resolver(AbstractResolver):
    def __init__(self, names: Names) -> None:
        self._names = names

    async def resolve(
        self, host: str, port: int = 0, family: socket.AddressFamily = socket.AF_UNSPEC
    ) -> list[ResolveResult]:
        return [
            ResolveResult(
                hostname=host,
                host=address,
                port=port,
                family=found_family,
                proto=socket.IPPROTO_TCP,
                flags=socket.AI_NUMERICHOST,
            )
            for found_family, address in await self._names.resolve(host, port, family)
        ]

    async def close(self) -> None:
        """The names are its owner's."""


def classified(failure: Exception) -> DeliveryError:
    """What went wrong with a webhook; raises what is no failure of the endpoint."""
    if isinstance(failure, TimeoutError):
        return DeliveryError.TIMEOUT
    if isinstance(failure, InvalidField) or _caused_by(failure, AddressRefused):
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
