"""How calls a second are counted, and how workers share a limit."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from coupon_server.domain.errors import InvalidField
from coupon_server.domain.limits import (
    MAX_LIMIT,
    NAMES,
    WINDOW_SECONDS,
    Bucket,
    CallClass,
    Limits,
    check_limit,
    share,
)
from phoenix_coupons.v1 import TenantLimit

RATES = st.integers(1, 5_000)
PAUSES = st.lists(st.floats(0, 3), min_size=1, max_size=50)


@given(RATES)
def test_a_burst_is_what_the_rate_allows_in_a_second(rate: int) -> None:
    bucket = Bucket(rate)
    assert [bucket.take(100.0) for _ in range(rate)] == [0.0] * rate
    wait = bucket.take(100.0)
    assert 0 < wait <= 1 / rate + 1e-6
    assert bucket.take(100.0 + wait + 1e-6) == 0.0


@given(RATES, PAUSES, st.integers(1, 200))
def test_no_second_has_more_than_twice_the_rate_and_no_long_time_more_than_the_rate(
    rate: int, pauses: list[float], wanted: int
) -> None:
    bucket, now, taken = Bucket(rate), 0.0, 0
    for pause in pauses:
        now += pause
        taken += sum(not bucket.take(now) for _ in range(wanted))
        # A full bucket at the beginning, and the rate from then on.
        assert taken <= rate * (now + WINDOW_SECONDS) + 1e-3


@given(RATES, PAUSES)
def test_what_is_left_and_used_is_what_can_be_taken(rate: int, pauses: list[float]) -> None:
    bucket, now = Bucket(rate), 0.0
    for pause in pauses:
        now += pause
        left = bucket.left(now)
        assert (left > 0) is (bucket.wait(now) == 0.0)
        assert rate - 1 <= left + bucket.used(now) <= rate + 1
        before = bucket.full_at
        assert sum(not bucket.take(now) for _ in range(left)) == left
        assert bucket.take(now) > 0
        bucket.full_at = max(before, now)
        bucket.take(now)


@given(RATES, RATES)
def test_a_bucket_stays_as_full_when_its_rate_changes(rate: int, other: int) -> None:
    bucket = Bucket(rate)
    for _ in range(rate // 2):
        bucket.take(0.0)
    refill = bucket.refill(0.0)
    bucket.rate = other
    assert bucket.refill(0.0) == refill
    assert bucket.rate == pytest.approx(other)


@given(
    limit=st.integers(1, 100_000),
    demands=st.lists(st.integers(0, 100_000), min_size=1, max_size=8),
)
def test_workers_come_to_share_the_limit(limit: int, demands: list[int]) -> None:
    """Each wants so many calls a second and uses what it may, second by second."""
    shares, history = [float(limit)] * len(demands), []
    for _ in range(60):
        used = [min(demand, one) for demand, one in zip(demands, shares, strict=True)]
        active = sum(one > 0 for one in used)
        shares = [
            share(limit, sum(used) - own, active, one) if own else one
            for own, one in zip(used, shares, strict=True)
        ]
        history.append(sum(used))
    # Each may have used the whole limit in the first second.
    assert max(history[1:]) <= 1.5 * limit + 1
    settled = sum(history[30:]) / 30
    assert settled == pytest.approx(min(sum(demands), limit), rel=0.2)


@pytest.mark.parametrize("rate", [0.5, 0.75, 1.0])
def test_a_rate_of_less_than_a_call_a_second_allows_one_now_and_then(rate: float) -> None:
    bucket = Bucket(rate)
    assert bucket.left(10) == 1
    assert bucket.take(10) == 0
    wait = bucket.take(10.1)
    assert wait == pytest.approx(1 / rate - 0.1) == pytest.approx(bucket.wait(10.1))
    assert bucket.take(10.1 + wait + 1e-6) == 0


def test_a_worker_alone_has_the_whole_limit() -> None:
    assert share(100, 0, 1, 20) == 100


def test_a_share_falls_at_once_and_grows_by_half() -> None:
    assert share(100, 90, 3, 100) == pytest.approx(100 / 3)
    assert share(100, 20, 2, 40) == 60


def test_the_limits_are_those_of_the_contract() -> None:
    assert list(NAMES) == TenantLimit.Name.keys()[1:]
    for one in CallClass:
        assert {f"{one}_per_second", f"{one}_in_flight"} <= set(NAMES)


def test_own_limits_replace_the_defaults() -> None:
    own = Limits().with_own({"api_keys": 3, "from_a_later_release": 1})
    assert (own.api_keys, own.definitions) == (3, Limits().definitions)


@pytest.mark.parametrize(
    ("name", "value", "rule"),
    [
        ("redeem_per_second", 0, "must be 1 to"),
        ("redeem_in_flight", -1, "must be 0 to"),
        ("live_coupons", MAX_LIMIT + 1, f"must be 0 to {MAX_LIMIT}"),
        ("coupons", 1, "is none of redeem_per_second, "),
    ],
)
def test_limits_have_bounds(name: str, value: int, rule: str) -> None:
    with pytest.raises(InvalidField, match=rule):
        check_limit(name, value)
