"""A NATS server with JetStream, as its own program."""

import asyncio
import shutil
import socket
import subprocess
import sys
from collections.abc import AsyncIterator, Sequence
from contextlib import asynccontextmanager
from dataclasses import dataclass
from pathlib import Path

import nats
from nats.aio.client import Client
from nats.js.api import StreamConfig

STREAM = "OUT"


@dataclass
class NatsServer:
    """A server that can be stopped and started, and keeps what it has."""

    directory: Path
    port: int
    options: Sequence[str] = ()
    process: "subprocess.Popen[bytes] | None" = None

    @property
    def url(self) -> str:
        return f"nats://127.0.0.1:{self.port}"

    async def start(self) -> None:
        self._launch()
        async with asyncio.timeout(20):
            while not self._answers():  # noqa: ASYNC110 — nothing tells
                await asyncio.sleep(0.05)

    def _launch(self) -> None:
        program = Path(sys.executable).with_name("nats-server")
        command = [
            str(program if program.exists() else shutil.which("nats-server")),
            *("--addr", "127.0.0.1", "--port", str(self.port)),
            *("--jetstream", "--store_dir", str(self.directory)),
            *self.options,
        ]
        self.process = subprocess.Popen(
            command, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL
        )

    def _answers(self) -> bool:
        with socket.socket() as probe:
            return probe.connect_ex(("127.0.0.1", self.port)) == 0

    def stop(self) -> None:
        if self.process is not None:
            self.process.kill()
            self.process.wait()
            self.process = None

    async def connect(self, **options: str) -> Client:
        return await nats.connect(self.url, **options)


async def add_stream(client: Client, *subjects: str) -> None:
    """A stream that takes in these subjects, kept on disk."""
    await client.jetstream().add_stream(StreamConfig(name=STREAM, subjects=list(subjects)))


async def messages(client: Client) -> list["nats.js.api.RawStreamMsg"]:
    """All that the stream has, in its order."""
    stream = client.jetstream()
    info = await stream.stream_info(STREAM)
    return [
        await stream.get_msg(STREAM, number)
        for number in range(max(info.state.first_seq, 1), info.state.last_seq + 1)
    ]


@asynccontextmanager
async def nats_server(directory: Path, *options: str) -> AsyncIterator[NatsServer]:
    """A server that runs until the block ends."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port = probe.getsockname()[1]
    server = NatsServer(directory, port, options)
    await server.start()
    try:
        yield server
    finally:
        server.stop()
