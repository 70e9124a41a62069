"""A gRPC server on loopback whose connections end in the ways that its arguments choose.

It has a port for each `--scenario KIND:MOMENT`. There it answers every unary call with a valid
ValidateCouponResponse, but for each `--every`-th request (or connection, at the moment `connect`)
an event happens to the connection. The first line of standard output is `{"ports": [12345]}`, in
the scenarios' order; each event adds a line when it happens. The server ends with SIGTERM. It runs
without a database, so that the client of any language can be tried with it:

    python tests/languages/chaos/server.py --scenario goaway:idle:8 --scenario rst:start:8:tls
"""

import argparse
import asyncio
import json
import random
import socket
import ssl
import struct
import sys
from collections.abc import Callable
from dataclasses import dataclass
from enum import StrEnum
from pathlib import Path
from typing import Any, cast

from h2.config import H2Configuration
from h2.connection import H2Connection
from h2.events import DataReceived, Event, RequestReceived, StreamEnded, StreamReset
from h2.exceptions import ProtocolError
from hyperframe.frame import GoAwayFrame, RstStreamFrame

from phoenix_coupons.v1 import ValidateCouponResponse

MESSAGE = ValidateCouponResponse(valid=True).SerializeToString()
ANSWER = struct.pack("!BI", 0, len(MESSAGE)) + MESSAGE
HEADERS = [(":status", "200"), ("content-type", "application/grpc+proto")]
TRAILERS = [("grpc-status", "0"), ("x-request-id", "chaos")]

WINDOW = 1 << 20
ANY_STREAM = 2**31 - 1
NO_ERROR = 0
REFUSED_STREAM = 7


class Kind(StrEnum):
    """What happens to a connection."""

    goaway = "goaway"
    """GOAWAY (RFC 9113, 6.8), in one step or in two; open calls are answered; then FIN."""
    rst = "rst"
    """TCP RST."""
    fin = "fin"
    """TCP FIN; with TLS half of them without the close_notify that belongs before it."""
    silence = "silence"
    """Nothing is sent any more, and nothing read is heeded; TCP goes on."""
    rst_stream = "rst-stream"
    """RST_STREAM with REFUSED_STREAM (gRPC: UNAVAILABLE); the connection goes on."""
    none = "none"
    """Nothing: for a comparison."""


class Moment(StrEnum):
    """When it happens."""

    connect = "connect"
    """When TCP is established, before TLS and SETTINGS. Other connections carry one call each."""
    idle = "idle"
    """After a call was answered, and a pause of `--pause` milliseconds."""
    start = "start"
    """When the headers of a call arrive."""
    middle = "middle"
    """When a call's answer has begun: headers, and a part of the message."""


class Frames:
    """Whole frames of what a client sends, without its GOAWAY: after that h2 sends nothing more,
    though calls are still open (RFC 9113, 6.8)."""

    PREFACE = len(b"PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n")
    HEADER = 9
    GOAWAY = 7

    def __init__(self) -> None:
        self._data = b""
        self._preface_left = self.PREFACE

    def feed(self, data: bytes) -> bytes:
        self._data += data
        whole = self._take(min(self._preface_left, len(self._data)))
        self._preface_left -= len(whole)
        while not self._preface_left and len(self._data) >= self.HEADER:
            length = self.HEADER + int.from_bytes(self._data[:3], "big")
            if len(self._data) < length:
                break
            frame = self._take(length)
            if frame[3] != self.GOAWAY:
                whole += frame
        return whole

    def _take(self, length: int) -> bytes:
        taken, self._data = self._data[:length], self._data[length:]
        return taken


@dataclass(frozen=True, slots=True)
class Scenario:
    """What happens on one port, and how often."""

    kind: Kind
    moment: Moment
    events: int
    secure: bool

    @classmethod
    def parse(cls, text: str) -> "Scenario":
        kind, moment, events, *rest = text.split(":")
        if rest not in ([], ["tls"]):
            raise ValueError
        return cls(Kind(kind), Moment(moment), int(events), bool(rest))


