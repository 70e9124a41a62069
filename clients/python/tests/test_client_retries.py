"""When a call that failed is attempted again, and with what."""

import asyncio
import threading
from collections.abc import Awaitable, Callable, Iterator
from itertools import pairwise
from typing import Any

import grpc
import pytest
from google.protobuf.duration_pb2 import Duration
from google.rpc.error_details_pb2 import RetryInfo

from phoenix_coupons import (
    ApiKeyCredential,
    AsyncCouponsClient,
    CouponsClient,
    CouponsError,
    RetryPolicy,
    TenantToken,
    UnauthenticatedError,
    UnavailableError,
    _credentials,
)
from phoenix_coupons.v1 import (
    RedeemCouponRequest,
    StreamEventsRequest,
    ValidateCouponRequest,
    WatchGrantsRequest,
)
from support.recorded_service import Service, fail, reason

Call = Callable[..., Awaitable[Any]]

KEY = ApiKeyCredential("pk_" + "k" * 43)
SECRET = "ts_" + "s" * 43
REQUEST = ValidateCouponRequest(code="X")


def unavailable(*details: Any, **pushback: Any) -> Callable[[Any], Any]:
    return fail(grpc.StatusCode.UNAVAILABLE, "down", *details, **pushback)


def in_(milliseconds: int) -> RetryInfo:
    return RetryInfo(retry_delay=Duration(nanos=milliseconds * 1_000_000))


def pushback(milliseconds: object) -> dict[str, Any]:
    return {"trailers": (("grpc-retry-pushback-ms", str(milliseconds)),)}


def first(service: Service, count: int, failure: Callable[[Any], Any]) -> None:
    """Let so many attempts fail, and the next one succeed."""
    service.answer = lambda context: failure(context) if len(service.received) <= count else b""


def gaps(service: Service) -> list[float]:
    times = [attempt.arrived_at for attempt in service.received]
    return [after - before for before, after in pairwise(times)]


@pytest.mark.parametrize("says_when", [unavailable(in_(600)), unavailable(**pushback(600))])
async def test_the_services_word_on_when_is_kept(
    call: Call, service: Service, says_when: Callable[[Any], Any]
) -> None:
    first(service, 2, says_when)
    await call(KEY, "query.ValidateCoupon", REQUEST)
    # Without it there is a second at most between all attempts.
    assert [gap >= 0.6 for gap in gaps(service)] == [True, True]


@pytest.mark.parametrize("word", ["-1", "never"])
async def test_the_service_may_forbid_another_attempt(
    call: Call, service: Service, word: str
) -> None:
    first(service, 1, unavailable(**pushback(word)))
    with pytest.raises(UnavailableError):
        await call(KEY, "query.ValidateCoupon", REQUEST)
    assert len(service.received) == 1


async def test_no_attempt_is_awaited_beyond_the_timeout(call: Call, service: Service) -> None:
    service.answer = unavailable(
        reason("SERVICE_UNAVAILABLE"), RetryInfo(retry_delay=Duration(seconds=60))
    )
    with pytest.raises(UnavailableError) as raised:
        await call(KEY, "query.ValidateCoupon", REQUEST, timeout=30)
    assert raised.value.retry_delay == 60
    assert len(service.received) == 1


@pytest.mark.parametrize("attempts", [1, 6])
async def test_the_policy_is_the_clients(call: Call, service: Service, attempts: int) -> None:
    service.answer = unavailable()
    policy = RetryPolicy(attempts=attempts, initial_backoff=0.001, max_backoff=0.01)
    with pytest.raises(UnavailableError):
        await call(KEY, "query.ValidateCoupon", REQUEST, client={"retries": policy})
    assert len(service.received) == attempts


def test_the_backoff_doubles_up_to_its_maximum() -> None:
    policy = RetryPolicy()
    for failures, expected in ((1, 0.1), (2, 0.2), (3, 0.4), (5, 1.6)):
        backoffs = [policy.backoff(failures) for _ in range(100)]
        assert 0.8 * expected <= min(backoffs) < max(backoffs) <= 1.2 * expected
    assert 1.6 <= policy.backoff(10_000) <= 2


@pytest.mark.parametrize(
    "wrong",
    [
        {"attempts": 0},
        {"initial_backoff": 0},
        {"initial_backoff": 3},
        {"max_backoff": float("inf")},
        {"max_backoff": float("nan")},
    ],
)
def test_a_policy_without_sense_is_refused(wrong: dict[str, Any]) -> None:
    with pytest.raises(ValueError, match=r"attempts must|backoffs must"):
        RetryPolicy(**wrong)


@pytest.mark.parametrize(
    "code", [grpc.StatusCode.RESOURCE_EXHAUSTED, grpc.StatusCode.ABORTED, grpc.StatusCode.INTERNAL]
)
async def test_nothing_else_is_retried(call: Call, service: Service, code: grpc.StatusCode) -> None:
    service.answer = fail(code, "no", in_(1), **pushback(1))
    with pytest.raises(CouponsError):
        await call(KEY, "query.ValidateCoupon", REQUEST)
    assert len(service.received) == 1


