"""What every client does alike: after its end, with what cannot be sent, to its surroundings."""

import asyncio
import threading
from collections.abc import Awaitable, Callable, Iterator
from typing import Any

import grpc
import pytest

from phoenix_coupons import (
    ApiKeyCredential,
    AsyncCouponsClient,
    ConnectionOptions,
    CouponsClient,
    CouponsError,
    UnavailableError,
)
from phoenix_coupons.v1 import (
    GenerateCouponsRequest,
    ImportCouponsRequest,
    RedeemCouponRequest,
    StartGenerationRequest,
    StreamEventsRequest,
    ValidateCouponRequest,
    WatchGrantsRequest,
)
from support.links import linked
from support.recorded_service import Held, Service, fail

Call = Callable[..., Awaitable[Any]]

KEY = ApiKeyCredential("pk_" + "k" * 43)
REQUEST = ValidateCouponRequest(code="X")
LIMIT = 4 * 1024 * 1024


def chain(error: BaseException) -> list[BaseException]:
    """The error and its causes, as a program that shows them walks along; it has to end."""
    found: list[BaseException] = []
    following: BaseException | None = error
    while following is not None:
        assert all(following is not one for one in found), "a cause of itself"
        found.append(following)
        following = following.__cause__ or following.__context__
    return found


def assert_cancelled(error: CouponsError, message: str) -> None:
    assert (error.code, error.reason, error.message) == (grpc.StatusCode.CANCELLED, "", message)
    chain(error)


# --- after close ---------------------------------------------------------------------------

BLOCKING: dict[str, Callable[[CouponsClient], Any]] = {
    "unary": lambda client: client.query.ValidateCoupon(REQUEST),
    "future": lambda client: client.query.ValidateCoupon.future(REQUEST).result(),
    "server stream": lambda client: next(client.grants.WatchGrants(WatchGrantsRequest())),
    "client stream": lambda client: client.jobs.StartGeneration(iter([StartGenerationRequest()])),
    "both": lambda client: next(client.events.StreamEvents(iter([StreamEventsRequest()]))),
}

AWAITED: dict[str, Callable[[AsyncCouponsClient], Any]] = {
    "unary": lambda client: client.query.ValidateCoupon(REQUEST),
    "server stream": lambda client: client.grants.WatchGrants(WatchGrantsRequest()).read(),
    "client stream": lambda client: client.jobs.StartGeneration(iter([StartGenerationRequest()])),
    "both": lambda client: client.events.StreamEvents(iter([StreamEventsRequest()])).read(),
    "by hand": lambda client: client.events.StreamEvents().write(StreamEventsRequest()),
}


@pytest.mark.parametrize("kind", BLOCKING)
@pytest.mark.parametrize("used", [True, False])
def test_a_call_of_a_closed_client_fails(service: Service, kind: str, used: bool) -> None:
    client = CouponsClient(service.address, KEY)
    if used:
        client.query.ValidateCoupon(REQUEST)
    client.close()
    client.close()
    with pytest.raises(CouponsError) as raised:
        BLOCKING[kind](client)
    assert_cancelled(raised.value, "The client is closed")


@pytest.mark.parametrize("kind", AWAITED)
@pytest.mark.parametrize("used", [True, False])
async def test_an_awaited_call_of_a_closed_client_fails(
    service: Service, kind: str, used: bool
) -> None:
    client = AsyncCouponsClient(service.address, KEY)
    if used:
        await client.query.ValidateCoupon(REQUEST)
    await client.close()
    await client.close()
    with pytest.raises(CouponsError) as raised:
        await AWAITED[kind](client)
    assert_cancelled(raised.value, "The client is closed")


async def test_a_call_after_close_has_the_id_that_it_was_given(service: Service) -> None:
    client = AsyncCouponsClient(service.address, KEY)
    await client.close()
    with pytest.raises(CouponsError) as raised:
        await client.query.RedeemCoupon(RedeemCouponRequest(request_id="mine"))
    assert raised.value.request_id == "mine"


@pytest.mark.parametrize("kind", BLOCKING)
def test_close_ends_calls_under_way(service: Service, kind: str) -> None:
    held = Held()
    service.answer = held
    if kind not in ("unary", "future"):
        service.answers = lambda context: iter([held(context)])
    client = CouponsClient(service.address, KEY, timeout=60)

    def close() -> None:
        held.arrived.wait(10)
        client.close()

    closer = threading.Thread(target=close)
    closer.start()
    with pytest.raises(CouponsError) as raised:
        BLOCKING[kind](client)
    assert_cancelled(raised.value, "The client is closed")
    closer.join()
    assert held.over.wait(10)


