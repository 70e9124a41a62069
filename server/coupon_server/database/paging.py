"""One page of a list that is ordered by id, newest first."""

import asyncio
from collections.abc import Callable, Iterable
from typing import Any, TypeVar

from sqlalchemy import Column, RowMapping, Select, func, select
from sqlalchemy.ext.asyncio import AsyncConnection

from coupon_server.domain.paging import MAX_TOTAL, Page, PageRequest

Item = TypeVar("Item")
Row = TypeVar("Row")

ROWS_AT_ONCE = 10
"""So many rows are converted before the event loop goes on with other work: each may hold 16 KiB of
JSON, which takes half a millisecond to parse."""


async def fetch_page(
    connection: AsyncConnection,
    query: Select[Any],
    key: Column[Any],
    request: PageRequest,
    convert: Callable[[RowMapping], Item],
) -> Page[Item]:
    """Run `query`, which has all filters but neither order nor limit, for one page."""
    total = await _count(connection, query.with_only_columns(key)) if request.counts_total else 0
    if request.after is not None:
        query = query.where(key < request.after)
    result = await connection.execute(query.order_by(key.desc()).limit(request.size + 1))
    rows = await converted(result.mappings(), lambda row: (convert(row), row[key.name]))
    page = rows[: request.size]
    return Page(
        items=[item for item, _ in page],
        ids=[item_id for _, item_id in page],
        total=total,
        has_more=len(rows) > request.size,
    )


async def _count(connection: AsyncConnection, query: Select[Any]) -> int:
    counted = query.limit(MAX_TOTAL).subquery()
    return await connection.scalar(select(func.count()).select_from(counted)) or 0


async def converted(rows: Iterable[Row], convert: Callable[[Row], Item]) -> list[Item]:
    """The rows of a result as values; other work goes on in between."""
    items: list[Item] = []
    for row in rows:
        items.append(convert(row))
        if len(items) % ROWS_AT_ONCE == 0:
            await asyncio.sleep(0)
    return items
