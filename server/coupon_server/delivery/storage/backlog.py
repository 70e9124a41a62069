"""The backlog of deliveries and jobs, and suspected guessing, over all tenants; for operators."""

from dataclasses import dataclass
from datetime import datetime

from coupon_server.database.statements import statements
from coupon_server.database.transactions import Database

_SQL = statements(__name__)
_MEASURE = _SQL["measure"]


@dataclass(frozen=True, slots=True)
class Backlog:
    """Counts of pending events, lanes and jobs.

    `oldest_seconds` is the age of the oldest pending event, `oldest_due_job_seconds` that of the
    oldest job step that is due; 0 without any. `guess_blocks` are blocked users, tokens and
    addresses, `suspected_tenants` tenants whose failed attempts reached their threshold.
    """

    unsequenced: int
    lanes: int
    oldest_seconds: float
    dead_letters: int
    unacknowledged: int
    unpublished: int
    jobs: int
    oldest_due_job_seconds: float
    guess_blocks: int
    suspected_tenants: int


async def measure(database: Database, now: datetime) -> Backlog:
    async with database.driver_connection() as connection:
        [record] = await _MEASURE.fetch(connection, now=now)
    return Backlog(**record)
