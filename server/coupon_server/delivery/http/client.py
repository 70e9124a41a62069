"""HTTP for webhooks. Imported when the first one is sent, not when a process starts.

The receiver is chosen by a tenant and may be hostile. h11 parses what it sends and does no I/O, so
every byte is read here, within bounds.
"""

import asyncio
import socket
import ssl
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from uuid import UUID

import h11
from aiohappyeyeballs import AddrInfoType, start_connection

from coupon_server.delivery.domain.targets import Target
from coupon_server.delivery.domain.webhooks import DeliveryError
from coupon_server.delivery.http.bounded_stream import AnswerTooLarge, PlainStream, TlsStream
from coupon_server.delivery.http.resolver import Addresses, Names
from coupon_server.domain.errors import InvalidField

MAX_HEAD_BYTES = 16 * 1024
"""The most bytes of an answer before the end of its headers, informational answers included. What
was read last may be longer than that by less than a read."""

MAX_INFORMATIONAL = 8
"""The most informational answers (1xx) before the final one."""

MAX_LINES = 256
"""The most lines of an answer before the last read of its headers. Each costs as much as a
thousand bytes do."""

_ADDRESS_DELAY = 0.25
"""Seconds after which the next address is tried beside the last one (RFC 8305)."""


class AddressRefused(OSError):
    """The host has an address that is not allowed."""


class NameUnresolved(OSError):
    """The host has no address."""


@dataclass(frozen=True, slots=True)
class Answer:
    """The status of an answer, and its `Retry-After`."""

    status: int
    retry_after: str | None


class HttpClient:
    """Posts over connections of their own.

    Args:
        is_allowed: whether a connection to this IP address may be made.
        timeout: seconds for a post, from the resolution of the name to the answer's headers.
    """

    def __init__(self, names: Names, is_allowed: Callable[[str], bool], timeout: float) -> None:
        self._names = names
        self._is_allowed = is_allowed
        self._timeout = timeout
        self._tls: ssl.SSLContext | None = None

    async def post(
        self, tenant_id: UUID, target: Target, body: bytes, headers: Mapping[str, str]
    ) -> Answer:
        """Send one POST. Redirects are not followed, and the body of the response is not read.

        Raises exceptions that `classified` maps to a `DeliveryError`.
        """
        async with asyncio.timeout(self._timeout):
            connected = await self._connect(tenant_id, target)
            try:
                stream = await self._stream(connected, target)
                return await _exchange(stream, target, body, headers)
            finally:
                connected.close()

    async def _connect(self, tenant_id: UUID, target: Target) -> socket.socket:
        addresses = await self._addresses(tenant_id, target)
        # The addresses that are checked are those that are connected to: no name is resolved
        # in between.
        if not all(self._is_allowed(address) for _, address in addresses):
            raise AddressRefused
        try:
            return await start_connection(
                [_address_info(family, address, target.port) for family, address in addresses],
                happy_eyeballs_delay=_ADDRESS_DELAY,
            )
        except RuntimeError as error:
            # uvloop's, for what asyncio has an OSError.
            raise OSError(str(error)) from error

    async def _addresses(self, tenant_id: UUID, target: Target) -> Addresses:
        if target.address is not None:
            family = socket.AF_INET6 if ":" in target.address else socket.AF_INET
            return [(family, target.address)]
        try:
            addresses = await self._names.resolve(tenant_id, target.host)
        except (OSError, UnicodeError) as error:
            raise NameUnresolved from error
        if not addresses:
            raise NameUnresolved
        return addresses

    async def _stream(self, connected: socket.socket, target: Target) -> PlainStream | TlsStream:
        plain = PlainStream(connected)
        if not target.encrypted:
            return plain
        if self._tls is None:
            # Reads the system's certificate authorities.
            self._tls = await asyncio.to_thread(_tls_context)
        stream = TlsStream(plain, self._tls, target.host)
        await stream.handshake()
        return stream


def _address_info(family: socket.AddressFamily, address: str, port: int) -> AddrInfoType:
    name = (address, port) if family == socket.AF_INET else (address, port, 0, 0)
    return family, socket.SOCK_STREAM, socket.IPPROTO_TCP, "", name


def _tls_context() -> ssl.SSLContext:
    context = ssl.create_default_context()
    context.set_alpn_protocols(["http/1.1"])
    # A server may ask for any number of them.
    context.options |= ssl.OP_NO_RENEGOTIATION
    return context


async def _exchange(
    stream: PlainStream | TlsStream, target: Target, body: bytes, headers: Mapping[str, str]
) -> Answer:
    http = h11.Connection(h11.CLIENT, max_incomplete_event_size=MAX_HEAD_BYTES)
    request = h11.Request(
        method="POST",
        target=target.path,
        headers=[
            ("host", target.authority),
            ("accept", "*/*"),
            ("content-length", str(len(body))),
            ("connection", "close"),
            *headers.items(),
        ],
    )
    events: Iterable[h11.Event] = (request, h11.Data(body), h11.EndOfMessage())
    await stream.send(b"".join(http.send(event) or b"" for event in events))
    return await _final_answer(stream, http)


async def _final_answer(stream: PlainStream | TlsStream, http: h11.Connection) -> Answer:
    received = lines = informational = 0
    while True:
        event = http.next_event()
        if event is h11.NEED_DATA:
            # All bytes so far belong to response heads: a complete one yields an event.
            if received >= MAX_HEAD_BYTES or lines > MAX_LINES:
                raise AnswerTooLarge
            data = await stream.receive()
            received += len(data)
            lines += data.count(b"\n")
            http.receive_data(data)
        elif isinstance(event, h11.InformationalResponse):
            informational += 1
            if informational > MAX_INFORMATIONAL:
                raise AnswerTooLarge
        elif isinstance(event, h11.Response):
            return Answer(event.status_code, _first(event.headers, b"retry-after"))
        else:
            raise TypeError(f"h11 begins an answer with {event!r}")


def _first(headers: Iterable[tuple[bytes, bytes]], name: bytes) -> str | None:
    return next((value.decode("latin-1") for key, value in headers if key == name), None)


def classified(failure: Exception) -> DeliveryError:
    """The error of a failed webhook; raises an exception that the endpoint did not cause."""
    match failure:
        case TimeoutError():
            return DeliveryError.TIMEOUT
        case InvalidField() | AddressRefused():
            return DeliveryError.ADDRESS
        case ssl.SSLError():
            return DeliveryError.TLS
        case NameUnresolved():
            return DeliveryError.NAME
        case OSError():
            return DeliveryError.CONNECTION
        case AnswerTooLarge() | h11.RemoteProtocolError():
            return DeliveryError.RESPONSE
    raise failure