@pytest.mark.parametrize("kind", sorted(AWAITED.keys() - {"by hand"}))
async def test_close_does_not_cancel_the_tasks_of_others(service: Service, kind: str) -> None:
    held = Held()
    service.answer = held
    if kind != "unary":
        service.answers = lambda context: iter([held(context)])
    client = AsyncCouponsClient(service.address, KEY, timeout=60)

    async def close() -> None:
        await asyncio.to_thread(held.arrived.wait, 10)
        await client.close()

    async def work() -> None:
        await AWAITED[kind](client)

    async def both() -> None:
        async with asyncio.TaskGroup() as group:
            group.create_task(close())
            group.create_task(work())

    with pytest.raises(ExceptionGroup) as raised:
        await both()
    (error,) = raised.value.exceptions
    assert isinstance(error, CouponsError)
    assert_cancelled(error, "The client is closed")


# --- cancelled -----------------------------------------------------------------------------


@pytest.mark.parametrize("kind", ["server stream", "both"])
async def test_a_cancelled_stream_raises_an_error_that_has_an_end(
    service: Service, kind: str
) -> None:
    held = Held()
    service.answers = held.stream
    async with AsyncCouponsClient(service.address, KEY) as client:
        stream: Any = (
            client.grants.WatchGrants(WatchGrantsRequest())
            if kind == "server stream"
            else client.events.StreamEvents(iter([StreamEventsRequest()]))
        )
        await stream.read()
        stream.cancel()
        with pytest.raises(CouponsError) as raised:
            await stream.read()
    assert_cancelled(raised.value, "The call was cancelled")


@pytest.mark.parametrize("kind", sorted(AWAITED.keys() - {"by hand"}))
async def test_a_task_that_is_cancelled_stays_cancelled(service: Service, kind: str) -> None:
    held = Held()
    service.answer = held
    if kind != "unary":
        service.answers = lambda context: iter([held(context)])
    async with AsyncCouponsClient(service.address, KEY, timeout=60) as client:

        async def work() -> None:
            await AWAITED[kind](client)

        task = asyncio.create_task(work())
        await asyncio.to_thread(held.arrived.wait, 10)
        task.cancel()
        with pytest.raises(asyncio.CancelledError) as raised:
            await task
        chain(raised.value)
        assert await asyncio.to_thread(held.over.wait, 10)


async def test_who_shares_a_call_with_a_cancelled_task_gets_an_error(service: Service) -> None:
    held = Held()
    service.answer = held
    async with AsyncCouponsClient(service.address, KEY, timeout=60) as client:
        call = client.query.ValidateCoupon(REQUEST)

        async def work() -> None:
            await call

        tasks = [asyncio.create_task(work()) for _ in range(2)]
        await asyncio.to_thread(held.arrived.wait, 10)
        tasks[0].cancel()
        with pytest.raises(asyncio.CancelledError):
            await tasks[0]
        with pytest.raises(CouponsError):
            await tasks[1]


def test_a_cancelled_future_raises_the_clients_error(service: Service) -> None:
    held = Held()
    service.answer = held
    with CouponsClient(service.address, KEY, timeout=60) as client:
        future = client.query.ValidateCoupon.future(REQUEST)
        held.arrived.wait(10)
        assert future.cancel()
        with pytest.raises(CouponsError) as raised:
            future.result()
        assert_cancelled(raised.value, "The call was cancelled")
        assert future.cancelled()
        assert not future.cancel()


# --- what cannot be sent -------------------------------------------------------------------


def generation(size: int) -> GenerateCouponsRequest:
    """A request of exactly so many bytes."""
    request = GenerateCouponsRequest(request_id="mine", id="x" * size)
    request.id = "x" * (2 * size - request.ByteSize())
    assert request.ByteSize() == size
    return request


async def test_a_request_above_the_services_limit_is_not_sent(call: Call, service: Service) -> None:
    with pytest.raises(CouponsError) as raised:
        await call(KEY, "admin.GenerateCoupons", generation(LIMIT + 1))
    error = raised.value
    assert (error.code, error.reason) == (grpc.StatusCode.RESOURCE_EXHAUSTED, "")
    assert error.message == "The request has 4194305 bytes; the service takes at most 4194304"
    assert error.request_id == "mine"
    assert not service.received
    await call(KEY, "admin.GenerateCoupons", generation(LIMIT), timeout=60)
    assert len(service.received[0].body) == LIMIT


