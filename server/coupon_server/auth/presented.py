"""Reads the one credential that a call presents in its metadata."""

from collections.abc import Iterable
from typing import NamedTuple
from uuid import UUID

from coupon_server.auth import credential_errors
from coupon_server.auth.principals import parse_uuid

Metadata = Iterable[tuple[str, str | bytes]]
"""A call's invocation metadata; keys are lower-case, as HTTP/2 demands."""

ASSERTION_HEADER = "x-coupons-assertion"
"""Set by REST edges alone, which strip it from what their callers send."""

IDEMPOTENCY_KEY = "idempotency-key"
"""No credential, but a signature can cover it."""

HMAC_HEADERS = frozenset({"x-tenant-id", "x-timestamp", "x-signature"})

_SIGNATURE_HEADER = "x-signature"

MAX_TOKEN_LENGTH = 4096
"""Characters of a JSON Web Token. Reading one, which comes before its signature is verified, takes
time in proportion to its length."""

_HEADERS = HMAC_HEADERS | {"authorization", "x-api-key", ASSERTION_HEADER}
_SIGNATURE_SCHEME = "hmac-sha256="
_HEX_DIGITS = frozenset("0123456789abcdef")


class Bearer(NamedTuple):
    """`authorization: Bearer …`; the token is not verified yet."""

    token: str


class PresentedKey(NamedTuple):
    """`x-api-key: …`; the value is not verified yet."""

    value: str


class Signature(NamedTuple):
    """The three HMAC headers, well formed but not verified yet."""

    tenant_id: UUID
    timestamp: str
    """Unix seconds, as the decimal digits that were signed."""
    hex_digest: str
    """64 lower-case hex digits."""
    idempotency_key: str
    """The header `Idempotency-Key`, which the signature may cover; empty without exactly one."""


class PresentedAssertion(NamedTuple):
    """`x-coupons-assertion: …`, which stands for a signed REST request; not verified yet."""

    token: str


Presented = Bearer | PresentedKey | Signature | PresentedAssertion


def read(metadata: Metadata) -> Presented:
    """The call's credential; raises CREDENTIAL_INVALID unless it is exactly one, well formed."""
    headers = _credential_headers(metadata)
    if _SIGNATURE_HEADER not in headers and not headers.keys() <= HMAC_HEADERS:
        # Gateways add `x-tenant-id` to what they pass on; without a signature it claims nothing.
        for name in HMAC_HEADERS:
            headers.pop(name, None)
    if len(headers) == 1:
        if "authorization" in headers:
            return _bearer(headers["authorization"])
        if "x-api-key" in headers:
            return PresentedKey(headers["x-api-key"])
        if ASSERTION_HEADER in headers:
            return PresentedAssertion(_token(headers[ASSERTION_HEADER]))
    if not headers:
        raise credential_errors.invalid("The call presents no credential")
    if not headers.keys() <= HMAC_HEADERS:
        raise credential_errors.invalid("The call presents several kinds of credential")
    if len(headers) < len(HMAC_HEADERS):
        raise credential_errors.invalid()
    return _signature(
        headers["x-tenant-id"],
        headers["x-timestamp"],
        headers["x-signature"],
        _idempotency_key(metadata),
    )


def is_signed(metadata: Metadata) -> bool:
    """Whether the call presents a signature, which only the request's bytes can verify."""
    for key, _ in metadata:  # noqa: SIM110 - a generator takes twice the time
        if key == _SIGNATURE_HEADER:
            return True
    return False


def _credential_headers(metadata: Metadata) -> dict[str, str]:
    headers: dict[str, str] = {}
    for key, value in metadata:
        if key in _HEADERS:
            if key in headers:
                raise credential_errors.invalid(f"The header {key} is given more than once")
            if not isinstance(value, str):
                raise credential_errors.invalid()
            headers[key] = value
    return headers


def _bearer(authorization: str) -> Bearer:
    scheme, _, token = authorization.partition(" ")
    # Schemes are case-insensitive (RFC 9110, section 11.1).
    if scheme.lower() != "bearer" or not token:
        raise credential_errors.invalid()
    return Bearer(_token(token))


def _token(token: str) -> str:
    if len(token) > MAX_TOKEN_LENGTH:
        raise credential_errors.invalid(f"A token has at most {MAX_TOKEN_LENGTH} characters")
    return token


def _idempotency_key(metadata: Metadata) -> str:
    keys = [value for name, value in metadata if name == IDEMPOTENCY_KEY]
    return keys[0] if len(keys) == 1 and isinstance(keys[0], str) else ""


def _signature(tenant: str, timestamp: str, signature: str, idempotency_key: str) -> Signature:
    tenant_id = parse_uuid(tenant)
    hex_digest = signature.removeprefix(_SIGNATURE_SCHEME).lower()
    if (
        tenant_id is None
        or not (timestamp.isascii() and timestamp.isdecimal() and len(timestamp) <= 12)
        or not signature.startswith(_SIGNATURE_SCHEME)
        or len(hex_digest) != 64
        or not _HEX_DIGITS.issuperset(hex_digest)
    ):
        raise credential_errors.invalid()
    return Signature(tenant_id, timestamp, hex_digest, idempotency_key)
