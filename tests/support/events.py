"""Events, and triggers that wait for them, in the few words that a test needs."""

from datetime import UTC, datetime
from typing import Any

from phoenix_coupons.v1 import (
    AchievementCompleted,
    AutoGenerate,
    Event,
    LeaderboardRankReached,
    StreakMilestoneReached,
    TriggerConfig,
)


def on_streak(threshold: int, streak_id: str = "daily", *, enabled: bool = True) -> AutoGenerate:
    config = TriggerConfig(streak_id=streak_id, milestone_threshold=threshold)
    return _trigger("streak_milestone", config, enabled)


def on_achievement(achievement_id: str = "first-win") -> AutoGenerate:
    return _trigger("achievement_completed", TriggerConfig(achievement_id=achievement_id))


def on_rank(threshold: int, leaderboard_id: str = "weekly") -> AutoGenerate:
    config = TriggerConfig(leaderboard_id=leaderboard_id, rank_threshold=threshold)
    return _trigger("leaderboard_rank", config)


def _trigger(name: str, config: TriggerConfig, enabled: bool = True) -> AutoGenerate:
    trigger = AutoGenerate.Trigger.Value(name)
    return AutoGenerate(enabled=enabled, trigger=trigger, trigger_config=config)


def streak(event_id: str, user_id: str, milestone: int, run_id: str = "", **options: Any) -> Event:
    """A streak's milestone; `streak_id` is "daily" unless given."""
    target = options.pop("streak_id", "daily")
    reached = StreakMilestoneReached(streak_id=target, milestone=milestone, run_id=run_id)
    return _event(event_id, user_id, streak_milestone_reached=reached, **options)


def achievement(event_id: str, user_id: str, completion_id: str = "", **options: Any) -> Event:
    """The achievement "first-win" unless `achievement_id` is given."""
    target = options.pop("achievement_id", "first-win")
    done = AchievementCompleted(achievement_id=target, completion_id=completion_id)
    return _event(event_id, user_id, achievement_completed=done, **options)


def rank(event_id: str, user_id: str, taken: int, window_id: str = "", **options: Any) -> Event:
    """A rank on the board "weekly" unless `leaderboard_id` is given."""
    target = options.pop("leaderboard_id", "weekly")
    reached = LeaderboardRankReached(leaderboard_id=target, rank=taken, window_id=window_id)
    return _event(event_id, user_id, leaderboard_rank_reached=reached, **options)


def _event(event_id: str, user_id: str, at: datetime | None = None, **kind: Any) -> Event:
    event = Event(event_id=event_id, user_id=user_id, **kind)
    event.occurred_at.FromDatetime(at or datetime.now(UTC))
    return event
