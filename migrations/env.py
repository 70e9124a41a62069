"""Runs migrations on the connection that `coupon_server.database.migrations` hands over."""

from alembic import context

from coupon_server.database.migrations import configure

configure(context)
