"""The schema. Every key begins with `tenant_id`, so that the tables shard unchanged.

The two exceptions are what a presented credential is found by before its tenant is known
(`credential_directory`), and the row that tells every server that a credential or a limit
changed (`auth_revision`).
"""

from sqlalchemy import (
    JSON,
    BigInteger,
    Boolean,
    CheckConstraint,
    Column,
    Date,
    DateTime,
    ForeignKeyConstraint,
    Index,
    Integer,
    Interval,
    LargeBinary,
    MetaData,
    Sequence,
    SmallInteger,
    Table,
    Text,
    Uuid,
    text,
)
from sqlalchemy.dialects.postgresql import ARRAY

REVISION = "0007"
"""The migration that these tables need; a database may be ahead of it."""

metadata = MetaData(
    naming_convention={
        "ix": "ix_%(table_name)s_%(column_0_N_name)s",
        "uq": "uq_%(table_name)s_%(column_0_N_name)s",
        "ck": "ck_%(table_name)s_%(constraint_name)s",
        "fk": "fk_%(table_name)s_%(column_0_N_name)s",
        "pk": "pk_%(table_name)s",
    }
)


def _id(name: str, *, nullable: bool = False) -> Column[object]:
    return Column(name, Uuid, nullable=nullable)


def _primary(*names: str) -> list[Column[object]]:
    return [Column(name, Uuid, primary_key=True) for name in names]


def _time(name: str, *, key: str | None = None, nullable: bool = False) -> Column[object]:
    return Column(name, DateTime(timezone=True), key=key, nullable=nullable)


def _text(name: str, *, nullable: bool = False) -> Column[object]:
    # Compared by code point, as the application compares: never by a locale's rules.
    return Column(name, Text(collation="C"), nullable=nullable)


def _one_of(column: str, *words: str) -> CheckConstraint:
    quoted = ", ".join(f"'{word}'" for word in words)
    return CheckConstraint(f"{column} IN ({quoted})", name=column)


tenants = Table(
    "tenants",
    metadata,
    *_primary("tenant_id"),
    Column("name", Text, nullable=False),
    _time("created_at"),
)

auth_revision = Table(
    "auth_revision",
    metadata,
    Column("singleton", SmallInteger, primary_key=True, autoincrement=False),
    Column("revision", BigInteger, nullable=False),
    CheckConstraint("singleton = 1", name="singleton"),
)

credential_directory = Table(
    "credential_directory",
    metadata,
    *_primary("key_id"),
    Column("key_digest", LargeBinary, nullable=False, unique=True),
    _id("tenant_id"),
)

api_keys = Table(
    "api_keys",
    metadata,
    *_primary("tenant_id", "key_id"),
    Column("name", Text, nullable=False),
    Column("prefix", Text, nullable=False),
    Column("ciphertext", LargeBinary, nullable=False),
    Column("scopes", ARRAY(Text), nullable=False),
    _time("created_at"),
    _time("expires_at", nullable=True),
    _time("revoked_at", nullable=True),
    _time("last_used_at", nullable=True),
    ForeignKeyConstraint(["tenant_id"], ["tenants.tenant_id"]),
)

tenant_secrets = Table(
    "tenant_secrets",
    metadata,
    *_primary("tenant_id", "secret_id"),
    Column("ciphertext", LargeBinary, nullable=False),
    _time("created_at"),
    # NULL: the current secret.
    _time("expires_at", nullable=True),
    ForeignKeyConstraint(["tenant_id"], ["tenants.tenant_id"]),
    Index(
        "uq_tenant_secrets_current",
        "tenant_id",
        unique=True,
        postgresql_where=text("expires_at IS NULL"),
    ),
)

reward_items = Table(
    "reward_items",
    metadata,
    *_primary("tenant_id", "item_id"),
    Column("version", Integer, nullable=False),
    _time("created_at"),
    _time("deleted_at", nullable=True),
    ForeignKeyConstraint(["tenant_id"], ["tenants.tenant_id"]),
)

