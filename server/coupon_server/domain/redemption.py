"""Decides whether a code can be redeemed, and what a redemption changes.

Pure functions of (rows, command, now): SQL loads the rows before and stores the changes
after. Validation calls the same functions and stores nothing. Rows that several commands
of a batch share are one object here, so that each command sees what the ones before it
changed.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from enum import StrEnum
from uuid import UUID

from coupon_server.domain.codes import TypedCode
from coupon_server.domain.coupon import Coupon, CouponSource, new_coupon
from coupon_server.domain.definition import CouponDefinition, DefinitionStatus, LimitType
from coupon_server.domain.errors import DomainError, Reason, coupon_refused
from coupon_server.domain.ids import new_id_at
from coupon_server.domain.issuing import has_room


class RedemptionKind(StrEnum):
    REDEMPTION = "redemption"
    REVERSAL = "reversal"


class GrantState(StrEnum):
    """The delivery state of a ledger row's event: the last that applies."""

    PENDING = "pending"
    DELIVERED = "delivered"
    """A webhook endpoint or the broker accepted it."""
    ACKNOWLEDGED = "acknowledged"
    """The tenant's cursor has passed it."""
    DEAD = "dead"
    """It is a dead letter of an endpoint, and was not redelivered since."""


@dataclass(frozen=True, slots=True)
class Redemption:
    """One row of the ledger. Rows are never changed; a reversal is a row of its own.

    `reversed_at`, `reversal_id` and `grant_state` are looked up when the row is read; the last is
    None when it is not known any more.
    """

    tenant_id: UUID
    id: UUID
    kind: RedemptionKind
    coupon_id: UUID
    definition_id: UUID
    user_id: str
    code: str
    redeemed_at: datetime
    reference: str
    metadata: Mapping[str, str]
    credential_id: UUID
    reward_item_id: UUID
    reward_item_version: int
    reverses_id: UUID | None = None
    reversed_at: datetime | None = None
    reversal_id: UUID | None = None
    grant_state: GrantState | None = GrantState.PENDING


@dataclass(frozen=True, slots=True)
class Attempt:
    """An attempt to redeem a code. `user_id` is None only for a validation without a user."""

    tenant_id: UUID
    code: TypedCode
    user_id: str | None


@dataclass(frozen=True, slots=True)
class Provenance:
    """Where a redemption came from, as the ledger keeps it."""

    credential_id: UUID
    reference: str = ""
    metadata: Mapping[str, str] = field(default_factory=dict)


@dataclass(slots=True)
class Slot:
    """The place of one coupon; empty for a custom code of which the user holds none yet."""

    coupon: Coupon | None


@dataclass(slots=True)
class DefinitionCounter:
    """Coupons issued of a definition, and its uses; `used` means something under a global
    limit alone."""

    issued: int
    used: int


@dataclass(slots=True)
class UserCounter:
    """One user's uses over all coupons of a definition."""

    used: int


@dataclass(frozen=True, slots=True)
class Match:
    """The rows that a decision about an entered code depends on."""

    definition: CouponDefinition
    reward_item_version: int
    slot: Slot
    counter: DefinitionCounter
    user_counter: UserCounter


def refusal(match: Match, user_id: str | None, now: datetime) -> Reason | None:
    """Why the user cannot redeem now, or None. The order of the reasons is published."""
    return (
        _holder_refusal(match, user_id)
        or _status_refusal(match, user_id)
        or _date_refusal(match, now)
        or _limit_refusal(match, user_id)
    )


def _holder_refusal(match: Match, user_id: str | None) -> Reason | None:
    if user_id is None:
        return None
    coupon = match.slot.coupon
    if coupon is None:
        return Reason.COUPON_NOT_ASSIGNED if match.definition.config.assigned_only else None
    if coupon.user_id is not None and coupon.user_id != user_id:
        return Reason.COUPON_NOT_ASSIGNED
    return None


def _status_refusal(match: Match, user_id: str | None) -> Reason | None:
    definition, coupon = match.definition, match.slot.coupon
    if definition.status is DefinitionStatus.ARCHIVED:
        return Reason.COUPON_UNAVAILABLE
    if coupon is None:
        if user_id is not None and not _can_issue(match):
            return Reason.COUPON_UNAVAILABLE
        return None
    if coupon.revoked_at is not None:
        return Reason.COUPON_REVOKED
    if coupon.spent(definition.config.usage_limit):
        return Reason.COUPON_ALREADY_REDEEMED
    return None


def _can_issue(match: Match) -> bool:
    return match.definition.status is DefinitionStatus.ACTIVE and has_room(
        match.definition.config.issue_limit, match.counter.issued
    )


