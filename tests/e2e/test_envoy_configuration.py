"""gateway/envoy.yaml with all the places filled in that it marks EDIT: TLS, CORS, addresses."""

import json
import re
import shutil
import ssl
import subprocess
from collections.abc import Iterator
from contextlib import contextmanager
from email.message import Message
from http.client import HTTPSConnection
from pathlib import Path
from typing import Any

import pytest

from coupon_server.embedded import envoy
from coupon_server.embedded.processes import free_port
from support.certificates import Authority
from support.documents import ROOT
from support.processes import CLEAN, ServerProcess, coupons, serving, until

CALL = "/v1/tenants/x/rewards"
ORIGIN = "http://shop.example"
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
    shown = r"^( +)# (transport_socket:|typed_per_filter_config:|  )"
    text = re.sub(shown, r"\1\2", text, flags=re.MULTILINE)
    assert text.count("allow_origin_string_match") == 1
    assert text.count("\n          transport_socket:") == 1
    assert text.count("\n      transport_socket:") == 1
    text = text.replace("port_value: 8080", f"port_value: {port}")
    text = text.replace("port_value: 50051", f"port_value: {service_port}")
    text = text.replace("coupons.internal", NAME)
    (folder / "envoy.yaml").write_text(text)
    made = coupons("descriptors", cwd=folder)
    assert (made.returncode, made.stdout) == (0, "Wrote coupons.binpb.\n")
    for name in ("openapi.json", "openapi-3.0.json"):
        shutil.copy(ROOT / "gateway/internal/reference" / name, folder)
    command = [str(envoy.binary()), "--config-path", "envoy.yaml", "--disable-hot-restart"]
    with (
        (folder / "envoy.log").open("w") as log,
        subprocess.Popen(command, cwd=folder, env=CLEAN, stdout=log, stderr=log) as process,
    ):
        try:
            yield port
        finally:
            process.terminate()


def test_tls_on_both_sides_and_pages_of_an_origin(
    service: ServerProcess, authority: Authority, tmp_path: Path
) -> None:
    folder = tmp_path / "edge"
    folder.mkdir()
    own = authority.issue("edge")
    own.certificate.rename(folder / "edge.pem")
    own.private_key.rename(folder / "edge.key")
    (folder / "ca.pem").write_bytes(authority.certificate.read_bytes())
    trust = ssl.create_default_context(cafile=str(authority.certificate))
    with edge(folder, service.port) as port:
        until(lambda: answer(trust, port, "GET", "/ready")[0] == 200)
        # The service itself refuses this: the way to it is open.
        status, headers, body = answer(trust, port, "GET", CALL, origin=ORIGIN)
        assert (status, body["code"]) == (401, "CREDENTIAL_INVALID")
        assert headers["access-control-allow-origin"] == ORIGIN
        wanted = {"origin": ORIGIN, "access-control-request-method": "POST"}
        status, headers, _ = answer(trust, port, "OPTIONS", CALL, **wanted)
        assert status == 200
        assert "authorization" in headers["access-control-allow-headers"]
        _, headers, _ = answer(trust, port, "GET", CALL, origin="http://other.example")
        assert "access-control-allow-origin" not in headers


def answer(
    trust: ssl.SSLContext, port: int, method: str, path: str, **headers: str
) -> tuple[int, Message, Any]:
    """Status, headers and body; status 0 while nobody listens."""
    connection = HTTPSConnection(NAME, port, context=trust, timeout=30)
    try:
        connection.request(method, path, headers=headers)
        response = connection.getresponse()
        text = response.read()
        return response.status, response.headers, json.loads(text) if text else None
    except OSError:
        return 0, Message(), None
    finally:
        connection.close()
