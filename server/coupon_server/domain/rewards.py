"""Reward items: what a redemption grants."""

import math
from collections.abc import Mapping
from dataclasses import dataclass, replace
from datetime import datetime
from typing import Any, Self
from uuid import UUID

from coupon_server.domain.errors import DomainError, InvalidField, Reason

MAX_PAYLOAD_DEPTH = 32

Payload = Mapping[str, Any]
"""A JSON object; its numbers are doubles."""


@dataclass(frozen=True, slots=True)
class RewardItem:
    """One version of a reward item. A change makes the next version and keeps this one."""

    tenant_id: UUID
    item_id: UUID
    version: int
    name: str
    description: str
    reward_type: str
    payload: Payload | None
    created_at: datetime
    updated_at: datetime

    @property
    def etag(self) -> str:
        return etag(self.version)

    def next_version(self, now: datetime) -> Self:
        """The item as the version that follows."""
        return replace(self, version=self.version + 1, updated_at=now)

    def check(self) -> None:
        """Raise InvalidField for what the contract's own field rules cannot say."""
        if not self.name:
            raise InvalidField("name", "must not be empty")
        if not self.reward_type:
            raise InvalidField("reward_type", "must not be empty")
        if self.payload is not None:
            check_payload(self.payload)


def etag(version: int) -> str:
    """The opaque entity tag of a resource's version (AIP-154)."""
    return f"v{version}"


def check_etag(given: str, version: int) -> None:
    """Refuse a change that was made from another version. No tag given: no check."""
    if given and given != etag(version):
        raise DomainError(Reason.ETAG_MISMATCH, "The resource has changed since this etag was read")


def check_payload(payload: Payload) -> None:
    """Refuse what JSON or PostgreSQL cannot hold: NaN, infinities, U+0000, too deep a tree.

    Every object and list is a level.
    """
    _check_value(payload, 1)


def _check_value(value: Any, depth: int) -> None:
    if depth > MAX_PAYLOAD_DEPTH and isinstance(value, Mapping | list):
        raise InvalidField("payload", f"must be at most {MAX_PAYLOAD_DEPTH} levels deep")
    match value:
        case str() if "\0" in value:
            raise InvalidField("payload", "must not contain U+0000")
        case float() if not math.isfinite(value):
            raise InvalidField("payload", "must not contain NaN or infinity")
        case Mapping():
            for key, item in value.items():
                _check_value(key, depth)
                _check_value(item, depth + 1)
        case list():
            for item in value:
                _check_value(item, depth + 1)
        case _:
            pass
