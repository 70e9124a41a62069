"""Requests to REST edges that send exactly what they are told, and what comes back."""

import json
import socket
import time
from collections.abc import Iterable
from contextlib import suppress
from dataclasses import dataclass
from http.client import HTTPConnection
from typing import Any

from coupon_server.auth import signature
from coupon_server.auth.principals import CredentialKind
from coupon_server.embedded.processes import HOST
from support.bindings import Binding
from support.contract import LEAKS, Headers, as_headers, credential, rpc
from support.edges import Edge
from support.processes import PATIENCE
from support.serving import Tenant

Json = dict[str, Any]


@dataclass(frozen=True, slots=True)
class Answer:
    """A response; the names of its headers are lower-case."""

    status: int
    headers: Headers
    body: bytes

    def header(self, name: str) -> str | None:
        """The one header of this name; None if there is none."""
        values = [value for key, value in self.headers if key == name]
        assert len(values) <= 1, f"{name} came {len(values)} times"
        return values[0] if values else None

    @property
    def json(self) -> Any:
        assert self.header("content-type") == "application/json", self
        return json.loads(self.body)

    @property
    def ok(self) -> Any:
        """The body of an answer that has to be a success."""
        assert self.status == 200, self
        return self.json

    @property
    def refusal(self) -> tuple[int, str]:
        """Status and reason of an answer that has to be an error in the contract's shape."""
        error = self.json
        assert set(error) == {"error", "code", "details"}, error
        assert isinstance(error["error"], str), error
        assert error["error"], error
        assert isinstance(error["details"], list), error
        return self.status, error["code"]


def send(
    edge: Edge, verb: str, target: str, headers: Headers = (), body: bytes | None = None
) -> Answer:
    """One request on a connection of its own; errors are searched for what must not be told."""
    connection = HTTPConnection(HOST, edge.port, timeout=PATIENCE)
    try:
        connection.putrequest(verb, target, skip_accept_encoding=True)
        for name, value in headers:
            connection.putheader(name, value.encode())
        if body is not None:
            connection.putheader("content-length", str(len(body)))
        connection.endheaders(body)
        response = connection.getresponse()
        found = tuple((name.lower(), value) for name, value in response.getheaders())
        answer = Answer(response.status, found, response.read())
    finally:
        connection.close()
    if answer.status != 200:
        leak = LEAKS.search(answer.body.decode())
        assert leak is None, f"{verb} {target} told {leak}"
    return answer


def exchange(edge: Edge, sent: bytes, end: bytes | None = None, still: float = 1) -> bytes:
    """What comes back for these bytes: up to `end`, until the edge closes, or is still so many
    seconds."""
    received = b""
    with socket.create_connection((HOST, edge.port), timeout=PATIENCE) as connection:
        connection.sendall(sent)
        connection.settimeout(still)
        with suppress(TimeoutError, ConnectionResetError):
            while (end is None or end not in received) and (part := connection.recv(65536)):
                received += part
    return received


def presenting(tenant: Tenant, kind: CredentialKind) -> Headers:
    """The tenant's own credential of a kind that does not depend on the request."""
    return as_headers(credential(tenant, kind).metadata("", b""))


def accepted(tenant: Tenant, binding: Binding) -> Headers:
    """A credential of the tenant that the binding's RPC takes, but no signature."""
    kinds = rpc(binding.method.name).policy.credentials - {CredentialKind.hmac}
    return presenting(tenant, max(kinds))


def signed(
    tenant: Tenant,
    verb: str,
    path: str,
    body: bytes = b"",
    *,
    age: int = 0,
    secret: str | None = None,
    signed_key: str = "",
) -> Headers:
    """The headers that sign a request; `path` as it is sent, `age` in seconds. `signed_key` is
    among them, if there is one."""
    timestamp = str(int(time.time()) - age)
    key = secret or tenant.credentials.tenant_secret
    digest = signature.sign(key, verb, path, timestamp, body, signed_key)
    return (
        ("x-tenant-id", tenant.id),
        ("x-timestamp", timestamp),
        ("x-signature", f"hmac-sha256={digest}"),
        *((("idempotency-key", signed_key),) if signed_key else ()),
    )


@dataclass(frozen=True, slots=True)
class Rest:
    """A tenant's requests through an edge."""

    edge: Edge
    tenant: Tenant

    def admin(
        self,
        verb: str,
        path: str,
        content: Json | bytes | None = None,
        headers: Iterable[tuple[str, str]] = (),
    ) -> Answer:
        """By API key; `path` is what follows the tenant, query included."""
        own = presenting(self.tenant, CredentialKind.api_key)
        return self._send(verb, f"/v1/tenants/{self.tenant.id}{path}", (*own, *headers), content)

    def query(
        self,
        verb: str,
        path: str,
        content: Json | bytes | None = None,
        headers: Iterable[tuple[str, str]] = (),
    ) -> Answer:
        """By tenant JWT; `path` is what follows the tenant, query included."""
        own = presenting(self.tenant, CredentialKind.tenant_jwt)
        return self._send(verb, self.query_path(path), (*own, *headers), content)

    def query_path(self, path: str) -> str:
        return f"/v1/coupons/{self.tenant.id}{path}"

    def _send(
        self, verb: str, target: str, headers: Headers, content: Json | bytes | None
    ) -> Answer:
        body = json.dumps(content).encode() if isinstance(content, dict) else content
        if body is not None:
            headers = (*headers, ("content-type", "application/json"))
        return send(self.edge, verb, target, headers, body)
