"""Limit what tenants use

Compatible with the release before: it knows nothing of the new tables, and the ledger still
refuses what it never did, to change or delete a row. Only the row that empties `reference` and
`metadata` is let through now.

Revision: 0006
Revises: 0005
"""

import sqlalchemy as sa
from alembic import op

revision = "0006"
down_revision = "0005"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "tenant_limits",
        sa.Column("tenant_id", sa.Uuid(), nullable=False),
        sa.Column("name", sa.Text(collation="C"), nullable=False),
        sa.Column("value", sa.Integer(), nullable=False),
        sa.Column("updated_at", sa.DateTime(timezone=True), nullable=False),
        sa.CheckConstraint("value >= 0", name=op.f("ck_tenant_limits_not_negative")),
        sa.ForeignKeyConstraint(
            ["tenant_id"], ["tenants.tenant_id"], name=op.f("fk_tenant_limits_tenant_id")
        ),
        sa.PrimaryKeyConstraint("tenant_id", "name", name=op.f("pk_tenant_limits")),
    )
    op.create_table(
        "tenant_days",
        sa.Column("tenant_id", sa.Uuid(), nullable=False),
        sa.Column("day", sa.Date(), nullable=False),
        sa.Column("redemptions", sa.BigInteger(), nullable=False),
        sa.Column("stored_bytes", sa.BigInteger(), nullable=False),
        sa.PrimaryKeyConstraint("tenant_id", "day", name=op.f("pk_tenant_days")),
        postgresql_with={"fillfactor": "50"},
    )
    op.create_table(
        "tenant_rates",
        sa.Column("tenant_id", sa.Uuid(), nullable=False),
        sa.Column("call_class", sa.Text(collation="C"), nullable=False),
        sa.Column("worker_id", sa.Uuid(), nullable=False),
        sa.Column("calls", sa.Integer(), nullable=False),
        sa.Column("counted_at", sa.DateTime(timezone=True), nullable=False),
        sa.PrimaryKeyConstraint(
            "tenant_id", "call_class", "worker_id", name=op.f("pk_tenant_rates")
        ),
        postgresql_with={"fillfactor": "50"},
    )
    op.create_table(
        "ledger_trims",
        sa.Column("tenant_id", sa.Uuid(), nullable=False),
        sa.Column("trimmed_to", sa.Uuid(), nullable=False),
        sa.ForeignKeyConstraint(
            ["tenant_id"], ["tenants.tenant_id"], name=op.f("fk_ledger_trims_tenant_id")
        ),
        sa.PrimaryKeyConstraint("tenant_id", name=op.f("pk_ledger_trims")),
    )
    op.execute("DROP TRIGGER append_only ON redemptions")
    op.execute(
        """
        CREATE TRIGGER append_only BEFORE DELETE OR TRUNCATE ON redemptions
        FOR EACH STATEMENT EXECUTE FUNCTION refuse_ledger_change()
        """
    )
    # Compared as jsonb, so that columns of later migrations are compared, too.
    op.execute(
        """
        CREATE FUNCTION refuse_ledger_update() RETURNS trigger LANGUAGE plpgsql AS $$
        BEGIN
            IF NEW.reference <> '' OR NEW.metadata IS NOT NULL
                OR to_jsonb(NEW) - 'reference' - 'metadata'
                    IS DISTINCT FROM to_jsonb(OLD) - 'reference' - 'metadata'
            THEN
                RAISE EXCEPTION 'redemptions is append-only';
            END IF;
            RETURN NEW;
        END
        $$
        """
    )
    op.execute(
        """
        CREATE TRIGGER detail_only BEFORE UPDATE ON redemptions
        FOR EACH ROW EXECUTE FUNCTION refuse_ledger_update()
        """
    )


def downgrade() -> None:
    op.execute("DROP TRIGGER detail_only ON redemptions")
    op.execute("DROP FUNCTION refuse_ledger_update()")
    op.execute("DROP TRIGGER append_only ON redemptions")
    op.execute(
        """
        CREATE TRIGGER append_only BEFORE UPDATE OR DELETE OR TRUNCATE ON redemptions
        FOR EACH STATEMENT EXECUTE FUNCTION refuse_ledger_change()
        """
    )
    op.drop_table("ledger_trims")
    op.drop_table("tenant_rates")
    op.drop_table("tenant_days")
    op.drop_table("tenant_limits")
