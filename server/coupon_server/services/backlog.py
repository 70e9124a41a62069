"""The backlog of long jobs, and suspected guessing, for operators."""

from dataclasses import dataclass
from datetime import datetime

from coupon_server.database.connection_budget import POLLS
from coupon_server.database.transactions import Database
from coupon_server.storage import guesses, job_scheduler


@dataclass(frozen=True, slots=True)
class Backlog:
    """Counts over all tenants.

    `oldest_due_job_seconds` is the age of the oldest job step that is due; 0 without any.
    `guess_blocks` are blocked users, tokens and addresses, `suspected_tenants` tenants whose failed
    attempts reached their threshold.
    """

    jobs: int
    oldest_due_job_seconds: float
    guess_blocks: int
    suspected_tenants: int


async def measure(database: Database, now: datetime) -> Backlog:
    """What waits, and who is blocked, over all tenants."""
    async with database.driver_connection(POLLS) as connection:
        jobs = await job_scheduler.measure_backlog(connection)
        blocked = await guesses.count_blocked(connection, now)
    return Backlog(*jobs, *blocked)
