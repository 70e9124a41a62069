"""The REST edges as their users run them, in front of a service that runs already."""

import re
import subprocess
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

import pytest

from coupon_server.embedded import envoy as embedded_envoy
from coupon_server.embedded.envoy import EmbeddedEnvoy, is_ready
from coupon_server.embedded.processes import HOST, free_port
from coupon_server.rpc.rest.descriptors import descriptor_set
from coupon_server.rpc.server import SERVICES
from support.processes import CLEAN, PATIENCE, until


@dataclass(frozen=True, slots=True)
class Edge:
    """A running edge."""

    name: str
    port: int
    log: Path

    @property
    def url(self) -> str:
        return f"http://{HOST}:{self.port}"


@contextmanager
def envoy(
    service_port: int, directory: Path, *, request_timeout_seconds: int | None = None
) -> Iterator[Edge]:
    """Envoy as gateway/envoy.yaml has it, but for a timeout that is given."""
    with pytest.MonkeyPatch.context() as patch:
        if request_timeout_seconds is not None:
            changed = directory / "changed.yaml"
            changed.write_text(_with_timeout(embedded_envoy._template(), request_timeout_seconds))
            patch.setattr(embedded_envoy, "_template", lambda: changed)
        with EmbeddedEnvoy(directory, descriptor_set(SERVICES)) as started:
            started.start((HOST, service_port))
            started.wait_until_ready()
            yield Edge("envoy", started.port, directory / "envoy.log")


def _with_timeout(configuration: Path, seconds: int) -> str:
    text, replaced = re.subn(
        r"(route: \{cluster: coupons, timeout:) \w+\}",
        rf"\1 {seconds}s}}",
        configuration.read_text(),
    )
    assert replaced == 2, "that of calls, and that of long polls"
    return text


@contextmanager
def gateway(
    program: Path, service_port: int, directory: Path, **settings: object
) -> Iterator[Edge]:
    """The Go gateway. `settings` are the ends of its variables' names."""
    edge = Edge("gateway", free_port(), directory / "gateway.log")
    fields = {
        "listen_address": f"{HOST}:{edge.port}",
        "upstream_address": f"{HOST}:{service_port}",
    } | settings
    environ = {f"COUPONS_GATEWAY_{name.upper()}": str(value) for name, value in fields.items()}
    with (
        edge.log.open("w") as log,
        subprocess.Popen([program], env=CLEAN | environ, stdout=log, stderr=log) as process,
    ):
        try:
            until(lambda: process.poll() is not None or is_ready(edge.port))
            assert process.poll() is None, edge.log.read_text()
            yield edge
        finally:
            process.terminate()
            try:
                process.wait(PATIENCE)
            except subprocess.TimeoutExpired:
                process.kill()
