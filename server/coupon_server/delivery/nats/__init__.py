"""The connection to NATS, and publishing to JetStream."""
