-- name: fetch_many
SELECT
    {definition_columns}
FROM coupon_definitions d
WHERE (d.tenant_id, d.id) IN (SELECT * FROM unnest(:tenant_ids::uuid[], :ids::uuid[]))