# Every version is kept: a ledger row names the version it granted instead of copying it.
reward_item_versions = Table(
    "reward_item_versions",
    metadata,
    *_primary("tenant_id", "item_id"),
    Column("version", Integer, primary_key=True, autoincrement=False),
    Column("name", Text, nullable=False),
    Column("description", Text, nullable=False),
    Column("reward_type", Text, nullable=False),
    # json, not jsonb: what was sent comes back to the digit.
    Column("payload", JSON(none_as_null=True), nullable=True),
    _time("updated_at"),
    ForeignKeyConstraint(
        ["tenant_id", "item_id"], ["reward_items.tenant_id", "reward_items.item_id"]
    ),
)

_EARNABLE = text("trigger_enabled AND status = 'active'")

coupon_definitions = Table(
    "coupon_definitions",
    metadata,
    *_primary("tenant_id", "id"),
    Column("revision", Integer, nullable=False),
    Column("name", Text, nullable=False),
    Column("description", Text, nullable=False),
    Column("status", Text, nullable=False),
    _time("created_at"),
    _time("updated_at"),
    _time("archived_at", nullable=True),
    _id("reward_item_id"),
    Column("code_format", Text, nullable=False),
    _text("code_prefix"),
    Column("code_length", Integer, nullable=False),
    _text("custom_code", nullable=True),
    _text("custom_code_folded", nullable=True),
    Column("case_sensitive", Boolean, nullable=False),
    _time("starts_at", nullable=True),
    _time("expires_at", nullable=True),
    Column("valid_for", Interval, nullable=True),
    Column("limit_type", Text, nullable=False),
    Column("max_uses", Integer, nullable=True),
    Column("max_uses_per_user", Integer, nullable=True),
    Column("issue_limit", Integer, nullable=True),
    Column("issue_limit_per_user", Integer, nullable=True),
    Column("assigned_only", Boolean, nullable=False),
    # What hands out coupons: NULL, or the trigger, the id it watches and its threshold.
    Column("trigger_kind", Text, nullable=True),
    Column("trigger_enabled", Boolean, nullable=False),
    _text("trigger_target", nullable=True),
    Column("trigger_threshold", Integer, nullable=True),
    _one_of("status", "active", "paused", "archived"),
    _one_of("code_format", "random", "custom"),
    _one_of("limit_type", "per_user", "global", "unlimited"),
    _one_of("trigger_kind", "streak_milestone", "achievement_completed", "leaderboard_rank"),
    CheckConstraint("(limit_type = 'unlimited') = (max_uses IS NULL)", name="max_uses"),
    CheckConstraint("(code_format = 'custom') = (custom_code IS NOT NULL)", name="custom_code"),
    CheckConstraint(
        "(custom_code IS NULL) = (custom_code_folded IS NULL)", name="custom_code_folded"
    ),
    ForeignKeyConstraint(
        ["tenant_id", "reward_item_id"], ["reward_items.tenant_id", "reward_items.item_id"]
    ),
    Index(None, "tenant_id", "custom_code_folded"),
    Index(None, "tenant_id", "reward_item_id"),
    Index(None, "tenant_id", "status", "id"),
    # What an event is matched by, and what can be earned, whatever else there is.
    Index(
        "ix_coupon_definitions_trigger",
        "tenant_id",
        "trigger_kind",
        "trigger_target",
        "trigger_threshold",
        postgresql_where=_EARNABLE,
    ),
    Index("ix_coupon_definitions_earnable", "tenant_id", "id", postgresql_where=_EARNABLE),
)

# Hot rows of few columns: a global limit is counted under this row's lock.
definition_counters = Table(
    "definition_counters",
    metadata,
    *_primary("tenant_id", "definition_id"),
    Column("issued", Integer, nullable=False),
    # Redemptions less reversals; counted under a global limit alone.
    Column("used", Integer, nullable=False),
    CheckConstraint("issued >= 0 AND used >= 0", name="not_negative"),
    ForeignKeyConstraint(
        ["tenant_id", "definition_id"], ["coupon_definitions.tenant_id", "coupon_definitions.id"]
    ),
    postgresql_with={"fillfactor": 50},
)

