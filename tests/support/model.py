"""The product's rules once more, as plain Python over plain objects.

Written from the product's description alone, and sharing no code with the server, so that
random histories can be compared. It decides; what the server makes up (ids, random codes)
is told to it afterwards.
"""

import unicodedata
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime, timedelta
from typing import Literal

LimitType = Literal["per_user", "global", "unlimited"]
Status = Literal["active", "paused", "archived"]

LIVE = datetime.max.replace(tzinfo=UTC)
"""Later than any archiving."""

OK = ""
"""The outcome of what is not refused."""


def folded(code: str) -> str:
    return _nfkc(_nfkc(code).casefold())


def _nfkc(text: str) -> str:
    return unicodedata.normalize("NFKC", text)


@dataclass(frozen=True)
class Rules:
    """What a definition says. An empty `custom_code`: random codes."""

    custom_code: str = ""
    case_sensitive: bool = False
    assigned_only: bool = False
    limit_type: LimitType = "per_user"
    max_uses: int | None = 1
    max_uses_per_user: int | None = None
    issue_limit: int | None = None
    issue_limit_per_user: int | None = None
    starts_at: datetime | None = None
    expires_at: datetime | None = None
    valid_for: timedelta | None = None


@dataclass
class Use:
    """A redemption."""

    id: str
    user_id: str
    at: datetime
    reversal_id: str = ""


@dataclass
class Coupon:
    id: str
    code: str
    user_id: str
    source: Literal["generated", "claimed"]
    valid_until: datetime | None
    uses: list[Use] = field(default_factory=list)
    revoke_reason: str = ""

    def standing(self) -> list[Use]:
        """The uses that were not reversed."""
        return [use for use in self.uses if not use.reversal_id]


@dataclass
class Definition:
    id: str
    rules: Rules
    status: Status = "active"
    archived_at: datetime | None = None
    coupons: list[Coupon] = field(default_factory=list)

    def matches(self, typed: str, code: str) -> bool:
        typed = typed.strip()
        if self.rules.case_sensitive:
            return _nfkc(typed) == _nfkc(code)
        return folded(typed) == folded(code)

    def standing(self) -> list[Use]:
        return [use for coupon in self.coupons for use in coupon.standing()]

    def held_by(self, user_id: str) -> Coupon | None:
        """The user's coupon of a custom code."""
        return next((coupon for coupon in self.coupons if coupon.user_id == user_id), None)


@dataclass(frozen=True)
class Found:
    """What a typed code means to a user. No coupon: a custom code that the user lacks."""

    definition: Definition
    coupon: Coupon | None


@dataclass(frozen=True)
class Stats:
    issued: int
    active: int
    redeemed: int
    expired: int
    revoked: int
    redemptions: int
    distinct_users: int


