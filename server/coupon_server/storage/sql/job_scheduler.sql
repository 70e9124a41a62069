-- name: bound_step
-- A server that disappears must not hold the lease for longer than this. And a step that waits for a
-- lock occupies a loop of the worker: the lock timeout is short.
SELECT
    set_config('idle_in_transaction_session_timeout', '30s', true),
    set_config('lock_timeout', '1s', true)

-- name: measure_backlog
-- Ages by the clock that steps are scheduled by.
SELECT
    (SELECT count(*) FROM jobs WHERE state IN ('pending', 'running', 'receiving')) AS open,
    coalesce(greatest(
        extract(epoch FROM clock_timestamp() - min({due_at}))::float8, 0
    ), 0) AS oldest_due_seconds
FROM job_queues
WHERE {due_at} IS NOT NULL