class Plan:
    """Which requests or connections of a port an event happens to, and its record."""

    def __init__(self, number: int, scenario: Scenario, options: argparse.Namespace) -> None:
        self.kind = scenario.kind
        self.moment = scenario.moment
        self.pause_ms: tuple[float, float] = options.pause
        self.random = random.Random(options.seed + number)
        self._number = number
        self._every: int = options.every
        self._left = scenario.events
        self._count = 0

    def due(self) -> bool:
        """Whether an event happens to this request or connection; counts it."""
        self._count += 1
        return self.kind != Kind.none and self._left > 0 and self._count % self._every == 0

    def pause(self) -> float:
        return self.random.uniform(*self.pause_ms) / 1000

    def record(self, open_calls: int) -> None:
        self._left -= 1
        say(scenario=self._number, kind=self.kind, moment=self.moment, open_calls=open_calls)


def say(**values: object) -> None:
    sys.stdout.write(json.dumps(values) + "\n")
    sys.stdout.flush()


class Connection(asyncio.Protocol):
    """One HTTP/2 connection."""

    def __init__(self, plan: Plan, tls: ssl.SSLContext | None) -> None:
        self._plan = plan
        self._tls = tls
        self._transport: asyncio.Transport | None = None
        self._loop = asyncio.get_running_loop()
        self._http = H2Connection(H2Configuration(client_side=False, header_encoding="utf-8"))
        self._frames = Frames()
        self._mute = False
        self._started = False
        self._early = b""
        """What came after the handshake, but before its task knew of the end of it."""
        self._leaving = False
        self._doomed: set[int] = set()
        """Streams that an event happens to."""
        self._open: set[int] = set()
        """Streams that are not answered."""
        self._last = 0
        """The last stream that is, or will be, answered."""

    # --- asyncio ---------------------------------------------------------------------------

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        self._transport = cast("asyncio.Transport", transport)
        if not self._started and self._plan.moment == Moment.connect and self._plan.due():
            self._happen(0)
            if self._plan.kind != Kind.goaway:
                return
        if self._tls:
            context, self._tls = self._tls, None
            self._transport.pause_reading()
            self._task = self._loop.create_task(self._secure(context))
        elif not self._started:
            self._start()

    async def _secure(self, context: ssl.SSLContext) -> None:
        assert self._transport
        try:
            transport = await self._loop.start_tls(
                self._transport,
                self,
                context,
                server_side=True,
                # FIN follows close_notify without waiting for the client's.
                ssl_shutdown_timeout=0.001,
            )
        except (OSError, ssl.SSLError):
            return
        if transport:
            self._transport = transport
            self._start()

    def _start(self) -> None:
        self._started = True
        self._http.initiate_connection()
        self._http.increment_flow_control_window(WINDOW)
        self._flush()
        if self._leaving:
            self._goaway(0)
        early, self._early = self._early, b""
        self.data_received(early)

    def data_received(self, data: bytes) -> None:
        if self._mute:
            return
        if not self._started:
            self._early += data
            return
        try:
            events = self._http.receive_data(self._frames.feed(data))
        except ProtocolError as error:
            say(protocol_error=str(error))
            self._close()
            return
        for event in events:
            if not self._mute:
                self._take(event)
        self._flush()

    def _flush(self) -> None:
        data = self._http.data_to_send()
        if not self._mute and self._transport and not self._transport.is_closing():
            self._transport.write(data)

    # --- calls -----------------------------------------------------------------------------

    def _take(self, event: Event) -> None:
        match event:
            case RequestReceived(stream_id=int(stream)):
                self._begin(stream)
            case DataReceived(stream_id=int(stream), flow_controlled_length=int(length)):
                self._http.acknowledge_received_data(length, stream)
            case StreamEnded(stream_id=int(stream)) if stream in self._open:
                self._answer(stream)
            case StreamReset(stream_id=int(stream)):
                self._open.discard(stream)
            case _:
                pass

    def _begin(self, stream: int) -> None:
        if self._leaving and stream > self._last:
            return  # GOAWAY said that it is not processed.
        due = self._plan.moment != Moment.connect and self._plan.due()
        if due and self._plan.moment == Moment.start:
            self._happen(stream)
            return
        self._open.add(stream)
        self._last = stream
        if due:
            self._doomed.add(stream)

    def _answer(self, stream: int) -> None:
        self._http.send_headers(stream, HEADERS)
        if stream in self._doomed and self._plan.moment == Moment.middle:
            self._http.send_data(stream, ANSWER[:3])
            self._flush()
            # Time for the client to see the half of it.
            self._later(self._plan.pause(), lambda: self._happen(stream))
            if self._plan.kind == Kind.goaway:
                self._later(self._plan.pause(), lambda: self._finish(stream, ANSWER[3:]))
            return
        self._finish(stream, ANSWER)

    def _finish(self, stream: int, data: bytes) -> None:
        if stream not in self._open:
            return
        self._open.discard(stream)
        self._http.send_data(stream, data)
        self._http.send_headers(stream, TRAILERS, end_stream=True)
        self._flush()
        if stream in self._doomed and self._plan.moment == Moment.idle:
            self._later(self._plan.pause(), lambda: self._happen(self._last))
        elif self._plan.moment == Moment.connect or (self._leaving and not self._open):
            self._leave()

    def _later(self, seconds: float, action: Callable[[], None]) -> None:
        def act() -> None:
            if self._transport and not self._transport.is_closing() and not self._mute:
                action()

        self._loop.call_later(seconds, act)

    # --- events ----------------------------------------------------------------------------

    def _happen(self, stream: int) -> None:
        """The event; `stream` is the one that it happens to, or the last one before it."""
        self._plan.record(open_calls=len(self._open) + (self._plan.moment == Moment.start))
        match self._plan.kind:
            case Kind.goaway if self._plan.moment == Moment.connect:
                self._leaving = True
            case Kind.goaway:
                self._leave()
            case Kind.rst:
                self._reset()
            case Kind.fin:
                self._close()
            case Kind.silence:
                self._mute = True
            case Kind.rst_stream:
                self._open.discard(stream)
                self._write(RstStreamFrame(stream, error_code=REFUSED_STREAM).serialize())
            case Kind.none:
                pass

    def _leave(self) -> None:
        """GOAWAY, half of the time announced by one that still lets calls begin."""
        if not self._leaving and self._plan.random.random() < 0.5:
            self._write(goaway(ANY_STREAM))
            self._later(self._plan.pause(), lambda: self._goaway(self._last))
        else:
            self._goaway(self._last)

    def _goaway(self, last: int) -> None:
        self._leaving = True
        self._write(goaway(last))
        if not self._open:
            # At once, or with time for the client to close the connection itself.
            self._later(self._plan.random.choice([0, 0.01, 0.1]), self._close)

    def _close(self) -> None:
        assert self._transport
        if self._transport.get_extra_info("ssl_object") and self._plan.random.random() < 0.5:
            self._transport.abort()
        else:
            self._transport.close()

    def _reset(self) -> None:
        assert self._transport
        connected = self._transport.get_extra_info("socket")
        connected.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
        self._transport.abort()

    def _write(self, frame: bytes) -> None:
        self._flush()
        if self._transport and not self._transport.is_closing():
            self._transport.write(frame)


