"""What the role that serves may do, and no more. It owns nothing."""

import re
from collections.abc import Iterator

_TABLES = {
    "SELECT": ("alembic_version", "tenant_limits"),
    "SELECT, UPDATE": ("tenants", "auth_revision"),
    "SELECT, INSERT": (
        "credential_directory",
        "reward_item_versions",
        "redemptions",
        "earned_coupons",
    ),
    "UPDATE (reference, metadata)": ("redemptions",),
    "SELECT, INSERT, UPDATE": (
        "api_keys",
        "tenant_secrets",
        "reward_items",
        "coupon_definitions",
        "definition_counters",
        "holders",
        "code_space_locks",
        "key_spaces",
        "job_queues",
        "coupons",
        "outbox_streams",
        "guess_policies",
        "ledger_trims",
    ),
    "SELECT, INSERT, UPDATE, DELETE": (
        "request_answers",
        "events",
        "progress",
        "jobs",
        "outbox",
        "webhook_endpoints",
        "webhook_lanes",
        "webhook_dead_letters",
        "webhook_attempts",
        "guess_counts",
        "tenant_days",
        "tenant_rates",
    ),
    "SELECT, INSERT, DELETE": ("job_users", "guess_alerts"),
}

_SEQUENCES = ("outbox_position_seq",)


def statements(role: str) -> Iterator[str]:
    """The statements that grant it to a role, as the owner of the tables runs them."""
    to = f"TO {_quoted(role)}"
    yield f"GRANT USAGE ON SCHEMA public {to}"
    for privileges, tables in _TABLES.items():
        yield f"GRANT {privileges} ON {', '.join(tables)} {to}"
    for sequence in _SEQUENCES:
        yield f"GRANT USAGE ON SEQUENCE {sequence} {to}"


def _quoted(name: str) -> str:
    if re.fullmatch("[a-z_][a-z0-9_]*", name):
        return name
    return '"' + name.replace('"', '""') + '"'
