"""Give the lock of a code space a row of its own, key spaces their name, and a tenant one secret

Compatible with the release before, which goes on with the view `code_spaces`: it reads and writes
`key_spaces`, and has the grants of the table. That release locks a code space by the tenant's row
alone; so servers of this one lock that row, too, after their own. A later release drops the view
and the second lock.

That release rotates secrets under the lock of the tenant's row, this one under those of the
secrets: by the index, only one of two rotations at once adds a current secret.

Revision: 0007
Revises: 0006
"""

import sqlalchemy as sa
from alembic import op

revision = "0007"
down_revision = "0006"
branch_labels = None
depends_on = None


def upgrade() -> None:
    # A table of few rows; meanwhile rotations wait, and nothing else.
    op.create_index(
        "uq_tenant_secrets_current",
        "tenant_secrets",
        ["tenant_id"],
        unique=True,
        postgresql_where=sa.text("expires_at IS NULL"),
    )
    # Before the new table, because it may wait for a lock: the foreign key locks `tenants`.
    _rename("code_spaces", "key_spaces")
    op.execute("CREATE VIEW code_spaces AS SELECT * FROM key_spaces")
    op.execute(
        """
        DO $$
        DECLARE granted record;
        BEGIN
            FOR granted IN
                SELECT a.privilege_type, a.grantee::regrole AS grantee
                FROM pg_class c, aclexplode(c.relacl) a
                WHERE c.oid = 'key_spaces'::regclass
                    AND a.grantee NOT IN (0, c.relowner)
                    AND a.privilege_type IN ('SELECT', 'INSERT', 'UPDATE')
            LOOP
                EXECUTE format(
                    'GRANT %s ON code_spaces TO %s', granted.privilege_type, granted.grantee
                );
            END LOOP;
        END
        $$
        """
    )
    op.create_table(
        "code_space_locks",
        sa.Column("tenant_id", sa.Uuid(), nullable=False),
        sa.ForeignKeyConstraint(
            ["tenant_id"], ["tenants.tenant_id"], name=op.f("fk_code_space_locks_tenant_id")
        ),
        sa.PrimaryKeyConstraint("tenant_id", name=op.f("pk_code_space_locks")),
    )


def downgrade() -> None:
    op.execute("DROP VIEW code_spaces")
    _rename("key_spaces", "code_spaces")
    op.drop_table("code_space_locks")
    op.drop_index("uq_tenant_secrets_current", "tenant_secrets")


def _rename(old: str, new: str) -> None:
    """Rename the table, and its constraints as the naming convention has them."""
    op.rename_table(old, new)
    op.execute(f"ALTER TABLE {new} RENAME CONSTRAINT pk_{old} TO pk_{new}")
    op.execute(f"ALTER TABLE {new} RENAME CONSTRAINT fk_{old}_tenant_id TO fk_{new}_tenant_id")
