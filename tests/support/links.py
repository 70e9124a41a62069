"""Connections that break off, or fall silent."""

import asyncio
import socket
import socketserver
from collections.abc import AsyncIterator, Iterator
from contextlib import asynccontextmanager, contextmanager, suppress
from dataclasses import dataclass, field
from itertools import count
from threading import Thread

from support.http2 import HEADERS


@dataclass
class Link:
    """A way to a server, which can be cut and can be frozen."""

    host: str
    port: int
    connections: set[asyncio.StreamWriter] = field(default_factory=set)
    flows: asyncio.Event = field(default_factory=asyncio.Event)
    is_cut: bool = False

    async def connect(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        if self.is_cut:
            writer.close()
            return
        try:
            there_reader, there_writer = await asyncio.open_connection(self.host, self.port)
        except ConnectionError:
            writer.close()
            return
        ends = {writer, there_writer}
        self.connections |= ends
        try:
            await asyncio.gather(
                self._carry(reader, there_writer), self._carry(there_reader, writer)
            )
        finally:
            self.connections -= ends
            for end in ends:
                end.close()

    async def _carry(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        with suppress(ConnectionError):
            while chunk := await reader.read(65536):
                await self.flows.wait()
                writer.write(chunk)
                await writer.drain()
        writer.close()

    def cut(self) -> None:
        """Close every connection, and every new one."""
        self.is_cut = True
        for writer in self.connections:
            writer.close()

    def freeze(self) -> None:
        """Keep the connections, and carry nothing over them."""
        self.flows.clear()

    def restore(self) -> None:
        self.is_cut = False
        self.flows.set()


@asynccontextmanager
async def linked(host: str, port: int) -> AsyncIterator[tuple[Link, str]]:
    """A link to a server, and the address at which it begins."""
    link = Link(host, port)
    link.restore()
    async with await asyncio.start_server(link.connect, "127.0.0.1", 0) as listener:
        yield link, f"127.0.0.1:{listener.sockets[0].getsockname()[1]}"
        link.cut()


@contextmanager
def cutting_answers(host: str, port: int | str) -> Iterator[tuple[str, list[int]]]:
    """The address of a relay to a server of HTTP/2 that cuts every other connection, the first one
    too, when the server begins to answer: what was asked for is done, and its answer lost. And the
    numbers of the connections that were cut."""
    cut: list[int] = []

    class Relay(socketserver.BaseRequestHandler):
        numbers = count()

        def handle(self) -> None:
            number = next(self.numbers)
            with socket.create_connection((host, port)) as server:
                asking = Thread(target=_copy, args=(self.request, server), daemon=True)
                asking.start()
                with suppress(ConnectionError):
                    for frame in _frames(server):
                        if number % 2 == 0 and frame[3] == HEADERS:
                            cut.append(number)
                            break
                        self.request.sendall(frame)
                for end in (self.request, server):
                    with suppress(OSError):
                        end.shutdown(socket.SHUT_RDWR)
                asking.join()

    with socketserver.ThreadingTCPServer(("127.0.0.1", 0), Relay) as relay:
        relay.daemon_threads = True
        thread = Thread(target=relay.serve_forever)
        thread.start()
        try:
            yield f"127.0.0.1:{relay.server_address[1]}", cut
        finally:
            relay.shutdown()
            thread.join()


def _copy(source: socket.socket, target: socket.socket) -> None:
    with suppress(OSError):
        while chunk := source.recv(65536):
            target.sendall(chunk)
        target.shutdown(socket.SHUT_WR)


def _frames(source: socket.socket) -> Iterator[bytes]:
    """What comes, frame by frame (RFC 9113, section 4.1)."""
    with source.makefile("rb") as stream:
        while len(header := stream.read(9)) == 9:
            yield header + stream.read(int.from_bytes(header[:3]))
