"""Rows that are of no use once they are old."""

from datetime import datetime
from typing import Any

from sqlalchemy import ColumnElement, any_, delete, func, literal_column, select
from sqlalchemy.schema import Column

from coupon_server.database.transactions import Database


async def trim_older(
    database: Database, moment: Column[datetime], before: datetime, limit: int
) -> int:
    """Delete up to `limit` rows of the column's table whose `moment` is before this instant.

    Passes over rows that others have locked, so that it waits for nobody. Returns how many.
    """
    place: ColumnElement[Any] = literal_column("ctid")
    old = select(place).select_from(moment.table).where(moment < before).limit(limit)
    places = func.array(old.with_for_update(skip_locked=True).scalar_subquery())
    async with database.transaction() as transaction:
        result = await transaction.execute(delete(moment.table).where(place == any_(places)))
    return result.rowcount
