"""Connections that break off, or fall silent."""

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager, suppress
from dataclasses import dataclass, field


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
        there_reader, there_writer = await asyncio.open_connection(self.host, self.port)
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
