"""The clients against a real gRPC server."""

import asyncio
import hashlib
import hmac
import pickle
import threading
import time
from collections.abc import Awaitable, Callable
from typing import Any

import grpc
import pytest
from google.protobuf import any_pb2, duration_pb2
from google.rpc import error_details_pb2, status_pb2

from phoenix_coupons import (
    ApiKeyCredential,
    AsyncCouponsClient,
    ConflictError,
    CouponsClient,
    CouponsError,
    FailedPreconditionError,
    Hmac,
    InvalidArgumentError,
    InvalidField,
    NotFoundError,
    PermissionDeniedError,
    Reason,
    UnauthenticatedError,
    UnavailableError,
)
from phoenix_coupons._errors import from_rpc_error
from phoenix_coupons.v1 import (
    GenerateCouponsRequest,
    ListRewardItemsRequest,
    RedeemCouponRequest,
    RedeemCouponResponse,
    Redemption,
    StartGenerationRequest,
    ValidateCouponRequest,
)
from support.recorded_service import Held, Service, fail, reason

Call = Callable[..., Awaitable[Any]]

TENANT = "0198c2f0-0000-7000-8000-000000000001"
SECRET = "ts_" + "s" * 43
KEY = ApiKeyCredential("pk_" + "k" * 43)


async def test_a_call_returns_the_typed_answer(call: Call, service: Service) -> None:
    answer = RedeemCouponResponse(redemption=Redemption(id="r1"))
    service.answer = lambda _: answer.SerializeToString()
    request = RedeemCouponRequest(tenant_id=TENANT, code="X", user_id="u")
    assert await call(KEY, "query.RedeemCoupon", request) == answer
    assert service.received[0].method == "/phoenix_coupons.v1.CouponQuery/RedeemCoupon"


async def test_the_credential_and_the_callers_metadata_travel(call: Call, service: Service) -> None:
    await call(KEY, "admin.ListRewardItems", ListRewardItemsRequest(), metadata=(("x-trace", "7"),))
    assert service.received[0].metadata["x-api-key"] == KEY.value
    assert service.received[0].metadata["x-trace"] == "7"


async def test_hmac_signs_the_bytes_on_the_wire(call: Call, service: Service) -> None:
    request = RedeemCouponRequest(
        tenant_id=TENANT, code="X", user_id="u", metadata={str(n): "v" for n in range(20)}
    )
    await call(Hmac(TENANT, SECRET), "query.RedeemCoupon", request)
    (received,) = service.received
    head = f"POST\n{received.method}\n{received.metadata['x-timestamp']!s}\n".encode()
    digest = hmac.new(SECRET.encode(), head + received.body, hashlib.sha256).hexdigest()
    assert received.metadata["x-signature"] == f"hmac-sha256={digest}"
    assert received.metadata["x-tenant-id"] == TENANT


async def test_a_mutation_gets_a_request_id_of_its_own(call: Call, service: Service) -> None:
    request = RedeemCouponRequest(tenant_id=TENANT, code="X", user_id="u")
    await call(KEY, "query.RedeemCoupon", request)
    await call(KEY, "query.RedeemCoupon", request)
    sent = [RedeemCouponRequest.FromString(received.body) for received in service.received]
    assert len({message.request_id for message in sent} - {""}) == 2
    assert request.request_id == ""


async def test_a_given_request_id_is_kept(call: Call, service: Service) -> None:
    request = RedeemCouponRequest(tenant_id=TENANT, code="X", user_id="u", request_id="mine")
    await call(KEY, "query.RedeemCoupon", request)
    assert RedeemCouponRequest.FromString(service.received[0].body) == request


async def test_a_call_without_timeout_has_the_clients(call: Call, service: Service) -> None:
    request = ValidateCouponRequest(code="X")
    await call(KEY, "query.ValidateCoupon", request)
    await call(KEY, "query.ValidateCoupon", request, client={"timeout": 60.0})
    await call(KEY, "query.ValidateCoupon", request, timeout=30.0)
    first, second, third = (received.time_remaining for received in service.received)
    assert [first, second, third] == pytest.approx([5, 60, 30], abs=1)


async def test_unavailable_is_retried_with_one_request_id(call: Call, service: Service) -> None:
    unavailable = fail(grpc.StatusCode.UNAVAILABLE, "down", reason("SERVICE_UNAVAILABLE"))
    service.answer = lambda context: unavailable(context) if len(service.received) < 3 else b""
    await call(KEY, "query.RedeemCoupon", RedeemCouponRequest(code="X"))
    assert len(service.received) == 3
    assert len({received.body for received in service.received}) == 1


