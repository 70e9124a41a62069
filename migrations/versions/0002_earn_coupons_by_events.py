"""Earn coupons by events

Compatible with the release before: it neither reads nor writes the new tables, and what it writes
of definitions is in the new indexes by itself. While those are built, for as long as
coupon_definitions is read once, changes of definitions wait; generation and redemption do not.

Revision: 0002
Revises: 0001
"""

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects import postgresql

revision = "0002"
down_revision = "0001"
branch_labels = None
depends_on = None

EARNABLE = sa.text("trigger_enabled AND status = 'active'")


def upgrade() -> None:
    op.create_table(
        "events",
        sa.Column("tenant_id", sa.Uuid(), nullable=False),
        sa.Column("event_id", sa.Text(collation="C"), nullable=False),
        sa.Column("received_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("coupon_ids", postgresql.ARRAY(sa.Uuid()), nullable=True),
        sa.Column("coupons_created", postgresql.ARRAY(sa.Boolean()), nullable=True),
        sa.PrimaryKeyConstraint("tenant_id", "event_id", name=op.f("pk_events")),
    )
    op.create_index(
        "ix_events_received_at",
        "events",
        ["received_at"],
        unique=False,
        postgresql_using="brin",
    )
    op.create_table(
        "earned_coupons",
        sa.Column("tenant_id", sa.Uuid(), nullable=False),
        sa.Column("definition_id", sa.Uuid(), nullable=False),
        sa.Column("user_id", sa.Text(collation="C"), nullable=False),
        sa.Column("occurrence", sa.Text(collation="C"), nullable=False),
        sa.Column("coupon_id", sa.Uuid(), nullable=False),
        sa.PrimaryKeyConstraint(
            "tenant_id", "definition_id", "user_id", "occurrence", name=op.f("pk_earned_coupons")
        ),
    )
    op.create_table(
        "progress",
        sa.Column("tenant_id", sa.Uuid(), nullable=False),
        sa.Column("user_id", sa.Text(collation="C"), nullable=False),
        sa.Column("trigger_kind", sa.Text(), nullable=False),
        sa.Column("target", sa.Text(collation="C"), nullable=False),
        sa.Column("occurrence", sa.Text(collation="C"), nullable=False),
        sa.Column("value", sa.Integer(), nullable=False),
        sa.Column("occurred_at", sa.DateTime(timezone=True), nullable=False),
        sa.PrimaryKeyConstraint(
            "tenant_id",
            "user_id",
            "trigger_kind",
            "target",
            "occurrence",
            name=op.f("pk_progress"),
        ),
        postgresql_with={"fillfactor": 80},
    )
    op.create_index(
        "ix_coupon_definitions_trigger",
        "coupon_definitions",
        ["tenant_id", "trigger_kind", "trigger_target", "trigger_threshold"],
        unique=False,
        postgresql_where=EARNABLE,
    )
    op.create_index(
        "ix_coupon_definitions_earnable",
        "coupon_definitions",
        ["tenant_id", "id"],
        unique=False,
        postgresql_where=EARNABLE,
    )


def downgrade() -> None:
    op.drop_index("ix_coupon_definitions_earnable", table_name="coupon_definitions")
    op.drop_index("ix_coupon_definitions_trigger", table_name="coupon_definitions")
    op.drop_table("progress")
    op.drop_table("earned_coupons")
    op.drop_index("ix_events_received_at", table_name="events", postgresql_using="brin")
    op.drop_table("events")
