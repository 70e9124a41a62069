"""What a user has to reach to be handed a coupon by the service itself."""

from dataclasses import dataclass
from enum import StrEnum
from typing import Self

from coupon_server.domain.errors import InvalidField

FIELD = "config.auto_generate"


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
    """A trigger, and whether it hands out coupons now."""

    enabled: bool
    kind: TriggerKind
    config: TriggerConfig

    @classmethod
    def parse(cls, enabled: bool, kind: TriggerKind | None, config: TriggerConfig) -> Self | None:
        """Check the fields against one another. None: coupons are not handed out.

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


def _check_presence(kind: TriggerKind, name: str, present: bool) -> None:
    field = f"{FIELD}.trigger_config.{name}"
    wanted = name in _FIELDS[kind]
    if wanted and not present:
        raise InvalidField(field, f"must be set for {kind}")
    if present and not wanted:
        raise InvalidField(field, f"must not be set for {kind}")
