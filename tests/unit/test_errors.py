"""How an error says when another try may succeed."""

from http import HTTPStatus

import grpc
import pytest
from google.rpc.error_details_pb2 import RetryInfo

from coupon_server.domain.errors import DomainError, Reason
from coupon_server.rpc.errors import code_of, retry_seconds, status_of
from coupon_server.rpc.rest import error_bodies


@pytest.mark.parametrize(("retry_after", "seconds"), [(0.0, 1), (0.2, 1), (1, 1), (1.01, 2)])
def test_whole_seconds_are_never_too_few(retry_after: float, seconds: int) -> None:
    assert retry_seconds(_limited(retry_after)) == seconds


@pytest.mark.parametrize("reason", Reason)
def test_errors_of_load_and_limits_say_when_to_try_again(reason: Reason) -> None:
    """All of them, however they are raised; a body, though, is as large the next time."""
    codes = (grpc.StatusCode.RESOURCE_EXHAUSTED, grpc.StatusCode.UNAVAILABLE)
    passes = code_of(reason) in codes and reason is not Reason.BODY_TOO_LARGE
    error = DomainError(reason, "Refused")
    assert (retry_seconds(error) is not None) is passes
    told = [one for one in status_of(error).details if one.Is(RetryInfo.DESCRIPTOR)]
    assert len(told) == passes
    is_429 = error_bodies.http_status(reason) is HTTPStatus.TOO_MANY_REQUESTS
    assert passes or not is_429


def test_the_status_has_retry_info() -> None:
    retry = RetryInfo()
    [detail] = [one for one in status_of(_limited(59.5)).details if one.Is(retry.DESCRIPTOR)]
    assert detail.Unpack(retry)
    assert retry.retry_delay.seconds == 60


def _limited(retry_after: float | None) -> DomainError:
    return DomainError(Reason.RATE_LIMITED, "Too many calls", retry_after=retry_after)