async def test_a_streams_message_above_the_services_limit_is_not_sent(
    call: Call, service: Service
) -> None:
    def lines() -> Iterator[ImportCouponsRequest]:
        yield ImportCouponsRequest()
        yield ImportCouponsRequest(definition_id="x" * LIMIT)

    service.answers = Held().stream
    with pytest.raises(CouponsError, match="the service takes at most 4194304") as raised:
        await call(KEY, "jobs.ImportCoupons", lines())
    assert raised.value.code is grpc.StatusCode.RESOURCE_EXHAUSTED


@pytest.mark.parametrize("seconds", [0, -1, float("nan"), float("inf")])
async def test_a_timeout_that_is_not_above_zero_is_refused(
    call: Call, service: Service, seconds: float
) -> None:
    for options in ({"timeout": seconds}, {"client": {"timeout": seconds}}):
        with pytest.raises(ValueError, match="timeout must be above 0"):
            await call(KEY, "query.ValidateCoupon", REQUEST, **options)
    with pytest.raises(ValueError, match="timeout must be above 0"):
        await call(KEY, "grants.WatchGrants", WatchGrantsRequest(), timeout=seconds)
    assert not service.received


async def test_an_error_has_both_ids(call: Call, service: Service) -> None:
    service.answer = fail(grpc.StatusCode.NOT_FOUND, "gone")
    with pytest.raises(CouponsError) as raised:
        await call(KEY, "query.RedeemCoupon", RedeemCouponRequest(request_id="mine"))
    assert (raised.value.call_id, raised.value.request_id) == ("req-1", "mine")
    with pytest.raises(CouponsError) as raised:
        await call(KEY, "query.RedeemCoupon", RedeemCouponRequest())
    sent = RedeemCouponRequest.FromString(service.received[-1].body)
    assert raised.value.request_id == sent.request_id != ""


async def test_an_answer_that_is_no_message_is_the_clients_error(
    call: Call, service: Service
) -> None:
    service.answer = lambda _: b"\xff"
    with pytest.raises(CouponsError) as raised:
        await call(KEY, "query.ValidateCoupon", REQUEST)
    assert raised.value.code is grpc.StatusCode.INTERNAL


# --- surroundings --------------------------------------------------------------------------


async def test_the_user_agent_names_the_client(call: Call, service: Service) -> None:
    await call(KEY, "query.ValidateCoupon", REQUEST)
    assert str(service.received[0].metadata["user-agent"]).startswith("phoenix-coupons-python/0.")


@pytest.mark.parametrize("form", ["{0}", "dns:///{0}", "dns:{0}", "ipv4:{0}"])
async def test_forms_of_an_address(call: Call, service: Service, form: str) -> None:
    service.address = form.format(service.address)
    await call(KEY, "query.ValidateCoupon", REQUEST)


async def test_a_proxy_is_used_only_where_an_option_asks_for_it(
    call: Call, service: Service, monkeypatch: pytest.MonkeyPatch
) -> None:
    for name in ("http_proxy", "https_proxy", "grpc_proxy"):
        monkeypatch.setenv(name, "http://127.0.0.1:1")
    await call(KEY, "query.ValidateCoupon", REQUEST)
    asked = {"connection": ConnectionOptions(http_proxy=True)}
    with pytest.raises(UnavailableError):
        await call(KEY, "query.ValidateCoupon", REQUEST, client=asked)


async def test_a_failed_connection_says_where_and_why(call: Call, service: Service) -> None:
    service.address = "127.0.0.1:1"
    with pytest.raises(UnavailableError, match=r"127\.0\.0\.1:1.*[Cc]onnection refused"):
        await call(KEY, "query.ValidateCoupon", REQUEST)


async def test_a_silent_peer_is_found_after_a_long_silence(service: Service) -> None:
    """By default gRPC pings twice, and then no more until something is sent."""
    held = Held()
    service.answers = held.stream
    host, _, port = service.address.partition(":")
    quick = ConnectionOptions(keepalive_time=0.2, keepalive_timeout=0.2)
    async with (
        linked(host, int(port)) as (link, address),
        AsyncCouponsClient(address, KEY, connection=quick) as client,
    ):
        stream = client.grants.WatchGrants(WatchGrantsRequest())
        await stream.read()
        # Several pings, all answered.
        await asyncio.sleep(2)
        link.freeze()
        async with asyncio.timeout(30):
            with pytest.raises(UnavailableError):
                await stream.read()


@pytest.mark.parametrize(
    "wrong", [{"keepalive_time": 0}, {"keepalive_timeout": -1}, {"reconnect_backoff": float("inf")}]
)
def test_options_without_sense_are_refused(wrong: dict[str, float]) -> None:
    with pytest.raises(ValueError, match="must be above 0 seconds, and finite"):
        ConnectionOptions(**wrong)  # type: ignore[arg-type]
