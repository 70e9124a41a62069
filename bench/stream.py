"""Sends events through streams, and counts their acknowledgements.

Messages are prepared as bytes before the clock starts. Unlike `bench.load` this is gRPC's own
client, whose flow control a stream needs; it takes its share of the machine.
"""

import argparse
import asyncio
import json
import sys
import time
from collections.abc import AsyncIterator, Sequence
from dataclasses import asdict
from pathlib import Path
from typing import Any

import grpc.aio
import uvloop

from bench.load import Load, read_bodies

STREAMS = 4


async def run_streams(address: str, path: str, authorization: str, bodies: list[bytes]) -> Load:
    started = time.perf_counter()
    counts = await asyncio.gather(
        *(_stream(address, path, authorization, bodies[n::STREAMS]) for n in range(STREAMS))
    )
    seconds = time.perf_counter() - started
    return Load(calls=len(bodies), succeeded=sum(counts), seconds=seconds, p50=0, p99=0)


async def _stream(address: str, path: str, authorization: str, bodies: Sequence[bytes]) -> int:
    # Of its own, or all would share one connection and one worker.
    options = [("grpc.use_local_subchannel_pool", 1)]
    count = 0
    async with grpc.aio.insecure_channel(address, options) as channel:
        method: Any = channel.stream_stream(path, None, None)
        async for _ in method(_each(bodies), metadata=(("authorization", authorization),)):
            count += 1
    return count


async def _each(bodies: Sequence[bytes]) -> AsyncIterator[bytes]:
    for body in bodies:
        yield body


def main() -> None:
    """Run one load in a process of its own."""
    parser = argparse.ArgumentParser()
    parser.add_argument("--port", type=int, required=True)
    parser.add_argument("--path", required=True)
    parser.add_argument("--authorization", required=True)
    parser.add_argument("--bodies", type=Path, required=True)
    arguments = parser.parse_args()
    address = f"127.0.0.1:{arguments.port}"
    bodies = read_bodies(arguments.bodies)
    load = run_streams(address, arguments.path, arguments.authorization, bodies)
    json.dump(asdict(uvloop.run(load)), sys.stdout)


if __name__ == "__main__":
    main()