# One user's redemptions less reversals over all coupons of a definition.
user_counters = Table(
    "holders",
    metadata,
    *_primary("tenant_id", "definition_id"),
    Column("user_id", Text(collation="C"), primary_key=True),
    Column("used", Integer, nullable=False),
    CheckConstraint("used >= 0", name="not_negative"),
    postgresql_with={"fillfactor": 80},
)

# Locked by transactions that make codes of the tenant, or take a custom one.
code_space_locks = Table(
    "code_space_locks",
    metadata,
    *_primary("tenant_id"),
    ForeignKeyConstraint(["tenant_id"], ["tenants.tenant_id"]),
)

# How many random codes a tenant has of one prefix and length. `unassigned` may lag behind
# claims; it is counted anew before a generation is refused for it.
key_spaces = Table(
    "key_spaces",
    metadata,
    *_primary("tenant_id"),
    Column("prefix_folded", Text(collation="C"), primary_key=True),
    Column("code_length", Integer, primary_key=True, autoincrement=False),
    Column("issued", BigInteger, nullable=False),
    Column("unassigned", BigInteger, nullable=False),
    ForeignKeyConstraint(["tenant_id"], ["tenants.tenant_id"]),
)

coupons = Table(
    "coupons",
    metadata,
    *_primary("tenant_id", "id"),
    _id("definition_id"),
    _text("user_id", nullable=True),
    _text("code"),
    # The form in which a random code is looked up; NULL for a custom code, which is found
    # by its definition.
    _text("code_folded", nullable=True),
    Column("source", Text, nullable=False),
    _id("generation_id", nullable=True),
    _time("generated_at"),
    _time("valid_until", nullable=True),
    Column("used", Integer, nullable=False),
    _time("redeemed_at", nullable=True),
    _time("revoked_at", nullable=True),
    Column("revoke_reason", Text, nullable=False),
    _one_of("source", "generated", "claimed", "earned", "imported"),
    CheckConstraint("used >= 0", name="used"),
    ForeignKeyConstraint(
        ["tenant_id", "definition_id"], ["coupon_definitions.tenant_id", "coupon_definitions.id"]
    ),
    Index(
        "uq_coupons_code_folded",
        "tenant_id",
        "code_folded",
        unique=True,
        postgresql_where=text("code_folded IS NOT NULL"),
    ),
    Index(
        "uq_coupons_custom_holder",
        "tenant_id",
        "definition_id",
        "user_id",
        unique=True,
        postgresql_where=text("code_folded IS NULL"),
    ),
    Index(None, "tenant_id", "user_id", "id"),
    Index(None, "tenant_id", "definition_id", "id"),
    Index(
        "ix_coupons_generation",
        "tenant_id",
        "generation_id",
        "id",
        postgresql_where=text("generation_id IS NOT NULL"),
    ),
    # Room for a redemption's update beside the row, so that no index is touched.
    postgresql_with={"fillfactor": 80},
)

# The ledger. Append-only: triggers refuse DELETE, and every UPDATE but one that empties `reference`
# and `metadata`. It has no foreign key: its rows are made from the coupon's row under that row's
# lock, and coupons are never deleted.
redemptions = Table(
    "redemptions",
    metadata,
    *_primary("tenant_id", "id"),
    Column("kind", Text, nullable=False),
    _id("coupon_id"),
    _id("definition_id"),
    _text("user_id"),
    _text("code"),
    _time("redeemed_at"),
    Column("reference", Text, nullable=False),
    Column("metadata", JSON(none_as_null=True), nullable=True),
    _id("credential_id"),
    _id("reward_item_id"),
    Column("reward_item_version", Integer, nullable=False),
    _id("reverses_id", nullable=True),
    _one_of("kind", "redemption", "reversal"),
    CheckConstraint("(kind = 'reversal') = (reverses_id IS NOT NULL)", name="reverses_id"),
    Index(
        "uq_redemptions_reverses_id",
        "tenant_id",
        "reverses_id",
        unique=True,
        postgresql_where=text("reverses_id IS NOT NULL"),
    ),
    Index(None, "tenant_id", "user_id", "id"),
    Index(None, "tenant_id", "definition_id", "id"),
)

