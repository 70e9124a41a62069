-- name: current
SELECT target.position, p.occurrence, p.value, p.occurred_at
FROM unnest(:kinds::text[], :targets::text[]) WITH ORDINALITY AS target(kind, name, position)
CROSS JOIN LATERAL (
    SELECT *
    FROM progress p
    WHERE p.tenant_id = :tenant_id AND p.user_id = :user_id AND p.trigger_kind = target.kind
        AND p.target = target.name
    ORDER BY p.occurred_at DESC, p.occurrence DESC
    LIMIT 1
) p

-- name: earned
SELECT e.definition_id, e.coupon_id
FROM unnest(:definition_ids::uuid[], :occurrences::text[]) AS reached(definition_id, occurrence)
JOIN earned_coupons e
    ON e.tenant_id = :tenant_id AND e.definition_id = reached.definition_id
    AND e.user_id = :user_id AND e.occurrence = reached.occurrence
