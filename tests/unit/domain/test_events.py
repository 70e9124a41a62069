"""Progress follows from events, in whatever order they arrive."""

import uuid
from datetime import UTC, datetime, timedelta
from functools import reduce

import pytest
from hypothesis import given
from hypothesis import strategies as st

from coupon_server.domain.errors import InvalidField
from coupon_server.domain.events import Event, ProgressKey, Reached, merged, progress_of
from coupon_server.domain.triggers import AutoGenerate, TriggerConfig, TriggerKind, met_thresholds

TENANT = uuid.uuid4()
START = datetime(2026, 1, 1, tzinfo=UTC)
KINDS = st.sampled_from(TriggerKind)
REACHED = st.builds(
    Reached,
    st.integers(1, 4),
    st.integers(0, 3).map(lambda hours: START + timedelta(hours=hours)),
)


def event(kind: TriggerKind, reached: Reached, occurrence: str = "", number: int = 0) -> Event:
    return Event(
        TENANT, f"e{number}", "ada", reached.occurred_at, kind, "t", occurrence, reached.value
    )


def plain(kind: TriggerKind, reports: list[Reached]) -> Reached:
    """What `merged` comes to, in the words of the contract."""
    latest = max(report.occurred_at for report in reports)
    values = [report.value for report in reports]
    if kind is TriggerKind.LEADERBOARD_RANK:
        return Reached(min(values), latest)
    return Reached(max(one.value for one in reports if one.occurred_at == latest), latest)


@given(KINDS, st.lists(REACHED, min_size=1, max_size=6).flatmap(st.permutations))
def test_reports_come_to_the_same_in_any_order(kind: TriggerKind, reports: list[Reached]) -> None:
    assert reduce(lambda one, other: merged(kind, one, other), reports) == plain(kind, reports)


@given(KINDS, REACHED, REACHED)
def test_a_repeated_report_counts_once(kind: TriggerKind, one: Reached, other: Reached) -> None:
    once = merged(kind, one, other)
    assert merged(kind, once, other) == merged(kind, once, one) == once


@given(st.lists(st.tuples(KINDS, REACHED, st.sampled_from(["", "a", "b"])), max_size=12))
def test_progress_is_kept_by_occurrence(told: list[tuple[TriggerKind, Reached, str]]) -> None:
    events = [event(kind, reached, occurrence) for kind, reached, occurrence in told]
    found = progress_of(events)
    assert found.keys() == {ProgressKey.of(one) for one in events}
    for key, reached in found.items():
        reports = [
            Reached(one.value, one.occurred_at) for one in events if ProgressKey.of(one) == key
        ]
        assert reached == plain(key.kind, reports)


@pytest.mark.parametrize(
    ("seconds", "accepted"), [(-(10**9), True), (0, True), (300, True), (300.000001, False)]
)
def test_an_event_may_be_five_minutes_ahead(seconds: float, accepted: bool) -> None:
    occurred = Reached(1, START + timedelta(seconds=seconds))
    told = event(TriggerKind.STREAK_MILESTONE, occurred)
    if accepted:
        told.check_occurred(START)
        return
    with pytest.raises(InvalidField) as caught:
        told.check_occurred(START)
    assert caught.value.violations[0][0] == "occurred_at"


@pytest.mark.parametrize(
    ("kind", "config", "met", "missed"),
    [
        (
            TriggerKind.STREAK_MILESTONE,
            TriggerConfig(streak_id="t", milestone_threshold=7),
            [7, 8, 2**31 - 1],
            [1, 6],
        ),
        (
            TriggerKind.LEADERBOARD_RANK,
            TriggerConfig(leaderboard_id="t", rank_threshold=3),
            [1, 3],
            [4, 2**31 - 1],
        ),
        (TriggerKind.ACHIEVEMENT_COMPLETED, TriggerConfig(achievement_id="t"), [1], []),
    ],
)
def test_a_trigger_is_met_by_its_threshold_and_beyond(
    kind: TriggerKind, config: TriggerConfig, met: list[int], missed: list[int]
) -> None:
    trigger = AutoGenerate(True, kind, config)
    assert trigger.target == "t"
    assert [trigger.is_met_by(value) for value in met + missed] == [True] * len(met) + [
        False
    ] * len(missed)
    if trigger.threshold is not None:
        assert all(trigger.threshold in met_thresholds(kind, value) for value in met)
        assert not any(trigger.threshold in met_thresholds(kind, value) for value in missed)
