"""Assertions: proofs that the server has verified the signature of a REST request.

A signature covers the HTTP request, which transcoding turns into other bytes. So the edge asks
the server first (`rpc.rest.authorization`), and its call then carries the assertion: a JSON Web
Token (RFC 7519) that is valid for a few seconds, for one RPC and one message. Its keys are derived
from the master keys, which every server has and no edge.
"""

import hashlib
from typing import NamedTuple
from uuid import UUID

import jwt
from google.protobuf.message import Message

from coupon_server.auth import credential_errors
from coupon_server.auth.principals import Principal
from coupon_server.auth.secrets import Keyring
from coupon_server.domain.clock import Clock

LIFETIME_SECONDS = 10
"""The lifetime of an assertion: the edge calls at once, and clocks of servers may differ."""

_PURPOSE = "phoenix-coupons rest assertion v1"
_ALGORITHM = "HS256"
_REQUIRED = ("aud", "exp", "jti", "sub", "secret", "request")
# An assertion of a server of the release before has no `key`.


class Claims(NamedTuple):
    """Whose signature was verified, and over which message."""

    tenant_id: UUID
    secret_id: UUID
    """The tenant secret that the request was signed with."""
    signature: str
    """The request's signature: 64 lower-case hex digits."""
    signed_key: str
    """The `Idempotency-Key` that the signature covers; empty for none."""
    request_digest: bytes
    """`digest` of the message that the request transcodes to."""


def digest(request: Message) -> bytes:
    """SHA-256 of a message, whatever order its bytes had on the wire."""
    return hashlib.sha256(request.SerializeToString(deterministic=True)).digest()


class Assertions:
    """Makes and verifies assertions."""

    def __init__(self, keyring: Keyring, clock: Clock) -> None:
        self._keys = keyring.derived_keys(_PURPOSE)
        self._current = next(iter(self._keys))
        self._clock = clock

    def issue(self, signer: Principal, method: str, request: Message) -> str:
        """An assertion that `signer` (of kind `hmac`) signed what became `request` of `method`."""
        claims = {
            "aud": method,
            "exp": self._now() + LIFETIME_SECONDS,
            "jti": signer.signature,
            "key": signer.signed_key,
            "sub": signer.tenant,
            "secret": str(signer.credential_id),
            "request": digest(request).hex(),
        }
        key = self._keys[self._current]
        return jwt.encode(claims, key, _ALGORITHM, headers={"kid": self._current})

    def verify(self, token: str, method: str) -> Claims:
        """The claims of an assertion for `method`; raises CREDENTIAL_INVALID."""
        try:
            key = self._keys[jwt.get_unverified_header(token)["kid"]]
            claims = jwt.decode(
                token,
                key,
                algorithms=[_ALGORITHM],
                audience=method,
                # Times are checked against the injected clock.
                options={"require": list(_REQUIRED), "verify_exp": False},
            )
        except (jwt.PyJWTError, KeyError, ValueError):
            raise credential_errors.invalid() from None
        if self._now() >= claims["exp"]:
            raise credential_errors.invalid()
        return Claims(
            UUID(claims["sub"]),
            UUID(claims["secret"]),
            claims["jti"],
            claims.get("key", ""),
            bytes.fromhex(claims["request"]),
        )

    def _now(self) -> float:
        return self._clock().timestamp()
