"""gateway/envoy.yaml with the places filled in that it marks EDIT: TLS on both sides."""

import json
import re
import ssl
import subprocess
from collections.abc import Iterator
from contextlib import contextmanager
from http.client import HTTPSConnection
from pathlib import Path

import pytest

from coupon_server.embedded import envoy
from coupon_server.embedded.processes import free_port
from support.certificates import Authority
from support.documents import ROOT
from support.processes import CLEAN, ServerProcess, coupons, serving, until

NAME = "localhost"
"""The service's name in its certificate."""


@pytest.fixture
def authority(tmp_path: Path) -> Authority:
    return Authority(tmp_path / "authority")


@pytest.fixture
def service(shared_database: str, authority: Authority, tmp_path: Path) -> Iterator[ServerProcess]:
    """A service that wants clients to have certificates."""
    own = authority.issue("service")
    with serving(
        shared_database,
        tmp_path / "service.log",
        workers=1,
        tls_certificate_file=own.certificate,
        tls_private_key_file=own.private_key,
        tls_client_ca_file=authority.certificate,
    ) as server:
        yield server


@contextmanager
def edge(folder: Path, service_port: int) -> Iterator[int]:
    """A stock Envoy in a folder that has the files that its configuration names."""
    port = free_port()
    text = (ROOT / "gateway/envoy.yaml").read_text()
    text = re.sub(r"^( +)# (transport_socket:|  )", r"\1\2", text, flags=re.MULTILINE)
    assert text.count("\n          transport_socket:") == 1
    assert text.count("\n      transport_socket:") == 1
    text = text.replace("port_value: 8080", f"port_value: {port}")
    text = text.replace("port_value: 50051", f"port_value: {service_port}")
    text = text.replace("coupons.internal", NAME)
    (folder / "envoy.yaml").write_text(text)
    made = coupons("descriptors", cwd=folder)
    assert (made.returncode, made.stdout) == (0, "Wrote coupons.binpb.\n")
    command = [str(envoy.binary()), "--config-path", "envoy.yaml", "--disable-hot-restart"]
    with (
        (folder / "envoy.log").open("w") as log,
        subprocess.Popen(command, cwd=folder, env=CLEAN, stdout=log, stderr=log) as process,
    ):
        try:
            yield port
        finally:
            process.terminate()


def test_tls_on_both_sides(service: ServerProcess, authority: Authority, tmp_path: Path) -> None:
    folder = tmp_path / "edge"
    folder.mkdir()
    own = authority.issue("edge")
    own.certificate.rename(folder / "edge.pem")
    own.private_key.rename(folder / "edge.key")
    (folder / "ca.pem").write_bytes(authority.certificate.read_bytes())
    trust = ssl.create_default_context(cafile=str(authority.certificate))
    with edge(folder, service.port) as port:

        def ready() -> bool:
            connection = HTTPSConnection(NAME, port, context=trust, timeout=5)
            try:
                connection.request("GET", "/ready")
                return connection.getresponse().status == 200
            except OSError:
                return False
            finally:
                connection.close()

        until(ready)
        connection = HTTPSConnection(NAME, port, context=trust, timeout=30)
        # The service itself refuses this: the way to it is open.
        connection.request("GET", "/v1/tenants/x/rewards")
        answer = connection.getresponse()
        assert (answer.status, json.load(answer)["code"]) == (401, "CREDENTIAL_INVALID")
        connection.close()
