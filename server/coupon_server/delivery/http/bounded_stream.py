"""Bytes to and from a webhook receiver, within limits that a hostile receiver cannot exceed.

Reads go to the socket itself: a transport of asyncio takes up to 256 KiB in one callback, and
reads on while nobody asks. Here a callback takes `READ_BYTES` at most, whatever the receiver
sends, and the whole connection `MAX_BYTES` and `MAX_READS`.
"""

import asyncio
import socket
import ssl
from collections.abc import Callable
from functools import partial
from typing import TypeVar

READ_BYTES = 4_096
"""The most bytes that one callback of the event loop takes in."""

MAX_BYTES = 128 * 1024
"""The most bytes that are read of one connection, those of the TLS handshake included: OpenSSL
takes at most 100 KiB of certificates."""

MAX_READS = 512
"""The most reads of one connection, so that single bytes cost no more than whole segments do."""

Result = TypeVar("Result")


class AnswerTooLarge(Exception):
    """The receiver sent more bytes, or more segments, than a response may have."""


class PlainStream:
    """A connected, non-blocking socket."""

    def __init__(self, connected: socket.socket) -> None:
        self._socket = connected
        self._bytes_left = MAX_BYTES
        self._reads_left = MAX_READS

    async def send(self, data: bytes) -> None:
        await asyncio.get_running_loop().sock_sendall(self._socket, data)

    async def receive(self) -> bytes:
        """At least one byte. Raises AnswerTooLarge, and ConnectionResetError at the end."""
        if not self._bytes_left or not self._reads_left:
            raise AnswerTooLarge
        # `sock_recv` returns at once where bytes wait, so a flood would keep the loop here.
        await asyncio.sleep(0)
        loop = asyncio.get_running_loop()
        data = await loop.sock_recv(self._socket, min(READ_BYTES, self._bytes_left))
        if not data:
            raise ConnectionResetError("the receiver closed the connection")
        self._bytes_left -= len(data)
        self._reads_left -= 1
        return data


class TlsStream:
    """TLS over a plain stream, by OpenSSL in memory, so that the plain stream's limits hold for
    whatever TLS is made of: handshakes, key updates, empty records."""

    def __init__(self, plain: PlainStream, context: ssl.SSLContext, host: str) -> None:
        self._plain = plain
        self._incoming = ssl.MemoryBIO()
        self._outgoing = ssl.MemoryBIO()
        self._tls = context.wrap_bio(self._incoming, self._outgoing, server_hostname=host)

    async def handshake(self) -> None:
        """Raises ssl.SSLError, for a certificate that is not the host's as well."""
        await self._run(self._tls.do_handshake)

    async def send(self, data: bytes) -> None:
        rest = memoryview(data)
        while rest:
            rest = rest[await self._run(partial(self._tls.write, rest)) :]

    async def receive(self) -> bytes:
        """As the plain stream's; raises ssl.SSLError for what is no TLS."""
        data = await self._run(partial(self._tls.read, READ_BYTES))
        if not data:
            raise ConnectionResetError("the receiver closed the connection")
        return data

    async def _run(self, operation: Callable[[], Result]) -> Result:
        while True:
            try:
                result = operation()
            except ssl.SSLWantReadError:
                await self._flush()
                self._incoming.write(await self._plain.receive())
            else:
                await self._flush()
                return result

    async def _flush(self) -> None:
        if self._outgoing.pending:
            await self._plain.send(self._outgoing.read())