async def test_a_stream_of_answers_is_retried_until_the_first(call: Call, service: Service) -> None:
    refuse = unavailable()

    def answers(context: grpc.ServicerContext) -> Iterator[bytes]:
        if len(service.received) < 3:
            refuse(context)
        yield b""
        refuse(context)

    service.answers = answers
    with pytest.raises(UnavailableError):
        await call(KEY, "grants.WatchGrants", WatchGrantsRequest(tenant_id="t"))
    assert len(service.received) == 3


async def test_a_stream_of_requests_is_sent_once(call: Call, service: Service) -> None:
    refuse = unavailable()
    service.answers = lambda context: iter([refuse(context)])
    with pytest.raises(UnavailableError):
        await call(KEY, "events.StreamEvents", [StreamEventsRequest(tenant_id="t")])
    assert len(service.received) == 1


# --- credentials that are refused ----------------------------------------------------------

refused = fail(grpc.StatusCode.UNAUTHENTICATED, "no", reason("CREDENTIAL_INVALID"))


@pytest.fixture
def ticking(monkeypatch: pytest.MonkeyPatch) -> None:
    """A clock by which each token is another one, and all are valid."""
    ticks = iter(range(1_000_000, 2_000_000))
    monkeypatch.setattr(_credentials, "time", lambda: float(next(ticks)))


@pytest.mark.usefixtures("ticking")
@pytest.mark.parametrize("path", ["query.RedeemCoupon", "grants.WatchGrants"])
async def test_a_token_that_is_refused_is_minted_anew_once(
    call: Call, service: Service, path: str
) -> None:
    request = RedeemCouponRequest() if path.startswith("query") else WatchGrantsRequest()

    def answers(context: grpc.ServicerContext) -> Iterator[bytes]:
        yield service.answer(context)

    if path.startswith("grants"):
        service.answers = answers
    first(service, 1, refused)
    await call(TenantToken("t", SECRET), path, request)
    tokens = [attempt.metadata["authorization"] for attempt in service.received]
    assert len(tokens) == len(set(tokens)) == 2
    assert len({attempt.body for attempt in service.received}) == 1
    service.received.clear()
    service.answer = refused
    with pytest.raises(UnauthenticatedError):
        await call(TenantToken("t", SECRET), path, request)
    assert len(service.received) == 2


async def test_a_credential_that_cannot_be_renewed_is_sent_once(
    call: Call, service: Service
) -> None:
    service.answer = refused
    with pytest.raises(UnauthenticatedError):
        await call(KEY, "query.ValidateCoupon", REQUEST)
    assert len(service.received) == 1


async def test_another_reason_mints_no_token(call: Call, service: Service) -> None:
    service.answer = fail(grpc.StatusCode.UNAUTHENTICATED, "no", reason("ANOTHER"))
    with pytest.raises(UnauthenticatedError):
        await call(TenantToken("t", SECRET), "query.ValidateCoupon", REQUEST)
    assert len(service.received) == 1


@pytest.mark.usefixtures("ticking")
async def test_a_stream_of_requests_leaves_a_new_token_to_the_next_call(
    call: Call, service: Service
) -> None:
    service.answers = lambda context: iter([refused(context)])
    credential = TenantToken("t", SECRET)
    for _ in range(2):
        with pytest.raises(UnauthenticatedError):
            await call(credential, "events.StreamEvents", [StreamEventsRequest(tenant_id="t")])
    one, other = service.received
    assert one.metadata["authorization"] != other.metadata["authorization"]


# --- the end of a pause --------------------------------------------------------------------


@pytest.mark.parametrize("ending", ["close", "cancel"])
def test_a_pause_ends_with_its_client_or_call(service: Service, ending: str) -> None:
    service.answer = unavailable(RetryInfo(retry_delay=Duration(seconds=600)))
    client = CouponsClient(service.address, KEY, timeout=6000)
    future = client.query.ValidateCoupon.future(REQUEST)
    done = threading.Event()
    future.add_done_callback(lambda _: done.set())
    assert service.arrived.wait(10)
    assert not done.wait(0.2)
    client.close() if ending == "close" else future.cancel()
    with pytest.raises(CouponsError) as raised:
        future.result(timeout=10)
    assert raised.value.code is grpc.StatusCode.CANCELLED
    assert done.wait(10)
    client.close()


@pytest.mark.parametrize("ending", ["close", "cancel", "task"])
async def test_a_pause_ends_with_its_client_or_call_or_task(service: Service, ending: str) -> None:
    service.answer = unavailable(RetryInfo(retry_delay=Duration(seconds=600)))
    async with AsyncCouponsClient(service.address, KEY, timeout=6000) as client:
        call = client.query.ValidateCoupon(REQUEST)

        async def validate() -> None:
            await call

        task = asyncio.create_task(validate())
        await asyncio.to_thread(service.arrived.wait, 10)
        await asyncio.sleep(0.2)
        assert not task.done()
        if ending == "close":
            await client.close()
        else:
            (task if ending == "task" else call).cancel()
        expected = asyncio.CancelledError if ending == "task" else CouponsError
        with pytest.raises(expected):
            await task
