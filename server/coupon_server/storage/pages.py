"""One page of a list that is ordered by id, newest first."""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any, Generic, TypeVar
from uuid import UUID

from sqlalchemy import Column, Row, Select, func, select
from sqlalchemy.ext.asyncio import AsyncConnection

Item = TypeVar("Item")

MAX_TOTAL = 10_000
"""Totals are counted up to here: an exact count of a large list is a scan of it."""


@dataclass(frozen=True, slots=True)
class PageRequest:
    """At most `size` items after the item with the id `after`; None: from the newest on."""

    size: int
    after: UUID | None = None


@dataclass(frozen=True, slots=True)
class Page(Generic[Item]):
    """The items, how many match in all (up to MAX_TOTAL), and where the next page starts."""

    items: list[Item]
    total: int
    next_after: UUID | None


async def fetch_page(
    connection: AsyncConnection,
    query: Select[Any],
    key: Column[Any],
    request: PageRequest,
    convert: Callable[[Row[Any]], Item],
) -> Page[Item]:
    """Run `query`, which has all filters but neither order nor limit, for one page."""
    counted = query.with_only_columns(key).limit(MAX_TOTAL).subquery()
    total = await connection.scalar(select(func.count()).select_from(counted))
    if request.after is not None:
        query = query.where(key < request.after)
    result = await connection.execute(query.order_by(key.desc()).limit(request.size + 1))
    rows = result.all()
    page = rows[: request.size]
    more = len(rows) > request.size
    return Page(
        items=[convert(row) for row in page],
        total=total or 0,
        next_after=getattr(page[-1], key.name) if more else None,
    )
