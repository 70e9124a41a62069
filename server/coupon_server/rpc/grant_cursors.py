"""Cursors of a tenant's stream: opaque, and good for that tenant alone."""

import hashlib
from uuid import UUID

from coupon_server.domain.errors import InvalidField
from coupon_server.rpc import opaque

_BINDING_BYTES = 8
_SEQUENCE_BYTES = 8
_LAST_SEQUENCE = (1 << 63) - 1


def encode(tenant_id: UUID, sequence: int) -> str:
    """The cursor after the event with this sequence; after none for 0."""
    raw = _binding(tenant_id) + sequence.to_bytes(_SEQUENCE_BYTES)
    return opaque.encode(raw)


def decode(tenant_id: UUID, cursor: str, field: str = "cursor") -> int:
    """The sequence; raises InvalidField for what is no cursor of this tenant.

    `field`: of the request, which the error names.
    """
    sequence = int.from_bytes(opaque.decode(cursor)[_BINDING_BYTES:])
    # Compared as a whole, so that each place has one cursor.
    if sequence > _LAST_SEQUENCE or encode(tenant_id, sequence) != cursor:
        raise unknown(field)
    return sequence


def unknown(field: str = "cursor") -> InvalidField:
    """The error for a cursor that is not of the tenant's stream."""
    return InvalidField(field, "must be one of this tenant's stream")


def _binding(tenant_id: UUID) -> bytes:
    return hashlib.sha256(b"grants " + tenant_id.bytes).digest()[:_BINDING_BYTES]
