"""Deliver the outbox: sequences, streams, webhooks

Compatible with the release before: its servers go on writing the outbox, whose new columns fill
themselves or may be empty, and never read it. Rows from before this migration have no position;
they count as older than all that have one. Whoever may write the outbox may draw positions, so
that servers of the release before need no new grant. The indexes of the outbox are built
CONCURRENTLY; if one of them fails, run the migration again.

Revision: 0003
Revises: 0002
"""

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects import postgresql

revision = "0003"
down_revision = "0002"
branch_labels = None
depends_on = None

NO_EVENT = "00000000-0000-0000-0000-000000000000"

# Name, columns, whether unique, and which rows.
OUTBOX_INDEXES = (
    ("ix_outbox_unsequenced", ["tenant_id", "position", "id"], False, "sequence IS NULL"),
    ("uq_outbox_sequence", ["tenant_id", "sequence"], True, "sequence IS NOT NULL"),
    ("ix_outbox_user", ["tenant_id", "user_id", "sequence"], False, "sequence IS NOT NULL"),
)


def upgrade() -> None:
    _extend_outbox()
    _create_streams()
    _create_webhooks()
    with op.get_context().autocommit_block():
        for name, columns, unique, where in OUTBOX_INDEXES:
            # What an earlier run may have left half built.
            op.drop_index(name, table_name="outbox", if_exists=True, postgresql_concurrently=True)
            op.create_index(
                name,
                "outbox",
                columns,
                unique=unique,
                postgresql_where=sa.text(where),
                postgresql_concurrently=True,
            )


def _extend_outbox() -> None:
    # Not an identity column, which would be filled in for the rows there are, by rewriting them.
    op.execute("CREATE SEQUENCE IF NOT EXISTS outbox_position_seq")
    op.execute("GRANT USAGE ON SEQUENCE outbox_position_seq TO PUBLIC")
    for column in (
        sa.Column("position", sa.BigInteger(), nullable=True),
        sa.Column("sequence", sa.BigInteger(), nullable=True),
        sa.Column("delivered_at", sa.DateTime(timezone=True), nullable=True),
    ):
        op.add_column("outbox", column, if_not_exists=True)
    op.alter_column(
        "outbox", "position", server_default=sa.text("nextval('outbox_position_seq'::regclass)")
    )
    op.execute("ALTER SEQUENCE outbox_position_seq OWNED BY outbox.position")
    op.drop_column("outbox", "transaction_id", if_exists=True)


def _create_streams() -> None:
    op.create_table(
        "outbox_streams",
        sa.Column("tenant_id", sa.Uuid(), nullable=False),
        sa.Column("last_sequence", sa.BigInteger(), nullable=False),
        sa.Column("acknowledged_sequence", sa.BigInteger(), nullable=True),
        sa.Column("published_sequence", sa.BigInteger(), nullable=True),
        sa.Column("publisher_id", sa.Uuid(), nullable=True),
        sa.Column("publishing_until", sa.DateTime(timezone=True), nullable=True),
        sa.ForeignKeyConstraint(
            ["tenant_id"], ["tenants.tenant_id"], name=op.f("fk_outbox_streams_tenant_id")
        ),
        sa.PrimaryKeyConstraint("tenant_id", name=op.f("pk_outbox_streams")),
        if_not_exists=True,
    )
    op.create_index(
        "ix_outbox_streams_unpublished",
        "outbox_streams",
        ["tenant_id"],
        unique=False,
        postgresql_where=sa.text("COALESCE(published_sequence, 0) < last_sequence"),
        if_not_exists=True,
    )


