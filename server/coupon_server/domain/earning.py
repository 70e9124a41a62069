"""Which coupon a user earns by an event: a pure function of (rows, event, now).

Rows that several events of a batch share are one object here, so that each event sees what the
ones before it earned.
"""

from dataclasses import dataclass, field
from datetime import datetime

from coupon_server.domain import codes
from coupon_server.domain.codes import KeySpaceUse
from coupon_server.domain.coupon import Coupon, CouponSource, new_coupon
from coupon_server.domain.definition import CouponDefinition
from coupon_server.domain.events import Event
from coupon_server.domain.issuing import check_issue_limit, check_issue_limit_per_user
from coupon_server.domain.limits import CouponRoom


@dataclass(slots=True)
class IssueCounter:
    """How many coupons there are, of a definition or in a key space."""

    issued: int


@dataclass(slots=True)
class UserCoupons:
    """One user's coupons of a definition.

    `given` counts them where `issue_limit_per_user` needs it, `held` is the one of a custom code,
    `earned` are the occurrences that have earned theirs.
    """

    given: int
    held: Coupon | None
    earned: set[str]


@dataclass(frozen=True, slots=True)
class Candidate:
    """A definition that an event meets: all the rows that a decision about it depends on.

    `space` is None for a custom code; `code` is the code for a new coupon. `room` is that of the
    tenant's live coupons.
    """

    definition: CouponDefinition
    counter: IssueCounter
    space: IssueCounter | None
    user: UserCoupons
    code: str
    room: CouponRoom


@dataclass(frozen=True, slots=True)
class Earned:
    """A coupon that an event earned; `created` is False when the user held it already."""

    event: Event
    definition: CouponDefinition
    coupon: Coupon
    created: bool


@dataclass(slots=True)
class Changes:
    """The changes of a batch to store; counters are derived from them."""

    earned: list[Earned] = field(default_factory=list)


def earn(candidate: Candidate, event: Event, now: datetime, changes: Changes) -> Earned | None:
    """Issue the definition's coupon for the event, or raise a DomainError.

    None: the occurrence has earned it before. Raises DEFINITION_EXPIRED, ISSUE_LIMIT_REACHED,
    KEY_SPACE_TOO_SMALL, QUOTA_EXCEEDED, and changes nothing then.
    """
    user = candidate.user
    if event.occurrence in user.earned:
        return None
    candidate.definition.check_generates(now)
    created = user.held is None
    coupon = user.held or _issued(candidate, event, now)
    earned = Earned(event, candidate.definition, coupon, created)
    user.earned.add(event.occurrence)
    changes.earned.append(earned)
    return earned


def _issued(candidate: Candidate, event: Event, now: datetime) -> Coupon:
    definition, space = candidate.definition, candidate.space
    check_issue_limit(definition, candidate.counter.issued, 1)
    if not definition.is_custom:
        check_issue_limit_per_user(definition, event.user_id, candidate.user.given, 1)
    candidate.room.check()
    if space is not None:
        # It has a holder, so it is no unassigned code that a guess could hit.
        after = KeySpaceUse(space.issued + 1, unassigned=0)
        codes.check_key_space(after, definition.config.code_length)
        space.issued += 1
    coupon = new_coupon(definition, event.user_id, candidate.code, CouponSource.EARNED, None, now)
    candidate.counter.issued += 1
    candidate.room.live += 1
    candidate.user.given += 1
    if definition.is_custom:
        candidate.user.held = coupon
    return coupon


@dataclass(frozen=True, slots=True)
class Issued:
    """A coupon that an event issued; `created` is False when the user held it already."""

    coupon: Coupon
    created: bool
    definition_expires_at: datetime | None
