"""Definitions."""

from uuid import UUID

from coupon_server.domain.definition import (
    CodeFormat,
    CouponConfig,
    CouponDefinition,
    LimitType,
    UsageLimit,
)
from coupon_server.domain.errors import InvalidField
from coupon_server.domain.triggers import AutoGenerate, TriggerConfig, TriggerKind
from coupon_server.rpc.conversion.fields import (
    count_message,
    duration,
    enum_member,
    native,
    optional_count,
    timestamp,
)
from phoenix_coupons.v1 import (
    definitions_pb2,
)


def parse_config(message: definitions_pb2.CouponConfig) -> CouponConfig:
    """The config as the caller wrote it; `normalized` completes it. Raises InvalidField."""
    code_format = definitions_pb2.CouponConfig.CodeFormat.Name(message.code_format)
    return CouponConfig(
        reward_item_id=_reward_item_id(message.reward_item_id),
        code_format=enum_member(CodeFormat, code_format) or CodeFormat.RANDOM,
        code_prefix=message.code_prefix,
        code_length=message.code_length,
        custom_code=message.custom_code,
        case_sensitive=message.case_sensitive,
        starts_at=timestamp(message, "starts_at", "config.starts_at"),
        expires_at=timestamp(message, "expires_at", "config.expires_at"),
        usage_limit=_usage_limit(message.usage_limit),
        auto_generate=_auto_generate(message.auto_generate),
        valid_for=duration(message, "valid_for", "config.valid_for"),
        max_uses_per_user=optional_count(message, "max_uses_per_user"),
        issue_limit=optional_count(message, "issue_limit"),
        issue_limit_per_user=optional_count(message, "issue_limit_per_user"),
        assigned_only=message.assigned_only,
    )


def _reward_item_id(text: str) -> UUID:
    try:
        return UUID(text)
    except ValueError:
        raise InvalidField("config.reward_item_id", "must be a valid UUID") from None


def _usage_limit(message: definitions_pb2.UsageLimit) -> UsageLimit:
    limit_type = definitions_pb2.UsageLimit.LimitType.Name(message.limit_type)
    return UsageLimit.parse(enum_member(LimitType, limit_type), optional_count(message, "max_uses"))


def _auto_generate(message: definitions_pb2.AutoGenerate) -> AutoGenerate | None:
    trigger = definitions_pb2.AutoGenerate.Trigger.Name(message.trigger)
    trigger_config = message.trigger_config
    return AutoGenerate.parse(
        message.enabled,
        enum_member(TriggerKind, trigger),
        TriggerConfig(
            streak_id=trigger_config.streak_id,
            milestone_threshold=trigger_config.milestone_threshold,
            achievement_id=trigger_config.achievement_id,
            leaderboard_id=trigger_config.leaderboard_id,
            rank_threshold=trigger_config.rank_threshold,
        ),
    )


def definition_message(definition: CouponDefinition) -> definitions_pb2.CouponDefinition:
    return definitions_pb2.CouponDefinition(
        id=str(definition.id),
        tenant_id=str(definition.tenant_id),
        name=definition.name,
        description=definition.description,
        config=_config_message(definition.config),
        status=native(definition.status),
        created_at=native(definition.created_at),
        updated_at=native(definition.updated_at),
        etag=definition.etag,
    )


def redacted_definition(definition: CouponDefinition) -> definitions_pb2.CouponDefinition:
    """The definition as a user's own token sees it: without codes and triggers."""
    message = definition_message(definition)
    for name in ("code_prefix", "code_length", "custom_code", "auto_generate"):
        message.config.ClearField(name)
    return message


def _config_message(config: CouponConfig) -> definitions_pb2.CouponConfig:
    return definitions_pb2.CouponConfig(
        reward_item_id=str(config.reward_item_id),
        code_format=native(config.code_format),
        code_prefix=config.code_prefix,
        code_length=config.code_length if config.code_format is CodeFormat.RANDOM else 0,
        custom_code=config.custom_code,
        case_sensitive=config.case_sensitive,
        starts_at=native(config.starts_at),
        expires_at=native(config.expires_at),
        usage_limit=definitions_pb2.UsageLimit(
            limit_type=native(config.usage_limit.limit_type),
            max_uses=count_message(config.usage_limit.max_uses),
        ),
        auto_generate=_auto_generate_message(config.auto_generate),
        valid_for=native(config.valid_for),
        max_uses_per_user=count_message(config.max_uses_per_user),
        issue_limit=count_message(config.issue_limit),
        issue_limit_per_user=count_message(config.issue_limit_per_user),
        assigned_only=config.assigned_only,
    )


def _auto_generate_message(
    auto_generate: AutoGenerate | None,
) -> definitions_pb2.AutoGenerate | None:
    if auto_generate is None:
        return None
    trigger_config = auto_generate.config
    return definitions_pb2.AutoGenerate(
        enabled=auto_generate.enabled,
        trigger=native(auto_generate.kind),
        trigger_config=definitions_pb2.TriggerConfig(
            streak_id=trigger_config.streak_id,
            milestone_threshold=trigger_config.milestone_threshold,
            achievement_id=trigger_config.achievement_id,
            leaderboard_id=trigger_config.leaderboard_id,
            rank_threshold=trigger_config.rank_threshold,
        ),
    )
