"""Authentication and authorisation: credentials, their verification, the policy of each RPC."""
