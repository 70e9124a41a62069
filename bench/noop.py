"""A gRPC server that does nothing, in as many processes as the service has workers."""

import asyncio
import sys
from typing import Any

import grpc
import uvloop

PATH = "/bench.Noop/Call"


async def _call(body: bytes, _: Any) -> bytes:
    return body


async def _serve(port: int) -> None:
    server = grpc.aio.server(options=(("grpc.so_reuseport", 1),))
    handler: Any = grpc.unary_unary_rpc_method_handler(_call)
    server.add_generic_rpc_handlers(
        (grpc.method_handlers_generic_handler("bench.Noop", {"Call": handler}),)
    )
    server.add_insecure_port(f"127.0.0.1:{port}")
    await server.start()
    print("ready", flush=True)
    # The end of standard input is the end of the benchmark.
    await asyncio.to_thread(sys.stdin.read)
    await server.stop(0)


if __name__ == "__main__":
    uvloop.run(_serve(int(sys.argv[1])))
