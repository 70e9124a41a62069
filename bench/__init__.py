"""How many redemptions per second, against a no-op RPC and against pgbench in the same run."""
