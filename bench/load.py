"""A load generator that costs little beside the server it drives.

Requests are prepared as bytes before the clock starts, responses are counted by their frames.
"""

import argparse
import asyncio
import itertools
import json
import struct
import sys
import time
from collections.abc import Callable, Sequence
from dataclasses import asdict, dataclass
from pathlib import Path

import uvloop

from bench.grpc_connection import GrpcConnection, header_block
from bench.rest_connection import RestConnection

IN_FLIGHT = 128
GRPC_CONNECTIONS = 8

Connection = GrpcConnection | RestConnection


@dataclass(slots=True)
class Load:
    """What one run counted. `p50` and `p99` are milliseconds from call to answer."""

    calls: int
    succeeded: int
    seconds: float
    p50: float
    p99: float

    @property
    def per_second(self) -> float:
        return self.succeeded / self.seconds


async def run_load(port: int, connect: Callable[[], Connection], connections: int) -> Load:
    """Let connections send until there is nothing more to send."""
    loop = asyncio.get_running_loop()
    started = time.perf_counter()
    connected = [
        await loop.create_connection(connect, "127.0.0.1", port) for _ in range(connections)
    ]
    await asyncio.gather(*(protocol.done for _, protocol in connected))
    seconds = time.perf_counter() - started
    for transport, _ in connected:
        transport.close()
    latencies = sorted(
        itertools.chain.from_iterable(protocol.latencies for _, protocol in connected)
    )
    return Load(
        calls=len(latencies),
        succeeded=sum(protocol.succeeded for _, protocol in connected),
        seconds=seconds,
        p50=latencies[len(latencies) // 2] * 1000,
        p99=latencies[len(latencies) * 99 // 100] * 1000,
    )


def main() -> None:
    """Run one load in a process of its own, with IN_FLIGHT requests at a time.

    With `--path` the bodies are messages for that gRPC method, without it whole HTTP requests.
    They come from a file, each behind its length.
    """
    parser = argparse.ArgumentParser()
    parser.add_argument("--port", type=int, required=True)
    parser.add_argument("--path", default="")
    parser.add_argument("--authorization", default="")
    parser.add_argument("--bodies", type=Path, required=True)
    arguments = parser.parse_args()
    bodies = iter(read_bodies(arguments.bodies))
    if arguments.path:
        headers = [("authorization", arguments.authorization)] if arguments.authorization else []
        block = header_block(arguments.path, headers)
        streams = IN_FLIGHT // GRPC_CONNECTIONS
        load = run_load(
            arguments.port, lambda: GrpcConnection(block, bodies, streams), GRPC_CONNECTIONS
        )
    else:
        load = run_load(arguments.port, lambda: RestConnection(bodies), IN_FLIGHT)
    json.dump(asdict(uvloop.run(load)), sys.stdout)


def write_bodies(path: Path, bodies: Sequence[bytes]) -> None:
    path.write_bytes(b"".join(struct.pack(">I", len(body)) + body for body in bodies))


def read_bodies(path: Path) -> list[bytes]:
    data, position, bodies = path.read_bytes(), 0, []
    while position < len(data):
        (length,) = struct.unpack_from(">I", data, position)
        position += 4 + length
        bodies.append(data[position - length : position])
    return bodies


if __name__ == "__main__":
    main()
