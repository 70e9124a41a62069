-- name: waiting_tenants
-- From tenant to tenant by index, so that the cost is that of the tenants and not of their rows.
WITH RECURSIVE waiting AS (
    (
        SELECT o.tenant_id
        FROM outbox o
        WHERE o.sequence IS NULL AND o.tenant_id > :after
        ORDER BY o.tenant_id
        LIMIT 1
    )
    UNION ALL
    SELECT next.tenant_id
    FROM waiting w
    CROSS JOIN LATERAL (
        SELECT o.tenant_id
        FROM outbox o
        WHERE o.sequence IS NULL AND o.tenant_id > w.tenant_id
        ORDER BY o.tenant_id
        LIMIT 1
    ) next
)
SELECT tenant_id
FROM waiting
LIMIT :limit

-- name: add_streams
INSERT INTO outbox_streams (tenant_id, last_sequence)
SELECT waiting.tenant_id, 0
FROM unnest(:tenant_ids::uuid[]) AS waiting(tenant_id)
WHERE NOT EXISTS (SELECT FROM outbox_streams s WHERE s.tenant_id = waiting.tenant_id)
ORDER BY 1
ON CONFLICT DO NOTHING

-- name: lock_streams
SELECT s.tenant_id
FROM unnest(:tenant_ids::uuid[]) AS waiting(tenant_id)
CROSS JOIN LATERAL (
    SELECT s.tenant_id
    FROM outbox_streams s
    WHERE s.tenant_id = waiting.tenant_id
    FOR NO KEY UPDATE SKIP LOCKED
) s

-- name: sequence
-- A statement of its own after the lock: it sees what the lock's last owner committed.
WITH fresh AS MATERIALIZED (
    SELECT
        s.tenant_id,
        o.id,
        o.user_id,
        o.event_type,
        o.occurred_at,
        s.last_sequence + row_number() OVER (
            PARTITION BY s.tenant_id
            ORDER BY o.position NULLS FIRST, o.id
        ) AS sequence
    FROM outbox_streams s
    CROSS JOIN LATERAL (
        (
            SELECT o.*
            FROM outbox o
            WHERE o.tenant_id = s.tenant_id AND o.sequence IS NULL AND o.position IS NULL
            ORDER BY o.id
            LIMIT :limit
        )
        UNION ALL
        (
            SELECT o.*
            FROM outbox o
            WHERE o.tenant_id = s.tenant_id AND o.sequence IS NULL AND o.position IS NOT NULL
            ORDER BY o.position
            LIMIT :limit
        )
        LIMIT :limit
    ) o
    WHERE s.tenant_id = ANY (:tenant_ids::uuid[])
),
sequenced AS (
    UPDATE outbox o
    SET sequence = f.sequence
    FROM fresh f
    WHERE o.tenant_id = f.tenant_id AND o.id = f.id
),
advanced_streams AS (
    UPDATE outbox_streams s
    SET last_sequence = f.last_sequence
    FROM (SELECT tenant_id, max(sequence) AS last_sequence FROM fresh GROUP BY 1) f
    WHERE s.tenant_id = f.tenant_id
),
lanes AS (
    INSERT INTO webhook_lanes (
        tenant_id, endpoint_id, user_id, next_sequence, last_sequence, waiting_since, {is_leased},
        attempts, next_attempt_at
    )
    SELECT
        f.tenant_id, e.endpoint_id, f.user_id, min(f.sequence), max(f.sequence),
        min(f.occurred_at), false, 0, :now
    FROM fresh f
    JOIN webhook_endpoints e
        ON e.tenant_id = f.tenant_id
        AND (e.event_types = '{}' OR f.event_type = ANY (e.event_types))
    GROUP BY 1, 2, 3
    ORDER BY 1, 2, 3
    ON CONFLICT (tenant_id, endpoint_id, user_id, redelivers) DO UPDATE
        SET last_sequence = excluded.last_sequence
)
SELECT count(*) FROM fresh
