"""Reward items: what a redemption grants."""

import json
from collections.abc import Mapping
from dataclasses import dataclass, replace
from datetime import datetime
from typing import Any, Self
from uuid import UUID

from coupon_server.domain.errors import DomainError, InvalidField, Reason

MAX_PAYLOAD_BYTES = 16 * 1024
"""As JSON (RFC 8259) in UTF-8, without spaces between tokens."""

MAX_PAYLOAD_DEPTH = 32
MAX_PAYLOAD_VALUES = MAX_PAYLOAD_BYTES // 2
"""More do not fit: the shortest is a digit, and a comma or bracket follows it."""

PAYLOAD_SIZE = f"must be at most {MAX_PAYLOAD_BYTES} bytes as JSON"

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
    """Refuse what is too large, and what JSON or PostgreSQL cannot hold: NaN, infinities, U+0000,
    too deep a tree.

    Every object and list is a level. The payload must have no more than some 100,000 bytes, however
    they are counted: it is written as JSON here.
    """
    _check_depth([payload])
    if payload_size(payload) > MAX_PAYLOAD_BYTES:
        raise InvalidField("payload", PAYLOAD_SIZE)
    try:
        text = json.dumps(payload, allow_nan=False)
    except ValueError:
        raise InvalidField("payload", "must not contain NaN or infinity") from None
    # In JSON U+0000 is written so, and a backslash before these letters so, too.
    if r"\u0000" in text and _has_nul(payload):
        raise InvalidField("payload", "must not contain U+0000")


def payload_size(payload: Payload) -> int:
    """Bytes of the payload as JSON, in UTF-8 and without spaces between tokens."""
    text = json.dumps(payload, ensure_ascii=False, separators=(",", ":"))
    return len(text.encode(errors="surrogatepass"))


def _check_depth(level: list[Any]) -> None:
    """`level`: the objects and lists of the first level."""
    for _ in range(MAX_PAYLOAD_DEPTH):
        level = [
            item
            for holder in level
            for item in (holder.values() if isinstance(holder, Mapping) else holder)
            if isinstance(item, dict | list)
        ]
    if level:
        raise InvalidField("payload", f"must be at most {MAX_PAYLOAD_DEPTH} levels deep")


def _has_nul(value: Any) -> bool:
    if isinstance(value, str):
        return "\0" in value
    if isinstance(value, Mapping):
        return any("\0" in key or _has_nul(item) for key, item in value.items())
    return isinstance(value, list) and any(map(_has_nul, value))
