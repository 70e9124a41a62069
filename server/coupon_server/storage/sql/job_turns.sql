-- name: bound_step
-- A server that is gone without a word must not keep a turn for longer than this. And a step that
-- waits for a lock takes a place from the jobs of other tenants; so much time is for those who
-- queue before it.
SELECT
    set_config('idle_in_transaction_session_timeout', '30s', true),
    set_config('lock_timeout', '1s', true)
