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
    service_port: int,
    directory: Path,
    *,
    request_timeout_seconds: int | None = None,
    arrival_seconds: int | None = None,
) -> Iterator[Edge]:
    """Envoy as gateway/envoy.yaml has it, but for timeouts that are given: of calls, and of the
    arrival of requests."""
    text = embedded_envoy._template().read_text()
    if request_timeout_seconds is not None:
        # That of calls, and that of long polls.
        text = _with_timeout(
            text, r"route: \{cluster: coupons, timeout:", request_timeout_seconds, 2
        )
    if arrival_seconds is not None:
        text = _with_timeout(text, "request_headers_timeout:", arrival_seconds, 1)
        text = _with_timeout(text, " request_timeout:", arrival_seconds, 1)
    changed = directory / "changed.yaml"
    changed.write_text(text)
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(embedded_envoy, "_template", lambda: changed)
        with EmbeddedEnvoy(directory, descriptor_set(SERVICES)) as started:
            started.start((HOST, service_port))
            started.wait_until_ready()
            yield Edge("envoy", started.port, directory / "envoy.log")


def _with_timeout(configuration: str, key: str, seconds: int, places: int) -> str:
    text, replaced = re.subn(rf"({key}) [0-9]+s", rf"\1 {seconds}s", configuration)
    assert replaced == places, key
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
