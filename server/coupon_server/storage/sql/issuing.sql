-- name: taken_codes
SELECT code_folded
FROM coupons
WHERE tenant_id = :tenant_id AND code_folded = ANY (:folded_codes::text[])

-- name: lock_code_space
-- The row is made when it is missing; the update that never happens locks it when it is there.
-- Servers of the release before lock the tenant's row alone, so this locks both; the second lock goes with the view `code_spaces`, a release later.
WITH locked_code_space AS (
    INSERT INTO code_space_locks AS l (tenant_id)
    VALUES (:tenant_id)
    ON CONFLICT (tenant_id) DO UPDATE SET tenant_id = l.tenant_id WHERE false
    RETURNING 1
)
SELECT 1
FROM tenants t
WHERE t.tenant_id = :tenant_id AND (SELECT count(*) FROM locked_code_space) >= 0
FOR NO KEY UPDATE

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