# What is to be told to the tenant's systems, written with what it tells of. `position` is drawn
# while the rows that the event is about are locked, so it is in the order of cause and effect;
# a row of the time before positions has none. `sequence` is given by the sequencer, without gaps.
outbox = Table(
    "outbox",
    metadata,
    *_primary("tenant_id", "id"),
    Column("event_type", Text, nullable=False),
    _text("user_id"),
    _id("subject_id"),
    _time("occurred_at"),
    Column(
        "position",
        BigInteger,
        # The database's default, too. One at a time: a session that kept some in store would
        # draw them out of order.
        Sequence("outbox_position_seq", cache=1),
        nullable=True,
    ),
    # NULL: the sequencer has not seen it yet.
    Column("sequence", BigInteger, nullable=True),
    # When the first webhook endpoint took it.
    _time("delivered_at", nullable=True),
    Index(
        "ix_outbox_unsequenced",
        "tenant_id",
        "position",
        # Orders those without a position.
        "id",
        postgresql_where=text("sequence IS NULL"),
    ),
    Index(
        "uq_outbox_sequence",
        "tenant_id",
        "sequence",
        unique=True,
        postgresql_where=text("sequence IS NOT NULL"),
    ),
    Index(
        "ix_outbox_user",
        "tenant_id",
        "user_id",
        "sequence",
        postgresql_where=text("sequence IS NOT NULL"),
    ),
)

# How far a tenant's events are sequenced, acknowledged and published; also the sequencer's lock.
outbox_streams = Table(
    "outbox_streams",
    metadata,
    *_primary("tenant_id"),
    Column("last_sequence", BigInteger, nullable=False),
    # NULL: the tenant never acknowledged anything.
    Column("acknowledged_sequence", BigInteger, nullable=True),
    # NULL: nothing was published to a broker yet.
    Column("published_sequence", BigInteger, nullable=True),
    # Which process publishes, and until when no other may.
    _id("publisher_id", nullable=True),
    _time("publishing_until", nullable=True),
    ForeignKeyConstraint(["tenant_id"], ["tenants.tenant_id"]),
    Index(
        "ix_outbox_streams_unpublished",
        "tenant_id",
        postgresql_where=text("COALESCE(published_sequence, 0) < last_sequence"),
    ),
)

webhook_endpoints = Table(
    "webhook_endpoints",
    metadata,
    *_primary("tenant_id", "endpoint_id"),
    Column("revision", Integer, nullable=False),
    Column("url", Text, nullable=False),
    Column("description", Text, nullable=False),
    # Empty: every type.
    Column("event_types", ARRAY(Text), nullable=False),
    Column("status", Text, nullable=False),
    Column("ciphertext", LargeBinary, nullable=False),
    # The secret before, which signs along during a rotation.
    Column("previous_ciphertext", LargeBinary, nullable=True),
    _time("previous_until", nullable=True),
    # Attempts that failed since one succeeded, and until when it is left alone for it.
    Column("failures", Integer, nullable=False),
    _time("not_before", nullable=True),
    _time("created_at"),
    _time("updated_at"),
    _one_of("status", "active", "paused", "disabled"),
    CheckConstraint("(previous_ciphertext IS NULL) = (previous_until IS NULL)", name="previous"),
    ForeignKeyConstraint(["tenant_id"], ["tenants.tenant_id"]),
)

NO_EVENT = "00000000-0000-0000-0000-000000000000"
"""`webhook_lanes.redelivers` of a lane that goes on from event to event."""