def _create_webhooks() -> None:
    op.create_table(
        "webhook_endpoints",
        sa.Column("tenant_id", sa.Uuid(), nullable=False),
        sa.Column("endpoint_id", sa.Uuid(), nullable=False),
        sa.Column("revision", sa.Integer(), nullable=False),
        sa.Column("url", sa.Text(), nullable=False),
        sa.Column("description", sa.Text(), nullable=False),
        sa.Column("event_types", postgresql.ARRAY(sa.Text()), nullable=False),
        sa.Column("status", sa.Text(), nullable=False),
        sa.Column("ciphertext", sa.LargeBinary(), nullable=False),
        sa.Column("previous_ciphertext", sa.LargeBinary(), nullable=True),
        sa.Column("previous_until", sa.DateTime(timezone=True), nullable=True),
        sa.Column("failures", sa.Integer(), nullable=False),
        sa.Column("not_before", sa.DateTime(timezone=True), nullable=True),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("updated_at", sa.DateTime(timezone=True), nullable=False),
        sa.CheckConstraint(
            "(previous_ciphertext IS NULL) = (previous_until IS NULL)",
            name=op.f("ck_webhook_endpoints_previous"),
        ),
        sa.CheckConstraint(
            "status IN ('active', 'paused', 'disabled')", name=op.f("ck_webhook_endpoints_status")
        ),
        sa.ForeignKeyConstraint(
            ["tenant_id"], ["tenants.tenant_id"], name=op.f("fk_webhook_endpoints_tenant_id")
        ),
        sa.PrimaryKeyConstraint("tenant_id", "endpoint_id", name=op.f("pk_webhook_endpoints")),
        if_not_exists=True,
    )
    op.create_table(
        "webhook_lanes",
        sa.Column("tenant_id", sa.Uuid(), nullable=False),
        sa.Column("endpoint_id", sa.Uuid(), nullable=False),
        sa.Column("user_id", sa.Text(collation="C"), nullable=False),
        sa.Column(
            "redelivers", sa.Uuid(), server_default=sa.text(f"'{NO_EVENT}'::uuid"), nullable=False
        ),
        sa.Column("next_sequence", sa.BigInteger(), nullable=False),
        sa.Column("last_sequence", sa.BigInteger(), nullable=False),
        sa.Column("waiting_since", sa.DateTime(timezone=True), nullable=False),
        sa.Column("claimed", sa.Boolean(), nullable=False),
        sa.Column("attempts", sa.Integer(), nullable=False),
        sa.Column("first_attempt_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("next_attempt_at", sa.DateTime(timezone=True), nullable=False),
        sa.ForeignKeyConstraint(
            ["tenant_id", "endpoint_id"],
            ["webhook_endpoints.tenant_id", "webhook_endpoints.endpoint_id"],
            name=op.f("fk_webhook_lanes_tenant_id_endpoint_id"),
            ondelete="CASCADE",
        ),
        sa.PrimaryKeyConstraint(
            "tenant_id", "endpoint_id", "user_id", "redelivers", name=op.f("pk_webhook_lanes")
        ),
        if_not_exists=True,
    )
    op.create_index(
        op.f("ix_webhook_lanes_tenant_id_endpoint_id_next_attempt_at"),
        "webhook_lanes",
        ["tenant_id", "endpoint_id", "next_attempt_at"],
        unique=False,
        if_not_exists=True,
    )
    op.create_table(
        "webhook_attempts",
        sa.Column("tenant_id", sa.Uuid(), nullable=False),
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("endpoint_id", sa.Uuid(), nullable=False),
        sa.Column("event_id", sa.Uuid(), nullable=False),
        sa.Column("event_type", sa.Text(), nullable=False),
        sa.Column("attempt", sa.Integer(), nullable=False),
        sa.Column("delivered", sa.Boolean(), nullable=False),
        sa.Column("status_code", sa.Integer(), nullable=True),
        sa.Column("error", sa.Text(), nullable=False),
        sa.Column("latency_ms", sa.Integer(), nullable=False),
        sa.Column("attempted_at", sa.DateTime(timezone=True), nullable=False),
        sa.PrimaryKeyConstraint("tenant_id", "id", name=op.f("pk_webhook_attempts")),
        if_not_exists=True,
    )
    op.create_index(
        op.f("ix_webhook_attempts_tenant_id_endpoint_id_id"),
        "webhook_attempts",
        ["tenant_id", "endpoint_id", "id"],
        unique=False,
        if_not_exists=True,
    )
    op.create_index(
        op.f("ix_webhook_attempts_tenant_id_event_id_id"),
        "webhook_attempts",
        ["tenant_id", "event_id", "id"],
        unique=False,
        if_not_exists=True,
    )
    op.create_index(
        "ix_webhook_attempts_attempted_at",
        "webhook_attempts",
        ["attempted_at"],
        unique=False,
        postgresql_using="brin",
        if_not_exists=True,
    )
    op.create_table(
        "webhook_dead_letters",
        sa.Column("tenant_id", sa.Uuid(), nullable=False),
        sa.Column("endpoint_id", sa.Uuid(), nullable=False),
        sa.Column("event_id", sa.Uuid(), nullable=False),
        sa.Column("sequence", sa.BigInteger(), nullable=False),
        sa.Column("event_type", sa.Text(), nullable=False),
        sa.Column("user_id", sa.Text(collation="C"), nullable=False),
        sa.Column("attempts", sa.Integer(), nullable=False),
        sa.Column("status_code", sa.Integer(), nullable=True),
        sa.Column("error", sa.Text(), nullable=False),
        sa.Column("died_at", sa.DateTime(timezone=True), nullable=False),
        sa.ForeignKeyConstraint(
            ["tenant_id", "endpoint_id"],
            ["webhook_endpoints.tenant_id", "webhook_endpoints.endpoint_id"],
            name=op.f("fk_webhook_dead_letters_tenant_id_endpoint_id"),
            ondelete="CASCADE",
        ),
        sa.PrimaryKeyConstraint(
            "tenant_id", "endpoint_id", "event_id", name=op.f("pk_webhook_dead_letters")
        ),
        if_not_exists=True,
    )
    op.create_index(
        op.f("ix_webhook_dead_letters_tenant_id_event_id"),
        "webhook_dead_letters",
        ["tenant_id", "event_id"],
        unique=False,
        if_not_exists=True,
    )


def downgrade() -> None:
    op.drop_table("webhook_dead_letters")
    op.drop_table("webhook_attempts")
    op.drop_table("webhook_lanes")
    op.drop_table("webhook_endpoints")
    op.drop_table("outbox_streams")
    for name, _, _, _ in reversed(OUTBOX_INDEXES):
        op.drop_index(name, table_name="outbox")
    op.drop_column("outbox", "delivered_at")
    op.drop_column("outbox", "sequence")
    op.drop_column("outbox", "position")
    op.execute(
        "ALTER TABLE outbox ADD COLUMN transaction_id xid8 NOT NULL DEFAULT pg_current_xact_id()"
    )
