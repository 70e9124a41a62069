-- name: add_counts
INSERT INTO guess_counts (
    tenant_id, kind, user_id, digest, started_at, current, previous, expires_at, changed_at
)
SELECT subject.*, :now, 0, 0, :now, clock_timestamp()
FROM unnest(:tenant_ids::uuid[], :kinds::text[], :user_ids::text[], :digests::text[]) AS subject
ON CONFLICT DO NOTHING

-- fragment: lifted_at
CASE WHEN blocked_until = started_at THEN started_at END

-- name: lock_counts
SELECT
    subject.position, g.started_at, g.current, g.previous, g.blocked_until,
    greatest(g.lifted_at, of_user.lifted_at) AS lifted_at
FROM unnest(:tenant_ids::uuid[], :kinds::text[], :user_ids::text[], :digests::text[])
    WITH ORDINALITY AS subject(tenant_id, kind, user_id, digest, position)
CROSS JOIN LATERAL (
    SELECT
        g.started_at, g.current, g.previous, g.blocked_until, {lifted_at} AS lifted_at
    FROM guess_counts g
    WHERE g.tenant_id = subject.tenant_id AND g.kind = subject.kind
        AND g.user_id = subject.user_id AND g.digest = subject.digest
    FOR NO KEY UPDATE
) g
LEFT JOIN LATERAL (
    -- A token may have been lifted before it had a row.
    SELECT {lifted_at} AS lifted_at
    FROM guess_counts u
    WHERE subject.kind = 'user_token' AND u.kind = 'user' AND u.digest = ''
        AND u.tenant_id = subject.tenant_id AND u.user_id = subject.user_id
) of_user ON true

-- name: save_counts
UPDATE guess_counts g
SET
    started_at = counted.started_at,
    current = counted.current,
    previous = counted.previous,
    blocked_until = counted.blocked_until,
    expires_at = counted.expires_at,
    changed_at = clock_timestamp()
FROM unnest(
    :tenant_ids::uuid[], :kinds::text[], :user_ids::text[], :digests::text[],
    :started_at::timestamptz[], :current::int[], :previous::int[],
    :blocked_until::timestamptz[], :expires_at::timestamptz[]
) AS counted(
    tenant_id, kind, user_id, digest,
    started_at, current, previous,
    blocked_until, expires_at
)
WHERE g.tenant_id = counted.tenant_id AND g.kind = counted.kind
    AND g.user_id = counted.user_id AND g.digest = counted.digest

-- name: changed_blocks
SELECT
    tenant_id, kind, user_id, digest, started_at, current, previous, blocked_until,
    {lifted_at} AS lifted_at, changed_at
FROM guess_counts
WHERE blocked_until IS NOT NULL AND changed_at > :since AND kind <> 'tenant'
ORDER BY changed_at
LIMIT :limit

-- name: live_blocks
SELECT
    tenant_id, kind, user_id, digest, started_at, current, previous, blocked_until,
    {lifted_at} AS lifted_at, changed_at
FROM guess_counts
WHERE blocked_until IS NOT NULL AND blocked_until > :now AND kind <> 'tenant'
ORDER BY changed_at DESC
LIMIT :limit

-- name: changed_policies
SELECT tenant_id, limits
FROM guess_policies
WHERE changed_at > :since

-- name: add_alert
INSERT INTO guess_alerts (tenant_id, id, failures, threshold, "window", raised_at)
VALUES (:tenant_id, :id, :failures, :threshold, :window, :raised_at)

-- name: database_time
SELECT clock_timestamp()

-- name: count_blocked
SELECT
    count(*) FILTER (WHERE kind <> 'tenant') AS subjects,
    count(*) FILTER (WHERE kind = 'tenant') AS tenants
FROM guess_counts
WHERE blocked_until IS NOT NULL AND blocked_until > :now
