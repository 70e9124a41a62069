-- name: fetch_versions
SELECT
    v.tenant_id, v.item_id, v.version, v.name, v.description, v.reward_type,
    v.payload::text AS payload, v.updated_at, i.created_at
FROM reward_item_versions v
JOIN reward_items i ON i.tenant_id = v.tenant_id AND i.item_id = v.item_id
WHERE (v.tenant_id, v.item_id, v.version) IN (
    SELECT * FROM unnest(:tenant_ids::uuid[], :item_ids::uuid[], :versions::int[])
)
