"""Just enough HTTP/1.1 (RFC 9112) to send prepared requests, one at a time on a connection.

A request has succeeded when its response has status 200.
"""

import asyncio
import re
import time
from collections.abc import Iterator
from typing import cast

_STATUS_OK = b"HTTP/1.1 200 "
_LENGTH = re.compile(rb"\r\ncontent-length: *(\d+)\r\n", re.IGNORECASE)


def request(path: str, authorization: str, body: bytes) -> bytes:
    """A POST as bytes."""
    head = (
        f"POST {path} HTTP/1.1\r\nhost: bench\r\nauthorization: {authorization}\r\n"
        f"content-type: application/json\r\ncontent-length: {len(body)}\r\n\r\n"
    )
    return head.encode() + body


class RestConnection(asyncio.Protocol):
    """One connection that sends a request whenever it has the answer to the one before."""

    def __init__(self, requests: Iterator[bytes]) -> None:
        self._requests = requests
        self._buffer = b""
        self._started = 0.0
        self.succeeded = 0
        self.latencies: list[float] = []
        self.done: asyncio.Future[None] = asyncio.get_running_loop().create_future()

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        self._transport = cast("asyncio.Transport", transport)
        self._send()

    def _send(self) -> None:
        following = next(self._requests, None)
        if following is None:
            self.done.set_result(None)
            return
        self._started = time.perf_counter()
        self._transport.write(following)

    def data_received(self, data: bytes) -> None:
        self._buffer += data
        head, ended, rest = self._buffer.partition(b"\r\n\r\n")
        if not ended:
            return
        length = _LENGTH.search(head + b"\r\n")
        if length is None:
            self._fail(ConnectionError("a response without content-length"))
        elif len(rest) >= int(length[1]):
            self.latencies.append(time.perf_counter() - self._started)
            self.succeeded += head.startswith(_STATUS_OK)
            self._buffer = b""
            self._send()

    def connection_lost(self, exc: Exception | None) -> None:
        self._fail(exc or ConnectionError("the server closed the connection"))

    def _fail(self, error: Exception) -> None:
        if not self.done.done():
            self.done.set_exception(error)
