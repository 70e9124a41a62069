"""How an error says when another try may succeed."""

import pytest
from google.rpc import error_details_pb2

from coupon_server.domain.errors import DomainError, Reason
from coupon_server.rpc.errors import retry_seconds, status_of


@pytest.mark.parametrize(("retry_after", "seconds"), [(0.0, 1), (0.2, 1), (1, 1), (1.01, 2)])
def test_whole_seconds_are_never_too_few(retry_after: float, seconds: int) -> None:
    assert retry_seconds(_limited(retry_after)) == seconds


def test_waiting_helps_where_the_error_or_its_reason_says_so() -> None:
    assert retry_seconds(_limited(None)) is None
    assert retry_seconds(DomainError(Reason.SERVICE_UNAVAILABLE, "Later")) == 1


def test_the_status_has_retry_info() -> None:
    retry = error_details_pb2.RetryInfo()
    [detail] = [one for one in status_of(_limited(59.5)).details if one.Is(retry.DESCRIPTOR)]
    assert detail.Unpack(retry)
    assert retry.retry_delay.seconds == 60


def _limited(retry_after: float | None) -> DomainError:
    return DomainError(Reason.RATE_LIMITED, "Too many calls", retry_after=retry_after)
