"""Count failed attempts

Compatible with the release before: it knows nothing of the new tables, and no other table
changes. Attempts that its servers answer are not counted.

Revision: 0005
Revises: 0004
"""

import sqlalchemy as sa
from alembic import op

revision = "0005"
down_revision = "0004"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "guess_policies",
        sa.Column("tenant_id", sa.Uuid(), nullable=False),
        sa.Column("limits", sa.JSON(none_as_null=True), nullable=False),
        sa.Column("changed_at", sa.DateTime(timezone=True), nullable=False),
        sa.ForeignKeyConstraint(
            ["tenant_id"], ["tenants.tenant_id"], name=op.f("fk_guess_policies_tenant_id")
        ),
        sa.PrimaryKeyConstraint("tenant_id", name=op.f("pk_guess_policies")),
    )
    op.create_index("ix_guess_policies_changed_at", "guess_policies", ["changed_at"])
    op.create_table(
        "guess_counts",
        sa.Column("tenant_id", sa.Uuid(), nullable=False),
        sa.Column("kind", sa.Text(), nullable=False),
        sa.Column("user_id", sa.Text(collation="C"), nullable=False),
        sa.Column("digest", sa.Text(collation="C"), nullable=False),
        sa.Column("started_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("current", sa.Integer(), nullable=False),
        sa.Column("previous", sa.Integer(), nullable=False),
        sa.Column("blocked_until", sa.DateTime(timezone=True), nullable=True),
        sa.Column("expires_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("changed_at", sa.DateTime(timezone=True), nullable=False),
        sa.CheckConstraint(
            "kind IN ('user_token', 'user', 'peer', 'tenant')", name=op.f("ck_guess_counts_kind")
        ),
        sa.CheckConstraint(
            "current >= 0 AND previous >= 0", name=op.f("ck_guess_counts_not_negative")
        ),
        sa.PrimaryKeyConstraint(
            "tenant_id", "kind", "user_id", "digest", name=op.f("pk_guess_counts")
        ),
    )
    op.create_index(
        "ix_guess_counts_blocked",
        "guess_counts",
        ["changed_at"],
        postgresql_where=sa.text("blocked_until IS NOT NULL"),
    )
    op.create_index("ix_guess_counts_expires_at", "guess_counts", ["expires_at"])
    op.create_table(
        "guess_alerts",
        sa.Column("tenant_id", sa.Uuid(), nullable=False),
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("failures", sa.Integer(), nullable=False),
        sa.Column("threshold", sa.Integer(), nullable=False),
        sa.Column("window", sa.Interval(), nullable=False),
        sa.Column("raised_at", sa.DateTime(timezone=True), nullable=False),
        sa.PrimaryKeyConstraint("tenant_id", "id", name=op.f("pk_guess_alerts")),
    )


def downgrade() -> None:
    op.drop_table("guess_alerts")
    op.drop_table("guess_counts")
    op.drop_table("guess_policies")
