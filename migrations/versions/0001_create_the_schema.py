"""Create the schema

Compatible with the release before: there is none.

Revision: 0001
Revises:
"""

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects import postgresql
from sqlalchemy.types import UserDefinedType

revision = "0001"
down_revision = None
branch_labels = None
depends_on = None


class Xid8(UserDefinedType[int]):
    """PostgreSQL's 64-bit transaction id."""

    cache_ok = True

    def get_col_spec(self, **_: object) -> str:
        return "xid8"


def upgrade() -> None:
    op.create_table(
        "auth_revision",
        sa.Column("singleton", sa.SmallInteger(), autoincrement=False, nullable=False),
        sa.Column("revision", sa.BigInteger(), nullable=False),
        sa.CheckConstraint("singleton = 1", name=op.f("ck_auth_revision_singleton")),
        sa.PrimaryKeyConstraint("singleton", name=op.f("pk_auth_revision")),
    )
    op.create_table(
        "credential_directory",
        sa.Column("key_id", sa.Uuid(), nullable=False),
        sa.Column("key_digest", sa.LargeBinary(), nullable=False),
        sa.Column("tenant_id", sa.Uuid(), nullable=False),
        sa.PrimaryKeyConstraint("key_id", name=op.f("pk_credential_directory")),
        sa.UniqueConstraint("key_digest", name=op.f("uq_credential_directory_key_digest")),
    )
    op.create_table(
        "holders",
        sa.Column("tenant_id", sa.Uuid(), nullable=False),
        sa.Column("definition_id", sa.Uuid(), nullable=False),
        sa.Column("user_id", sa.Text(collation="C"), nullable=False),
        sa.Column("used", sa.Integer(), nullable=False),
        sa.CheckConstraint("used >= 0", name=op.f("ck_holders_not_negative")),
        sa.PrimaryKeyConstraint("tenant_id", "definition_id", "user_id", name=op.f("pk_holders")),
        postgresql_with={"fillfactor": 80},
    )
    op.create_table(
        "outbox",
        sa.Column("tenant_id", sa.Uuid(), nullable=False),
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column(
            "transaction_id", Xid8(), server_default=sa.text("pg_current_xact_id()"), nullable=False
        ),
        sa.Column("event_type", sa.Text(), nullable=False),
        sa.Column("user_id", sa.Text(collation="C"), nullable=False),
        sa.Column("subject_id", sa.Uuid(), nullable=False),
        sa.Column("occurred_at", sa.DateTime(timezone=True), nullable=False),
        sa.PrimaryKeyConstraint("tenant_id", "id", name=op.f("pk_outbox")),
    )
    op.create_table(
        "request_answers",
        sa.Column("tenant_id", sa.Uuid(), nullable=False),
        sa.Column("caller", sa.Text(collation="C"), nullable=False),
        sa.Column("method", sa.Text(collation="C"), nullable=False),
        sa.Column("request_id", sa.Text(collation="C"), nullable=False),
        sa.Column("fingerprint", sa.LargeBinary(), nullable=False),
        sa.Column("answer", sa.LargeBinary(), nullable=True),
        sa.Column("answered_at", sa.DateTime(timezone=True), nullable=False),
        sa.PrimaryKeyConstraint(
            "tenant_id", "caller", "method", "request_id", name=op.f("pk_request_answers")
        ),
    )
    op.create_index(
        "ix_request_answers_answered_at",
        "request_answers",
        ["answered_at"],
        unique=False,
        postgresql_using="brin",
    )
    op.create_table(
        "tenants",
        sa.Column("tenant_id", sa.Uuid(), nullable=False),
        sa.Column("name", sa.Text(), nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.PrimaryKeyConstraint("tenant_id", name=op.f("pk_tenants")),
    )
    op.create_table(
        "api_keys",
        sa.Column("tenant_id", sa.Uuid(), nullable=False),
        sa.Column("key_id", sa.Uuid(), nullable=False),
        sa.Column("name", sa.Text(), nullable=False),
        sa.Column("prefix", sa.Text(), nullable=False),
        sa.Column("ciphertext", sa.LargeBinary(), nullable=False),
        sa.Column("scopes", postgresql.ARRAY(sa.Text()), nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("expires_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("revoked_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("last_used_at", sa.DateTime(timezone=True), nullable=True),
        sa.ForeignKeyConstraint(
            ["tenant_id"], ["tenants.tenant_id"], name=op.f("fk_api_keys_tenant_id")
        ),
        sa.PrimaryKeyConstraint("tenant_id", "key_id", name=op.f("pk_api_keys")),
    )
    op.create_table(
        "code_spaces",
        sa.Column("tenant_id", sa.Uuid(), nullable=False),
        sa.Column("prefix_folded", sa.Text(collation="C"), nullable=False),
        sa.Column("code_length", sa.Integer(), autoincrement=False, nullable=False),
        sa.Column("issued", sa.BigInteger(), nullable=False),
        sa.Column("unassigned", sa.BigInteger(), nullable=False),
        sa.ForeignKeyConstraint(
            ["tenant_id"], ["tenants.tenant_id"], name=op.f("fk_code_spaces_tenant_id")
        ),
        sa.PrimaryKeyConstraint(
            "tenant_id", "prefix_folded", "code_length", name=op.f("pk_code_spaces")
        ),
    )
    op.create_table(
        "reward_items",
        sa.Column("tenant_id", sa.Uuid(), nullable=False),
        sa.Column("item_id", sa.Uuid(), nullable=False),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("deleted_at", sa.DateTime(timezone=True), nullable=True),
        sa.ForeignKeyConstraint(
            ["tenant_id"], ["tenants.tenant_id"], name=op.f("fk_reward_items_tenant_id")
        ),
        sa.PrimaryKeyConstraint("tenant_id", "item_id", name=op.f("pk_reward_items")),
    )
    op.create_table(
        "tenant_secrets",
        sa.Column("tenant_id", sa.Uuid(), nullable=False),
        sa.Column("secret_id", sa.Uuid(), nullable=False),
        sa.Column("ciphertext", sa.LargeBinary(), nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("expires_at", sa.DateTime(timezone=True), nullable=True),
        sa.ForeignKeyConstraint(
            ["tenant_id"], ["tenants.tenant_id"], name=op.f("fk_tenant_secrets_tenant_id")
        ),
        sa.PrimaryKeyConstraint("tenant_id", "secret_id", name=op.f("pk_tenant_secrets")),
    )
    op.create_table(
        "coupon_definitions",
        sa.Column("tenant_id", sa.Uuid(), nullable=False),
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("revision", sa.Integer(), nullable=False),
        sa.Column("name", sa.Text(), nullable=False),
        sa.Column("description", sa.Text(), nullable=False),
        sa.Column("status", sa.Text(), nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("updated_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("archived_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("reward_item_id", sa.Uuid(), nullable=False),
        sa.Column("code_format", sa.Text(), nullable=False),
        sa.Column("code_prefix", sa.Text(collation="C"), nullable=False),
        sa.Column("code_length", sa.Integer(), nullable=False),
        sa.Column("custom_code", sa.Text(collation="C"), nullable=True),
        sa.Column("custom_code_folded", sa.Text(collation="C"), nullable=True),
        sa.Column("case_sensitive", sa.Boolean(), nullable=False),
        sa.Column("starts_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("expires_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("valid_for", sa.Interval(), nullable=True),
        sa.Column("limit_type", sa.Text(), nullable=False),
        sa.Column("max_uses", sa.Integer(), nullable=True),
        sa.Column("max_uses_per_user", sa.Integer(), nullable=True),
        sa.Column("issue_limit", sa.Integer(), nullable=True),
        sa.Column("issue_limit_per_user", sa.Integer(), nullable=True),
        sa.Column("assigned_only", sa.Boolean(), nullable=False),
        sa.Column("trigger_kind", sa.Text(), nullable=True),
        sa.Column("trigger_enabled", sa.Boolean(), nullable=False),
        sa.Column("trigger_target", sa.Text(collation="C"), nullable=True),
        sa.Column("trigger_threshold", sa.Integer(), nullable=True),
        sa.CheckConstraint(
            "(code_format = 'custom') = (custom_code IS NOT NULL)",
            name=op.f("ck_coupon_definitions_custom_code"),
        ),
        sa.CheckConstraint(
            "(limit_type = 'unlimited') = (max_uses IS NULL)",
            name=op.f("ck_coupon_definitions_max_uses"),
        ),
        sa.CheckConstraint(
            "code_format IN ('random', 'custom')", name=op.f("ck_coupon_definitions_code_format")
        ),
        sa.CheckConstraint(
            "limit_type IN ('per_user', 'global', 'unlimited')",
            name=op.f("ck_coupon_definitions_limit_type"),
        ),
        sa.CheckConstraint(
            "status IN ('active', 'paused', 'archived')", name=op.f("ck_coupon_definitions_status")
        ),
        sa.CheckConstraint(
            "trigger_kind IN ('streak_milestone', 'achievement_completed', 'leaderboard_rank')",
            name=op.f("ck_coupon_definitions_trigger_kind"),
        ),
        sa.CheckConstraint(
            "(custom_code IS NULL) = (custom_code_folded IS NULL)",
            name=op.f("ck_coupon_definitions_custom_code_folded"),
        ),
        sa.ForeignKeyConstraint(
            ["tenant_id", "reward_item_id"],
            ["reward_items.tenant_id", "reward_items.item_id"],
            name=op.f("fk_coupon_definitions_tenant_id_reward_item_id"),
        ),
        sa.PrimaryKeyConstraint("tenant_id", "id", name=op.f("pk_coupon_definitions")),
    )
    op.create_index(
        op.f("ix_coupon_definitions_tenant_id_custom_code_folded"),
        "coupon_definitions",
        ["tenant_id", "custom_code_folded"],
        unique=False,
    )
    op.create_index(
        op.f("ix_coupon_definitions_tenant_id_reward_item_id"),
        "coupon_definitions",
        ["tenant_id", "reward_item_id"],
        unique=False,
    )
    op.create_index(
        op.f("ix_coupon_definitions_tenant_id_status_id"),
        "coupon_definitions",
        ["tenant_id", "status", "id"],
        unique=False,
    )
    op.create_table(
        "reward_item_versions",
        sa.Column("tenant_id", sa.Uuid(), nullable=False),
        sa.Column("item_id", sa.Uuid(), nullable=False),
        sa.Column("version", sa.Integer(), autoincrement=False, nullable=False),
        sa.Column("name", sa.Text(), nullable=False),
        sa.Column("description", sa.Text(), nullable=False),
        sa.Column("reward_type", sa.Text(), nullable=False),
        sa.Column("payload", sa.JSON(none_as_null=True), nullable=True),
        sa.Column("updated_at", sa.DateTime(timezone=True), nullable=False),
        sa.ForeignKeyConstraint(
            ["tenant_id", "item_id"],
            ["reward_items.tenant_id", "reward_items.item_id"],
            name=op.f("fk_reward_item_versions_tenant_id_item_id"),
        ),
        sa.PrimaryKeyConstraint(
            "tenant_id", "item_id", "version", name=op.f("pk_reward_item_versions")
        ),
    )
    op.create_table(
        "coupons",
        sa.Column("tenant_id", sa.Uuid(), nullable=False),
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("definition_id", sa.Uuid(), nullable=False),
        sa.Column("user_id", sa.Text(collation="C"), nullable=True),
        sa.Column("code", sa.Text(collation="C"), nullable=False),
        sa.Column("code_folded", sa.Text(collation="C"), nullable=True),
        sa.Column("source", sa.Text(), nullable=False),
        sa.Column("generation_id", sa.Uuid(), nullable=True),
        sa.Column("generated_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("valid_until", sa.DateTime(timezone=True), nullable=True),
        sa.Column("used", sa.Integer(), nullable=False),
        sa.Column("redeemed_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("revoked_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("revoke_reason", sa.Text(), nullable=False),
        sa.CheckConstraint(
            "source IN ('generated', 'claimed', 'earned', 'imported')",
            name=op.f("ck_coupons_source"),
        ),
        sa.CheckConstraint("used >= 0", name=op.f("ck_coupons_used")),
        sa.ForeignKeyConstraint(
            ["tenant_id", "definition_id"],
            ["coupon_definitions.tenant_id", "coupon_definitions.id"],
            name=op.f("fk_coupons_tenant_id_definition_id"),
        ),
        sa.PrimaryKeyConstraint("tenant_id", "id", name=op.f("pk_coupons")),
        postgresql_with={"fillfactor": 80},
    )
    op.create_index(
        "ix_coupons_generation",
        "coupons",
        ["tenant_id", "generation_id", "id"],
        unique=False,
        postgresql_where=sa.text("generation_id IS NOT NULL"),
    )
    op.create_index(
        op.f("ix_coupons_tenant_id_definition_id_id"),
        "coupons",
        ["tenant_id", "definition_id", "id"],
        unique=False,
    )
    op.create_index(
        op.f("ix_coupons_tenant_id_user_id_id"),
        "coupons",
        ["tenant_id", "user_id", "id"],
        unique=False,
    )
    op.create_index(
        "uq_coupons_code_folded",
        "coupons",
        ["tenant_id", "code_folded"],
        unique=True,
        postgresql_where=sa.text("code_folded IS NOT NULL"),
    )
    op.create_index(
        "uq_coupons_custom_holder",
        "coupons",
        ["tenant_id", "definition_id", "user_id"],
        unique=True,
        postgresql_where=sa.text("code_folded IS NULL"),
    )
    op.create_table(
        "definition_counters",
        sa.Column("tenant_id", sa.Uuid(), nullable=False),
        sa.Column("definition_id", sa.Uuid(), nullable=False),
        sa.Column("issued", sa.Integer(), nullable=False),
        sa.Column("used", sa.Integer(), nullable=False),
        sa.CheckConstraint(
            "issued >= 0 AND used >= 0", name=op.f("ck_definition_counters_not_negative")
        ),
        sa.ForeignKeyConstraint(
            ["tenant_id", "definition_id"],
            ["coupon_definitions.tenant_id", "coupon_definitions.id"],
            name=op.f("fk_definition_counters_tenant_id_definition_id"),
        ),
        sa.PrimaryKeyConstraint("tenant_id", "definition_id", name=op.f("pk_definition_counters")),
        postgresql_with={"fillfactor": 50},
    )
    op.create_table(
        "redemptions",
        sa.Column("tenant_id", sa.Uuid(), nullable=False),
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("kind", sa.Text(), nullable=False),
        sa.Column("coupon_id", sa.Uuid(), nullable=False),
        sa.Column("definition_id", sa.Uuid(), nullable=False),
        sa.Column("user_id", sa.Text(collation="C"), nullable=False),
        sa.Column("code", sa.Text(collation="C"), nullable=False),
        sa.Column("redeemed_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("reference", sa.Text(), nullable=False),
        sa.Column("metadata", sa.JSON(none_as_null=True), nullable=True),
        sa.Column("credential_id", sa.Uuid(), nullable=False),
        sa.Column("reward_item_id", sa.Uuid(), nullable=False),
        sa.Column("reward_item_version", sa.Integer(), nullable=False),
        sa.Column("reverses_id", sa.Uuid(), nullable=True),
        sa.CheckConstraint(
            "(kind = 'reversal') = (reverses_id IS NOT NULL)",
            name=op.f("ck_redemptions_reverses_id"),
        ),
        sa.CheckConstraint("kind IN ('redemption', 'reversal')", name=op.f("ck_redemptions_kind")),
        sa.PrimaryKeyConstraint("tenant_id", "id", name=op.f("pk_redemptions")),
    )
    op.create_index(
        op.f("ix_redemptions_tenant_id_definition_id_id"),
        "redemptions",
        ["tenant_id", "definition_id", "id"],
        unique=False,
    )
    op.create_index(
        op.f("ix_redemptions_tenant_id_user_id_id"),
        "redemptions",
        ["tenant_id", "user_id", "id"],
        unique=False,
    )
    op.create_index(
        "uq_redemptions_reverses_id",
        "redemptions",
        ["tenant_id", "reverses_id"],
        unique=True,
        postgresql_where=sa.text("reverses_id IS NOT NULL"),
    )
    op.execute("INSERT INTO auth_revision (singleton, revision) VALUES (1, 1)")
    op.execute(
        """
        CREATE FUNCTION refuse_ledger_change() RETURNS trigger LANGUAGE plpgsql AS $$
        BEGIN
            RAISE EXCEPTION 'redemptions is append-only';
        END
        $$
        """
    )
    op.execute(
        """
        CREATE TRIGGER append_only BEFORE UPDATE OR DELETE OR TRUNCATE ON redemptions
        FOR EACH STATEMENT EXECUTE FUNCTION refuse_ledger_change()
        """
    )


def downgrade() -> None:
    op.drop_index(
        "uq_redemptions_reverses_id",
        table_name="redemptions",
        postgresql_where=sa.text("reverses_id IS NOT NULL"),
    )
    op.drop_index(op.f("ix_redemptions_tenant_id_user_id_id"), table_name="redemptions")
    op.drop_index(op.f("ix_redemptions_tenant_id_definition_id_id"), table_name="redemptions")
    op.drop_table("redemptions")
    op.drop_table("definition_counters")
    op.drop_index(
        "uq_coupons_custom_holder",
        table_name="coupons",
        postgresql_where=sa.text("code_folded IS NULL"),
    )
    op.drop_index(
        "uq_coupons_code_folded",
        table_name="coupons",
        postgresql_where=sa.text("code_folded IS NOT NULL"),
    )
    op.drop_index(op.f("ix_coupons_tenant_id_user_id_id"), table_name="coupons")
    op.drop_index(op.f("ix_coupons_tenant_id_definition_id_id"), table_name="coupons")
    op.drop_index(
        "ix_coupons_generation",
        table_name="coupons",
        postgresql_where=sa.text("generation_id IS NOT NULL"),
    )
    op.drop_table("coupons")
    op.drop_table("reward_item_versions")
    op.drop_index(
        op.f("ix_coupon_definitions_tenant_id_status_id"), table_name="coupon_definitions"
    )
    op.drop_index(
        op.f("ix_coupon_definitions_tenant_id_reward_item_id"), table_name="coupon_definitions"
    )
    op.drop_index(
        op.f("ix_coupon_definitions_tenant_id_custom_code_folded"), table_name="coupon_definitions"
    )
    op.drop_table("coupon_definitions")
    op.drop_table("tenant_secrets")
    op.drop_table("reward_items")
    op.drop_table("code_spaces")
    op.drop_table("api_keys")
    op.drop_table("tenants")
    op.drop_index(
        "ix_request_answers_answered_at", table_name="request_answers", postgresql_using="brin"
    )
    op.drop_table("request_answers")
    op.drop_table("outbox")
    op.drop_table("holders")
    op.drop_table("credential_directory")
    op.drop_table("auth_revision")
    op.execute("DROP FUNCTION refuse_ledger_change()")
