-- A presented credential names no tenant, or only claims to be of one, so these look across tenants:
-- for a batch of callers at once, each by index.

-- name: revision
SELECT revision
FROM auth_revision

-- fragment: key_columns
k.tenant_id, k.key_id, k.name, k.prefix, k.ciphertext, k.scopes, k.created_at, k.expires_at,
    k.revoked_at, k.last_used_at

-- name: keys_by_id
SELECT
    {key_columns}
FROM credential_directory d
JOIN api_keys k ON k.tenant_id = d.tenant_id AND k.key_id = d.key_id
WHERE d.key_id = ANY (:key_ids::uuid[])

-- name: keys_by_digest
SELECT
    {key_columns},
    d.key_digest
FROM credential_directory d
JOIN api_keys k ON k.tenant_id = d.tenant_id AND k.key_id = d.key_id
WHERE d.key_digest = ANY (:digests::bytea[])

-- name: live_secrets
SELECT tenant_id, secret_id, ciphertext, created_at, expires_at
FROM tenant_secrets
WHERE tenant_id = ANY (:tenant_ids::uuid[]) AND (expires_at IS NULL OR expires_at > :now)
ORDER BY expires_at DESC NULLS FIRST
