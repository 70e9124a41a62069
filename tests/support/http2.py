"""HTTP/2 by hand (RFC 9113): what no library would send."""

import socket
import struct
import threading
from collections import Counter
from collections.abc import Callable, Iterable, Sequence
from contextlib import suppress
from types import TracebackType
from typing import Self

from bench.grpc_connection import header_block
from support.processes import PATIENCE

DATA, HEADERS, PRIORITY, RST_STREAM, SETTINGS = 0, 1, 2, 3, 4
PING, GOAWAY, WINDOW_UPDATE, CONTINUATION = 6, 7, 8, 9
ACK, END_STREAM, END_HEADERS = 0x1, 0x1, 0x4
CANCEL = struct.pack(">I", 8)
INITIAL_WINDOW_SIZE = 4
PREFACE = b"PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n"

_LARGEST_WINDOW = 2**31 - 1
_SMALLEST_WINDOW = 65_535

Metadata = Sequence[tuple[str, str]]


def frame(kind: int, flags: int = 0, stream: int = 0, payload: bytes = b"") -> bytes:
    return struct.pack(">I", len(payload))[1:] + struct.pack(">BBI", kind, flags, stream) + payload


def headers(path: str, metadata: Metadata = ()) -> bytes:
    """The header block of a call."""
    return header_block(path, metadata)


def repeated_header(name: str, value: str, times: int) -> bytes:
    """A header that is put into the dynamic table (RFC 7541, 6.2.1), and so often named from it."""
    literal = header_block("", [(name, value)]).rpartition(b"\0\1" + name.encode())[1:]
    return b"\x40" + b"".join(literal)[1:] + times * b"\xbe"


def message(size: int) -> bytes:
    """A gRPC message of so many bytes, with its prefix."""
    return b"\0" + struct.pack(">I", size) + bytes(size)


class Http2Connection:
    """A connection that does as it is told. It acknowledges settings and pings, and obeys the
    windows of the server where it sends messages; what is received is counted, not kept."""

    def __init__(self, port: int) -> None:
        self._socket = socket.create_connection(("127.0.0.1", port))
        self._sending = threading.Lock()
        self._changed = threading.Condition()
        self._window = self._initial = _SMALLEST_WINDOW
        self._windows: dict[int, int] = {}
        self._next = 1
        self._acknowledged = 0
        self.settings: dict[int, int] = {}
        self.received: Counter[int] = Counter()
        """How many frames of each type came."""
        self.ended: set[int] = set()
        """The streams that the server has ended."""
        self.is_closed = False
        initial = struct.pack(">HI", INITIAL_WINDOW_SIZE, _LARGEST_WINDOW)
        self.send(PREFACE, frame(SETTINGS, payload=initial))
        self._reader = threading.Thread(target=self._read, daemon=True)
        self._reader.start()

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        self.close()

    def send(self, *frames: bytes) -> bool:
        """False when the connection is closed."""
        try:
            with self._sending:
                self._socket.sendall(b"".join(frames))
        except OSError:
            return False
        return True

    def streams(self, count: int) -> Iterable[int]:
        """The ids of so many new streams."""
        first = self._next
        self._next += 2 * count
        return range(first, self._next, 2)

    def open(self, block: bytes, flags: int = 0) -> int:
        """A new stream, of which the headers are sent."""
        [stream] = self.streams(1)
        self.send(frame(HEADERS, END_HEADERS | flags, stream, block))
        return stream

    def pour(self, stream: int, body: bytes, patience: float = 0.5) -> int:
        """Send as much as the server lets it; how much that was."""
        sent = 0
        while sent < len(body):
            with self._changed:
                self._changed.wait_for(lambda: self._room(stream) != 0, patience)
                size = min(16_384, len(body) - sent, self._room(stream))
                if size <= 0:
                    break
                self._window -= size
                self._windows[stream] -= size
            self.send(frame(DATA, 0, stream, body[sent : sent + size]))
            sent += size
        return sent

    def _room(self, stream: int) -> int:
        """How much may be sent; below 0 when the stream or the connection is over."""
        if self.is_closed or stream in self.ended:
            return -1
        return min(self._window, self._windows.setdefault(stream, self._initial))

    def settle(self) -> bool:
        """Wait until the server has taken all that was sent; False when it closed instead."""
        with self._changed:
            acknowledged = self._acknowledged
        # Too many pings would be refused.
        if not self.send(frame(SETTINGS)):
            return False
        self.wait_until(lambda: self.is_closed or self._acknowledged > acknowledged)
        return not self.is_closed

    def wait_until(self, condition: Callable[[], bool]) -> bool:
        """Wait for what the server sends."""
        with self._changed:
            return self._changed.wait_for(condition, PATIENCE)

    def close(self) -> None:
        with suppress(OSError):
            self._socket.shutdown(socket.SHUT_RDWR)
        self._reader.join(PATIENCE)
        self._socket.close()

    def _read(self) -> None:
        buffer = b""
        try:
            while data := self._socket.recv(65_536):
                buffer = self._take(buffer + data)
        except OSError:
            pass
        with self._changed:
            self.is_closed = True
            self._changed.notify_all()

    def _take(self, buffer: bytes) -> bytes:
        """Take whole frames; returns the rest."""
        position, replies = 0, []
        with self._changed:
            while len(buffer) >= position + 9:
                end = position + 9 + int.from_bytes(buffer[position : position + 3], "big")
                if len(buffer) < end:
                    break
                kind, flags, stream = struct.unpack_from(">BBI", buffer, position + 3)
                replies.append(self._handle(kind, flags, stream, buffer[position + 9 : end]))
                position = end
            self._changed.notify_all()
        if reply := b"".join(replies):
            self.send(reply)
        return buffer[position:]

    def _handle(self, kind: int, flags: int, stream: int, payload: bytes) -> bytes:
        self.received[kind] += 1
        if kind == SETTINGS and not flags & ACK:
            self.settings |= dict(struct.iter_unpack(">HI", payload))
            self._initial = self.settings.get(INITIAL_WINDOW_SIZE, self._initial)
            return frame(SETTINGS, ACK)
        if kind == PING and not flags & ACK:
            return frame(PING, ACK, 0, payload)
        if kind == SETTINGS:
            self._acknowledged += 1
        if kind == WINDOW_UPDATE:
            increment = int.from_bytes(payload, "big")
            if stream:
                self._windows[stream] = self._windows.get(stream, self._initial) + increment
            else:
                self._window += increment
        if kind == RST_STREAM or (kind == HEADERS and flags & END_STREAM):
            self.ended.add(stream)
        return b""
