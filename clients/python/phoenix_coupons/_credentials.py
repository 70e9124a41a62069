"""Every way to prove to the service who is calling."""

import hashlib
import hmac
import math
from collections.abc import Mapping
from dataclasses import dataclass, field
from time import time
from typing import Protocol

import jwt

Metadata = tuple[tuple[str, str | bytes], ...]


class Credential(Protocol):
    """What a client needs of a credential; a class of your own will do."""

    def metadata(self, method: str, body: bytes) -> Metadata:
        """Return the headers that authenticate one call.

        `method` is the full gRPC path, `/package.Service/Method`; `body` the exact
        bytes of the request message.
        """
        ...


@dataclass(frozen=True, slots=True)
class ApiKey:
    """An API key, sent as it is. For the back office: `.admin` and `.tenants`."""

    value: str = field(repr=False)

    def __post_init__(self) -> None:
        _require_header_value("the API key", self.value)

    def metadata(self, method: str, body: bytes) -> Metadata:  # noqa: ARG002
        return (("x-api-key", self.value),)


@dataclass(frozen=True, slots=True)
class BearerToken:
    """A ready-made JWT, such as one that a backend gave to a browser."""

    value: str = field(repr=False)

    def __post_init__(self) -> None:
        _require_header_value("the token", self.value)

    def metadata(self, method: str, body: bytes) -> Metadata:  # noqa: ARG002
        return (("authorization", f"Bearer {self.value}"),)


class _MintedToken:
    """A JWT (RFC 7519) signed here with HS256, replaced before it expires."""

    def __init__(self, claims: Mapping[str, str], key: str, lifetime: float) -> None:
        if not 1 <= lifetime < math.inf:
            raise ValueError("lifetime must be at least 1 second, and finite")
        self._claims = claims
        self._key = key
        self._lifetime = lifetime
        self._renew_at = 0.0
        self._token = ""

    def __repr__(self) -> str:
        return f"{type(self).__name__}({', '.join(f'{k}={v!r}' for k, v in self._claims.items())})"

    def token(self) -> str:
        """Return a token that is valid for at least a fifth of the lifetime."""
        now = time()
        if now >= self._renew_at:
            times = {"iat": int(now), "exp": int(now + self._lifetime)}
            self._token = jwt.encode({**self._claims, **times}, self._key, algorithm="HS256")
            self._renew_at = now + 0.8 * self._lifetime
        return self._token

    def metadata(self, method: str, body: bytes) -> Metadata:  # noqa: ARG002
        return (("authorization", f"Bearer {self.token()}"),)


class AdminToken(_MintedToken):
    """An admin JWT signed with an API key, which itself never travels.

    For the back office: `.admin` and `.tenants`. `lifetime` in seconds, at least 1.
    """

    def __init__(self, key_id: str, key: str, *, lifetime: float = 600.0) -> None:
        super().__init__({"sub_type": "admin", "sub_id": key_id}, key, lifetime)


class TenantToken(_MintedToken):
    """A tenant JWT signed with the tenant secret. For `.query` and `.events`.

    `user_id` confines the token to that user, and must not be empty; None, the
    default, is the whole tenant. `lifetime` in seconds, at least 1. `token()` is
    what a backend hands to a browser.
    """

    def __init__(
        self, tenant_id: str, secret: str, *, user_id: str | None = None, lifetime: float = 600.0
    ) -> None:
        if user_id == "":
            raise ValueError("user_id must not be empty")
        claims = {"sub_type": "tenant", "sub_id": tenant_id}
        if user_id is not None:
            claims["user_id"] = user_id
        super().__init__(claims, secret, lifetime)


@dataclass(frozen=True, slots=True)
class Hmac:
    """A signature (HMAC-SHA256, RFC 2104) of every request with the tenant secret.

    For `.query` and `.events`, but not for client streams. The service accepts it within
    300 s of its own clock.
    """

    tenant_id: str
    secret: str = field(repr=False)

    def __post_init__(self) -> None:
        _require_header_value("tenant_id", self.tenant_id)

    def metadata(self, method: str, body: bytes) -> Metadata:
        timestamp = str(int(time()))
        signed = f"POST\n{method}\n{timestamp}\n".encode() + body
        digest = hmac.new(self.secret.encode(), signed, hashlib.sha256).hexdigest()
        return (
            ("x-tenant-id", self.tenant_id),
            ("x-timestamp", timestamp),
            ("x-signature", f"hmac-sha256={digest}"),
        )


def _require_header_value(name: str, value: str) -> None:
    # gRPC would refuse it with an error that quotes every header, the secret too.
    if not value or not all("!" <= character <= "~" for character in value):
        raise ValueError(f"{name} must be printable ASCII without spaces, and not empty")