async def test_the_largest_generation_is_retried(call: Call, service: Service) -> None:
    unavailable = fail(grpc.StatusCode.UNAVAILABLE, "down")
    service.answer = lambda context: unavailable(context) if len(service.received) < 2 else b""
    request = GenerateCouponsRequest(user_ids=[f"{n:0128}" for n in range(10_000)])
    await call(KEY, "admin.GenerateCoupons", request)
    first, second = service.received
    assert first.body == second.body


async def test_retries_end(call: Call, service: Service) -> None:
    service.answer = fail(grpc.StatusCode.UNAVAILABLE, "down", reason("SERVICE_UNAVAILABLE"))
    with pytest.raises(UnavailableError) as raised:
        await call(KEY, "query.ValidateCoupon", ValidateCouponRequest(code="X"))
    assert raised.value.reason == Reason.SERVICE_UNAVAILABLE
    assert len(service.received) == 4


async def test_a_stream_of_requests_is_not_retried(call: Call, service: Service) -> None:
    """A retry of gRPC (1.85) loses some of the messages on their way."""
    service.answer = fail(grpc.StatusCode.UNAVAILABLE, "down", reason("SERVICE_UNAVAILABLE"))
    with pytest.raises(UnavailableError):
        await call(KEY, "jobs.StartGeneration", [StartGenerationRequest(quantity=1)])
    assert len(service.received) == 1


async def test_the_timeout_bounds_all_attempts(call: Call, service: Service) -> None:
    unavailable = fail(grpc.StatusCode.UNAVAILABLE, "down")

    def answer(context: grpc.ServicerContext) -> bytes:
        time.sleep(0.2)
        return unavailable(context)

    service.answer = answer
    with pytest.raises(UnavailableError):
        await call(KEY, "query.ValidateCoupon", ValidateCouponRequest(code="X"), timeout=0.3)
    # Of the four there would be: the second begins within the timeout at the latest.
    assert len(service.received) <= 2


@pytest.mark.parametrize(
    ("code", "expected"),
    [
        (grpc.StatusCode.INVALID_ARGUMENT, InvalidArgumentError),
        (grpc.StatusCode.UNAUTHENTICATED, UnauthenticatedError),
        (grpc.StatusCode.PERMISSION_DENIED, PermissionDeniedError),
        (grpc.StatusCode.NOT_FOUND, NotFoundError),
        (grpc.StatusCode.ALREADY_EXISTS, ConflictError),
        (grpc.StatusCode.ABORTED, ConflictError),
        (grpc.StatusCode.FAILED_PRECONDITION, FailedPreconditionError),
        (grpc.StatusCode.INTERNAL, CouponsError),
    ],
)
async def test_an_error_carries_what_the_service_said(
    call: Call, service: Service, code: grpc.StatusCode, expected: type[CouponsError]
) -> None:
    service.answer = fail(
        code,
        "No",
        reason("NEWER_THAN_THIS_CLIENT", field="max_uses"),
        error_details_pb2.BadRequest(
            field_violations=[{"field": "code", "description": "must not be empty"}]
        ),
        error_details_pb2.RetryInfo(retry_delay=duration_pb2.Duration(nanos=500_000_000)),
    )
    with pytest.raises(CouponsError) as raised:
        await call(KEY, "query.ValidateCoupon", ValidateCouponRequest())
    error = raised.value
    assert type(error) is expected
    assert (error.code, error.message, error.reason) == (code, "No", "NEWER_THAN_THIS_CLIENT")
    assert error.metadata == {"field": "max_uses"}
    assert error.field_violations == [InvalidField("code", "must not be empty")]
    assert error.retry_delay == 0.5
    assert (error.call_id, error.request_id) == ("req-1", "")
    assert str(error) == "No (NEWER_THAN_THIS_CLIENT)"
    assert vars(pickle.loads(pickle.dumps(error))) == vars(error)


def status(detail: any_pb2.Any) -> bytes:
    answer: bytes = status_pb2.Status(code=5, message="gone", details=[detail]).SerializeToString()
    return answer


def undecodable(detail: Any) -> bytes:
    """A status with a detail whose bytes are no message of its type."""
    return status(any_pb2.Any(type_url=f"type.googleapis.com/{detail.full_name}", value=b"\xff"))


def beyond_range() -> bytes:
    packed = any_pb2.Any()
    delay = duration_pb2.Duration(seconds=2**62, nanos=-(2**31))
    packed.Pack(error_details_pb2.RetryInfo(retry_delay=delay))
    return status(packed)


