"""Principals (authenticated callers), and the records of credentials."""

from dataclasses import dataclass, field
from datetime import datetime
from enum import StrEnum
from uuid import UUID


class CredentialKind(StrEnum):
    """The kinds of credential, named as `AuthPolicy.Credential` in the contract."""

    admin_jwt = "admin_jwt"
    api_key = "api_key"
    tenant_jwt = "tenant_jwt"
    hmac = "hmac"


class Scope(StrEnum):
    """What an API key may be used for, named as `AuthPolicy.Scope` in the contract."""

    read = "read"
    manage = "manage"
    generate = "generate"


@dataclass(frozen=True, slots=True)
class Principal:
    """A caller whose credential was verified."""

    kind: CredentialKind
    tenant_id: UUID
    tenant: str
    """`tenant_id` in its canonical, lower-case text form (RFC 9562)."""
    credential_id: UUID
    """The API key's id, or the tenant secret's for `tenant_jwt` and `hmac`."""
    scopes: frozenset[Scope]
    """The API key's scopes; empty for `tenant_jwt` and `hmac`, which need none."""
    user_id: str | None
    """The user that a tenant JWT is confined to."""
    expires_at: float | None
    """Unix seconds from which on the credential is refused: the earliest of the token's
    expiry and that of the key or secret behind it. None: never."""
    signature: str | None
    """The request's signature as lower-case hex, for `hmac` alone."""
    request_digest: bytes | None = None
    """The digest of the one request message that the credential is good for, if it is bound to
    one: that of a signed REST request."""
    signed_key: str = ""
    """The `Idempotency-Key` that the request's signature covers; empty for none."""
    token: str = ""
    """A digest (hex) that identifies a token confined to a user. Empty for other credentials."""


@dataclass(frozen=True, slots=True)
class ApiKeyRecord:
    """A stored API key, with its value decrypted."""

    tenant_id: UUID
    key_id: UUID
    value: str = field(repr=False)
    scopes: frozenset[Scope]
    expires_at: datetime | None
    """The instant from which on the key is refused. None: never."""
    revoked_at: datetime | None
    """When the key was revoked. None: it was not."""


@dataclass(frozen=True, slots=True)
class TenantSecretRecord:
    """A stored tenant secret, with its value decrypted."""

    tenant_id: UUID
    secret_id: UUID
    value: str = field(repr=False)
    expires_at: datetime | None
    """The instant from which on the secret is refused. None: it is the current one."""


def parse_uuid(text: str) -> UUID | None:
    """The UUID written in its canonical form (RFC 9562, either case), or None.

    `uuid.UUID` alone would also take braces, URNs and misplaced hyphens.
    """
    try:
        parsed = UUID(text)
    except ValueError:
        return None
    return parsed if str(parsed) == text.lower() else None
