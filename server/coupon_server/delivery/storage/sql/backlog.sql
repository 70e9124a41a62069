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
),
open_jobs AS (
    SELECT count(*) AS size
    FROM jobs
    WHERE state IN ('pending', 'running', 'receiving')
),
due_jobs AS (
    -- By the clock that turns are given by.
    SELECT extract(epoch FROM clock_timestamp() - min(turn_at))::float8 AS seconds
    FROM job_queues
    WHERE turn_at IS NOT NULL
),
guessers AS (
    SELECT
        count(*) FILTER (WHERE kind <> 'tenant') AS blocks,
        count(*) FILTER (WHERE kind = 'tenant') AS tenants
    FROM guess_counts
    WHERE blocked_until IS NOT NULL AND blocked_until > :now
)
SELECT
    unsequenced.size AS unsequenced,
    lanes.size AS lanes,
    coalesce(greatest(
        extract(epoch FROM :now - least(unsequenced.oldest, lanes.oldest))::float8, 0
    ), 0) AS oldest_seconds,
    (SELECT count(*) FROM webhook_dead_letters) AS dead_letters,
    streams.unacknowledged,
    streams.unpublished,
    open_jobs.size AS jobs,
    coalesce(greatest(due_jobs.seconds, 0), 0) AS oldest_due_job_seconds,
    guessers.blocks AS guess_blocks,
    guessers.tenants AS suspected_tenants
FROM unsequenced, lanes, streams, open_jobs, due_jobs, guessers
