"""Events that report achievements of users, and the progress derived from them.

Progress does not depend on the order in which events arrive, because `merged` is commutative.
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
"""The latest occurrences whose progress is kept, of one user and target."""

ACHIEVED = 1
"""The value of an achievement that is completed."""


@dataclass(frozen=True, slots=True)
class Event:
    """An achievement of a user: its kind, target and value.

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


def merged(kind: TriggerKind, first: Reached, second: Reached) -> Reached:
    """Merge two reports of one occurrence, in either order.

    A streak is as long as its latest event says, of two at the same instant the longer one; a
    rank is the best that was ever taken.
    """
    latest = max(first.occurred_at, second.occurred_at)
    if kind is TriggerKind.LEADERBOARD_RANK:
        return Reached(min(first.value, second.value), latest)
    return max(first, second, key=lambda reached: (reached.occurred_at, reached.value))


def progress_of(events: list[Event]) -> dict[ProgressKey, Reached]:
    """The merged progress of the events, for each occurrence."""
    progress: dict[ProgressKey, Reached] = {}
    for event in events:
        key = ProgressKey.of(event)
        reached = Reached(event.value, event.occurred_at)
        progress[key] = merged(event.kind, progress[key], reached) if key in progress else reached
    return progress