class Model:
    """A tenant. Each question is asked as `…_refusal`; what then happens is told to it."""

    def __init__(self, now: datetime) -> None:
        self.now = now
        self.definitions: list[Definition] = []

    # --- definitions

    def define_refusal(self, rules: Rules) -> str:
        if _ends_before_it_starts(rules):
            return "INVALID_FIELD"
        if rules.custom_code and any(
            one.status != "archived" and _ambiguous(one.rules, rules) for one in self.definitions
        ):
            return "CODE_TAKEN"
        return OK

    def change_refusal(self, definition: Definition, rules: Rules) -> str:
        before = definition.rules
        if definition.status == "archived":
            return "DEFINITION_ARCHIVED"
        if _ends_before_it_starts(rules):
            return "INVALID_FIELD"
        if definition.coupons and rules.limit_type != before.limit_type:
            return "DEFINITION_FIELD_FIXED"
        if rules.max_uses is not None and rules.max_uses < _most_used(definition):
            return "LIMIT_BELOW_USAGE"
        if rules.issue_limit is not None and rules.issue_limit < len(definition.coupons):
            return "LIMIT_BELOW_USAGE"
        return OK

    def status_refusal(self, definition: Definition, status: Status) -> str:
        if definition.status == "archived" and status != "archived":
            return "DEFINITION_ARCHIVED"
        return OK

    def set_status(self, definition: Definition, status: Status) -> None:
        if status == "archived" and definition.status != "archived":
            definition.archived_at = self.now
        definition.status = status

    # --- generation

    def generate_refusal(
        self, definition: Definition, user_ids: Sequence[str], quantity: int
    ) -> str:
        rules = definition.rules
        if definition.status != "active":
            return f"DEFINITION_{definition.status.upper()}"
        if rules.expires_at is not None and self.now > rules.expires_at:
            return "DEFINITION_EXPIRED"
        if rules.custom_code and quantity:
            return "INVALID_FIELD"
        new_holders = [user for user in user_ids if not self.keeps(definition, user)]
        issued = len(definition.coupons) + len(new_holders) + quantity
        if rules.issue_limit is not None and issued > rules.issue_limit:
            return "ISSUE_LIMIT_REACHED"
        if rules.issue_limit_per_user is not None and not rules.custom_code:
            for user in user_ids:
                given = [coupon for coupon in definition.coupons if coupon.user_id == user]
                if len(given) >= rules.issue_limit_per_user:
                    return "ISSUE_LIMIT_REACHED"
        return OK

    def keeps(self, definition: Definition, user_id: str) -> Coupon | None:
        """The coupon that generating for the user returns instead of making one."""
        return definition.held_by(user_id) if definition.rules.custom_code else None

    def made(
        self,
        definition: Definition,
        coupon_id: str,
        code: str,
        user_id: str,
        source: Literal["generated", "claimed"] = "generated",
    ) -> Coupon:
        valid_for = definition.rules.valid_for
        coupon = Coupon(
            coupon_id, code, user_id, source, None if valid_for is None else self.now + valid_for
        )
        definition.coupons.append(coupon)
        return coupon

    # --- redemption

    def find(self, typed: str, user_id: str) -> Found | None:
        """A live definition's custom code comes before archived ones, of which the last counts."""
        for definition in self.definitions:
            for coupon in definition.coupons:
                if not definition.rules.custom_code and definition.matches(typed, coupon.code):
                    return Found(definition, coupon)
        custom = [
            one
            for one in self.definitions
            if one.rules.custom_code and one.matches(typed, one.rules.custom_code)
        ]
        if not custom:
            return None
        definition = max(custom, key=lambda one: one.archived_at or LIVE)
        return Found(definition, definition.held_by(user_id) if user_id else None)

    def redeem_refusal(self, typed: str, user_id: str) -> str:
        """The first published reason; an empty user is not checked."""
        found = self.find(typed, user_id)
        if found is None:
            return "COUPON_NOT_FOUND"
        definition, coupon = found.definition, found.coupon
        if user_id and not _may_hold(found, user_id):
            return "COUPON_NOT_ASSIGNED"
        unclaimable = user_id and coupon is None and not _can_be_claimed(definition)
        if definition.status == "archived" or unclaimable:
            return "COUPON_UNAVAILABLE"
        return self._coupon_refusal(found) or self._limit_refusal(definition, user_id)

    def _coupon_refusal(self, found: Found) -> str:
        rules, coupon = found.definition.rules, found.coupon
        if coupon is not None and coupon.revoke_reason:
            return "COUPON_REVOKED"
        if coupon is not None and _is_spent(rules, coupon):
            return "COUPON_ALREADY_REDEEMED"
        if rules.starts_at is not None and self.now < rules.starts_at:
            return "COUPON_NOT_YET_ACTIVE"
        return "COUPON_EXPIRED" if self._is_expired(rules, coupon) else OK

    def _limit_refusal(self, definition: Definition, user_id: str) -> str:
        rules, uses = definition.rules, definition.standing()
        if rules.limit_type == "global" and len(uses) >= (rules.max_uses or 0):
            return "COUPON_LIMIT_REACHED"
        mine = [use for use in uses if use.user_id == user_id]
        if user_id and rules.max_uses_per_user is not None:
            return "COUPON_LIMIT_REACHED" if len(mine) >= rules.max_uses_per_user else OK
        return OK

    def remaining_uses(self, typed: str, user_id: str) -> int | None:
        """How many uses every limit leaves, dates and status aside; None: no limit."""
        found = self.find(typed, user_id)
        if found is None:
            return None
        rules, uses = found.definition.rules, found.definition.standing()
        left = []
        if rules.max_uses is not None and rules.limit_type == "per_user":
            left.append(rules.max_uses - len(found.coupon.standing() if found.coupon else []))
        if rules.max_uses is not None and rules.limit_type == "global":
            left.append(rules.max_uses - len(uses))
        if rules.max_uses_per_user is not None and user_id:
            mine = [use for use in uses if use.user_id == user_id]
            left.append(rules.max_uses_per_user - len(mine))
        return max(0, min(left)) if left else None

    def redeemed(self, typed: str, user_id: str, coupon_id: str, use_id: str) -> None:
        found = self.find(typed, user_id)
        assert found is not None
        coupon = found.coupon
        if coupon is None:
            code = found.definition.rules.custom_code
            coupon = self.made(found.definition, coupon_id, code, user_id, "claimed")
        coupon.user_id = user_id
        coupon.uses.append(Use(use_id, user_id, self.now))

    # --- what is shown

    def status(self, definition: Definition, coupon: Coupon) -> str:
        if coupon.revoke_reason:
            return "revoked"
        if _is_spent(definition.rules, coupon):
            return "redeemed"
        return "expired" if self._is_expired(definition.rules, coupon) else "active"

    def stats(self, definition: Definition) -> Stats:
        statuses = [self.status(definition, coupon) for coupon in definition.coupons]
        uses = definition.standing()
        return Stats(
            issued=len(statuses),
            active=statuses.count("active"),
            redeemed=statuses.count("redeemed"),
            expired=statuses.count("expired"),
            revoked=statuses.count("revoked"),
            redemptions=len(uses),
            distinct_users=len({use.user_id for use in uses}),
        )

    def coupons(self) -> Iterator[tuple[Definition, Coupon]]:
        for definition in self.definitions:
            for coupon in definition.coupons:
                yield definition, coupon

    def uses(self) -> list[tuple[Coupon, Use]]:
        return [(coupon, use) for _, coupon in self.coupons() for use in coupon.uses]

    def _is_expired(self, rules: Rules, coupon: Coupon | None) -> bool:
        end = expiry(rules, coupon)
        return end is not None and self.now > end


