-- fragment: counts_still
r.counted_at > now() - :kept::interval

-- name: own_limits
SELECT tenant_id, name, value
FROM tenant_limits

-- name: share_rates
-- Other workers' calls a second, beside those that this worker notes.
WITH own AS MATERIALIZED (
    SELECT *
    FROM unnest(:tenant_ids::uuid[], :call_classes::text[], :calls::int[])
        AS rate(tenant_id, call_class, calls)
    ORDER BY 1, 2
),
noted AS (
    INSERT INTO tenant_rates (tenant_id, call_class, worker_id, calls, counted_at)
    SELECT tenant_id, call_class, :worker_id, calls, now()
    FROM own
    ON CONFLICT (tenant_id, call_class, worker_id) DO UPDATE
        SET calls = excluded.calls, counted_at = excluded.counted_at
)
SELECT
    own.tenant_id,
    own.call_class,
    coalesce(sum(others.calls), 0) AS calls,
    count(others.calls) AS workers
FROM own
LEFT JOIN LATERAL (
    SELECT r.calls
    FROM tenant_rates r
    WHERE r.tenant_id = own.tenant_id AND r.call_class = own.call_class
        AND r.worker_id <> :worker_id AND {counts_still}
) others ON true
GROUP BY 1, 2

-- name: rates_of_others
SELECT r.call_class, sum(r.calls) AS calls
FROM tenant_rates r
WHERE r.tenant_id = :tenant_id AND r.worker_id <> :worker_id AND {counts_still}
GROUP BY 1

-- name: add_day_use
INSERT INTO tenant_days AS d (tenant_id, day, redemptions, stored_bytes)
SELECT tenant_id, :day, redemptions, stored_bytes
FROM unnest(:tenant_ids::uuid[], :redemptions::bigint[], :stored_bytes::bigint[])
    AS used(tenant_id, redemptions, stored_bytes)
ORDER BY 1
ON CONFLICT (tenant_id, day) DO UPDATE
    SET
        redemptions = d.redemptions + excluded.redemptions,
        stored_bytes = d.stored_bytes + excluded.stored_bytes
RETURNING tenant_id, redemptions, stored_bytes

-- name: day_use
SELECT redemptions, stored_bytes
FROM tenant_days
WHERE tenant_id = :tenant_id AND day = :day

-- name: live_coupons
SELECT tenant.tenant_id, live.coupons
FROM unnest(:tenant_ids::uuid[]) AS tenant(tenant_id)
CROSS JOIN LATERAL (
    SELECT coalesce(sum(k.issued), 0)::bigint AS coupons
    FROM coupon_definitions d
    JOIN definition_counters k ON k.tenant_id = d.tenant_id AND k.definition_id = d.id
    WHERE d.tenant_id = tenant.tenant_id AND d.status IN ('active', 'paused')
) live

-- name: trim_days
DELETE FROM tenant_days
WHERE day < :before

-- name: trim_rates
DELETE FROM tenant_rates
WHERE counted_at < now() - interval '1 hour'
