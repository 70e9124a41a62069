"""Many values that PostgreSQL gets as one array, not as a bind for each."""

from collections.abc import Iterable, Sequence
from typing import Any

from sqlalchemy import ColumnElement, any_, literal
from sqlalchemy.dialects.postgresql import ARRAY
from sqlalchemy.schema import Column


def is_among(column: Column[Any], values: Iterable[object]) -> ColumnElement[bool]:
    """Whether the column has one of these values."""
    return column == any_(literal(list(values), ARRAY(column.type)))


def columns(rows: Iterable[tuple[Any, ...]]) -> Iterable[Sequence[Any]]:
    """The rows, at least one, as an array for each column, which is what `unnest` takes."""
    return zip(*rows, strict=True)
