"""Identifiers carry the time of what they name."""

from datetime import UTC, datetime, timedelta

from hypothesis import given
from hypothesis import strategies as st

from coupon_server.domain.ids import id_range, new_id, new_id_at

EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
MILLISECOND = timedelta(milliseconds=1)
MOMENTS = st.timedeltas(timedelta(0), datetime.max.replace(tzinfo=UTC) - EPOCH).map(EPOCH.__add__)


def test_ids_are_version_7_and_sort_by_time() -> None:
    ids = [new_id() for _ in range(1_000)]
    assert len(set(ids)) == 1_000
    assert {one.version for one in ids} == {7}
    assert [one.int >> 80 for one in ids] == sorted(one.int >> 80 for one in ids)


@given(MOMENTS)
def test_an_id_tells_its_moment_to_the_millisecond(moment: datetime) -> None:
    made = new_id_at(moment)
    assert made.version == 7
    assert made.int >> 80 == (moment - datetime(1970, 1, 1, tzinfo=UTC)) // timedelta(
        milliseconds=1
    )


@given(start=MOMENTS | st.none(), end=MOMENTS | st.none(), moment=MOMENTS)
def test_an_id_range_holds_every_id_made_between_its_ends(
    start: datetime | None, end: datetime | None, moment: datetime
) -> None:
    low, high = id_range(start, end)
    made = new_id_at(moment)
    if (start is None or start <= moment) and (end is None or moment <= end):
        assert low <= made <= high
    if start is not None and moment <= start - MILLISECOND:
        assert made < low
    if end is not None and moment - MILLISECOND >= end:
        assert made > high


def test_a_range_from_before_the_epoch_or_to_the_end_of_time_is_no_error() -> None:
    made = new_id()
    low, high = id_range(datetime.min.replace(tzinfo=UTC), datetime.max.replace(tzinfo=UTC))
    assert low <= made <= high
