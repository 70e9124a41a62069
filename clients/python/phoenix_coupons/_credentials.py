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

_SHORTEST_LIFETIME = 5
_SHORTEST_SECRET = 16


class Credential(Protocol):
    """What a client needs of a credential; a class of your own will do."""

    def metadata(self, method: str, body: bytes) -> Metadata:
        """Return the headers that authenticate one call.

        `method` is the full gRPC path, `/package.Service/Method`; `body` the exact
        bytes of the request message.
        """
        ...


@dataclass(frozen=True, slots=True)
class ApiKeyCredential:
    """An API key, sent as it is. For the back office: `.admin` and `.tenants`."""

    value: str = field(repr=False)

    def __post_init__(self) -> None:
        _require_header_value("the API key", self.value)
        _require_secret("the API key", self.value)

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


class MintedToken:
    """A JWT (RFC 7519) signed here with HS256, replaced before it expires.

    `iat` and `exp` are whole seconds, and the service's clock is another one: less than a tenth
    of the lifetime, or than a second, is too little to send a token with.
    """

    def __init__(self, claims: Mapping[str, str], key: str, lifetime: float) -> None:
        if not _SHORTEST_LIFETIME <= lifetime < math.inf:
            raise ValueError(f"lifetime must be at least {_SHORTEST_LIFETIME} seconds, and finite")
        self._claims = claims
        self._key = key
        self._lifetime = lifetime
        self._expiry = 0
        self._token = ""

    def __repr__(self) -> str:
        return f"{type(self).__name__}({', '.join(f'{k}={v!r}' for k, v in self._claims.items())})"

    def token(self) -> str:
        """Return a token that is valid for at least a tenth of the lifetime, and a second."""
        now = time()
        # More than the lifetime is left when the clock was set back: the token is of the future.
        if not max(1.0, 0.1 * self._lifetime) <= self._expiry - now <= self._lifetime:
            expiry = int(now + self._lifetime)
            times = {"iat": int(now), "exp": expiry}
            self._token = jwt.encode({**self._claims, **times}, self._key, algorithm="HS256")
            self._expiry = expiry
        return self._token

    def metadata(self, method: str, body: bytes) -> Metadata:  # noqa: ARG002
        return (("authorization", f"Bearer {self.token()}"),)

    def renew(self, refused: Metadata) -> None:
        """Forget the token that the service refused; a newer one may be there already."""
        if ("authorization", f"Bearer {self._token}") in refused:
            self._expiry = 0


class AdminToken(MintedToken):
    """An admin JWT signed with an API key, which itself never travels.

    For the back office: `.admin` and `.tenants`. `lifetime` in seconds, at least 5. Raises
    `ValueError` for a key of less than 16 characters.
    """

    def __init__(self, key_id: str, key: str, *, lifetime: float = 600.0) -> None:
        _require_secret("the API key", key)
        super().__init__({"sub_type": "admin", "sub_id": key_id}, key, lifetime)


class TenantToken(MintedToken):
    """A tenant JWT signed with the tenant secret. For `.query` and `.events`.

    `user_id` confines the token to that user, and must not be empty; None, the
    default, is the whole tenant. `lifetime` in seconds, at least 5. `token()` is
    what a backend hands to a browser. Raises `ValueError` for a secret of less than 16
    characters.
    """

    def __init__(
        self, tenant_id: str, secret: str, *, user_id: str | None = None, lifetime: float = 600.0
    ) -> None:
        if user_id == "":
            raise ValueError("user_id must not be empty")
        _require_secret("the tenant secret", secret)
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
        _require_secret("the tenant secret", self.secret)

    def metadata(self, method: str, body: bytes) -> Metadata:
        timestamp = str(int(time()))
        return (
            ("x-tenant-id", self.tenant_id),
            ("x-timestamp", timestamp),
            ("x-signature", signature_of(self.secret, method, timestamp, body)),
        )


def signature_of(secret: str, method: str, timestamp: str, body: bytes) -> str:
    """Return what proves that the holder of the secret sent the body, as a header has it."""
    signed = f"POST\n{method}\n{timestamp}\n".encode() + body
    return f"hmac-sha256={hmac.new(secret.encode(), signed, hashlib.sha256).hexdigest()}"


def _require_header_value(name: str, value: str) -> None:
    # gRPC would refuse it with an error that quotes every header, the secret too.
    if not value or not all("!" <= character <= "~" for character in value):
        raise ValueError(f"{name} must be printable ASCII without spaces, and not empty")


def _require_secret(name: str, value: str) -> None:
    if len(value) < _SHORTEST_SECRET:
        raise ValueError(f"{name} must have at least {_SHORTEST_SECRET} characters")
