"""Receivers of webhooks that answer as no receiver should.

Each runs in a thread of its own, with blocking sockets, so that what it costs is not measured with
the event loop of the one who sends.
"""

import gzip
import itertools
import socket
import ssl
import struct
import threading
import time
from collections.abc import Callable, Iterable, Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass

from coupon_server.delivery.domain.webhooks import DeliveryError
from coupon_server.delivery.http.bounded_stream import READ_BYTES
from coupon_server.delivery.http.client import MAX_HEAD_BYTES, MAX_INFORMATIONAL, MAX_LINES

OK = b"HTTP/1.1 200 OK\r\n"
EMPTY = OK + b"content-length: 0\r\n\r\n"
CHUNKED = OK + b"transfer-encoding: chunked\r\n\r\n"
PIECE = 64 * 1024
PAUSE = 0.1
"""Seconds between two bytes of a receiver that drips."""

Attack = Callable[[socket.socket], None]


@dataclass(frozen=True, slots=True)
class Hostile:
    """An answer, and what may come of the webhook: several where a race of TCP decides."""

    name: str
    attack: Attack
    outcomes: frozenset[DeliveryError]
    encrypted: bool = False


def _endless(head: bytes, repeated: bytes, piece: int = PIECE) -> Attack:
    """A head, and then the same for ever."""
    block = repeated * max(1, piece // len(repeated))

    def attack(connection: socket.socket) -> None:
        connection.sendall(head)
        while True:
            connection.sendall(block)

    return attack


def _bytewise(head: bytes, repeated: bytes, pause: float = 0.0) -> Attack:
    """A head, and then single bytes for ever, each a segment of its own."""

    def attack(connection: socket.socket) -> None:
        connection.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        connection.sendall(head)
        for byte in itertools.cycle(repeated):
            connection.sendall(bytes([byte]))
            time.sleep(pause)

    return attack


def _once(*pieces: bytes) -> Attack:
    """An answer that ends."""

    def attack(connection: socket.socket) -> None:
        for piece in pieces:
            connection.sendall(piece)

    return attack


def _silence(connection: socket.socket) -> None:
    while connection.recv(PIECE):
        pass
    time.sleep(3600)


def _reset_after(sent: bytes) -> Attack:
    """An answer that breaks off with RST, which drops what the other side has not read."""

    def attack(connection: socket.socket) -> None:
        connection.sendall(sent)
        connection.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))

    return attack


def _hostile(
    name: str, attack: Attack, *outcomes: DeliveryError, encrypted: bool = False
) -> Hostile:
    return Hostile(name, attack, frozenset(outcomes), encrypted)