# What an endpoint still has to be told: one user's events, in order, from `next_sequence` to
# `last_sequence`; or one event that an admin redelivers. A lease counts an attempt and moves
# `next_attempt_at` ahead, so that no other process takes the lane meanwhile.
webhook_lanes = Table(
    "webhook_lanes",
    metadata,
    *_primary("tenant_id", "endpoint_id"),
    Column("user_id", Text(collation="C"), primary_key=True),
    Column("redelivers", Uuid, primary_key=True, server_default=text(f"'{NO_EVENT}'::uuid")),
    Column("next_sequence", BigInteger, nullable=False),
    Column("last_sequence", BigInteger, nullable=False),
    _time("waiting_since"),
    # Until `next_attempt_at`: then the lease has expired, because its process died.
    Column("claimed", Boolean, key="is_leased", nullable=False),
    # Of the next event.
    Column("attempts", Integer, nullable=False),
    _time("first_attempt_at", nullable=True),
    _time("next_attempt_at"),
    ForeignKeyConstraint(
        ["tenant_id", "endpoint_id"],
        ["webhook_endpoints.tenant_id", "webhook_endpoints.endpoint_id"],
        ondelete="CASCADE",
    ),
    Index(None, "tenant_id", "endpoint_id", "next_attempt_at"),
)

# The delivery log. No foreign key: it outlives an endpoint, until it is trimmed.
webhook_attempts = Table(
    "webhook_attempts",
    metadata,
    *_primary("tenant_id", "id"),
    _id("endpoint_id"),
    _id("event_id"),
    Column("event_type", Text, nullable=False),
    Column("attempt", Integer, nullable=False),
    Column("delivered", Boolean, nullable=False),
    # NULL: there was no answer; `error` tells why.
    Column("status_code", Integer, nullable=True),
    Column("error", Text, nullable=False),
    Column("latency_ms", Integer, nullable=False),
    _time("attempted_at"),
    Index(None, "tenant_id", "endpoint_id", "id"),
    Index(None, "tenant_id", "event_id", "id"),
    # Rows come in the order of time, so that the trimmer needs no more than this.
    Index("ix_webhook_attempts_attempted_at", "attempted_at", postgresql_using="brin"),
)

# Events that an endpoint did not take in the time it was given.
webhook_dead_letters = Table(
    "webhook_dead_letters",
    metadata,
    *_primary("tenant_id", "endpoint_id", "event_id"),
    Column("sequence", BigInteger, nullable=False),
    Column("event_type", Text, nullable=False),
    _text("user_id"),
    Column("attempts", Integer, nullable=False),
    Column("status_code", Integer, nullable=True),
    Column("error", Text, nullable=False),
    _time("died_at"),
    ForeignKeyConstraint(
        ["tenant_id", "endpoint_id"],
        ["webhook_endpoints.tenant_id", "webhook_endpoints.endpoint_id"],
        ondelete="CASCADE",
    ),
    Index(None, "tenant_id", "event_id"),
)

# The first answers of mutations, by which a retry is answered.
request_answers = Table(
    "request_answers",
    metadata,
    *_primary("tenant_id"),
    Column("caller", Text(collation="C"), primary_key=True),
    Column("method", Text(collation="C"), primary_key=True),
    Column("request_id", Text(collation="C"), primary_key=True),
    Column("fingerprint", LargeBinary, nullable=False),
    # NULL only inside the transaction that answers.
    Column("answer", LargeBinary, nullable=True),
    _time("answered_at"),
    # Rows come in the order of time, so that the trimmer needs no more than this.
    Index("ix_request_answers_answered_at", "answered_at", postgresql_using="brin"),
)

# Events that were taken, so that a repeat is known, and what each issued: coupons in order, and
# whether it made them. Without a foreign key, as every event adds one and they are soon trimmed.
events = Table(
    "events",
    metadata,
    *_primary("tenant_id"),
    Column("event_id", Text(collation="C"), primary_key=True),
    _time("received_at"),
    # NULL: it issued none.
    Column("coupon_ids", ARRAY(Uuid), nullable=True),
    Column("coupons_created", ARRAY(Boolean), nullable=True),
    Index("ix_events_received_at", "received_at", postgresql_using="brin"),
)

