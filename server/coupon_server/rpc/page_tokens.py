"""Page tokens: opaque, and bound to the query they continue (AIP-158)."""

import hashlib
from uuid import UUID

from google.protobuf.message import Message

from coupon_server.domain.errors import DomainError, Reason
from coupon_server.domain.paging import PageRequest
from coupon_server.rpc import opaque

DEFAULT_SIZE = 50
MAX_SIZE = 1_000
_BINDING_BYTES = 8


def parse(request: Message) -> PageRequest:
    """The page a request asks for. Raises INVALID_PAGE_TOKEN."""
    size = min(request.page_size or DEFAULT_SIZE, MAX_SIZE)  # type: ignore[attr-defined]
    token = request.page_token  # type: ignore[attr-defined]
    return PageRequest(size, _decode(token, request) if token else None)


def encode(after: UUID | None, request: Message) -> str:
    """The token that continues this request's query after an item; empty for None."""
    if after is None:
        return ""
    return opaque.encode(_binding(request) + after.bytes)


def _decode(token: str, request: Message) -> UUID:
    raw = opaque.decode(token)
    if len(raw) != _BINDING_BYTES + 16 or raw[:_BINDING_BYTES] != _binding(request):
        raise DomainError(Reason.INVALID_PAGE_TOKEN, "page_token does not belong to this query")
    return UUID(bytes=raw[_BINDING_BYTES:])


def _binding(request: Message) -> bytes:
    query = type(request)()
    query.CopyFrom(request)
    query.ClearField("page_size")
    query.ClearField("page_token")
    text = query.DESCRIPTOR.full_name.encode() + query.SerializeToString(deterministic=True)
    return hashlib.sha256(text).digest()[:_BINDING_BYTES]
