"""Notices that the database is not the one that it was: restored, or another server's.

What a process remembers of a database is keyed by revisions. Those that a restore takes back are
given again, with another meaning.
"""

from collections.abc import Callable

import structlog

from coupon_server import lru
from coupon_server.database.connection_budget import POLLS
from coupon_server.database.statements import statements
from coupon_server.database.transactions import Database

POLL_SECONDS = 0.5

_SQL = statements(__name__)
_EPOCH = _SQL["epoch"]

log = structlog.get_logger()


class Epoch:
    """Watches what a restore changes. A restart of PostgreSQL counts, too, and does no harm."""

    def __init__(self, database: Database) -> None:
        self._database = database
        self._known: str | None = None
        self._forget_again = False
        self._forgetters: list[Callable[[], None]] = [lru.clear_all]

    def on_change(self, forget: Callable[[], None]) -> None:
        """Call `forget` when the database has changed, beside clearing every LruCache."""
        self._forgetters.append(forget)

    async def poll(self) -> None:
        """Empty every cache of the process if the database has changed since the last poll."""
        async with self._database.driver_connection(POLLS) as connection:
            epoch: str = await _EPOCH.fetch_value(connection)
        changed = self._known is not None and epoch != self._known
        self._known = epoch
        if changed:
            log.warning("database_changed", address=self._database.address)
        if changed or self._forget_again:
            # Once more at the next poll: an answer of before may have been under way.
            self._forget_again = changed
            for forget in self._forgetters:
                forget()
