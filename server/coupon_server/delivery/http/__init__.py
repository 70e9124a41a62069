"""HTTP to webhook receivers, which are not trusted."""
