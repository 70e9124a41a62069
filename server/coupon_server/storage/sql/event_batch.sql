-- The rows of a batch of events.

-- name: insert_new
-- Waits for a concurrent transaction with one of the ids, and sees what it commits.
INSERT INTO events (tenant_id, event_id, received_at)
SELECT tenant_id, event_id, :now
FROM unnest(:tenant_ids::uuid[], :event_ids::text[]) AS event(tenant_id, event_id)
ORDER BY 1, 2
ON CONFLICT DO NOTHING
RETURNING tenant_id, event_id

-- name: first_issued
SELECT
    e.tenant_id AS event_tenant_id,
    e.event_id,
    issued.created,
    d.expires_at AS definition_expires_at,
    {coupon_columns}
FROM unnest(:tenant_ids::uuid[], :event_ids::text[]) AS duplicate(tenant_id, event_id)
CROSS JOIN LATERAL (
    SELECT *
    FROM events e
    WHERE e.tenant_id = duplicate.tenant_id AND e.event_id = duplicate.event_id
    LIMIT 1
) e
CROSS JOIN LATERAL unnest(e.coupon_ids, e.coupons_created)
    WITH ORDINALITY AS issued(coupon_id, created, number)
CROSS JOIN LATERAL (
    SELECT *
    FROM coupons c
    WHERE c.tenant_id = duplicate.tenant_id AND c.id = issued.coupon_id
    LIMIT 1
) c
CROSS JOIN LATERAL (
    SELECT d.expires_at
    FROM coupon_definitions d
    WHERE d.tenant_id = duplicate.tenant_id AND d.id = c.definition_id
    LIMIT 1
) d
ORDER BY 1, 2, issued.number

-- fragment: watching_definitions
coupon_definitions d
    WHERE d.tenant_id = event.tenant_id AND d.trigger_kind = event.kind
        AND d.trigger_target = event.target AND d.trigger_enabled AND d.status = 'active'

-- fragment: is_not_earned
NOT EXISTS (
        SELECT
        FROM earned_coupons e
        WHERE e.tenant_id = d.tenant_id AND e.definition_id = d.id AND e.user_id = event.user_id
            AND e.occurrence = event.occurrence
    )

-- name: match
-- Two arms, so that each has a range of the trigger index: it costs the same however many
-- definitions there are that the event does not meet.
SELECT event.position, met.id AS definition_id
FROM unnest(
    :tenant_ids::uuid[], :user_ids::text[], :kinds::text[], :targets::text[],
    :occurrences::text[], :least_thresholds::int[], :greatest_thresholds::int[]
) WITH ORDINALITY AS event(
    tenant_id, user_id, kind, target,
    occurrence, least_threshold, greatest_threshold, position
)
CROSS JOIN LATERAL (SELECT 1 FROM {watching_definitions} LIMIT 1) watched
LEFT JOIN LATERAL (
    SELECT d.id
    FROM {watching_definitions}
        AND d.trigger_threshold BETWEEN event.least_threshold AND event.greatest_threshold
        AND {is_not_earned}
    UNION ALL
    SELECT d.id
    FROM {watching_definitions}
        AND d.trigger_threshold IS NULL
        AND {is_not_earned}
) met ON true
ORDER BY 1, 2

-- name: lock_definitions
-- Each CTE reads the one before in a subquery that PostgreSQL evaluates first, which makes the
-- order of the lock classes certain.
WITH met AS MATERIALIZED (
    SELECT DISTINCT *
    FROM unnest(:tenant_ids::uuid[], :definition_ids::uuid[]) AS met(tenant_id, definition_id)
),
affected_tenants AS (
    SELECT DISTINCT tenant_id FROM met
),
{lock_code_spaces}
SELECT m.tenant_id, m.definition_id, d.revision
FROM (
    SELECT * FROM met WHERE (SELECT count(*) FROM locked_code_spaces) >= 0 ORDER BY 1, 2
) m
CROSS JOIN LATERAL (
    SELECT d.revision
    FROM coupon_definitions d
    WHERE d.tenant_id = m.tenant_id AND d.id = m.definition_id
    FOR NO KEY UPDATE
) d

-- name: lock_counters
WITH locked_key_spaces AS (
    {lock_key_spaces}
)
SELECT 1
FROM (
    SELECT DISTINCT *
    FROM unnest(:tenant_ids::uuid[], :definition_ids::uuid[]) AS met(tenant_id, definition_id)
    WHERE (SELECT count(*) FROM locked_key_spaces) >= 0
    ORDER BY 1, 2
) m
CROSS JOIN LATERAL (
    SELECT 1
    FROM definition_counters k
    WHERE k.tenant_id = m.tenant_id AND k.definition_id = m.definition_id
    FOR UPDATE
) k

-- name: load
SELECT
    k.issued AS definition_issued,
    s.issued AS space_issued,
    given.coupons AS given,
    EXISTS (
        SELECT
        FROM earned_coupons e
        WHERE e.tenant_id = met.tenant_id AND e.definition_id = met.definition_id
            AND e.user_id = met.user_id AND e.occurrence = met.occurrence
    ) AS is_earned,
    {coupon_columns}
