"""Imports of coupons with existing codes: the rules of a line, and its errors."""

import unicodedata
from dataclasses import dataclass, replace
from datetime import UTC, datetime
from typing import Self
from uuid import UUID

from coupon_server.domain.codes import check_code, fold
from coupon_server.domain.coupon import Coupon, CouponSource, new_coupon
from coupon_server.domain.definition import CouponDefinition
from coupon_server.domain.errors import InvalidField, Reason

MAX_USER_ID_BYTES = 128

# The very last instant would be stored as infinity, and is none to compare with.
_END = datetime(9999, 12, 31, tzinfo=UTC)
_EARLIEST = datetime(1970, 1, 1, tzinfo=UTC)


@dataclass(frozen=True, slots=True)
class ImportLine:
    """A line as it was sent. Times that are None are filled in when it becomes a coupon."""

    number: int
    code: str
    user_id: str | None = None
    generated_at: datetime | None = None
    expires_at: datetime | None = None

    def checked(self, now: datetime) -> Self:
        """The line with its code in stored form. Raises InvalidField."""
        if self.user_id is not None:
            _check_user_id(self.user_id)
        if self.generated_at is not None and not _EARLIEST <= self.generated_at <= now:
            raise InvalidField("generated_at", "must be from 1970 on and not in the future")
        if self.expires_at is not None:
            _check_end(self.expires_at, self.generated_at or now)
        return replace(self, code=check_code("code", self.code))

    @property
    def folded(self) -> str:
        return fold(self.code)

    def coupon(self, definition: CouponDefinition, import_id: UUID, now: datetime) -> Coupon:
        """The coupon that a checked line becomes."""
        coupon = new_coupon(
            definition,
            self.user_id,
            self.code,
            CouponSource.IMPORTED,
            import_id,
            self.generated_at or now,
        )
        if self.expires_at is not None:
            coupon.valid_until = self.expires_at
        return coupon

    def is_repeated_by(self, coupon: Coupon, definition_id: UUID, import_id: UUID) -> bool:
        """Whether an earlier import made this coupon of the same line.

        A coupon imported without a holder may have been claimed since, so any holder matches.
        """
        return (
            coupon.source is CouponSource.IMPORTED
            and coupon.generation_id != import_id
            and coupon.definition_id == definition_id
            and coupon.code == self.code
            and self.user_id in (coupon.user_id, None)
        )


@dataclass(frozen=True, slots=True)
class LineError:
    """Why a line was left out; `field` is empty when it is no single one."""

    number: int
    reason: Reason
    message: str
    field: str = ""

    @classmethod
    def of(cls, number: int, error: InvalidField) -> Self:
        (field, rule), *_ = error.violations
        return cls(number, error.reason, rule, field)


def code_taken(number: int) -> LineError:
    return LineError(number, Reason.CODE_TAKEN, "The code is in use", "code")


def revoked_since(number: int) -> LineError:
    return LineError(
        number, Reason.COUPON_REVOKED, "The coupon was imported before and has been revoked", "code"
    )


def limit_reached(number: int, limit: str) -> LineError:
    return LineError(number, Reason.ISSUE_LIMIT_REACHED, f"config.{limit} is reached")


def check_imports(definition: CouponDefinition, now: datetime) -> None:
    """Refuse an import into a definition that would not generate, or has a custom code."""
    definition.check_generates(now)
    if definition.is_custom:
        raise InvalidField("definition_id", "has a custom code; give it to users by generation")


def _check_end(expires_at: datetime, generated_at: datetime) -> None:
    if expires_at < generated_at:
        raise InvalidField("expires_at", "must not be before generated_at")
    if expires_at >= _END:
        raise InvalidField(
            "expires_at", "must be before 9999-12-31T00:00:00Z; leave it out for none"
        )


def _check_user_id(user_id: str) -> None:
    if len(user_id.encode()) > MAX_USER_ID_BYTES:
        raise InvalidField("user_id", f"must be at most {MAX_USER_ID_BYTES} bytes")
    if any(unicodedata.category(character) == "Cc" for character in user_id):
        raise InvalidField("user_id", "must have no control characters")
