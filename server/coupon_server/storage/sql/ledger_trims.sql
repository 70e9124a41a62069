-- name: tenants
SELECT t.tenant_id
FROM tenants t
LEFT JOIN ledger_trims l ON l.tenant_id = t.tenant_id
WHERE EXISTS (
    SELECT
    FROM redemptions r
    WHERE r.tenant_id = t.tenant_id AND r.id <= :last
        AND r.id > coalesce(l.trimmed_to, '00000000-0000-0000-0000-000000000000')
)

-- name: lock
INSERT INTO ledger_trims AS t (tenant_id, trimmed_to)
VALUES (:tenant_id, '00000000-0000-0000-0000-000000000000')
ON CONFLICT (tenant_id) DO UPDATE SET trimmed_to = t.trimmed_to
RETURNING trimmed_to

-- name: trim
-- Events are told from the ledger, and have their rows' ids: from the oldest that is still kept on,
-- nothing may change.
WITH old AS MATERIALIZED (
    SELECT r.id
    FROM redemptions r
    WHERE r.tenant_id = :tenant_id AND r.id > :trimmed_to AND r.id <= :last
        AND r.id < coalesce(
            (SELECT o.id FROM outbox o WHERE o.tenant_id = :tenant_id ORDER BY o.id LIMIT 1),
            'ffffffff-ffff-ffff-ffff-ffffffffffff'
        )
    ORDER BY r.id
    LIMIT :limit
),
emptied AS (
    UPDATE redemptions r
    SET reference = '', metadata = NULL
    FROM old
    WHERE r.tenant_id = :tenant_id AND r.id = old.id
        AND (r.reference <> '' OR r.metadata IS NOT NULL)
)
SELECT count(*) AS size, (SELECT id FROM old ORDER BY id DESC LIMIT 1) AS newest
FROM old

-- name: set_trimmed
UPDATE ledger_trims
SET trimmed_to = :trimmed_to
WHERE tenant_id = :tenant_id
