"""How much of the outbox waits, over all tenants; for operators."""

from dataclasses import dataclass
from datetime import datetime

from coupon_server.storage.database import Database

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
    s.unacknowledged, s.unpublished
FROM unsequenced u, lanes l, (
    SELECT coalesce(sum(last_sequence - acknowledged_sequence), 0)::bigint AS unacknowledged,
        coalesce(sum(last_sequence - published_sequence), 0)::bigint AS unpublished
    FROM outbox_streams
) s
"""


@dataclass(frozen=True, slots=True)
class Backlog:
    """Counts of events, but `lanes`: users with something that waits for an endpoint.

    `oldest_seconds` is the age of what has waited longest, 0 when nothing waits.
    """

    unsequenced: int
    lanes: int
    oldest_seconds: float
    dead_letters: int
    unacknowledged: int
    unpublished: int


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
    )
