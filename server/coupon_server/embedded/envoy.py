"""A private REST edge for development and tests: Envoy as gateway/envoy.yaml has it."""

import importlib.util
import json
import os
import pwd
import shutil
import signal
import subprocess
import time
from http.client import HTTPConnection, HTTPException
from pathlib import Path
from typing import Any, Self

import yaml

from coupon_server.embedded.processes import HOST, free_port, launch, shut_down

_DESCRIPTORS = "coupons.binpb"
_CONTRACT = ("openapi.json", "openapi-3.0.json")
_READY_TIMEOUT = 60.0
_SHUTDOWN = ((signal.SIGTERM, 5.0), (signal.SIGKILL, 5.0))


class EmbeddedEnvoyError(Exception):
    """Envoy is not installed, can't be started, or can't be stopped."""


def binary() -> Path:
    """The program `envoy`.

    Raises:
        EmbeddedEnvoyError: the wheel with the binary is not installed.
    """
    # The wheel's package is called as that of Envoy's own messages would be; it is not imported.
    spec = importlib.util.find_spec("envoy")
    if spec is None or spec.origin is None:
        raise EmbeddedEnvoyError("Envoy is missing: pip install 'phoenix-coupon-server[embedded]'")
    return Path(spec.origin).parent / "_bin" / "envoy"


class EmbeddedEnvoy:
    """Envoy as a child process, which listens on 127.0.0.1 alone.

    As root it runs as the user `nobody`. On Linux it ends with the thread that started it. The
    directory, which is made if missing (mode 0700), holds its configuration and `envoy.log`.

    Args:
        directory: where the files lie.
        descriptors: the contract as a descriptor set.
        port: where to listen; 0 takes a free one.
    """

    def __init__(self, directory: Path, descriptors: bytes, port: int = 0) -> None:
        self._directory = directory.absolute()
        self._descriptors = descriptors
        self._log = self._directory / "envoy.log"
        self._process: subprocess.Popen[bytes] | None = None
        try:
            self.port = free_port(port)
        except OSError as error:
            raise EmbeddedEnvoyError(
                f"COUPONS_REST_PORT: can't listen on {HOST}:{port} ({error.strerror});"
                " stop what listens there, or choose another port"
            ) from error

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self.stop()

    @property
    def url(self) -> str:
        """Where the REST paths begin: `http://127.0.0.1:port`."""
        return f"http://{HOST}:{self.port}"

    def start(self, service: tuple[str, int], *, tls: bool = False) -> None:
        """Start Envoy in front of a service.

        Args:
            service: the host and the port where the service listens, on this machine.
            tls: whether it wants TLS. Its certificate is not verified.

        Raises:
            OSError: the directory can't be written.
        """
        self._directory.mkdir(mode=0o700, parents=True, exist_ok=True)
        self._log.unlink(missing_ok=True)
        config = self._directory / "envoy.json"
        files = {_DESCRIPTORS: self._descriptors}
        files |= {name: _installed(name).read_bytes() for name in _CONTRACT}
        content = _configuration(self._directory, self.port, service, tls=tls)
        files[config.name] = json.dumps(content).encode()
        for name, text in files.items():
            (self._directory / name).write_bytes(text)
        if os.geteuid() == 0:
            # Files of its own, so that it runs as their owner.
            for path in map(self._directory.joinpath, files):
                shutil.chown(path, pwd.getpwnam("nobody").pw_uid)
        command = [str(binary()), "--config-path", str(config), "--log-level", "warning"]
        # Without hot restart it shares no memory with another Envoy of this machine.
        command += ["--disable-hot-restart"]
        self._process = launch(command, config, self._log, {"PATH": os.defpath}, signal.SIGKILL)

    def stop(self) -> None:
        """Ends Envoy and its connections. Does nothing when it is not running."""
        if self._process is None:
            return
        process, self._process = self._process, None
        if not shut_down(process.pid, _SHUTDOWN, lambda: process.poll() is not None):
            raise EmbeddedEnvoyError(f"Envoy (process {process.pid}) does not stop")

    def poll(self) -> int | None:
        """The exit status of an Envoy that ended by itself, None while it runs."""
        return None if self._process is None else self._process.poll()

    def wait_until_ready(self) -> None:
        """Return when requests reach the service.

        Raises:
            EmbeddedEnvoyError: Envoy has ended, and the message carries its log; or the
                service does not serve in time.
        """
        deadline = time.monotonic() + _READY_TIMEOUT
        while not self.is_ready():
            if self.poll() is not None:
                log = self._log.read_text().strip()
                raise EmbeddedEnvoyError(f"Envoy did not start:\n{log}")
            if time.monotonic() > deadline:
                raise EmbeddedEnvoyError(
                    f"Envoy was not ready within {_READY_TIMEOUT:g} s; see {self._log}"
                )
            time.sleep(0.02)

    def is_ready(self) -> bool:
        """Whether requests reach the service."""
        return is_ready(self.port)


def is_ready(port: int) -> bool:
    """Whether the REST edge on this port of 127.0.0.1, of either kind, reaches the service."""
    connection = HTTPConnection(HOST, port, timeout=1)
    try:
        connection.request("GET", "/ready")
        return connection.getresponse().status == 200
    except (OSError, HTTPException):
        return False
    finally:
        connection.close()


def _configuration(
    directory: Path, port: int, service: tuple[str, int], *, tls: bool
) -> dict[str, Any]:
    """gateway/envoy.yaml with the values filled in that it marks EDIT."""
    configuration: dict[str, Any] = yaml.safe_load(_template().read_text())
    resources = configuration["static_resources"]
    [listener], [cluster] = resources["listeners"], resources["clusters"]
    listener["address"] = _address(HOST, port)
    [manager] = listener["filter_chains"][0]["filters"]
    filters = {
        http_filter["name"]: http_filter for http_filter in manager["typed_config"]["http_filters"]
    }
    filters["transcoding"]["typed_config"]["proto_descriptor"] = str(directory / _DESCRIPTORS)
    [host] = manager["typed_config"]["route_config"]["virtual_hosts"]
    for route in host["routes"]:
        if route["name"] in _CONTRACT:
            route["direct_response"]["body"]["filename"] = str(directory / route["name"])
    [endpoint] = cluster["load_assignment"]["endpoints"][0]["lb_endpoints"]
    endpoint["endpoint"]["address"] = _address(*service)
    if tls:
        cluster["transport_socket"] = _TLS
    return configuration


_TLS = {
    "name": "tls",
    "typed_config": {
        "@type": "type.googleapis.com/envoy.extensions.transport_sockets.tls.v3.UpstreamTlsContext",
        # gRPC servers take no other (ALPN, RFC 7301).
        "common_tls_context": {"alpn_protocols": ["h2"]},
    },
}


def _address(host: str, port: int) -> dict[str, Any]:
    return {"socket_address": {"address": host, "port_value": port}}


def _template() -> Path:
    return _installed("envoy.yaml", "gateway")


def _installed(name: str, folder: str = "gateway/internal/reference") -> Path:
    """A file that is beside this one where the service is installed; `folder`: in the source."""
    installed = Path(__file__).with_name(name)
    return installed if installed.is_file() else Path(__file__).parents[3] / folder / name
