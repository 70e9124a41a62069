"""Who calls, and what they may do: credentials, their verification, and the policy of each RPC."""
