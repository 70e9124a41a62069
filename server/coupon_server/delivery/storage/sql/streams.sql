-- name: last_sequences
SELECT tenant_id, last_sequence
FROM outbox_streams
WHERE tenant_id = ANY (:tenant_ids::uuid[])

-- name: position
SELECT last_sequence, acknowledged_sequence
FROM outbox_streams
WHERE tenant_id = :tenant_id

-- name: acknowledge
INSERT INTO outbox_streams AS s (tenant_id, last_sequence, acknowledged_sequence)
SELECT :tenant_id::uuid, 0, 0
WHERE :sequence::bigint = 0
    OR EXISTS (SELECT FROM outbox_streams s WHERE s.tenant_id = :tenant_id)
ON CONFLICT (tenant_id) DO UPDATE
    SET acknowledged_sequence = greatest(s.acknowledged_sequence, :sequence)
    WHERE :sequence <= s.last_sequence
RETURNING last_sequence, acknowledged_sequence

-- name: lease_unpublished
UPDATE outbox_streams s
SET publisher_id = :publisher_id, publishing_until = :until
FROM (
    SELECT tenant_id
    FROM outbox_streams
    WHERE coalesce(published_sequence, 0) < last_sequence
        AND (publishing_until IS NULL OR publishing_until <= :now)
        AND tenant_id > :after
    ORDER BY tenant_id
    LIMIT :limit
    FOR NO KEY UPDATE SKIP LOCKED
) unpublished
WHERE s.tenant_id = unpublished.tenant_id
RETURNING s.tenant_id, coalesce(s.published_sequence, 0) AS published

-- name: set_published
UPDATE outbox_streams
SET published_sequence = :sequence, publishing_until = :until
WHERE tenant_id = :tenant_id AND publisher_id = :publisher_id
RETURNING 1

-- name: tenants
SELECT tenant_id
FROM outbox_streams
WHERE last_sequence > 0

-- name: trim
-- Keeps events of lanes (by user) and dead letters (by id), and all that the stream's reader or the
-- broker, where there is one, has not passed.
WITH page AS MATERIALIZED (
    SELECT o.tenant_id, o.id, o.user_id, o.sequence, o.occurred_at
    FROM outbox o
    WHERE o.tenant_id = :tenant_id AND o.sequence > :after AND o.sequence <= (
        SELECT least(s.last_sequence, s.acknowledged_sequence, s.published_sequence)
        FROM outbox_streams s
        WHERE s.tenant_id = :tenant_id
    )
    ORDER BY o.sequence
    LIMIT :page_size
),
deleted AS (
    DELETE FROM outbox o
    USING page p
    WHERE o.tenant_id = p.tenant_id AND o.id = p.id
        AND p.occurred_at < :before
        AND NOT EXISTS (
            SELECT
            FROM webhook_endpoints e
            JOIN webhook_lanes l ON l.tenant_id = e.tenant_id AND l.endpoint_id = e.endpoint_id
            WHERE e.tenant_id = p.tenant_id AND l.user_id = p.user_id
                AND p.sequence BETWEEN l.next_sequence AND l.last_sequence
        )
        AND NOT EXISTS (
            SELECT
            FROM webhook_dead_letters d
            WHERE d.tenant_id = p.tenant_id AND d.event_id = p.id
        )
    RETURNING 1
)
SELECT
    (SELECT count(*) FROM deleted) AS deleted,
    max(sequence) AS last,
    bool_and(occurred_at < :before) AS all_old,
    count(*) AS size
FROM page