def _answers() -> Iterator[Hostile]:
    response, delivered = DeliveryError.RESPONSE, DeliveryError.NONE
    for name, head, repeated in (
        ("informational answers", b"", b"HTTP/1.1 100 Continue\r\n\r\n"),
        ("early hints", b"", b"HTTP/1.1 103 Early Hints\r\nlink: </a>\r\n\r\n"),
        ("informational answers without a reason", b"", b"HTTP/1.1 199\r\n\r\n"),
        ("headers", OK, b"x: y\r\n"),
        ("the shortest headers", OK, b"a:\n"),
        ("folded lines", OK + b"a: b\r\n", b" \r\n"),
        ("a header's name", OK, b"a"),
        ("a header", OK + b"x: ", b"y"),
        ("headers of an informational answer", b"HTTP/1.1 100 Continue\r\n", b"x: y\r\n"),
        ("a reason", b"HTTP/1.1 200 ", b"O"),
        ("a status line", b"", b"H"),
        ("blank lines", b"", b"\r\n"),
        ("line feeds", b"", b"\n"),
        ("carriage returns", b"", b"\r"),
        ("zeroes", b"", b"\0"),
        ("set-cookie", OK, b"set-cookie: a=b; path=/\r\n"),
    ):
        yield _hostile(f"endless {name}", _endless(head, repeated), response)
    fitting = MAX_HEAD_BYTES - len(OK) - 2
    for name, repeated in (
        ("headers", b"x: y\r\n"),
        ("the shortest headers", b"a:\n"),
        ("cookies", b"set-cookie: a=b; path=/\r\n"),
    ):
        head = OK + repeated * (fitting // len(repeated)) + b"\r\n"
        yield _hostile(f"as many {name} as fit", _once(head), response)
        head = OK + repeated * (MAX_LINES - 1) + b"\r\n"
        yield _hostile(f"as many {name} as are read", _once(head), delivered)
        # None of them is counted before the read that ends them.
        head = OK + repeated * ((READ_BYTES - len(OK) - 2) // len(repeated)) + b"\r\n"
        yield _hostile(f"as many {name} as one read has", _once(head), delivered)
    head = OK + b"x: " + b"y" * (fitting - 5) + b"\r\n\r\n"
    yield _hostile("as large a header as fits", _once(head), delivered)
    few = b"HTTP/1.1 103 Early Hints\r\nlink: </a>\r\n\r\n" * MAX_INFORMATIONAL
    yield _hostile("as many informational answers as are read", _once(few + EMPTY), delivered)
    yield _hostile("single bytes", _bytewise(b"", b"H"), response)
    yield _hostile("single bytes of answers", _bytewise(b"", b"HTTP/1.1 100 \r\n\r\n"), response)
    yield _hostile("a body", _endless(OK + b"\r\n", b"x"), delivered)
    yield _hostile("chunks", _endless(CHUNKED, b"1\r\nx\r\n"), delivered)
    yield _hostile("an endless chunk's size", _endless(CHUNKED, b"1"), delivered)
    yield _hostile("a drip of chunks", _bytewise(CHUNKED, b"1\r\nx\r\n", PAUSE), delivered)
    bomb = gzip.compress(b"\0" * 10_000_000)
    encoded = OK + b"content-encoding: gzip\r\ncontent-length: %d\r\n\r\n" % len(bomb)
    yield _hostile("a gzip bomb", _once(encoded, bomb), delivered)
    yield _hostile("answers in a pipeline", _endless(b"", EMPTY), delivered)
    yield _hostile("HTTP/0.9", _endless(b"<html>\r\n\r\n", b"x"), response)
    yield _hostile("HTTP/2", _once(b"\0\0\0\x04\0\0\0\0\0" * 9), response, DeliveryError.CONNECTION)
    early = b"HTTP/1.1 100 Continue\r\ncontent-length: 3\r\n\r\nabc"
    yield _hostile("an informational answer with a body", _once(early + EMPTY), response)
    switch = b"HTTP/1.1 101 Switching Protocols\r\nupgrade: x\r\n\r\n"
    yield _hostile("another protocol", _once(switch + EMPTY), response)
    two_lengths = OK + b"content-length: 1\r\ncontent-length: 2\r\n\r\n"
    yield _hostile("two lengths", _once(two_lengths), response)
    yield _hostile("no length", _once(OK + b"content-length: -1\r\n\r\n"), response)
    yield _hostile(
        "a huge length", _once(OK + b"content-length: " + b"9" * 4_000 + b"\r\n\r\n"), response
    )
    for number, value in enumerate(
        (b"9" * 8_000, b"-1", b"1e9", b"\xd9\xa1", b"Fri, 31 Dec 99999 23:59:59 GMT", b"," * 8_000)
    ):
        head = b"HTTP/1.1 503 Busy\r\nretry-after: " + value + b"\r\n\r\n"
        yield _hostile(f"bad Retry-After {number}", _once(head), DeliveryError.STATUS)


def _broken() -> Iterator[Hostile]:
    connection, delivered = DeliveryError.CONNECTION, DeliveryError.NONE
    for name, sent in (
        ("at once", b""),
        ("in the status line", b"HTTP/1.1 20"),
        ("in the headers", OK + b"x: y\r\n"),
        ("after an informational answer", b"HTTP/1.1 100 Continue\r\n\r\n"),
    ):
        yield _hostile(f"reset {name}", _reset_after(sent), connection)
        yield _hostile(f"end {name}", _once(sent), connection)
    yield _hostile("reset in the body", _reset_after(EMPTY[:-1] + b"\nx"), connection, delivered)
    timeout = DeliveryError.TIMEOUT
    yield _hostile("silence", _silence, timeout)
    for name, head, repeated in (
        ("a drip of a status line", b"", b"H"),
        ("a drip of a header", OK + b"x: ", b"y"),
        ("a drip of informational answers", b"", b"HTTP/1.1 100 \r\n\r\n"),
    ):
        yield _hostile(name, _bytewise(head, repeated, PAUSE), timeout)


def _encrypted() -> Iterator[Hostile]:
    """What a server of https sends in place of TLS."""
    alert = b"\x15\x03\x03\x00\x02\x01\x5a"
    for name, head, repeated in (
        ("noise", b"", b"\xff\x01\x80"),
        ("zeroes", b"", b"\0"),
        ("HTTP", b"", EMPTY),
        ("warnings", b"", alert),
        ("a record", b"\x16\x03\x03\x40\x00\x02", b"\0"),
        ("empty records", b"", b"\x16\x03\x03\x00\x00"),
        ("records of one byte", b"", b"\x16\x03\x03\x00\x01\x02"),
    ):
        attack = _endless(head, repeated)
        # Between two pieces it may be the end of what is read that comes first.
        outcomes = DeliveryError.TLS, DeliveryError.RESPONSE
        yield _hostile(f"{name} for TLS", attack, *outcomes, encrypted=True)
    drip = _bytewise(b"\x16\x03\x03\x40\x00\x02", b"\0", PAUSE)
    yield _hostile("a drip of TLS", drip, DeliveryError.TIMEOUT, encrypted=True)
    yield _hostile("end of TLS", _once(b""), DeliveryError.CONNECTION, encrypted=True)


HOSTILE = (*_answers(), *_broken(), *_encrypted())


class Listener:
    """Listens on 127.0.0.1, and answers whatever connects."""

    def __init__(self, attack: Attack, tls: ssl.SSLContext | None = None) -> None:
        self._attack = attack
        self._tls = tls
        self._listening = socket.create_server(("127.0.0.1", 0), backlog=512)
        self._connections: list[socket.socket] = []
        self.port: int = self._listening.getsockname()[1]
        threading.Thread(target=self._accept, daemon=True).start()

    def _accept(self) -> None:
        with suppress(OSError):
            while True:
                connection, _ = self._listening.accept()
                self._connections.append(connection)
                threading.Thread(target=self._serve, args=(connection,), daemon=True).start()

    def _serve(self, connection: socket.socket) -> None:
        with suppress(OSError), self._encrypted(connection) as encrypted:
            # The request, or the beginning of TLS.
            encrypted.recv(PIECE)
            self._attack(encrypted)

    def _encrypted(self, connection: socket.socket) -> socket.socket:
        if self._tls is None:
            return connection
        wrapped = self._tls.wrap_socket(connection, server_side=True, do_handshake_on_connect=False)
        self._connections.append(wrapped)
        return wrapped

    def close(self) -> None:
        for listening_or_connected in (self._listening, *self._connections):
            # Ends what waits in another thread, which closing does not.
            with suppress(OSError):
                listening_or_connected.shutdown(socket.SHUT_RDWR)
            listening_or_connected.close()


@contextmanager
def listening(attack: Attack, tls: ssl.SSLContext | None = None) -> Iterator[Listener]:
    """A listener that is closed at the end."""
    listener = Listener(attack, tls)
    try:
        yield listener
    finally:
        listener.close()


def named(names: Iterable[str]) -> list[Hostile]:
    """Those of the corpus with these names, in their order."""
    by_name = {hostile.name: hostile for hostile in HOSTILE}
    return [by_name[name] for name in names]
