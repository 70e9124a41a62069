"""Pages of lists, which are ordered by id, newest first."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Generic, TypeVar
from uuid import UUID

Item = TypeVar("Item")
Other = TypeVar("Other")

MAX_TOTAL = 10_000
"""Totals are counted up to here: an exact count of a large list is a scan of it."""


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
        """The same page with other items, one made of each."""
        return Page(items, self.ids, self.total, self.has_more)
