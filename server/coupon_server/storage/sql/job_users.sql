-- name: known_users
SELECT user_id
FROM job_users
WHERE tenant_id = :tenant_id AND job_id = :job_id AND user_id = ANY (:user_ids::text[])

-- name: take
WITH taken AS (
    DELETE FROM job_users
    WHERE tenant_id = :tenant_id AND job_id = :job_id AND position >= :first AND position < :end
    RETURNING position, user_id
)
SELECT user_id
FROM taken
ORDER BY position
