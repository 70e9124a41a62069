-- name: measure
-- Reads pending rows and dead letters alone: the cost is that of the backlog.
WITH unsequenced AS (
    SELECT count(*) AS size, min(o.occurred_at) AS oldest
    FROM outbox o
    WHERE o.sequence IS NULL
),
lanes AS (
    SELECT count(*) AS size, min(l.waiting_since) AS oldest
    FROM webhook_lanes l
),
streams AS (
    SELECT
        coalesce(sum(last_sequence - acknowledged_sequence), 0)::bigint AS unacknowledged,
        coalesce(sum(last_sequence - published_sequence), 0)::bigint AS unpublished
    FROM outbox_streams
)
SELECT
    unsequenced.size AS unsequenced,
    lanes.size AS lanes,
    coalesce(greatest(
        extract(epoch FROM :now - least(unsequenced.oldest, lanes.oldest))::float8, 0
    ), 0) AS oldest_seconds,
    (SELECT count(*) FROM webhook_dead_letters) AS dead_letters,
    streams.unacknowledged,
    streams.unpublished
FROM unsequenced, lanes, streams