def expiry(rules: Rules, coupon: Coupon | None) -> datetime | None:
    """The last valid instant: the earlier of the definition's and the coupon's own."""
    ends = [rules.expires_at, coupon.valid_until if coupon else None]
    return min((end for end in ends if end is not None), default=None)


def _ambiguous(one: Rules, other: Rules) -> bool:
    """Whether some typed text could mean both custom codes."""
    if not one.custom_code or folded(one.custom_code) != folded(other.custom_code):
        return False
    told_apart = one.case_sensitive and other.case_sensitive
    return not told_apart or _nfkc(one.custom_code) == _nfkc(other.custom_code)


def _ends_before_it_starts(rules: Rules) -> bool:
    return bool(rules.starts_at and rules.expires_at and rules.expires_at < rules.starts_at)


def _most_used(definition: Definition) -> int:
    if definition.rules.limit_type == "global":
        return len(definition.standing())
    return max((len(coupon.standing()) for coupon in definition.coupons), default=0)


def _is_spent(rules: Rules, coupon: Coupon) -> bool:
    return rules.limit_type == "per_user" and len(coupon.standing()) >= (rules.max_uses or 0)


def _may_hold(found: Found, user_id: str) -> bool:
    if found.coupon is None:
        return not found.definition.rules.assigned_only
    return found.coupon.user_id in ("", user_id)


def _can_be_claimed(definition: Definition) -> bool:
    limit = definition.rules.issue_limit
    return definition.status == "active" and (limit is None or len(definition.coupons) < limit)


def with_limit(rules: Rules, limit_type: LimitType, max_uses: int | None) -> Rules:
    """The rules with a usage limit as the contract completes it."""
    if limit_type == "per_user" and max_uses is None:
        max_uses = 1
    return replace(rules, limit_type=limit_type, max_uses=max_uses)
