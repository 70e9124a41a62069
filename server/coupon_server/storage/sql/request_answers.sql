-- name: load
-- Looked up one by one (LATERAL), by a plan that does not depend on how large the table was when it
-- was made.
SELECT request.position, a.fingerprint, a.answer, a.answered_at
FROM unnest(:tenant_ids::uuid[], :callers::text[], :methods::text[], :request_ids::text[])
    WITH ORDINALITY AS request(tenant_id, caller, method, request_id, position)
CROSS JOIN LATERAL (
    SELECT a.fingerprint, a.answer, a.answered_at
    FROM request_answers a
    WHERE a.tenant_id = request.tenant_id AND a.caller = request.caller
        AND a.method = request.method AND a.request_id = request.request_id
    LIMIT 1
) a

-- name: save
WITH saved AS (
    INSERT INTO request_answers (
        tenant_id, caller, method, request_id, fingerprint, answer, answered_at
    )
    SELECT answer.*, :now
    FROM unnest(
        :tenant_ids::uuid[], :callers::text[], :methods::text[], :request_ids::text[],
        :fingerprints::bytea[], :answers::bytea[]
    ) AS answer(tenant_id, caller, method, request_id, fingerprint, answer)
    ORDER BY 1, 2, 3, 4
    ON CONFLICT DO NOTHING
    RETURNING 1
)
SELECT count(*) FROM saved
