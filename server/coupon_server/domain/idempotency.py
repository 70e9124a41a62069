"""Requests that have one effect, however often they are made."""

from dataclasses import dataclass
from uuid import UUID


@dataclass(frozen=True, slots=True)
class RequestKey:
    """What makes two calls the same one: tenant, the token's user, method and request id."""

    tenant_id: UUID
    caller: str
    method: str
    request_id: str
