"""Events that tell what users have reached, and the progress that follows from them.

Progress is the same in whatever order events arrive, because `merged` does not depend on it.
"""

from dataclasses import dataclass
from datetime import datetime, timedelta
from uuid import UUID

from coupon_server.domain.definition import CouponDefinition
from coupon_server.domain.errors import InvalidField
from coupon_server.domain.triggers import TriggerKind

MAX_AHEAD = timedelta(minutes=5)
"""How far in the future an event may have occurred: clocks differ."""

MAX_OCCURRENCES = 10
"""Of one user and target, the progress of so many occurrences is kept: the latest."""

ACHIEVED = 1
"""The value of an achievement that is completed."""


@dataclass(frozen=True, slots=True)
class Event:
    """What a user has reached: of which kind, of what, how much.

    `target` is the streak, achievement or leaderboard; `occurrence` its run, completion or window,
    empty for an event that names none; `value` the streak's length, the rank, or `ACHIEVED`.
    """

    tenant_id: UUID
    event_id: str
    user_id: str
    occurred_at: datetime
    kind: TriggerKind
    target: str
    occurrence: str
    value: int

    def check_occurred(self, now: datetime) -> None:
        """Raise InvalidField for an event of the future."""
        if self.occurred_at > now + MAX_AHEAD:
            raise InvalidField("occurred_at", "must be at most 5 minutes in the future")

    def meets(self, definition: CouponDefinition) -> bool:
        """Whether the definition issues a coupon for the event."""
        trigger = definition.watching
        return (
            trigger is not None
            and trigger.watched == (self.kind, self.target)
            and trigger.is_met_by(self.value)
        )


@dataclass(frozen=True, slots=True)
class ProgressKey:
    """One occurrence of a target for a user."""

    tenant_id: UUID
    user_id: str
    kind: TriggerKind
    target: str
    occurrence: str

    @classmethod
    def of(cls, event: Event) -> "ProgressKey":
        return cls(event.tenant_id, event.user_id, event.kind, event.target, event.occurrence)


@dataclass(frozen=True, slots=True)
class Reached:
    """How far a user is in one occurrence, as of its latest event."""

    value: int
    occurred_at: datetime


def merged(kind: TriggerKind, one: Reached, other: Reached) -> Reached:
    """What two reports of one occurrence come to.

    A streak is as long as its latest event says, of two at the same instant the longer one; a
    rank is the best that was ever taken.
    """
    latest = max(one.occurred_at, other.occurred_at)
    if kind is TriggerKind.LEADERBOARD_RANK:
        return Reached(min(one.value, other.value), latest)
    return max(one, other, key=lambda reached: (reached.occurred_at, reached.value))


def progress_of(events: list[Event]) -> dict[ProgressKey, Reached]:
    """What the events come to, for each occurrence."""
    found: dict[ProgressKey, Reached] = {}
    for event in events:
        key = ProgressKey.of(event)
        reached = Reached(event.value, event.occurred_at)
        found[key] = merged(event.kind, found[key], reached) if key in found else reached
    return found
