"""JSON Web Tokens (RFC 7519), signed with HS256 and nothing else.

The secret that a token must be signed with follows from who the token says it is, so that is
read first, and believed only after the signature has been verified.
"""

from collections.abc import Mapping
from typing import Any, NamedTuple
from uuid import UUID

import jwt
from jwt.types import Options

from coupon_server.auth import credential_errors
from coupon_server.auth.principals import CredentialKind, parse_uuid

_KINDS = {"admin": CredentialKind.admin_jwt, "tenant": CredentialKind.tenant_jwt}

# Times are checked here, against the injected clock. A token with an `aud` claim is meant for
# another service, and PyJWT refuses it (RFC 7519, section 4.1.3).
_OPTIONS: Options = {
    "verify_exp": False,
    "verify_nbf": False,
    "verify_iat": False,
    "verify_sub": False,
    "verify_jti": False,
}

# The end of the year 9999. A token whose expiry is given in milliseconds would be valid for
# tens of thousands of years: it is refused.
_LATEST = 253_402_300_799


class Subject(NamedTuple):
    """Whom a token speaks for: `sub_type` and `sub_id`."""

    kind: CredentialKind
    id: UUID
    """The API key's id (`admin_jwt`) or the tenant's (`tenant_jwt`)."""


class Claims(NamedTuple):
    """What else a verified token says."""

    user_id: str | None
    """The user a tenant JWT is confined to."""
    expires_at: float | None
    """Unix seconds; None when the token never expires."""


def unverified_subject(token: str) -> Subject:
    """Whose secret must have signed the token; raises CREDENTIAL_INVALID if it is no such token."""
    try:
        claims = jwt.decode(token, options={"verify_signature": False})
    except (jwt.PyJWTError, ValueError):
        raise credential_errors.invalid() from None
    sub_type, sub_id = claims.get("sub_type"), claims.get("sub_id")
    if not (isinstance(sub_type, str) and isinstance(sub_id, str)):
        raise credential_errors.invalid()
    kind, subject_id = _KINDS.get(sub_type), parse_uuid(sub_id)
    if kind is None or subject_id is None:
        raise credential_errors.invalid()
    return Subject(kind, subject_id)


def signed_payload(token: str, secret: str) -> Mapping[str, Any] | None:
    """The token's payload if it is signed with `secret`, else None."""
    try:
        return jwt.decode(token, secret, algorithms=["HS256"], options=_OPTIONS)
    except (jwt.PyJWTError, ValueError):
        return None


def check_claims(claims: Mapping[str, Any], *, now: float, require_expiry: bool) -> Claims:
    """The claims of a verified payload.

    Raises CREDENTIAL_INVALID when a claim has the wrong type, `nbf` lies in the future, or
    `exp` is missing while it is required. That `exp` has not passed is for the caller to check,
    at each use. `iat` is not looked at.
    """
    expires_at, not_before = _numeric_date(claims, "exp"), _numeric_date(claims, "nbf")
    if expires_at is None and require_expiry:
        raise credential_errors.invalid("The token has no exp claim")
    if not_before is not None and now < not_before:
        raise credential_errors.invalid()
    return Claims(_user_id(claims), expires_at)


def _numeric_date(claims: Mapping[str, Any], name: str) -> float | None:
    """A NumericDate (RFC 7519, section 2): a number, which may have a fraction."""
    if name not in claims:
        return None
    value = claims[name]
    # A bool is an int to Python; NaN and Infinity, which its JSON parser takes, fail the range.
    if type(value) not in (int, float) or not 0 <= value <= _LATEST:
        raise credential_errors.invalid()
    return float(value)


def _user_id(claims: Mapping[str, Any]) -> str | None:
    if "user_id" not in claims:
        return None
    # `null` or "" must not widen a token that was meant for one user to the whole tenant, and
    # no request can name a user with half a surrogate pair, which JSON can hold.
    user_id = claims["user_id"]
    if not isinstance(user_id, str) or not user_id or not _is_unicode(user_id):
        raise credential_errors.invalid()
    return user_id


def _is_unicode(text: str) -> bool:
    try:
        text.encode()
    except UnicodeEncodeError:
        return False
    return True
