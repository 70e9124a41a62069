"""Just enough HTTP/2 (RFC 9113) and gRPC framing to send unary calls.

A call has succeeded when its response carried a message; a refused call has trailers alone.
"""

import asyncio
import struct
import time
from collections.abc import Iterator, Sequence
from typing import cast

_PREFACE = b"PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n"
_DATA, _HEADERS, _RST_STREAM, _SETTINGS, _PING, _GOAWAY, _WINDOW_UPDATE = 0, 1, 3, 4, 6, 7, 8
_ACK, _END_STREAM, _END_HEADERS = 0x1, 0x1, 0x4
_LARGEST_WINDOW = 2**31 - 1
_INITIAL_WINDOW = 65_535
_SETTING_INITIAL_WINDOW_SIZE = 4
_SETTING_HEADER_TABLE_SIZE = 1


def _frame(kind: int, flags: int, stream: int, payload: bytes) -> bytes:
    return struct.pack(">I", len(payload))[1:] + struct.pack(">BBI", kind, flags, stream) + payload


def header_block(path: str, headers: Sequence[tuple[str, str]]) -> bytes:
    """The headers of a call in HPACK (RFC 7541), without indexing or Huffman coding."""
    fields = [
        (":method", "POST"),
        (":scheme", "http"),
        (":path", path),
        (":authority", "bench"),
        ("te", "trailers"),
        ("content-type", "application/grpc"),
        *headers,
    ]
    return b"".join(
        b"\x00" + _string(name.encode()) + _string(value.encode()) for name, value in fields
    )


def _string(value: bytes) -> bytes:
    if len(value) < 127:
        return bytes([len(value)]) + value
    # RFC 7541, 5.1: an integer that does not fit into its 7-bit prefix.
    rest, encoded = len(value) - 127, bytearray([127])
    while rest >= 128:
        encoded.append(rest % 128 + 128)
        rest //= 128
    return bytes(encoded) + bytes([rest]) + value


class GrpcConnection(asyncio.Protocol):
    """One HTTP/2 connection that keeps `streams` calls in flight until `bodies` end."""

    def __init__(self, block: bytes, bodies: Iterator[bytes], streams: int) -> None:
        self._block = block
        self._bodies = bodies
        self._streams = streams
        self._next_stream = 1
        self._started: dict[int, float] = {}
        self._buffer = b""
        self._received = 0
        self.succeeded = 0
        self.latencies: list[float] = []
        self.done: asyncio.Future[None] = asyncio.get_running_loop().create_future()

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        self._transport = transport = cast("asyncio.Transport", transport)
        settings = struct.pack(
            ">HIHI", _SETTING_INITIAL_WINDOW_SIZE, _LARGEST_WINDOW, _SETTING_HEADER_TABLE_SIZE, 0
        )
        window = struct.pack(">I", _LARGEST_WINDOW - _INITIAL_WINDOW)
        transport.write(
            _PREFACE + _frame(_SETTINGS, 0, 0, settings) + _frame(_WINDOW_UPDATE, 0, 0, window)
        )
        transport.write(b"".join(self._call() for _ in range(self._streams)))

    def _call(self) -> bytes:
        body = next(self._bodies, None)
        if body is None:
            if not self._started and not self.done.done():
                self.done.set_result(None)
            return b""
        stream = self._next_stream
        self._next_stream += 2
        self._started[stream] = time.perf_counter()
        return _frame(_HEADERS, _END_HEADERS, stream, self._block) + _frame(
            _DATA, _END_STREAM, stream, b"\x00" + struct.pack(">I", len(body)) + body
        )

    def data_received(self, data: bytes) -> None:
        buffer = self._buffer + data if self._buffer else data
        position, out = 0, []
        while len(buffer) - position >= 9:
            length = int.from_bytes(buffer[position : position + 3], "big")
            end = position + 9 + length
            if len(buffer) < end:
                break
            kind, flags = buffer[position + 3], buffer[position + 4]
            stream = int.from_bytes(buffer[position + 5 : position + 9], "big")
            out.append(self._handle(kind, flags, stream, buffer[position + 9 : end]))
            position = end
        self._buffer = buffer[position:]
        if reply := b"".join(out):
            self._transport.write(reply)

    def _handle(self, kind: int, flags: int, stream: int, payload: bytes) -> bytes:
        if kind == _DATA:
            self.succeeded += bool(payload)
            return self._refill(len(payload))
        if kind == _HEADERS and flags & _END_STREAM:
            return self._ended(stream)
        if kind == _SETTINGS and not flags & _ACK:
            return _frame(_SETTINGS, _ACK, 0, b"")
        if kind == _PING and not flags & _ACK:
            return _frame(_PING, _ACK, 0, payload)
        if kind == _GOAWAY or (kind == _RST_STREAM and stream in self._started):
            self._fail(ConnectionError(f"the server sent frame {kind}: {payload!r}"))
        return b""

    def _refill(self, received: int) -> bytes:
        self._received += received
        if self._received < 2**20:
            return b""
        increment, self._received = self._received, 0
        return _frame(_WINDOW_UPDATE, 0, 0, struct.pack(">I", increment))

    def _ended(self, stream: int) -> bytes:
        self.latencies.append(time.perf_counter() - self._started.pop(stream))
        return self._call()

    def connection_lost(self, exc: Exception | None) -> None:
        self._fail(exc or ConnectionError("the server closed the connection"))

    def _fail(self, error: Exception) -> None:
        if not self.done.done():
            self.done.set_exception(error)
