"""Limits of failed attempts: counting, blocks, and the most that an attacker gets."""

from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from coupon_server.domain.guessing import (
    DEFAULT_POLICY,
    FailureCount,
    Guesser,
    GuessLimit,
    Subject,
    SubjectKind,
)
from coupon_server.domain.ids import new_id

START = datetime(2026, 1, 1, tzinfo=UTC)
SECOND, MINUTE, DAY = timedelta(seconds=1), timedelta(minutes=1), timedelta(days=1)

seconds = st.integers(1, 600).map(lambda number: timedelta(seconds=number))


@st.composite
def limits(draw: st.DrawFn) -> GuessLimit:
    block = draw(seconds)
    return GuessLimit(
        draw(st.integers(1, 12)), draw(seconds), block, block + draw(st.just(0 * SECOND) | seconds)
    )


@pytest.mark.parametrize(
    ("failures", "minutes"),
    [(0, 0), (9, 0), (10, 1), (11, 2), (12, 4), (13, 8), (20, 1_024), (21, 1_440), (900, 1_440)],
)
def test_each_failure_beyond_the_limit_blocks_for_twice_as_long(
    failures: int, minutes: int
) -> None:
    assert DEFAULT_POLICY.user_token.block_after(failures) == minutes * MINUTE


def test_the_default_policy_gives_an_attacker_few_guesses() -> None:
    assert DEFAULT_POLICY.user_token.most_in_window() == 20
    assert DEFAULT_POLICY.user.most_in_window() == 30
    assert DEFAULT_POLICY.user.most_in(30 * DAY) == 930
    assert DEFAULT_POLICY.user.per_day == 30
    assert DEFAULT_POLICY.peer.most_in_window() == 505


def test_few_users_can_not_have_their_address_blocked() -> None:
    assert DEFAULT_POLICY.user.most_in_window() * 10 < DEFAULT_POLICY.peer.failures


@given(limit=limits(), pauses=st.lists(st.integers(0, 300), max_size=60))
def test_counts_are_of_the_window_and_blocks_never_shrink_with_more_failures(
    limit: GuessLimit, pauses: list[int]
) -> None:
    count, now, times = FailureCount(START), START, []
    for pause in pauses:
        now += pause * SECOND
        count = count.plus(1, now, limit.window)
        times.append(now)
        total = count.total(now, limit.window)
        in_two = sum(1 for at in times if at > now - 2 * limit.window)
        assert 1 <= total <= in_two
        assert total >= count.current
        assert limit.block_after(total) <= limit.block_after(total + 1) <= limit.max_block


@given(limit=limits(), eager=st.integers(0, 3), days=st.integers(1, 4))
@settings(max_examples=60)
def test_no_attacker_has_more_failures_than_the_limit_says(
    limit: GuessLimit, eager: int, days: int
) -> None:
    """One who tries again as soon as a block ends, or `eager` seconds later."""
    period = days * limit.window
    count, now, failures = FailureCount(START), START, 0
    while now - START < period:
        count = count.plus(1, now, limit.window)
        failures += 1
        total = count.total(now, limit.window)
        # A second a guess, so that a window of many failures ends.
        now += max(limit.block_after(total), SECOND) + eager * SECOND
    assert failures <= limit.most_in(period)


@given(limit=limits())
def test_a_quiet_subject_begins_anew(limit: GuessLimit) -> None:
    count = FailureCount(START).plus(1_000, START, limit.window)
    assert count.total(START, limit.window) == 1_000
    assert count.total(START + 2 * limit.window, limit.window) == 0
    later = count.plus(1, START + 3 * limit.window, limit.window)
    assert later.total(START + 3 * limit.window, limit.window) == 1


def test_a_clock_that_is_behind_counts_all_the_same() -> None:
    count = FailureCount(START, current=3, previous=2)
    assert count.total(START - MINUTE, DAY) == 5


def test_a_failure_counts_for_user_token_and_peer() -> None:
    tenant_id = new_id()
    user = Subject(SubjectKind.USER, "alice", "")
    assert Guesser(tenant_id, "alice").subjects() == [user]
    assert Guesser(tenant_id, "alice", "t", "p").subjects() == [
        user,
        Subject(SubjectKind.USER_TOKEN, "alice", "t"),
        Subject(SubjectKind.PEER, "", "p"),
    ]
    assert Guesser(tenant_id, None).subjects() == []
