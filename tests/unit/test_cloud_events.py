"""CloudEvents become events; whatever else arrives is refused in the service's own words."""

import json
import uuid
from datetime import UTC, datetime
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from coupon_server.domain.errors import DomainError, Reason
from coupon_server.domain.events import Event
from coupon_server.domain.triggers import TriggerKind
from coupon_server.rpc.cloud_events import KINDS, MAX_BYTES, event_of
from phoenix_coupons import v1
from support.cloud_events import Mode, cloud_event, message, unchecked
from support.events import achievement, rank, streak

TENANT = uuid.UUID(int=7)
AT = datetime(2026, 1, 31, 12, 30, 0, 250_000, tzinfo=UTC)
STRUCTURED = {"content-type": "application/cloudevents+json"}
MODES = pytest.mark.parametrize("mode", ["structured", "binary"])


@MODES
@pytest.mark.parametrize(
    ("told", "kind", "target", "occurrence", "value"),
    [
        (
            streak("e 1", "ada", 7, "r", at=AT),
            TriggerKind.STREAK_MILESTONE,
            "daily",
            "r",
            7,
        ),
        (
            achievement("ü:%/ 🎉", "ünï 🎉", "c", at=AT),
            TriggerKind.ACHIEVEMENT_COMPLETED,
            "first-win",
            "c",
            1,
        ),
        (rank("e", "ada", 3, at=AT), TriggerKind.LEADERBOARD_RANK, "weekly", "", 3),
    ],
)
def test_a_cloud_event_is_an_event(
    mode: Mode, told: v1.Event, kind: TriggerKind, target: str, occurrence: str, value: int
) -> None:
    assert event_of(TENANT, *message(cloud_event(told), mode)) == Event(
        TENANT, told.event_id, told.user_id, AT, kind, target, occurrence, value
    )


def test_the_types_are_those_of_the_contract() -> None:
    assert set(KINDS) == {
        "coupons.streak_milestone_reached.v1",
        "coupons.achievement_completed.v1",
        "coupons.leaderboard_rank_reached.v1",
    }


def test_extensions_and_another_time_zone_are_fine() -> None:
    event = cloud_event(streak("e", "ada", 7), time="2026-01-31T13:30:00.25+01:00", traceid="x")
    assert event_of(TENANT, *message(event, "binary")).occurred_at == AT


def refusal(headers: dict[str, str], body: bytes) -> DomainError:
    with pytest.raises(DomainError) as caught:
        event_of(TENANT, headers, body)
    return caught.value


@MODES
@pytest.mark.parametrize("missing", ["id", "subject", "time", "type", "source", "specversion"])
def test_an_attribute_that_is_missing_is_not_made_up(mode: Mode, missing: str) -> None:
    told = cloud_event(streak("e", "ada", 7), **{missing: None})
    assert refusal(*message(told, mode)).reason is Reason.MALFORMED_MESSAGE


@MODES
@pytest.mark.parametrize(
    ("changes", "told"),
    [
        ({"type": "coupons.streak_milestone_reached.v2"}, "its type is none of"),
        ({"specversion": "0.3"}, "it is not a CloudEvent 1.0"),
        ({"specversion": "2.0"}, "it is not a CloudEvent 1.0"),
        ({"time": "yesterday"}, "it is not a CloudEvent 1.0"),
        ({"time": "2026-01-31T12:00:00"}, "it is not a CloudEvent 1.0"),
        ({"id": ""}, "it is not a CloudEvent 1.0"),
    ],
)
def test_another_cloud_event_is_refused(mode: Mode, changes: dict[str, str], told: str) -> None:
    event = cloud_event(streak("e", "ada", 7), **changes)
    error = refusal(*message(event, mode))
    assert error.reason is Reason.MALFORMED_MESSAGE
    assert told in error.message


@pytest.mark.parametrize(
    "changes",
    [
        {"id": "\ud800"},
        {"subject": "\ud800"},
        {"time": "0001-01-01T00:00:00+14:00"},
        {"time": "9999-12-31T23:59:59-14:00"},
    ],
)
def test_what_no_event_can_say_is_refused(changes: dict[str, str]) -> None:
    _, body = message(cloud_event(streak("e", "ada", 7)), "structured")
    error = refusal(STRUCTURED, json.dumps(json.loads(body) | changes).encode())
    assert error.reason is Reason.MALFORMED_MESSAGE


@MODES
@pytest.mark.parametrize(
    "data",
    [
        None,
        "text",
        b"\x00\xff",
        {"streak_id": "daily", "milestone": "seven"},
        {"streak_id": "daily", "milestone": 2**31},
        {"streak_id": "daily", "milestone": 7, "another": 1},
        {"streak_id": ["daily"]},
    ],
    ids=repr,
)
def test_other_data_are_refused(mode: Mode, data: Any) -> None:
    attributes = cloud_event(streak("e", "ada", 7)).get_attributes()
    error = refusal(*message(unchecked(attributes, data), mode))
    assert error.message == (
        "The message is malformed: its data are not a StreakMilestoneReached in JSON"
    )


@pytest.mark.parametrize(
    ("event", "field"),
    [
        (cloud_event(streak("e", "ada", 0)), "streak_milestone_reached.milestone"),
        (cloud_event(streak("e" * 129, "ada", 1)), "event_id"),
        (cloud_event(streak("e", "a\x01da", 1)), "user_id"),
    ],
)
def test_a_broken_rule_names_the_field(event: Any, field: str) -> None:
    error = refusal(*message(event, "structured"))
    assert error.reason is Reason.INVALID_FIELD
    assert error.violations[0][0] == field  # type: ignore[attr-defined]


@pytest.mark.parametrize(
    "body",
    [
        b"",
        b"null",
        b"[]",
        b"[1]",
        b'"text"',
        b"{}",
        b"\xff",
        b"[" * 100_000,
        b'{"specversion": "1.0", "id": 1, "type": 2, "subject": 3, "time": 4}',
    ],
    ids=lambda body: repr(body[:20]),
)
def test_what_is_no_cloud_event_is_refused(body: bytes) -> None:
    assert refusal(STRUCTURED, body).reason is Reason.MALFORMED_MESSAGE


def test_a_message_is_bounded_before_it_is_read() -> None:
    told = refusal(STRUCTURED, b"[" + b"1," * (MAX_BYTES // 2))
    assert told.reason is Reason.MALFORMED_MESSAGE
    assert f"more than {MAX_BYTES} bytes" in told.message


JSON = st.recursive(
    st.none() | st.booleans() | st.floats() | st.text() | st.integers(),
    lambda inner: st.lists(inner) | st.dictionaries(st.text(), inner),
)
NAMES = st.sampled_from(["id", "type", "subject", "time", "source", "specversion", "data"])


@settings(suppress_health_check=[HealthCheck.too_slow])
@given(st.binary() | st.dictionaries(NAMES, JSON).map(lambda one: json.dumps(one).encode()))
def test_no_bytes_are_more_than_refused(body: bytes) -> None:
    assert refusal(STRUCTURED, body).reason is Reason.MALFORMED_MESSAGE


@given(st.dictionaries(st.text(min_size=1).map("ce-{}".format), st.text()), st.binary())
def test_no_headers_are_more_than_refused(headers: dict[str, str], body: bytes) -> None:
    assert refusal(headers, body).reason is Reason.MALFORMED_MESSAGE
