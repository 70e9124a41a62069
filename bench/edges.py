"""The REST edges in front of the service that is measured."""

import contextlib
import os
import shutil
import subprocess
import sys
import time
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

from coupon_server.embedded.envoy import EmbeddedEnvoy, is_ready
from coupon_server.embedded.processes import HOST, free_port
from coupon_server.rpc.rest.descriptors import descriptor_set
from coupon_server.rpc.server import SERVICES

_GATEWAY = Path(__file__).parents[1] / "gateway"
_READY_TIMEOUT = 30.0


@dataclass(frozen=True, slots=True)
class Edge:
    """A running edge."""

    name: str
    port: int


@contextlib.contextmanager
def edges(service_port: int, scratch: Path) -> Iterator[list[Edge]]:
    """Envoy, and the Go gateway where Go is installed."""
    with contextlib.ExitStack() as running:
        envoy = running.enter_context(EmbeddedEnvoy(scratch / "envoy", descriptor_set(SERVICES)))
        envoy.start((HOST, service_port))
        envoy.wait_until_ready()
        edges = [Edge("through Envoy", envoy.port)]
        if go := shutil.which("go"):
            program = scratch / "coupons-gateway"
            build = [go, "build", "-trimpath", "-o", str(program), "./cmd/coupons-gateway"]
            environ = os.environ | {"CGO_ENABLED": "0"}
            subprocess.run(build, cwd=_GATEWAY, env=environ, check=True)
            port = running.enter_context(_gateway(program, service_port))
            edges.append(Edge("through the gateway", port))
        else:
            print("go is not installed: the gateway is not measured", file=sys.stderr)
        yield edges


@contextlib.contextmanager
def _gateway(program: Path, service_port: int) -> Iterator[int]:
    port = free_port()
    environ = {
        "COUPONS_GATEWAY_LISTEN_ADDRESS": f"{HOST}:{port}",
        "COUPONS_GATEWAY_UPSTREAM_ADDRESS": f"{HOST}:{service_port}",
    }
    process = subprocess.Popen([program], env=os.environ | environ)
    try:
        _wait_until_ready(port)
        yield port
    finally:
        process.terminate()
        process.wait()


def _wait_until_ready(port: int) -> None:
    deadline = time.monotonic() + _READY_TIMEOUT
    while not is_ready(port):
        if time.monotonic() > deadline:
            raise SystemExit("the gateway is not ready")
        time.sleep(0.05)
