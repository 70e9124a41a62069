-- name: taken_codes
SELECT code.tenant_id, code.folded
FROM unnest(:tenant_ids::uuid[], :folded_codes::text[]) AS code(tenant_id, folded)
CROSS JOIN LATERAL (
    SELECT 1
    FROM coupons c
    WHERE c.tenant_id = code.tenant_id AND c.code_folded = code.folded
    UNION ALL
    SELECT 1
    FROM coupon_definitions d
    WHERE d.tenant_id = code.tenant_id AND d.custom_code_folded = code.folded
        AND d.status <> 'archived'
    LIMIT 1
) taken

-- fragment: lock_code_spaces
-- CTEs of a statement that has the tenants in a CTE `affected_tenants`. Whoever counts the last one,
-- `locked_code_spaces`, has the locks.
--
-- The row is made when it is missing; the update that never happens locks it when it is there.
-- Servers of the release before lock the tenant's row alone, so this locks both; the second lock goes
-- with the view `code_spaces`, a release later.
own_locks AS (
    INSERT INTO code_space_locks AS l (tenant_id)
    SELECT tenant_id
    FROM affected_tenants
    ORDER BY 1
    ON CONFLICT (tenant_id) DO UPDATE SET tenant_id = l.tenant_id WHERE false
    RETURNING 1
),
locked_code_spaces AS MATERIALIZED (
    SELECT 1
    FROM (
        SELECT tenant_id
        FROM affected_tenants
        WHERE (SELECT count(*) FROM own_locks) >= 0
        ORDER BY 1
    ) a
    CROSS JOIN LATERAL (
        SELECT 1
        FROM tenants t
        WHERE t.tenant_id = a.tenant_id
        FOR NO KEY UPDATE
    ) t
)

-- name: lock_code_space
WITH affected_tenants AS (
    SELECT :tenant_id::uuid AS tenant_id
),
{lock_code_spaces}
SELECT count(*) FROM locked_code_spaces

-- fragment: lock_key_spaces
-- The row is made when it is missing; the update that never happens locks it when it is there.
INSERT INTO key_spaces AS s (tenant_id, prefix_folded, code_length, issued, unassigned)
    SELECT DISTINCT tenant_id, prefix_folded, code_length, 0, 0
    FROM unnest(:space_tenant_ids::uuid[], :prefixes_folded::text[], :code_lengths::int[])
        AS space(tenant_id, prefix_folded, code_length)
    ORDER BY 1, 2, 3
    ON CONFLICT (tenant_id, prefix_folded, code_length) DO UPDATE
        SET issued = s.issued
        WHERE false
    RETURNING 1

-- name: lock_key_space
{lock_key_spaces}

-- name: count_issued
-- Key spaces before definitions, as everybody locks them.
WITH counted_key_spaces AS (
    INSERT INTO key_spaces AS s (tenant_id, prefix_folded, code_length, issued, unassigned)
    SELECT *
    FROM unnest(
        :space_tenant_ids::uuid[], :prefixes_folded::text[], :code_lengths::int[],
        :codes::bigint[], :unassigned::bigint[]
    ) AS space(tenant_id, prefix_folded, code_length, codes, unassigned)
    ORDER BY 1, 2, 3
    ON CONFLICT (tenant_id, prefix_folded, code_length) DO UPDATE
        SET issued = s.issued + excluded.issued, unassigned = s.unassigned + excluded.unassigned
    RETURNING 1
)
UPDATE definition_counters k
SET issued = k.issued + made.coupons
FROM unnest(:tenant_ids::uuid[], :definition_ids::uuid[], :coupons::bigint[])
    AS made(tenant_id, definition_id, coupons)
WHERE k.tenant_id = made.tenant_id AND k.definition_id = made.definition_id
    AND (SELECT count(*) FROM counted_key_spaces) >= 0
