"""Triggers: the conditions under which an event issues a coupon."""

from dataclasses import dataclass
from enum import StrEnum
from typing import Self

from coupon_server.domain.errors import DomainError, InvalidField, Reason

FIELD = "config.auto_generate"
GREATEST = 2**31 - 1
"""The greatest length, rank and threshold."""

MAX_WATCHING = 100
"""The most active definitions that watch one streak, achievement or leaderboard.

One event can meet them all, and one answer lists them all. 100 events of one call issue at most as
many coupons as one generation.
"""


class TriggerKind(StrEnum):
    STREAK_MILESTONE = "streak_milestone"
    ACHIEVEMENT_COMPLETED = "achievement_completed"
    LEADERBOARD_RANK = "leaderboard_rank"


@dataclass(frozen=True, slots=True)
class TriggerConfig:
    """A trigger's fields as the contract has them; those that are not set are empty or 0."""

    streak_id: str = ""
    milestone_threshold: int = 0
    achievement_id: str = ""
    leaderboard_id: str = ""
    rank_threshold: int = 0


_FIELDS: dict[TriggerKind, tuple[str, ...]] = {
    TriggerKind.STREAK_MILESTONE: ("streak_id", "milestone_threshold"),
    TriggerKind.ACHIEVEMENT_COMPLETED: ("achievement_id",),
    TriggerKind.LEADERBOARD_RANK: ("leaderboard_id", "rank_threshold"),
}


@dataclass(frozen=True, slots=True)
class AutoGenerate:
    """A trigger, and whether it is enabled."""

    enabled: bool
    kind: TriggerKind
    config: TriggerConfig

    @classmethod
    def parse(cls, enabled: bool, kind: TriggerKind | None, config: TriggerConfig) -> Self | None:
        """Check the fields against one another. None: there is no trigger.

        Raises InvalidField when the trigger is missing, lacks one of its fields, or comes
        with a field of another trigger.
        """
        if kind is None:
            if enabled:
                raise InvalidField(f"{FIELD}.trigger", "must be set when enabled")
            if config != TriggerConfig():
                raise InvalidField(f"{FIELD}.trigger", "must be set with trigger_config")
            return None
        for name in TriggerConfig.__slots__:
            _check_presence(kind, name, bool(getattr(config, name)))
        return cls(enabled, kind, config)

    @property
    def target(self) -> str:
        """The streak, achievement or leaderboard that the trigger watches."""
        return str(getattr(self.config, _FIELDS[self.kind][0]))

    @property
    def watched(self) -> tuple[TriggerKind, str]:
        """The kind and target of the events that the trigger watches."""
        return self.kind, self.target

    def check_watching(self, others: int) -> None:
        """Refuse to watch the target beside so many other active definitions.

        Raises TRIGGER_LIMIT_REACHED.
        """
        if others >= MAX_WATCHING:
            name = _FIELDS[self.kind][0]
            raise DomainError(
                Reason.TRIGGER_LIMIT_REACHED,
                f"{MAX_WATCHING} active definitions watch this {name} already",
                field=f"{FIELD}.trigger_config.{name}",
                limit=str(MAX_WATCHING),
            )

    @property
    def threshold(self) -> int | None:
        """The length or the worst rank that meets the trigger; None for an achievement."""
        match self.kind:
            case TriggerKind.STREAK_MILESTONE:
                return self.config.milestone_threshold
            case TriggerKind.LEADERBOARD_RANK:
                return self.config.rank_threshold
            case TriggerKind.ACHIEVEMENT_COMPLETED:
                return None

    def is_met_by(self, value: int) -> bool:
        """Whether a streak of this length, or this rank, meets the trigger."""
        thresholds = met_thresholds(self.kind, value)
        return self.threshold is None or self.threshold in thresholds


def met_thresholds(kind: TriggerKind, value: int) -> range:
    """The thresholds that a streak of this length, or this rank, meets; none is needed for an
    achievement."""
    match kind:
        case TriggerKind.STREAK_MILESTONE:
            return range(1, value + 1)
        case TriggerKind.LEADERBOARD_RANK:
            return range(value, GREATEST + 1)
        case TriggerKind.ACHIEVEMENT_COMPLETED:
            return range(0)


def _check_presence(kind: TriggerKind, name: str, present: bool) -> None:
    field = f"{FIELD}.trigger_config.{name}"
    required = name in _FIELDS[kind]
    if required and not present:
        raise InvalidField(field, f"must be set for {kind}")
    if present and not required:
        raise InvalidField(field, f"must not be set for {kind}")
