"""Add long jobs

Compatible with the release before: it knows nothing of the new tables, and no other table
changes.

Revision: 0004
Revises: 0003
"""

import sqlalchemy as sa
from alembic import op

revision = "0004"
down_revision = "0003"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "job_users",
        sa.Column("tenant_id", sa.Uuid(), nullable=False),
        sa.Column("job_id", sa.Uuid(), nullable=False),
        sa.Column("position", sa.Integer(), autoincrement=False, nullable=False),
        sa.Column("user_id", sa.Text(collation="C"), nullable=False),
        sa.PrimaryKeyConstraint("tenant_id", "job_id", "position", name=op.f("pk_job_users")),
    )
    op.create_index(
        "uq_job_users_user_id", "job_users", ["tenant_id", "job_id", "user_id"], unique=True
    )
    op.create_table(
        "job_queues",
        sa.Column("tenant_id", sa.Uuid(), nullable=False),
        sa.Column("turn_at", sa.DateTime(timezone=True), nullable=True),
        sa.ForeignKeyConstraint(
            ["tenant_id"], ["tenants.tenant_id"], name=op.f("fk_job_queues_tenant_id")
        ),
        sa.PrimaryKeyConstraint("tenant_id", name=op.f("pk_job_queues")),
    )
    op.create_index(
        "ix_job_queues_turn_at",
        "job_queues",
        ["turn_at"],
        unique=False,
        postgresql_where=sa.text("turn_at IS NOT NULL"),
    )
    op.create_table(
        "jobs",
        sa.Column("tenant_id", sa.Uuid(), nullable=False),
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("kind", sa.Text(), nullable=False),
        sa.Column("state", sa.Text(), nullable=False),
        sa.Column("credential_id", sa.Uuid(), nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("updated_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("started_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("finished_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("turn_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("definition_id", sa.Uuid(), nullable=True),
        sa.Column("requested", sa.Integer(), nullable=True),
        sa.Column("for_users", sa.Boolean(), nullable=True),
        sa.Column("generation_id", sa.Uuid(), nullable=True),
        sa.Column("user_id", sa.Text(collation="C"), nullable=True),
        sa.Column("coupon_status", sa.Text(), nullable=True),
        sa.Column("coupon_source", sa.Text(), nullable=True),
        sa.Column("reason", sa.Text(), nullable=True),
        sa.Column("scanned_to", sa.Uuid(), nullable=True),
        sa.Column("last_id", sa.Uuid(), nullable=True),
        sa.Column("processed", sa.Integer(), nullable=False),
        sa.Column("changed", sa.Integer(), nullable=False),
        sa.Column("faults", sa.SmallInteger(), nullable=False),
        sa.Column("halvings", sa.SmallInteger(), nullable=False),
        sa.Column("failure", sa.JSON(none_as_null=True), nullable=True),
        sa.Column("has_users", sa.Boolean(), nullable=False),
        sa.CheckConstraint("kind IN ('generation', 'revocation')", name=op.f("ck_jobs_kind")),
        sa.CheckConstraint(
            "state IN ('pending', 'running', 'succeeded', 'failed', 'cancelled', "
            "'receiving', 'abandoned')",
            name=op.f("ck_jobs_state"),
        ),
        sa.CheckConstraint("processed >= 0 AND changed >= 0", name=op.f("ck_jobs_not_negative")),
        sa.ForeignKeyConstraint(
            ["tenant_id"], ["tenants.tenant_id"], name=op.f("fk_jobs_tenant_id")
        ),
        sa.PrimaryKeyConstraint("tenant_id", "id", name=op.f("pk_jobs")),
    )
    op.create_index(
        "ix_jobs_has_users",
        "jobs",
        ["tenant_id", "id"],
        unique=False,
        postgresql_where=sa.text("has_users"),
    )
    op.create_index(
        op.f("ix_jobs_tenant_id_kind_id"), "jobs", ["tenant_id", "kind", "id"], unique=False
    )
    op.create_index(
        "ix_jobs_waiting",
        "jobs",
        ["tenant_id", "turn_at"],
        unique=False,
        postgresql_where=sa.text("state IN ('pending', 'running', 'receiving')"),
    )


def downgrade() -> None:
    op.drop_index(
        "ix_jobs_waiting",
        table_name="jobs",
        postgresql_where=sa.text("state IN ('pending', 'running', 'receiving')"),
    )
    op.drop_index(op.f("ix_jobs_tenant_id_kind_id"), table_name="jobs")
    op.drop_index("ix_jobs_has_users", table_name="jobs", postgresql_where=sa.text("has_users"))
    op.drop_table("jobs")
    op.drop_index(
        "ix_job_queues_turn_at",
        table_name="job_queues",
        postgresql_where=sa.text("turn_at IS NOT NULL"),
    )
    op.drop_table("job_queues")
    op.drop_index("uq_job_users_user_id", table_name="job_users")
    op.drop_table("job_users")
