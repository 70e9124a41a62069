"""How much waits, and who guesses, over all tenants; for operators."""

from dataclasses import dataclass
from datetime import datetime

from coupon_server.database.transactions import Database

# Of what waits alone, but for the dead letters: the cost is that of the backlog.
_MEASURE = """
WITH unsequenced AS (
    SELECT count(*) AS size, min(o.occurred_at) AS oldest FROM outbox o WHERE o.sequence IS NULL
), lanes AS (
    SELECT count(*) AS size, min(l.waiting_since) AS oldest FROM webhook_lanes l
)
SELECT u.size AS unsequenced, l.size AS lanes,
    extract(epoch FROM $1 - least(u.oldest, l.oldest))::float8 AS oldest_seconds,
    (SELECT count(*) FROM webhook_dead_letters) AS dead_letters,
    s.unacknowledged, s.unpublished, j.jobs, q.turn_seconds, g.guess_blocks, g.suspected_tenants
FROM unsequenced u, lanes l, (
    SELECT coalesce(sum(last_sequence - acknowledged_sequence), 0)::bigint AS unacknowledged,
        coalesce(sum(last_sequence - published_sequence), 0)::bigint AS unpublished
    FROM outbox_streams
) s, (
    SELECT count(*) AS jobs FROM jobs WHERE state IN ('pending', 'running', 'receiving')
) j, (
    -- By the clock that turns are given by.
    SELECT extract(epoch FROM clock_timestamp() - min(turn_at))::float8 AS turn_seconds
    FROM job_queues WHERE turn_at IS NOT NULL
) q, (
    SELECT count(*) FILTER (WHERE kind <> 'tenant') AS guess_blocks,
        count(*) FILTER (WHERE kind = 'tenant') AS suspected_tenants
    FROM guess_counts WHERE blocked_until IS NOT NULL AND blocked_until > $1
) g
"""


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
        record = await connection.fetchrow(_MEASURE, now)
    assert record is not None  # noqa: S101 — an aggregate has a row
    return Backlog(
        unsequenced=record["unsequenced"],
        lanes=record["lanes"],
        oldest_seconds=max(record["oldest_seconds"] or 0.0, 0.0),
        dead_letters=record["dead_letters"],
        unacknowledged=record["unacknowledged"],
        unpublished=record["unpublished"],
        jobs=record["jobs"],
        turn_seconds=max(record["turn_seconds"] or 0.0, 0.0),
        guess_blocks=record["guess_blocks"],
        suspected_tenants=record["suspected_tenants"],
    )