def goaway(last: int) -> bytes:
    # h2's own one would let nothing be sent after it.
    return GoAwayFrame(0, last_stream_id=last, error_code=NO_ERROR).serialize()


async def serve(options: argparse.Namespace) -> None:
    tls = None
    if options.certificate:
        tls = ssl.create_default_context(ssl.Purpose.CLIENT_AUTH)
        tls.load_cert_chain(options.certificate, options.private_key)
        tls.set_alpn_protocols(["h2"])
    servers = [
        await listen(Plan(number, scenario, options), tls if scenario.secure else None)
        for number, scenario in enumerate(options.scenario)
    ]
    say(ports=[server.sockets[0].getsockname()[1] for server in servers])
    await asyncio.gather(*(server.serve_forever() for server in servers))


async def listen(plan: Plan, tls: ssl.SSLContext | None) -> asyncio.Server:
    loop = asyncio.get_running_loop()
    return await loop.create_server(lambda: Connection(plan, tls), "127.0.0.1", 0)


def milliseconds(text: str) -> tuple[float, float]:
    low, _, high = text.partition("-")
    return float(low), float(high or low)


def arguments() -> Any:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument(
        "--scenario",
        type=Scenario.parse,
        action="append",
        required=True,
        help="KIND:MOMENT:EVENTS, or KIND:MOMENT:EVENTS:tls",
    )
    parser.add_argument("--every", type=int, default=2, help="each so-manieth request; default 2")
    parser.add_argument(
        "--pause", type=milliseconds, default=(0.0, 5.0), help="LOW-HIGH, ms; default 0-5"
    )
    parser.add_argument("--certificate", type=Path, help="PEM, for tls; with --private-key")
    parser.add_argument("--private-key", type=Path)
    parser.add_argument("--seed", type=int, default=0, help="of the choices; default 0")
    return parser.parse_args()


if __name__ == "__main__":
    asyncio.run(serve(arguments()))
