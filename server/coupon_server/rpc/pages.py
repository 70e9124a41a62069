"""Pages of lists, bounded in items and in bytes (AIP-158)."""

import asyncio
from collections.abc import Awaitable, Callable, Iterator
from time import perf_counter
from typing import Any, TypeVar

from google.protobuf.message import Message

from coupon_server.domain.paging import Page, PageRequest
from coupon_server.rpc import page_tokens

MAX_PAGE_BYTES = 3 * 1024 * 1024
"""The most bytes that the items of a page have on the wire, unless it is a single one that has
more: an answer is held in memory until its reader has taken it."""

ITEMS_AT_ONCE = 100
"""The most items that are read before it is known how large the page gets. What is in memory at a
time is so much, and the page."""

SLICE_SECONDS = 0.005
"""After so long the conversion of items lets the event loop go on with other work. A single item,
with a payload of 16 KiB, can take longer: up to 20 ms."""

Item = TypeVar("Item")
Response = TypeVar("Response", bound=Message)


class Pages:
    """Writes the pages of a worker.

    Converting a page of large payloads takes up to a second of CPU time. So pages are converted one
    at a time, one slice per iteration of the event loop; after a slice that takes longer than it
    should, other calls get as much time.
    """

    def __init__(self) -> None:
        self._slice = asyncio.Lock()

    async def write(
        self,
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
        page = page_tokens.parse(request)
        last, has_more, written = page.after, True, 0
        while has_more and len(items) < page.size:
            count = min(page.size - len(items), ITEMS_AT_ONCE)
            part = await fetch(PageRequest(count, last, counts_total=not items))
            if not items:
                answer.total = part.total
            has_more = part.has_more
            left, ids = iter(part.items), iter(part.ids)
            while messages := await self._convert(left, convert):
                for message in messages:
                    written += message.ByteSize()
                    if items and written > MAX_PAGE_BYTES:
                        answer.next_page_token = page_tokens.encode(last, request)
                        return response
                    items.append(message)
                    last = next(ids)
        answer.next_page_token = page_tokens.encode(last if has_more else None, request)
        return response

    async def _convert(
        self, items: Iterator[Item], convert: Callable[[Item], Message]
    ) -> list[Message]:
        """The next slice of the items; none when they have come to their end."""
        messages: list[Message] = []
        async with self._slice:
            started = perf_counter()
            for item in items:
                messages.append(convert(item))
                taken = perf_counter() - started
                if taken >= SLICE_SECONDS:
                    await asyncio.sleep(taken if taken > 2 * SLICE_SECONDS else 0)
                    break
        return messages


def _items_field(response: Message) -> str:
    """The field that holds the items: the one that is repeated."""
    [name] = [field.name for field in response.DESCRIPTOR.fields if field.is_repeated]
    return name
