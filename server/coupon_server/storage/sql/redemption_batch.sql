-- The rows of a batch of redemptions. Rows are looked up one by one (LATERAL), in key order, by a
-- plan that does not depend on how large the tables were when it was made.

-- fragment: match_codes
-- What each typed code means to its user. A random code is a coupon's own; a custom code is that of
-- a definition, the live one or, when there is none, the one archived last. A code that is not the
-- user's exists, but has no ids: from here on it costs what an unknown code costs, and locks as
-- little, so that the time of an answer does not tell the two apart. That needs no lock, because a
-- coupon's user never changes.
--
-- `open`: whether the code is the user's; NULL: if there is a coupon, which is one of nobody yet, or
-- the user's own of a custom code that is for holders alone.
unnest(:tenant_ids::uuid[], :folded_codes::text[], :exact_codes::text[], :user_ids::text[])
    WITH ORDINALITY AS attempt(tenant_id, folded, exact, user_id, position)
LEFT JOIN LATERAL (
    SELECT
        true AS exists,
        CASE WHEN access.open THEN code.definition_id END AS definition_id,
        CASE WHEN access.open THEN code.coupon_id END AS coupon_id
    FROM (
        SELECT c.definition_id, c.id AS coupon_id, c.user_id = attempt.user_id AS open
        FROM coupons c
        JOIN coupon_definitions d
            ON d.tenant_id = c.tenant_id AND d.id = c.definition_id
        WHERE c.tenant_id = attempt.tenant_id AND c.code_folded = attempt.folded
            AND (NOT d.case_sensitive OR c.code = attempt.exact)
        UNION ALL
        SELECT
            d.id,
            (
                SELECT c.id
                FROM coupons c
                WHERE c.tenant_id = attempt.tenant_id AND c.definition_id = d.id
                    AND c.user_id = attempt.user_id AND c.code_folded IS NULL
            ),
            nullif(NOT d.assigned_only OR attempt.user_id IS NULL, false)
        FROM (
            SELECT d.id, d.assigned_only
            FROM coupon_definitions d
            WHERE d.tenant_id = attempt.tenant_id AND d.custom_code_folded = attempt.folded
                AND (NOT d.case_sensitive OR d.custom_code = attempt.exact)
            ORDER BY d.archived_at DESC NULLS FIRST
            LIMIT 1
        ) d
        LIMIT 1
    ) code
    CROSS JOIN LATERAL (SELECT coalesce(code.open, code.coupon_id IS NOT NULL) AS open) access
) matched ON true

-- name: lock
-- Each CTE reads the one before in a subquery that PostgreSQL evaluates first, which makes the
-- order of the lock classes certain. The user counter's row is made when it is missing; the update
-- that never happens locks it when it is there.
WITH matched_codes AS MATERIALIZED (
    SELECT attempt.tenant_id, attempt.user_id, matched.definition_id, matched.coupon_id
    FROM {match_codes}
    WHERE matched.definition_id IS NOT NULL
),
locked_definitions AS MATERIALIZED (
    SELECT m.tenant_id, m.definition_id, d.is_counted
    FROM (SELECT DISTINCT tenant_id, definition_id FROM matched_codes ORDER BY 1, 2) m
    CROSS JOIN LATERAL (
        SELECT d.limit_type = 'global' OR d.code_format = 'custom' AS is_counted
        FROM coupon_definitions d
        WHERE d.tenant_id = m.tenant_id AND d.id = m.definition_id
        FOR KEY SHARE
    ) d
),
locked_definition_counters AS MATERIALIZED (
    SELECT 1
    FROM (
        SELECT * FROM locked_definitions WHERE is_counted ORDER BY tenant_id, definition_id
    ) m
    CROSS JOIN LATERAL (
        SELECT 1
        FROM definition_counters k
        WHERE k.tenant_id = m.tenant_id AND k.definition_id = m.definition_id
        FOR UPDATE
    ) k
),
locked_user_counters AS (
    INSERT INTO {user_counters} AS h (tenant_id, definition_id, user_id, used)
    SELECT DISTINCT tenant_id, definition_id, user_id, 0
    FROM matched_codes
    WHERE (SELECT count(*) FROM locked_definition_counters) >= 0
    ORDER BY 1, 2, 3
    ON CONFLICT (tenant_id, definition_id, user_id) DO UPDATE SET used = h.used WHERE false
    RETURNING 1
)
SELECT m.definition_id, c.id AS coupon_id
FROM (
    SELECT DISTINCT tenant_id, definition_id, coupon_id
    FROM matched_codes
    WHERE (SELECT count(*) FROM locked_user_counters) >= 0
    ORDER BY 1, 3
) m
LEFT JOIN LATERAL (
    SELECT c.id
    FROM coupons c
    WHERE c.tenant_id = m.tenant_id AND c.id = m.coupon_id
    FOR UPDATE
) c ON true

