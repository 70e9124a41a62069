"""Credentials of tenants as they are stored: values only as ciphertext."""

from dataclasses import dataclass
from datetime import datetime
from uuid import UUID


@dataclass(frozen=True, slots=True)
class Tenant:
    tenant_id: UUID
    name: str
    created_at: datetime


@dataclass(frozen=True, slots=True)
class StoredApiKey:
    """An API key; `ciphertext` holds its value, `prefix` the characters that may be shown."""

    tenant_id: UUID
    key_id: UUID
    name: str
    prefix: str
    ciphertext: bytes
    scopes: tuple[str, ...]
    created_at: datetime
    expires_at: datetime | None = None
    revoked_at: datetime | None = None
    last_used_at: datetime | None = None


@dataclass(frozen=True, slots=True)
class StoredSecret:
    """A tenant secret; `expires_at` is None for the current one."""

    tenant_id: UUID
    secret_id: UUID
    ciphertext: bytes
    created_at: datetime
    expires_at: datetime | None = None
