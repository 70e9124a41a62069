"""How rows become domain values, where more than one repository reads them."""

import json
from datetime import UTC, datetime
from typing import TypeAlias

import asyncpg
from sqlalchemy import RowMapping

from coupon_server.database.statements import fragments
from coupon_server.domain.coupon import Coupon, CouponSource
from coupon_server.domain.definition import (
    CodeFormat,
    CouponConfig,
    CouponDefinition,
    DefinitionStatus,
    LimitType,
    UsageLimit,
)
from coupon_server.domain.redemption import GrantState, Redemption, RedemptionKind
from coupon_server.domain.rewards import RewardItem
from coupon_server.domain.triggers import AutoGenerate, TriggerConfig, TriggerKind

Row: TypeAlias = RowMapping | asyncpg.Record
"""A row of SQLAlchemy's or the driver's, by column name."""

_FRAGMENTS = fragments(__name__)
DEFINITION_COLUMNS = _FRAGMENTS["definition_columns"]
"""What `definition` reads, of `coupon_definitions d`."""
COUPON_COLUMNS = _FRAGMENTS["coupon_columns"]
"""What `coupon` reads, of `coupons c`."""


def moment(value: datetime | None) -> datetime | None:
    """A time that a caller may have set."""
    return None if value is None else instant(value)


def instant(value: datetime) -> datetime:
    """A time that a caller has set.

    The driver stores the two ends of Python's range as -infinity and infinity, and reads those
    without a zone.
    """
    return value.replace(tzinfo=UTC) if value.tzinfo is None else value


def reward_item(row: Row) -> RewardItem:
    """The item, from a row that has its payload as text.

    A driver parses JSON as it receives it, of all rows of an answer at once. A payload may have
    16 KiB, so it is parsed here, row by row.
    """
    return RewardItem(
        tenant_id=row["tenant_id"],
        item_id=row["item_id"],
        version=row["version"],
        name=row["name"],
        description=row["description"],
        reward_type=row["reward_type"],
        payload=None if row["payload"] is None else json.loads(row["payload"]),
        created_at=row["created_at"],
        updated_at=row["updated_at"],
    )


def definition(row: Row) -> CouponDefinition:
    return CouponDefinition(
        tenant_id=row["tenant_id"],
        id=row["id"],
        name=row["name"],
        description=row["description"],
        config=_config(row),
        status=DefinitionStatus(row["status"]),
        created_at=row["created_at"],
        updated_at=row["updated_at"],
        revision=row["revision"],
        archived_at=row["archived_at"],
    )


def _config(row: Row) -> CouponConfig:
    return CouponConfig(
        reward_item_id=row["reward_item_id"],
        code_format=CodeFormat(row["code_format"]),
        code_prefix=row["code_prefix"],
        code_length=row["code_length"],
        custom_code=row["custom_code"] or "",
        case_sensitive=row["case_sensitive"],
        starts_at=moment(row["starts_at"]),
        expires_at=moment(row["expires_at"]),
        usage_limit=UsageLimit(LimitType(row["limit_type"]), row["max_uses"]),
        auto_generate=_auto_generate(row),
        valid_for=row["valid_for"],
        max_uses_per_user=row["max_uses_per_user"],
        issue_limit=row["issue_limit"],
        issue_limit_per_user=row["issue_limit_per_user"],
        assigned_only=row["assigned_only"],
    )


def _auto_generate(row: Row) -> AutoGenerate | None:
    if row["trigger_kind"] is None:
        return None
    kind = TriggerKind(row["trigger_kind"])
    match kind:
        case TriggerKind.STREAK_MILESTONE:
            config = TriggerConfig(
                streak_id=row["trigger_target"], milestone_threshold=row["trigger_threshold"]
            )
        case TriggerKind.ACHIEVEMENT_COMPLETED:
            config = TriggerConfig(achievement_id=row["trigger_target"])
        case TriggerKind.LEADERBOARD_RANK:
            config = TriggerConfig(
                leaderboard_id=row["trigger_target"], rank_threshold=row["trigger_threshold"]
            )
    return AutoGenerate(row["trigger_enabled"], kind, config)


def coupon(row: Row) -> Coupon:
    return Coupon(
        tenant_id=row["tenant_id"],
        id=row["id"],
        definition_id=row["definition_id"],
        user_id=row["user_id"],
        code=row["code"],
        source=CouponSource(row["source"]),
        generation_id=row["generation_id"],
        generated_at=row["generated_at"],
        valid_until=row["valid_until"],
        used=row["used"],
        redeemed_at=row["redeemed_at"],
        revoked_at=row["revoked_at"],
        revoke_reason=row["revoke_reason"],
    )


def redemption(row: Row) -> Redemption:
    return Redemption(
        tenant_id=row["tenant_id"],
        id=row["id"],
        kind=RedemptionKind(row["kind"]),
        coupon_id=row["coupon_id"],
        definition_id=row["definition_id"],
        user_id=row["user_id"],
        code=row["code"],
        redeemed_at=row["redeemed_at"],
        reference=row["reference"],
        metadata=row["metadata"] or {},
        credential_id=row["credential_id"],
        reward_item_id=row["reward_item_id"],
        reward_item_version=row["reward_item_version"],
        reverses_id=row["reverses_id"],
        reversed_at=row["reversed_at"],
        reversal_id=row["reversal_id"],
        grant_state=row["grant_state"] and GrantState(row["grant_state"]),
    )
