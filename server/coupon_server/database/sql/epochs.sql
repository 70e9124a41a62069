-- name: epoch
-- What a restore or another server changes: the tables' files, the database, and when the server
-- started (a base backup, a snapshot of the disk, a standby that lagged behind).
SELECT concat_ws(
    '/',
    (SELECT oid FROM pg_database WHERE datname = current_database()),
    pg_relation_filenode('auth_revision'),
    pg_relation_filenode('coupon_definitions'),
    pg_relation_filenode('reward_item_versions'),
    extract(epoch FROM pg_postmaster_start_time())
)
