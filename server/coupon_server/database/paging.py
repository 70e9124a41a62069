"""One page of a list that is ordered by id, newest first."""

import asyncio
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from typing import Any, Generic, TypeVar
from uuid import UUID

from sqlalchemy import Column, Row, Select, func, select
from sqlalchemy.ext.asyncio import AsyncConnection

Item = TypeVar("Item")
Other = TypeVar("Other")

MAX_TOTAL = 10_000
"""Totals are counted up to here: an exact count of a large list is a scan of it."""


ROWS_AT_ONCE = 10
"""So many rows are converted before the event loop goes on with other work: each may hold 16 KiB of
JSON, which takes half a millisecond to parse."""


@dataclass(frozen=True, slots=True)
class PageRequest:
    """At most `size` items after the item with the id `after`; None: from the newest on."""

    size: int
    after: UUID | None = None
    counts_total: bool = True
    """Whether to count how many items match in all."""


@dataclass(frozen=True, slots=True)
class Page(Generic[Item]):
    """The items, and whether others follow."""

    items: Sequence[Item]
    ids: Sequence[UUID]
    """The ids of the items, by which the list is ordered."""
    total: int
    """How many items match in all, up to MAX_TOTAL; 0 if it was not counted."""
    has_more: bool

    def of(self, items: Sequence[Other]) -> "Page[Other]":
        """The same page, with what has been made of each item."""
        return Page(items, self.ids, self.total, self.has_more)


async def fetch_page(
    connection: AsyncConnection,
    query: Select[Any],
    key: Column[Any],
    request: PageRequest,
    convert: Callable[[Row[Any]], Item],
) -> Page[Item]:
    """Run `query`, which has all filters but neither order nor limit, for one page."""
    total = await _count(connection, query.with_only_columns(key)) if request.counts_total else 0
    if request.after is not None:
        query = query.where(key < request.after)
    result = await connection.execute(query.order_by(key.desc()).limit(request.size + 1))
    found = await converted(result, lambda row: (convert(row), getattr(row, key.name)))
    page = found[: request.size]
    return Page(
        items=[item for item, _ in page],
        ids=[item_id for _, item_id in page],
        total=total,
        has_more=len(found) > request.size,
    )


async def _count(connection: AsyncConnection, query: Select[Any]) -> int:
    counted = query.limit(MAX_TOTAL).subquery()
    return await connection.scalar(select(func.count()).select_from(counted)) or 0


async def converted(rows: Iterable[Row[Any]], convert: Callable[[Row[Any]], Item]) -> list[Item]:
    """The rows of a result as values; other work goes on in between."""
    items: list[Item] = []
    for row in rows:
        items.append(convert(row))
        if len(items) % ROWS_AT_ONCE == 0:
            await asyncio.sleep(0)
    return items
