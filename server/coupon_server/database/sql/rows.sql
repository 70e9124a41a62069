-- The columns that `rows` makes domain values of, one by one: `*` would be more columns after the
-- next migration, and PostgreSQL refuses a prepared statement whose result has changed.

-- fragment: definition_columns
d.tenant_id, d.id, d.name, d.description, d.status, d.created_at, d.updated_at, d.revision,
    d.archived_at, d.reward_item_id, d.code_format, d.code_prefix, d.code_length, d.custom_code,
    d.case_sensitive, d.starts_at, d.expires_at, d.limit_type, d.max_uses, d.valid_for,
    d.max_uses_per_user, d.issue_limit, d.issue_limit_per_user, d.assigned_only, d.trigger_kind,
    d.trigger_enabled, d.trigger_target, d.trigger_threshold

-- fragment: coupon_columns
c.tenant_id, c.id, c.definition_id, c.user_id, c.code, c.source, c.generation_id, c.generated_at,
    c.valid_until, c.used, c.redeemed_at, c.revoked_at, c.revoke_reason
