"""Which fields go with which trigger."""

from itertools import product

import pytest

from coupon_server.domain.errors import InvalidField
from coupon_server.domain.triggers import AutoGenerate, TriggerConfig, TriggerKind

NEEDED: dict[TriggerKind, dict[str, object]] = {
    TriggerKind.STREAK_MILESTONE: {"streak_id": "daily", "milestone_threshold": 7},
    TriggerKind.ACHIEVEMENT_COMPLETED: {"achievement_id": "first-win"},
    TriggerKind.LEADERBOARD_RANK: {"leaderboard_id": "weekly", "rank_threshold": 10},
}
ALL_FIELDS: dict[str, object] = {
    name: value for fields in NEEDED.values() for name, value in fields.items()
}


def trigger_config(fields: dict[str, object]) -> TriggerConfig:
    return TriggerConfig(**fields)  # type: ignore[arg-type]


@pytest.mark.parametrize("enabled", [True, False])
@pytest.mark.parametrize("kind", TriggerKind)
def test_a_trigger_takes_all_of_its_fields(kind: TriggerKind, enabled: bool) -> None:
    wanted = trigger_config(NEEDED[kind])
    assert AutoGenerate.parse(enabled, kind, wanted) == AutoGenerate(enabled, kind, wanted)


@pytest.mark.parametrize("kind", TriggerKind)
def test_a_trigger_takes_no_more_and_no_fewer_fields(kind: TriggerKind) -> None:
    for present in product([True, False], repeat=len(ALL_FIELDS)):
        fields = {
            name: value
            for (name, value), here in zip(ALL_FIELDS.items(), present, strict=True)
            if here
        }
        if fields.keys() == NEEDED[kind].keys():
            continue
        with pytest.raises(InvalidField, match=r"config\.auto_generate\.trigger_config"):
            AutoGenerate.parse(True, kind, trigger_config(fields))


def test_without_a_trigger_nothing_is_handed_out() -> None:
    assert AutoGenerate.parse(False, None, TriggerConfig()) is None


def test_enabling_or_configuring_nothing_is_refused() -> None:
    with pytest.raises(InvalidField, match="must be set when enabled"):
        AutoGenerate.parse(True, None, TriggerConfig())
    with pytest.raises(InvalidField, match="must be set with trigger_config"):
        AutoGenerate.parse(False, None, TriggerConfig(streak_id="daily"))
