"""HTTP to receivers of webhooks, which are not trusted."""