# Which coupon a user has earned of a definition in one occurrence; '' for events that name none.
# Kept for good: it is what makes exactly one.
earned_coupons = Table(
    "earned_coupons",
    metadata,
    *_primary("tenant_id", "definition_id"),
    Column("user_id", Text(collation="C"), primary_key=True),
    Column("occurrence", Text(collation="C"), primary_key=True),
    _id("coupon_id"),
)

# How far users are: in each of the latest occurrences of a streak, achievement or leaderboard.
progress = Table(
    "progress",
    metadata,
    *_primary("tenant_id"),
    Column("user_id", Text(collation="C"), primary_key=True),
    Column("trigger_kind", Text, primary_key=True),
    Column("target", Text(collation="C"), primary_key=True),
    Column("occurrence", Text(collation="C"), primary_key=True),
    Column("value", Integer, nullable=False),
    # Of the latest event.
    _time("occurred_at"),
    postgresql_with={"fillfactor": 80},
)

# Long jobs. One that ends stays as a record of what it did.
jobs = Table(
    "jobs",
    metadata,
    *_primary("tenant_id", "id"),
    Column("kind", Text, nullable=False),
    Column("state", Text, nullable=False),
    _id("credential_id"),
    _time("created_at"),
    _time("updated_at"),
    _time("started_at", nullable=True),
    _time("finished_at", nullable=True),
    # When its next step is due, by the database's clock.
    _time("turn_at", key="due_at"),
    # What a generation is of; for a revocation, part of its filter.
    _id("definition_id", nullable=True),
    # A generation's alone.
    Column("requested", Integer, nullable=True),
    Column("for_users", Boolean, nullable=True),
    # A revocation's alone.
    _id("generation_id", nullable=True),
    _text("user_id", nullable=True),
    Column("coupon_status", Text, nullable=True),
    Column("coupon_source", Text, nullable=True),
    Column("reason", Text, nullable=True),
    _id("scanned_to", nullable=True),
    _id("last_id", nullable=True),
    # How far it is.
    Column("processed", Integer, nullable=False),
    Column("changed", Integer, nullable=False),
    Column("faults", SmallInteger, nullable=False),
    Column("halvings", SmallInteger, key="step_size_exponent", nullable=False),
    Column("failure", JSON(none_as_null=True), nullable=True),
    # Whether `job_users` may have rows of it.
    Column("has_users", Boolean, nullable=False),
    _one_of("kind", "generation", "revocation"),
    _one_of(
        "state",
        "pending",
        "running",
        "succeeded",
        "failed",
        "cancelled",
        "receiving",
        "abandoned",
    ),
    CheckConstraint("processed >= 0 AND changed >= 0", name="not_negative"),
    ForeignKeyConstraint(["tenant_id"], ["tenants.tenant_id"]),
    Index(None, "tenant_id", "kind", "id"),
    Index(
        "ix_jobs_waiting",
        "tenant_id",
        "due_at",
        postgresql_where=text("state IN ('pending', 'running', 'receiving')"),
    ),
    # Few rows at any time: what the trimmer looks for.
    Index("ix_jobs_has_users", "tenant_id", "id", postgresql_where=text("has_users")),
)

# When the next step of the tenant's jobs is due; NULL while no job is pending. The lock of its row
# is the lease on that step.
job_queues = Table(
    "job_queues",
    metadata,
    *_primary("tenant_id"),
    _time("turn_at", key="due_at", nullable=True),
    ForeignKeyConstraint(["tenant_id"], ["tenants.tenant_id"]),
    # In the order of steps, whatever the tenant.
    Index("ix_job_queues_turn_at", "due_at", postgresql_where=text("turn_at IS NOT NULL")),
)

