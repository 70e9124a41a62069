"""How much waits, and who guesses, over all tenants; for operators."""

from dataclasses import dataclass
from datetime import datetime

from coupon_server.database.statements import statements
from coupon_server.database.transactions import Database

_SQL = statements(__name__)
_MEASURE = _SQL["measure"]


@dataclass(frozen=True, slots=True)
class Backlog:
    """Counts of events, but `lanes`: users with something that waits for an endpoint; and `jobs`.

    `oldest_seconds` is the age of what has waited longest, 0 when nothing waits; `turn_seconds`
    how long a tenant's jobs have waited for their turn. `guess_blocks` are users, tokens and
    addresses that are blocked, `suspected_tenants` those with too many failed attempts.
    """

    unsequenced: int
    lanes: int
    oldest_seconds: float
    dead_letters: int
    unacknowledged: int
    unpublished: int
    jobs: int
    turn_seconds: float
    guess_blocks: int
    suspected_tenants: int


async def measure(database: Database, now: datetime) -> Backlog:
    async with database.driver_connection() as connection:
        [record] = await _MEASURE.fetch(connection, now=now)
    return Backlog(**record)