FROM unnest(
    :tenant_ids::uuid[], :definition_ids::uuid[], :user_ids::text[], :occurrences::text[],
    :prefixes_folded::text[], :code_lengths::int[], :are_capped::bool[]
) WITH ORDINALITY AS met(
    tenant_id, definition_id, user_id, occurrence,
    prefix_folded, code_length, is_capped, position
)
CROSS JOIN LATERAL (
    SELECT k.issued
    FROM definition_counters k
    WHERE k.tenant_id = met.tenant_id AND k.definition_id = met.definition_id
    LIMIT 1
) k
LEFT JOIN LATERAL (
    SELECT s.issued
    FROM key_spaces s
    WHERE s.tenant_id = met.tenant_id AND s.prefix_folded = met.prefix_folded
        AND s.code_length = met.code_length
    LIMIT 1
) s ON true
CROSS JOIN LATERAL (
    SELECT count(*) AS coupons
    FROM coupons c
    WHERE met.is_capped AND c.tenant_id = met.tenant_id AND c.user_id = met.user_id
        AND c.definition_id = met.definition_id
) given
LEFT JOIN LATERAL (
    SELECT *
    FROM coupons c
    WHERE met.code_length IS NULL AND c.tenant_id = met.tenant_id
        AND c.definition_id = met.definition_id AND c.user_id = met.user_id
        AND c.code_folded IS NULL
    LIMIT 1
) c ON true
ORDER BY met.position

-- name: save
WITH earned AS MATERIALIZED (
    SELECT *
    FROM unnest(
        :tenant_ids::uuid[], :definition_ids::uuid[], :user_ids::text[], :occurrences::text[],
        :coupon_ids::uuid[], :created::bool[], :event_ids::text[]
    ) WITH ORDINALITY AS earned(
        tenant_id, definition_id, user_id, occurrence,
        coupon_id, created, event_id, position
    )
),
occurrences AS (
    INSERT INTO earned_coupons (tenant_id, definition_id, user_id, occurrence, coupon_id)
    SELECT tenant_id, definition_id, user_id, occurrence, coupon_id
    FROM earned
)
UPDATE events e
SET coupon_ids = issued.coupon_ids, coupons_created = issued.created
FROM (
    SELECT
        tenant_id,
        event_id,
        array_agg(coupon_id ORDER BY position) AS coupon_ids,
        array_agg(created ORDER BY position) AS created
    FROM earned
    GROUP BY 1, 2
) issued
WHERE e.tenant_id = issued.tenant_id AND e.event_id = issued.event_id

-- name: report_progress
-- What `merged` says, of the row and the one that is given; an event that tells nothing new writes
-- nothing.
INSERT INTO progress AS p (
    tenant_id, user_id, trigger_kind, target, occurrence, value, occurred_at
)
SELECT *
FROM unnest(
    :tenant_ids::uuid[], :user_ids::text[], :kinds::text[], :targets::text[],
    :occurrences::text[], :values::int[], :occurred_at::timestamptz[]
)
ORDER BY 1, 2, 3, 4, 5
ON CONFLICT (tenant_id, user_id, trigger_kind, target, occurrence) DO UPDATE
    SET
        value = CASE
            WHEN p.trigger_kind = 'leaderboard_rank' THEN least(p.value, excluded.value)
            WHEN (excluded.occurred_at, excluded.value) > (p.occurred_at, p.value)
                THEN excluded.value
            ELSE p.value
        END,
        occurred_at = greatest(p.occurred_at, excluded.occurred_at)
    WHERE (excluded.occurred_at, excluded.value) > (p.occurred_at, p.value)
        OR p.trigger_kind = 'leaderboard_rank' AND excluded.value < p.value
RETURNING tenant_id, user_id, trigger_kind, target, xmax = 0 AS is_new

-- name: forget_progress
-- Never waits (SKIP LOCKED), so that it is not part of the lock order: a locked row is left for the
-- next new occurrence. One that has become the latest meanwhile stays.
DELETE FROM progress
WHERE ctid = ANY (ARRAY(
    SELECT p.ctid
    FROM unnest(:tenant_ids::uuid[], :user_ids::text[], :kinds::text[], :targets::text[])
        AS grown(tenant_id, user_id, kind, target)
    CROSS JOIN LATERAL (
        SELECT o.occurrence, o.occurred_at
        FROM progress o
        WHERE o.tenant_id = grown.tenant_id AND o.user_id = grown.user_id
            AND o.trigger_kind = grown.kind AND o.target = grown.target
        ORDER BY o.occurred_at DESC, o.occurrence DESC
        OFFSET :kept
    ) old
    CROSS JOIN LATERAL (
        SELECT p.ctid
        FROM progress p
        WHERE p.tenant_id = grown.tenant_id AND p.user_id = grown.user_id
            AND p.trigger_kind = grown.kind AND p.target = grown.target
            AND p.occurrence = old.occurrence AND p.occurred_at = old.occurred_at
        FOR UPDATE SKIP LOCKED
    ) p
))
