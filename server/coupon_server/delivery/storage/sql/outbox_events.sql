-- fragment: event_columns
-- An event is of a ledger row, with the item that it granted, or of a coupon, or of an alert: what
-- a ledger row and a coupon have in common is taken from the one that there is.
o.tenant_id,
    o.id AS event_id,
    o.event_type,
    o.sequence,
    o.user_id,
    o.occurred_at,
    o.subject_id AS id,
    r.id IS NOT NULL AS is_redemption,
    coalesce(r.definition_id, c.definition_id) AS definition_id,
    coalesce(r.code, c.code) AS code,
    coalesce(r.redeemed_at, c.redeemed_at) AS redeemed_at,
    r.kind, r.coupon_id, r.reference, r.metadata, r.credential_id, r.reward_item_id,
    r.reward_item_version, r.reverses_id, NULL::uuid AS reversal_id,
    NULL::timestamptz AS reversed_at, NULL::text AS grant_state,
    i.item_id, i.version, i.name, i.description, i.reward_type, i.payload::text AS payload,
    i.created_at, i.updated_at,
    c.source, c.generation_id, c.generated_at, c.valid_until, c.used, c.revoked_at,
    c.revoke_reason,
    a.failures, a.threshold, a."window"

-- fragment: subjects
-- Looked up one by one, so that the plan holds whatever the size of the tables.
LEFT JOIN LATERAL (
    SELECT *
    FROM redemptions r
    WHERE r.tenant_id = o.tenant_id AND r.id = o.subject_id
) r ON true
LEFT JOIN LATERAL (
    SELECT v.*, i.created_at
    FROM reward_item_versions v
    JOIN reward_items i ON i.tenant_id = v.tenant_id AND i.item_id = v.item_id
    WHERE v.tenant_id = r.tenant_id AND v.item_id = r.reward_item_id
        AND v.version = r.reward_item_version
) i ON true
LEFT JOIN LATERAL (
    SELECT *
    FROM coupons c
    WHERE c.tenant_id = o.tenant_id AND c.id = o.subject_id
) c ON true
LEFT JOIN LATERAL (
    SELECT *
    FROM guess_alerts a
    WHERE o.event_type = 'security.guessing_suspected'
        AND a.tenant_id = o.tenant_id AND a.id = o.subject_id
) a ON true

-- name: by_sequence
SELECT
    {event_columns}
FROM unnest(:tenant_ids::uuid[], :sequences::bigint[]) AS event(tenant_id, sequence)
CROSS JOIN LATERAL (
    SELECT *
    FROM outbox o
    WHERE o.tenant_id = event.tenant_id AND o.sequence = event.sequence
) o
{subjects}
ORDER BY o.tenant_id, o.sequence

-- name: between
SELECT
    {event_columns}
FROM (
    SELECT *
    FROM outbox o
    WHERE o.tenant_id = :tenant_id AND o.sequence > :after AND o.sequence <= :last
        AND (cardinality(:types::text[]) = 0 OR o.event_type = ANY (:types::text[]))
) o
{subjects}
ORDER BY o.tenant_id, o.sequence

-- name: scan
-- Where nothing is left, all up to the end of the stream was trimmed: what is numbered moves that
-- end in the same transaction, so that one statement sees both or neither.
SELECT coalesce(
    (
        SELECT max(page.sequence)
        FROM (
            SELECT o.sequence
            FROM outbox o
            WHERE o.tenant_id = :tenant_id AND o.sequence > :after
            ORDER BY o.sequence
            LIMIT :limit
        ) page
    ),
    (SELECT s.last_sequence FROM outbox_streams s WHERE s.tenant_id = :tenant_id),
    0
)
