"""Pages of lists, bounded in items and in bytes (AIP-158)."""

import asyncio
from collections.abc import Awaitable, Callable
from typing import Any, TypeVar

from google.protobuf.message import Message

from coupon_server.rpc import page_tokens
from coupon_server.storage.pages import Page, PageRequest

MAX_PAGE_BYTES = 1024 * 1024
"""The most bytes that the items of a page have on the wire, unless it is a single one that has
more: an answer is held in memory until its reader has taken it."""

ITEMS_AT_ONCE = 100
"""The most items that are read before it is known how large the page gets. What is in memory at a
time is so much, and the page."""

BYTES_AT_ONCE = 16 * 1024
"""After so many bytes of messages the event loop goes on with other work."""

Item = TypeVar("Item")
Response = TypeVar("Response", bound=Message)


async def write_page(
    response: Response,
    request: Message,
    fetch: Callable[[PageRequest], Awaitable[Page[Item]]],
    convert: Callable[[Item], Message],
) -> Response:
    """Fill the response of a list: its items, `total` and `next_page_token`.

    The page ends at the request's `page_size`, or with the last item before `MAX_PAGE_BYTES`.
    Raises INVALID_PAGE_TOKEN.
    """
    answer: Any = response
    items = getattr(response, _items_field(response))
    asked = page_tokens.parse(request)
    last, has_more, written = asked.after, True, 0
    while has_more and len(items) < asked.size:
        count = min(asked.size - len(items), ITEMS_AT_ONCE)
        part = await fetch(PageRequest(count, last, counts_total=not items))
        if not items:
            answer.total = part.total
        has_more = part.has_more
        for item, item_id in zip(part.items, part.ids, strict=True):
            message = convert(item)
            before, written = written, written + message.ByteSize()
            if items and written > MAX_PAGE_BYTES:
                answer.next_page_token = page_tokens.encode(last, request)
                return response
            items.append(message)
            last = item_id
            if before // BYTES_AT_ONCE != written // BYTES_AT_ONCE:
                await asyncio.sleep(0)
    answer.next_page_token = page_tokens.encode(last if has_more else None, request)
    return response


def _items_field(response: Message) -> str:
    """The field that holds the items: the one that is repeated."""
    [name] = [field.name for field in response.DESCRIPTOR.fields if field.is_repeated]
    return name
