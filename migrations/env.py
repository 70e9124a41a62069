"""Runs migrations on the connection that `coupon_server.storage.migrations` hands over."""

from alembic import context

from coupon_server.storage.migrations import configure

configure(context)
