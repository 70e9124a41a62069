"""Coupon definitions: the rules of one campaign, and which of them can still change."""

from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from enum import StrEnum
from typing import Self
from uuid import UUID

from coupon_server.domain import codes
from coupon_server.domain.errors import DomainError, InvalidField, Reason
from coupon_server.domain.rewards import etag
from coupon_server.domain.triggers import AutoGenerate


class DefinitionStatus(StrEnum):
    ACTIVE = "active"
    PAUSED = "paused"
    ARCHIVED = "archived"


class CodeFormat(StrEnum):
    RANDOM = "random"
    CUSTOM = "custom"


class LimitType(StrEnum):
    PER_USER = "per_user"
    GLOBAL = "global"
    UNLIMITED = "unlimited"


@dataclass(frozen=True, slots=True)
class UsageLimit:
    """How often coupons can be redeemed; `max_uses` is None exactly when unlimited."""

    limit_type: LimitType = LimitType.PER_USER
    max_uses: int | None = 1

    @classmethod
    def parse(cls, limit_type: LimitType | None, max_uses: int | None) -> Self:
        """Fill in the defaults. Raises InvalidField."""
        field = "config.usage_limit.max_uses"
        match limit_type or LimitType.PER_USER:
            case LimitType.PER_USER:
                return cls(LimitType.PER_USER, 1 if max_uses is None else max_uses)
            case LimitType.GLOBAL:
                if max_uses is None:
                    raise InvalidField(field, "must be set for a global limit")
                return cls(LimitType.GLOBAL, max_uses)
            case LimitType.UNLIMITED:
                if max_uses is not None:
                    raise InvalidField(field, "must not be set for an unlimited definition")
                return cls(LimitType.UNLIMITED, None)


@dataclass(frozen=True, slots=True)
class CouponConfig:
    """The rules of a definition, as given; `normalized` checks them and fills in defaults."""

    reward_item_id: UUID
    code_format: CodeFormat = CodeFormat.RANDOM
    code_prefix: str = ""
    code_length: int = 0
    custom_code: str = ""
    case_sensitive: bool = False
    starts_at: datetime | None = None
    expires_at: datetime | None = None
    usage_limit: UsageLimit = UsageLimit()
    auto_generate: AutoGenerate | None = None
    valid_for: timedelta | None = None
    max_uses_per_user: int | None = None
    issue_limit: int | None = None
    issue_limit_per_user: int | None = None
    assigned_only: bool = False

    def normalized(self) -> Self:
        """The config with codes in stored form and defaults filled in. Raises InvalidField."""
        if self.starts_at and self.expires_at and self.expires_at < self.starts_at:
            raise InvalidField("config.expires_at", "must not be before starts_at")
        if self.code_format is CodeFormat.CUSTOM:
            return self._normalized_custom()
        return self._normalized_random()

    def _normalized_custom(self) -> Self:
        for name in ("code_prefix", "code_length"):
            if getattr(self, name):
                raise InvalidField(f"config.{name}", "must not be set for a custom code")
        return replace(
            self,
            custom_code=codes.check_custom_code(self.custom_code),
            assigned_only=self.assigned_only or self.auto_generate is not None,
        )

    def _normalized_random(self) -> Self:
        for name in ("custom_code", "assigned_only"):
            if getattr(self, name):
                raise InvalidField(f"config.{name}", "needs code_format custom")
        return replace(
            self,
            code_prefix=codes.check_prefix(self.code_prefix),
            code_length=self.code_length or codes.DEFAULT_LENGTH,
        )


