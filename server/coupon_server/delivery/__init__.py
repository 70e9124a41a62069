"""Outbound delivery: the outbox's events to streams, webhooks and a message broker."""
