"""Idempotency keys of requests."""

from dataclasses import dataclass
from uuid import UUID


@dataclass(frozen=True, slots=True)
class RequestKey:
    """The idempotency key of a call: tenant, the token's user, method and request id."""

    tenant_id: UUID
    caller: str
    method: str
    request_id: str
