"""Runs a batch in one transaction, and its items one by one where they must not share it."""

from collections.abc import Awaitable, Callable, Sequence
from typing import Generic, TypeVar

from coupon_server.database.driver_pool import DriverConnection
from coupon_server.database.transactions import Contended, Database, RowsChanged
from coupon_server.domain.errors import DomainError, Reason

MAX_TRIES = 5

SINGLE_LOCK_TIMEOUT_MS = 50
"""How long an item of a batch that met a locked row waits for its own rows."""

Item = TypeVar("Item")
Result = TypeVar("Result")

Work = Callable[[DriverConnection, Sequence[Item]], Awaitable[Sequence[Result | Exception]]]
"""Does a batch in the transaction that it is given; each item gets its own result or refusal."""


class Batches(Generic[Item, Result]):
    """Runs `work`, anew when it finds that rows have changed, at most `MAX_TRIES` times."""

    def __init__(self, database: Database, work: Work[Item, Result]) -> None:
        self._database = database
        self._work = work

    async def run(self, items: Sequence[Item]) -> Sequence[Result | Exception]:
        """The result of each item, after COMMIT. Raises SERVICE_UNAVAILABLE."""
        try:
            return await self._together(items)
        except Contended:
            if len(items) == 1:
                raise
        # A row that stays locked must not fail those who do not want it.
        return [await self._alone(item) for item in items]

    async def _alone(self, item: Item) -> Result | Exception:
        try:
            [result] = await self._together([item], SINGLE_LOCK_TIMEOUT_MS)
        except Exception as error:
            return error
        return result

    async def _together(
        self, items: Sequence[Item], lock_timeout_ms: int | None = None
    ) -> Sequence[Result | Exception]:
        for _ in range(MAX_TRIES):
            try:
                async with self._database.driver_transaction(
                    lock_timeout_ms=lock_timeout_ms
                ) as connection:
                    return await self._work(connection, items)
            except RowsChanged:
                continue
        raise contended()


def contended() -> DomainError:
    """The error when rows keep changing."""
    return DomainError(Reason.SERVICE_UNAVAILABLE, "The coupon is contended; try again")
