"""Runs a batch in one transaction, or after a lock timeout its items one by one."""

from collections.abc import Awaitable, Callable, Sequence
from typing import Generic, TypeVar

from coupon_server.database.connection_budget import Allotment
from coupon_server.database.driver import DriverConnection
from coupon_server.database.failures import Contended
from coupon_server.database.transactions import Database, RowsChanged
from coupon_server.domain.errors import DomainError, Reason

MAX_TRIES = 5

SINGLE_LOCK_TIMEOUT_MS = 50
"""The lock timeout of a single item, after the batch ran into one."""

Item = TypeVar("Item")
Result = TypeVar("Result")

Work = Callable[[DriverConnection, Sequence[Item]], Awaitable[Sequence[Result | Exception]]]
"""Runs a batch in the given transaction; returns a result or error for each item."""


class Batches(Generic[Item, Result]):
    """Runs `work`; retries it on RowsChanged, at most `MAX_TRIES` times in all."""

    def __init__(self, database: Database, allotment: Allotment, work: Work[Item, Result]) -> None:
        self._database = database
        self._allotment = allotment
        self._work = work

    async def run(self, items: Sequence[Item]) -> Sequence[Result | Exception]:
        """The result of each item, after COMMIT. Raises SERVICE_UNAVAILABLE."""
        try:
            return await self._run_together(items)
        except Contended:
            if len(items) == 1:
                raise
        # A row that stays locked must not fail the items that do not need it.
        return [await self._run_single(item) for item in items]

    async def _run_single(self, item: Item) -> Result | Exception:
        try:
            [result] = await self._run_together([item], SINGLE_LOCK_TIMEOUT_MS)
        except Exception as error:
            return error
        return result

    async def _run_together(
        self, items: Sequence[Item], lock_timeout_ms: int | None = None
    ) -> Sequence[Result | Exception]:
        for _ in range(MAX_TRIES):
            try:
                async with self._database.driver_transaction(
                    self._allotment, lock_timeout_ms=lock_timeout_ms
                ) as connection:
                    return await self._work(connection, items)
            except RowsChanged:
                continue
        raise contended()


def contended() -> DomainError:
    """The error after too many retries."""
    return DomainError(Reason.SERVICE_UNAVAILABLE, "The coupon is contended; try again")
