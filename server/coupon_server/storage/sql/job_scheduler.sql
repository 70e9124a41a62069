-- name: bound_step
-- A server that disappears must not hold the lease for longer than this. And a step that waits for a
-- lock occupies a loop of the worker: the lock timeout is short.
SELECT
    set_config('idle_in_transaction_session_timeout', '30s', true),
    set_config('lock_timeout', '1s', true)
