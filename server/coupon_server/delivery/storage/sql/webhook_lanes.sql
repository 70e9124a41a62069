-- name: due_endpoints
-- A loose index scan from endpoint to endpoint, and of each the lane that is due first: the cost is
-- that of the endpoints with a backlog, not of the backlog.
WITH RECURSIVE pending AS (
    (
        SELECT l.tenant_id, l.endpoint_id
        FROM webhook_lanes l
        ORDER BY l.tenant_id, l.endpoint_id
        LIMIT 1
    )
    UNION ALL
    SELECT next.tenant_id, next.endpoint_id
    FROM pending p
    CROSS JOIN LATERAL (
        SELECT l.tenant_id, l.endpoint_id
        FROM webhook_lanes l
        WHERE (l.tenant_id, l.endpoint_id) > (p.tenant_id, p.endpoint_id)
        ORDER BY l.tenant_id, l.endpoint_id
        LIMIT 1
    ) next
)
SELECT e.tenant_id, e.endpoint_id, e.failures
FROM pending p
JOIN webhook_endpoints e ON e.tenant_id = p.tenant_id AND e.endpoint_id = p.endpoint_id
CROSS JOIN LATERAL (
    SELECT l.next_attempt_at
    FROM webhook_lanes l
    WHERE l.tenant_id = p.tenant_id AND l.endpoint_id = p.endpoint_id
    ORDER BY l.next_attempt_at
    LIMIT 1
) first_lane
WHERE e.status = 'active'
    AND (e.not_before IS NULL OR e.not_before <= :now)
    AND first_lane.next_attempt_at <= :now
ORDER BY first_lane.next_attempt_at

-- name: lease
WITH due AS MATERIALIZED (
    SELECT l.tenant_id, l.endpoint_id, l.user_id, l.redelivers
    FROM unnest(:tenant_ids::uuid[], :endpoint_ids::uuid[], :lanes::int[])
        AS endpoint(tenant_id, endpoint_id, lanes)
    CROSS JOIN LATERAL (
        SELECT *
        FROM webhook_lanes l
        WHERE l.tenant_id = endpoint.tenant_id AND l.endpoint_id = endpoint.endpoint_id
            AND l.next_attempt_at <= :now
        ORDER BY l.next_attempt_at
        LIMIT endpoint.lanes
        FOR UPDATE SKIP LOCKED
    ) l
)
UPDATE webhook_lanes l
SET
    next_attempt_at = :until,
    {is_leased} = true,
    attempts = l.attempts + 1,
    first_attempt_at = coalesce(l.first_attempt_at, :now)
FROM due d
JOIN webhook_endpoints e ON e.tenant_id = d.tenant_id AND e.endpoint_id = d.endpoint_id
WHERE l.tenant_id = d.tenant_id AND l.endpoint_id = d.endpoint_id AND l.user_id = d.user_id
    AND l.redelivers = d.redelivers
RETURNING
    l.tenant_id, l.endpoint_id, l.user_id, l.redelivers, l.next_sequence AS sequence, l.attempts,
    l.first_attempt_at, e.url, e.ciphertext, e.previous_ciphertext, e.previous_until

-- fragment: is_lane
tenant_id = :tenant_id AND endpoint_id = :endpoint_id AND user_id = :user_id
    AND redelivers = :redelivers

-- name: lock_leased
SELECT last_sequence
FROM webhook_lanes
WHERE {is_lane}
    AND next_sequence = :sequence AND attempts = :attempts
FOR UPDATE

-- name: next_event
-- A statement of its own after the lock, so that it sees what the sequencer has added to the lane.
SELECT o.sequence, o.occurred_at
FROM webhook_endpoints e
CROSS JOIN LATERAL (
    SELECT o.sequence, o.occurred_at
    FROM outbox o
    WHERE o.tenant_id = e.tenant_id AND o.user_id = :user_id
        AND o.sequence > :after AND o.sequence <= :last
        AND (e.event_types = '{}' OR o.event_type = ANY (e.event_types))
    ORDER BY o.sequence
    LIMIT 1
) o
WHERE e.tenant_id = :tenant_id AND e.endpoint_id = :endpoint_id

-- name: advance
UPDATE webhook_lanes
SET
    next_sequence = :sequence,
    waiting_since = :occurred_at,
    {is_leased} = false,
    attempts = 0,
    first_attempt_at = NULL,
    next_attempt_at = :now
WHERE {is_lane}

-- name: close
DELETE FROM webhook_lanes
WHERE {is_lane}

-- name: postpone
UPDATE webhook_lanes
SET next_attempt_at = :until, {is_leased} = false
WHERE {is_lane}

-- name: log_attempt
INSERT INTO webhook_attempts (
    tenant_id, id, endpoint_id, event_id, event_type, attempt,
    delivered, status_code, error, latency_ms, attempted_at
)
VALUES (
    :tenant_id, :id, :endpoint_id, :event_id, :event_type, :attempt,
    :delivered, :status_code, :error, :latency_ms, :attempted_at
)

-- name: set_delivered
UPDATE outbox
SET delivered_at = :now
WHERE tenant_id = :tenant_id AND id = :event_id AND delivered_at IS NULL

-- name: delete_dead_letter
DELETE FROM webhook_dead_letters
WHERE tenant_id = :tenant_id AND endpoint_id = :endpoint_id AND event_id = :event_id

-- name: add_dead_letter
INSERT INTO webhook_dead_letters AS d (
    tenant_id, endpoint_id, event_id, sequence, event_type,
    user_id, attempts, status_code, error, died_at
)
VALUES (
    :tenant_id, :endpoint_id, :event_id, :sequence, :event_type,
    :user_id, :attempts, :status_code, :error, :now
)
ON CONFLICT (tenant_id, endpoint_id, event_id) DO UPDATE
    SET
        attempts = d.attempts + excluded.attempts,
        status_code = excluded.status_code,
        error = excluded.error,
        died_at = excluded.died_at

-- name: reset_failures
-- Writes nothing unless there were failures.
UPDATE webhook_endpoints
SET failures = 0, not_before = NULL
WHERE tenant_id = :tenant_id AND endpoint_id = :endpoint_id AND failures > 0

-- name: count_failure
UPDATE webhook_endpoints
SET failures = failures + 1
WHERE tenant_id = :tenant_id AND endpoint_id = :endpoint_id
RETURNING failures

-- name: back_off
UPDATE webhook_endpoints
SET not_before = :until
WHERE tenant_id = :tenant_id AND endpoint_id = :endpoint_id

-- name: disable
UPDATE webhook_endpoints
SET status = 'disabled', revision = revision + 1, updated_at = :now
WHERE tenant_id = :tenant_id AND endpoint_id = :endpoint_id AND status = 'active'