-- name: load
SELECT
    d.id AS matched_id,
    matched.exists,
    d.revision,
    d.code_format = 'custom' AS is_custom,
    i.version AS reward_item_version,
    k.issued AS definition_issued,
    k.used AS definition_used,
    coalesce((
        SELECT h.used
        FROM {user_counters} h
        WHERE h.tenant_id = d.tenant_id AND h.definition_id = d.id AND h.user_id = attempt.user_id
    ), 0) AS user_used,
    {coupon_columns}
FROM {match_codes}
LEFT JOIN coupon_definitions d
    ON d.tenant_id = attempt.tenant_id AND d.id = matched.definition_id
LEFT JOIN reward_items i ON i.tenant_id = d.tenant_id AND i.item_id = d.reward_item_id
LEFT JOIN definition_counters k ON k.tenant_id = d.tenant_id AND k.definition_id = d.id
LEFT JOIN coupons c ON c.tenant_id = attempt.tenant_id AND c.id = matched.coupon_id
ORDER BY attempt.position

-- name: save
-- The ledger rows are the changes: every counter moves by what they add up to.
WITH redemption AS MATERIALIZED (
    SELECT *
    FROM unnest(
        :tenant_ids::uuid[], :ids::uuid[], :coupon_ids::uuid[], :definition_ids::uuid[],
        :user_ids::text[], :codes::text[], :references::text[], :metadata::json[],
        :credential_ids::uuid[], :reward_item_ids::uuid[], :reward_item_versions::int[]
    ) AS redemption(
        tenant_id, id, coupon_id, definition_id,
        user_id, code, reference, metadata,
        credential_id, reward_item_id, reward_item_version
    )
),
used_coupons AS (
    UPDATE coupons c
    SET used = c.used + r.uses, redeemed_at = :now, user_id = r.user_id
    FROM (
        SELECT tenant_id, coupon_id, user_id, count(*) AS uses FROM redemption GROUP BY 1, 2, 3
    ) r
    WHERE c.tenant_id = r.tenant_id AND c.id = r.coupon_id AND c.revoked_at IS NULL
    RETURNING c.tenant_id, c.definition_id, c.user_id, r.uses
),
user_counters AS (
    INSERT INTO {user_counters} AS h (tenant_id, definition_id, user_id, used)
    SELECT tenant_id, definition_id, user_id, sum(uses)
    FROM used_coupons
    GROUP BY 1, 2, 3
    ON CONFLICT (tenant_id, definition_id, user_id) DO UPDATE SET used = h.used + excluded.used
),
global_counters AS (
    UPDATE definition_counters k
    SET used = k.used + u.uses
    FROM (
        SELECT u.tenant_id, u.definition_id, sum(u.uses) AS uses
        FROM used_coupons u
        JOIN coupon_definitions d ON d.tenant_id = u.tenant_id AND d.id = u.definition_id
        WHERE d.limit_type = 'global'
        GROUP BY 1, 2
    ) u
    WHERE k.tenant_id = u.tenant_id AND k.definition_id = u.definition_id
),
ledger AS (
    INSERT INTO redemptions (
        tenant_id, id, kind, coupon_id, definition_id, user_id, code, redeemed_at, reference,
        metadata, credential_id, reward_item_id, reward_item_version
    )
    SELECT
        tenant_id, id, 'redemption', coupon_id, definition_id, user_id, code, :now, reference,
        metadata, credential_id, reward_item_id, reward_item_version
    FROM redemption
),
outbox_events AS (
    {insert_ledger_events}
)
SELECT coalesce(sum(uses), 0) FROM used_coupons
