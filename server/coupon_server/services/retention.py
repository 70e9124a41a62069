"""Deletes what has been kept for long enough. Any number of processes may run it at once."""

from datetime import timedelta

from coupon_server.database.connection_budget import TRIMMING
from coupon_server.database.transactions import Database
from coupon_server.domain.clock import Clock
from coupon_server.storage import event_batch, guesses, ledger_trims, limits, request_answers

TRIM_SECONDS = 600.0
TRIM_ROWS = 5_000

ANSWERS_KEPT = timedelta(hours=25)
EVENTS_KEPT = timedelta(hours=25)
"""The contract promises 24 hours of both."""

MAX_GUESS_COUNTS = 100_000
"""The most counts of failed attempts that a tenant keeps."""

DAYS_KEPT = timedelta(days=32)
"""How long the use of daily quotas is kept, for operators to look at."""


async def trim(database: Database, clock: Clock) -> None:
    """Delete all that has expired but alerts and what the ledger holds of orders."""
    await trim_request_answers(database, clock)
    await trim_events(database, clock)
    await trim_guess_counts(database, clock)
    await trim_use(database, clock)


async def trim_request_answers(database: Database, clock: Clock) -> None:
    """Delete kept answers after the promised time."""
    before = clock() - ANSWERS_KEPT
    while await request_answers.trim(database, before, TRIM_ROWS):
        pass


async def trim_events(database: Database, clock: Clock) -> None:
    """Delete ingested events after the promised time."""
    before = clock() - EVENTS_KEPT
    while await event_batch.trim(database, before, TRIM_ROWS):
        pass


async def trim_guess_counts(database: Database, clock: Clock) -> None:
    """Delete counts of failed attempts outside every window, and a tenant's excess ones."""
    while await guesses.trim_expired(database, clock(), TRIM_ROWS):
        pass
    while await guesses.trim_excess(database, MAX_GUESS_COUNTS, TRIM_ROWS, clock()):
        pass


async def trim_guess_alerts(database: Database, clock: Clock, retention: timedelta) -> None:
    """Delete alerts whose events have been trimmed."""
    await guesses.trim_alerts(database, clock() - retention)


async def trim_use(database: Database, clock: Clock) -> None:
    """Delete old use of quotas, and the rates of workers that have ended."""
    async with database.driver_connection(TRIMMING) as connection:
        await limits.trim_days(connection, (clock() - DAYS_KEPT).date())
        await limits.trim_rates(connection)


async def trim_ledger(database: Database, clock: Clock, retention: timedelta) -> None:
    """Empty `reference` and `metadata` of ledger rows older than `retention`, tenant by tenant."""
    before = clock() - retention
    async with database.driver_connection(TRIMMING) as connection:
        tenant_ids = await ledger_trims.tenants(connection, before)
    for tenant_id in tenant_ids:
        while await ledger_trims.trim(database, tenant_id, before, TRIM_ROWS):
            pass