@dataclass(frozen=True, slots=True)
class CouponDefinition:
    """One campaign of a tenant."""

    tenant_id: UUID
    id: UUID
    name: str
    description: str
    config: CouponConfig
    status: DefinitionStatus
    created_at: datetime
    updated_at: datetime
    revision: int = 1
    archived_at: datetime | None = None

    @property
    def etag(self) -> str:
        return etag(self.revision)

    @property
    def is_custom(self) -> bool:
        return self.config.code_format is CodeFormat.CUSTOM

    @property
    def watching(self) -> AutoGenerate | None:
        """The trigger whose events issue coupons now, if there is one."""
        trigger = self.config.auto_generate
        is_watching = self.status is DefinitionStatus.ACTIVE and trigger and trigger.enabled
        return trigger if is_watching else None

    def with_status(self, status: DefinitionStatus, now: datetime) -> Self:
        """The definition in this status; itself when it is in it already.

        Raises DEFINITION_ARCHIVED when an archived one would come back.
        """
        if self.status is status:
            return self
        self.check_not_archived()
        archived_at = now if status is DefinitionStatus.ARCHIVED else None
        return replace(
            self,
            status=status,
            updated_at=now,
            archived_at=archived_at,
            revision=self.revision + 1,
        )

    def check_not_archived(self) -> None:
        if self.status is DefinitionStatus.ARCHIVED:
            raise DomainError(Reason.DEFINITION_ARCHIVED, "The definition is archived")

    def check_generates(self, now: datetime) -> None:
        """Refuse generation while paused, after archiving and after `expires_at`."""
        self.check_not_archived()
        if self.status is DefinitionStatus.PAUSED:
            raise DomainError(Reason.DEFINITION_PAUSED, "The definition is paused")
        if self.config.expires_at is not None and now > self.config.expires_at:
            raise DomainError(Reason.DEFINITION_EXPIRED, "The definition has expired")

    def code_space_changed(self, before: "CouponDefinition") -> bool:
        """Whether this definition takes another custom code than `before`."""
        return (self.config.custom_code, self.config.case_sensitive) != (
            before.config.custom_code,
            before.config.case_sensitive,
        )


@dataclass(frozen=True, slots=True)
class Usage:
    """The usage of a definition: coupons issued, and uses that count towards `max_uses`.

    `used` is the total for a global limit, else the most uses that one coupon has seen.
    """

    issued: int
    used: int


def check_name(name: str) -> None:
    if not name:
        raise InvalidField("name", "must not be empty")


def needs_usage(before: CouponConfig, after: CouponConfig) -> bool:
    """Whether `check_change` depends on the usage: a fixed field changes or a limit falls."""
    fixed = ("code_format", "custom_code", "case_sensitive")
    return (
        any(getattr(before, field) != getattr(after, field) for field in fixed)
        or before.usage_limit.limit_type is not after.usage_limit.limit_type
        or _falls(before.usage_limit.max_uses, after.usage_limit.max_uses)
        or _falls(before.issue_limit, after.issue_limit)
    )


def _falls(before: int | None, after: int | None) -> bool:
    return after is not None and (before is None or after < before)


def check_change(before: CouponConfig, after: CouponConfig, usage: Usage) -> None:
    """Refuse a change that would alter the meaning of coupons already issued.

    Raises DEFINITION_FIELD_FIXED for code format, custom code, case sensitivity and limit
    type once a coupon exists, LIMIT_BELOW_USAGE for a limit below what is used.
    """
    if usage.issued:
        for field in ("code_format", "custom_code", "case_sensitive"):
            if getattr(before, field) != getattr(after, field):
                raise _fixed(f"config.{field}")
        if before.usage_limit.limit_type is not after.usage_limit.limit_type:
            raise _fixed("config.usage_limit.limit_type")
    _check_not_below("config.usage_limit.max_uses", after.usage_limit.max_uses, usage.used)
    _check_not_below("config.issue_limit", after.issue_limit, usage.issued)


def _fixed(field: str) -> DomainError:
    return DomainError(
        Reason.DEFINITION_FIELD_FIXED,
        f"{field} cannot change once a coupon exists",
        field=field,
    )


def _check_not_below(field: str, limit: int | None, used: int) -> None:
    if limit is not None and limit < used:
        raise DomainError(
            Reason.LIMIT_BELOW_USAGE,
            f"{field} cannot be less than {used}, which is used already",
            field=field,
            used=str(used),
        )
