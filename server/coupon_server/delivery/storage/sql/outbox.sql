-- fragment: insert_ledger_events
-- The event of each redemption, which is known by the ledger row's id. For a statement with the
-- ledger rows in a CTE `redemption`, made at `:now`.
INSERT INTO outbox (tenant_id, id, event_type, user_id, subject_id, occurred_at)
SELECT tenant_id, id, 'coupon.redeemed', user_id, id, :now
FROM redemption