@pytest.mark.parametrize(
    "details",
    [
        b"\xff",
        status_pb2.Status(code=5, message="another").SerializeToString(),
        status_pb2.Status(code=14, message="gone").SerializeToString(),
        undecodable(error_details_pb2.ErrorInfo.DESCRIPTOR),
        undecodable(error_details_pb2.RetryInfo.DESCRIPTOR),
        beyond_range(),
    ],
    ids=["malformed", "another-message", "another-code", "no-info", "no-retry", "beyond-range"],
)
async def test_details_that_make_no_sense_leave_the_status_as_it_is(
    call: Call, service: Service, details: bytes
) -> None:
    def answer(context: grpc.ServicerContext) -> bytes:
        context.set_trailing_metadata((("grpc-status-details-bin", details),))
        context.abort(grpc.StatusCode.NOT_FOUND, "gone")
        raise AssertionError

    service.answer = answer
    with pytest.raises(NotFoundError) as raised:
        await call(KEY, "query.ValidateCoupon", ValidateCouponRequest())
    assert (raised.value.message, raised.value.reason) == ("gone", "")


async def test_an_unreachable_service_is_unavailable(call: Call, service: Service) -> None:
    service.address = "127.0.0.1:1"
    with pytest.raises(UnavailableError) as raised:
        await call(KEY, "query.ValidateCoupon", ValidateCouponRequest())
    assert raised.value.reason == ""
    assert KEY.value not in repr(raised.value.__cause__)


@pytest.mark.parametrize("metadata", [(("Upper", "x"),), (("ok", "line\nbreak"),)])
async def test_illegal_metadata_is_refused_without_showing_the_credential(
    call: Call, metadata: tuple[tuple[str, str]]
) -> None:
    with pytest.raises(ValueError, match="not a legal gRPC header") as raised:
        await call(KEY, "query.ValidateCoupon", ValidateCouponRequest(), metadata=metadata)
    assert KEY.value not in str(raised.value)


async def test_cancelling_the_task_cancels_the_call(service: Service) -> None:
    held = Held()
    service.answer = held
    async with AsyncCouponsClient(service.address, KEY) as client:

        async def validate() -> None:
            await client.query.ValidateCoupon(ValidateCouponRequest(), timeout=60)

        task = asyncio.create_task(validate())
        assert await asyncio.to_thread(held.arrived.wait, 5)
        task.cancel()
        with pytest.raises(asyncio.CancelledError):
            await task
        assert await asyncio.to_thread(held.over.wait, 5)


def test_an_interrupt_cancels_the_call(service: Service, monkeypatch: pytest.MonkeyPatch) -> None:
    held = Held()

    def interrupted(*_: object) -> None:
        held.arrived.wait(5)
        raise KeyboardInterrupt

    service.answer = held
    monkeypatch.setattr("phoenix_coupons._blocking._BlockingCall.result", interrupted)
    with CouponsClient(service.address, KEY) as client:
        with pytest.raises(KeyboardInterrupt):
            client.query.ValidateCoupon(ValidateCouponRequest(), timeout=60)
        assert held.over.wait(5)


def test_a_future_raises_typed_errors_and_shows_the_trailers(service: Service) -> None:
    service.answer = fail(grpc.StatusCode.NOT_FOUND, "gone")
    done = threading.Event()
    with CouponsClient(service.address, KEY) as client:
        future = client.query.ValidateCoupon.future(ValidateCouponRequest())
        future.add_done_callback(lambda _: done.set())
        with pytest.raises(NotFoundError):
            future.result()
        assert isinstance(future.exception(), NotFoundError)
        assert ("x-request-id", "req-1") in future.trailing_metadata()
        assert done.wait(5)


async def test_an_awaited_call_shows_its_trailers(service: Service) -> None:
    service.answer = lambda context: context.set_trailing_metadata((("x-request-id", "r"),)) or b""
    async with AsyncCouponsClient(service.address, KEY) as client:
        call = client.query.ValidateCoupon(ValidateCouponRequest())
        await call
        assert (await call.trailing_metadata())["x-request-id"] == "r"
    with CouponsClient(service.address, KEY) as blocking:
        _, finished = blocking.query.ValidateCoupon.with_call(ValidateCouponRequest())
        assert ("x-request-id", "r") in finished.trailing_metadata()


def test_a_connection_that_breaks_while_a_stream_writes_is_unavailable() -> None:
    empty = grpc.aio.Metadata()
    # What grpc.aio makes of it.
    error = grpc.aio.AioRpcError(
        grpc.StatusCode.INTERNAL, empty, empty, details="Internal error from Core"
    )
    assert from_rpc_error(error).code is grpc.StatusCode.UNAVAILABLE
    other = grpc.aio.AioRpcError(grpc.StatusCode.INTERNAL, empty, empty, details="another")
    assert from_rpc_error(other).code is grpc.StatusCode.INTERNAL