def _date_refusal(match: Match, now: datetime) -> Reason | None:
    config, coupon = match.definition.config, match.slot.coupon
    if config.starts_at is not None and now < config.starts_at:
        return Reason.COUPON_NOT_YET_ACTIVE
    expires_at = coupon.expires_at(config.expires_at) if coupon else config.expires_at
    if expires_at is not None and now > expires_at:
        return Reason.COUPON_EXPIRED
    return None


def _limit_refusal(match: Match, user_id: str | None) -> Reason | None:
    config = match.definition.config
    limit = config.usage_limit
    if limit.limit_type is LimitType.GLOBAL and match.counter.used >= (limit.max_uses or 0):
        return Reason.COUPON_LIMIT_REACHED
    cap = config.max_uses_per_user
    if cap is not None and user_id is not None and match.user_counter.used >= cap:
        return Reason.COUPON_LIMIT_REACHED
    return None


def remaining_uses(match: Match, user_id: str | None) -> int | None:
    """How many uses every limit leaves the user, dates and status aside; None: no limit."""
    config, coupon = match.definition.config, match.slot.coupon
    limits = []
    match config.usage_limit.limit_type:
        case LimitType.PER_USER:
            limits.append((config.usage_limit.max_uses or 0) - (coupon.used if coupon else 0))
        case LimitType.GLOBAL:
            limits.append((config.usage_limit.max_uses or 0) - match.counter.used)
        case LimitType.UNLIMITED:
            pass
    if config.max_uses_per_user is not None and user_id is not None:
        limits.append(config.max_uses_per_user - match.user_counter.used)
    return max(0, min(limits)) if limits else None


@dataclass(slots=True)
class Changes:
    """The changes of a batch to store: ledger rows, from which counters are derived, and coupons
    that redemptions of a custom code made."""

    redemptions: list[Redemption] = field(default_factory=list)
    created: list[Coupon] = field(default_factory=list)


def redeem(
    match: Match, user_id: str, provenance: Provenance, now: datetime, changes: Changes
) -> tuple[Redemption, Coupon]:
    """Use the coupon once, or raise a DomainError.

    Returns the ledger row and the coupon, which the next use changes again. A refusal
    changes nothing. A use is recorded in the match's rows and in `changes`.
    """
    reason = refusal(match, user_id, now)
    if reason is not None:
        raise coupon_refused(reason)
    coupon = match.slot.coupon
    if coupon is None:
        coupon = match.slot.coupon = _claimed(match.definition, user_id, now)
        match.counter.issued += 1
        changes.created.append(coupon)
    coupon.user_id = user_id
    coupon.used += 1
    coupon.redeemed_at = now
    match.user_counter.used += 1
    match.counter.used += 1
    redemption = Redemption(
        tenant_id=coupon.tenant_id,
        id=new_id_at(now),
        kind=RedemptionKind.REDEMPTION,
        coupon_id=coupon.id,
        definition_id=coupon.definition_id,
        user_id=user_id,
        code=coupon.code,
        redeemed_at=now,
        reference=provenance.reference,
        metadata=provenance.metadata,
        credential_id=provenance.credential_id,
        reward_item_id=match.definition.config.reward_item_id,
        reward_item_version=match.reward_item_version,
    )
    changes.redemptions.append(redemption)
    return redemption, coupon


def _claimed(definition: CouponDefinition, user_id: str, now: datetime) -> Coupon:
    """The coupon that redeeming a custom code makes."""
    code = definition.config.custom_code
    return new_coupon(definition, user_id, code, CouponSource.CLAIMED, None, now)


def reversal(original: Redemption, credential_id: UUID, reason: str, now: datetime) -> Redemption:
    """The ledger row that takes `original` back. Raises REDEMPTION_NOT_REVERSIBLE."""
    if original.kind is RedemptionKind.REVERSAL:
        raise DomainError(Reason.REDEMPTION_NOT_REVERSIBLE, "A reversal cannot be reversed")
    return Redemption(
        tenant_id=original.tenant_id,
        id=new_id_at(now),
        kind=RedemptionKind.REVERSAL,
        coupon_id=original.coupon_id,
        definition_id=original.definition_id,
        user_id=original.user_id,
        code=original.code,
        redeemed_at=now,
        reference=reason,
        metadata={},
        credential_id=credential_id,
        reward_item_id=original.reward_item_id,
        reward_item_version=original.reward_item_version,
        reverses_id=original.id,
    )


@dataclass(frozen=True, slots=True)
class LedgerFilter:
    """Selects rows of a tenant's ledger; a field that is None matches all.

    Rows from `start` on and before `end`; of one kind, one user, one definition.
    """

    tenant_id: UUID
    kind: RedemptionKind | None = None
    user_id: str | None = None
    definition_id: UUID | None = None
    start: datetime | None = None
    end: datetime | None = None