# The users of a generation that are still to get their coupon. No foreign key: rows come and
# go by the million, under the lock of their job.
job_users = Table(
    "job_users",
    metadata,
    *_primary("tenant_id", "job_id"),
    Column("position", Integer, primary_key=True, autoincrement=False),
    _text("user_id"),
    Index("uq_job_users_user_id", "tenant_id", "job_id", "user_id", unique=True),
)

# How failed attempts are limited; a limit that is not in `limits` is the default.
guess_policies = Table(
    "guess_policies",
    metadata,
    *_primary("tenant_id"),
    Column("limits", JSON(none_as_null=True), nullable=False),
    # By the database's clock: what workers look for.
    _time("changed_at"),
    ForeignKeyConstraint(["tenant_id"], ["tenants.tenant_id"]),
    Index("ix_guess_policies_changed_at", "changed_at"),
)

# Failed attempts of a user, a token, a network address or the whole tenant (`domain/guessing.py`).
# Tokens and addresses are kept as digests. Without a foreign key: rows come and go.
guess_counts = Table(
    "guess_counts",
    metadata,
    *_primary("tenant_id"),
    Column("kind", Text, primary_key=True),
    Column("user_id", Text(collation="C"), primary_key=True),
    Column("digest", Text(collation="C"), primary_key=True),
    # When the window that runs began, and the failures in it and in the one before.
    _time("started_at"),
    Column("current", Integer, nullable=False),
    Column("previous", Integer, nullable=False),
    # NULL: the subject never was. Of a tenant, which is not blocked: until when it is suspected.
    _time("blocked_until", nullable=True),
    # When the row means nothing any more.
    _time("expires_at"),
    # By the database's clock: what workers look for.
    _time("changed_at"),
    _one_of("kind", "user_token", "user", "peer", "tenant"),
    CheckConstraint("current >= 0 AND previous >= 0", name="not_negative"),
    Index(
        "ix_guess_counts_blocked",
        "changed_at",
        postgresql_where=text("blocked_until IS NOT NULL"),
    ),
    Index("ix_guess_counts_expires_at", "expires_at"),
)

# What a `security.guessing_suspected` event tells. Never changed; trimmed after its event.
guess_alerts = Table(
    "guess_alerts",
    metadata,
    *_primary("tenant_id", "id"),
    Column("failures", Integer, nullable=False),
    Column("threshold", Integer, nullable=False),
    Column("window", Interval, nullable=False),
    _time("raised_at"),
)

# What a tenant may use where it differs from what every tenant may.
tenant_limits = Table(
    "tenant_limits",
    metadata,
    *_primary("tenant_id"),
    Column("name", Text(collation="C"), primary_key=True),
    Column("value", Integer, nullable=False),
    _time("updated_at"),
    CheckConstraint("value >= 0", name="not_negative"),
    ForeignKeyConstraint(["tenant_id"], ["tenants.tenant_id"]),
)

# What a tenant has used of its quotas of one day (UTC).
tenant_days = Table(
    "tenant_days",
    metadata,
    *_primary("tenant_id"),
    Column("day", Date, primary_key=True),
    Column("redemptions", BigInteger, nullable=False),
    Column("stored_bytes", BigInteger, nullable=False),
    postgresql_with={"fillfactor": 50},
)

# The calls a second that a worker had of a tenant, by which workers share a limit; of use for a
# few seconds.
tenant_rates = Table(
    "tenant_rates",
    metadata,
    *_primary("tenant_id"),
    Column("call_class", Text(collation="C"), primary_key=True),
    Column("worker_id", Uuid, primary_key=True),
    Column("calls", Integer, nullable=False),
    # By the database's clock.
    _time("counted_at"),
    postgresql_with={"fillfactor": 50},
)

# The ledger row up to which a tenant's ledger has been trimmed.
ledger_trims = Table(
    "ledger_trims",
    metadata,
    *_primary("tenant_id"),
    _id("trimmed_to"),
    ForeignKeyConstraint(["tenant_id"], ["tenants.tenant_id"]),
)
