"""Failed calls as exceptions that carry the service's reason."""

from collections.abc import Mapping, Sequence
from contextlib import suppress
from enum import StrEnum, auto
from typing import NamedTuple, Protocol, cast

import grpc
from google.protobuf.message import DecodeError
from google.rpc import error_details_pb2, status_pb2
from grpc_status import rpc_status


class Reason(StrEnum):
    """Why a call failed; the names of `phoenix_coupons.v1.ErrorReason`."""

    @staticmethod
    def _generate_next_value_(name: str, *_: object) -> str:
        return name

    COUPON_NOT_FOUND = auto()
    COUPON_NOT_YET_ACTIVE = auto()
    COUPON_EXPIRED = auto()
    COUPON_ALREADY_REDEEMED = auto()
    COUPON_LIMIT_REACHED = auto()
    COUPON_REVOKED = auto()
    COUPON_NOT_ASSIGNED = auto()
    COUPON_UNAVAILABLE = auto()
    REQUEST_ID_REUSED = auto()
    INVALID_FIELD = auto()
    MALFORMED_MESSAGE = auto()
    INVALID_PAGE_TOKEN = auto()
    CREDENTIAL_INVALID = auto()
    CREDENTIAL_NOT_ALLOWED = auto()
    TOO_MANY_ATTEMPTS = auto()
    RATE_LIMITED = auto()
    QUOTA_EXCEEDED = auto()
    REWARD_ITEM_NOT_FOUND = auto()
    REWARD_ITEM_IN_USE = auto()
    DEFINITION_NOT_FOUND = auto()
    DEFINITION_ARCHIVED = auto()
    DEFINITION_PAUSED = auto()
    DEFINITION_EXPIRED = auto()
    DEFINITION_FIELD_FIXED = auto()
    LIMIT_BELOW_USAGE = auto()
    ETAG_MISMATCH = auto()
    CODE_TAKEN = auto()
    KEY_SPACE_TOO_SMALL = auto()
    ISSUE_LIMIT_REACHED = auto()
    REDEMPTION_NOT_FOUND = auto()
    REDEMPTION_NOT_REVERSIBLE = auto()
    API_KEY_NOT_FOUND = auto()
    TENANT_SECRET_NOT_FOUND = auto()
    TENANT_SECRET_CURRENT = auto()
    SECRET_NOT_SHOWN_AGAIN = auto()
    WEBHOOK_ENDPOINT_NOT_FOUND = auto()
    WEBHOOK_ENDPOINT_LIMIT_REACHED = auto()
    WEBHOOK_EVENT_NOT_FOUND = auto()
    TRIGGER_LIMIT_REACHED = auto()
    GENERATION_NOT_FOUND = auto()
    REVOCATION_NOT_FOUND = auto()
    TOO_MANY_JOBS = auto()
    TOO_MANY_STREAMS = auto()
    INTERNAL_FAULT = auto()
    SERVICE_UNAVAILABLE = auto()
    PATH_NOT_FOUND = auto()
    METHOD_NOT_ALLOWED = auto()
    BODY_TOO_LARGE = auto()
    DEADLINE_EXCEEDED = auto()


class InvalidField(NamedTuple):
    """A request field that broke a rule, which `description` says."""

    field: str
    description: str


class CouponsError(Exception):
    """A call that failed. Its subclasses stand for groups of gRPC status codes."""

    def __init__(
        self,
        message: str,
        *,
        code: grpc.StatusCode = grpc.StatusCode.UNKNOWN,
        reason: str = "",
        metadata: Mapping[str, str] | None = None,
        field_violations: Sequence[InvalidField] = (),
        retry_delay: float | None = None,
        call_id: str = "",
        request_id: str = "",
    ) -> None:
        super().__init__(message)
        self.message = message
        self.code = code
        self.reason = reason
        """A `Reason`, or a name newer than this client; empty when the call never
        got an answer from the service."""
        self.metadata = dict(metadata or {})
        """What the reason is about, such as `field` or `coupon_id`."""
        self.field_violations = list(field_violations)
        self.retry_delay = retry_delay
        """How many seconds to wait before another try, where the service said so."""
        self.call_id = call_id
        """Names the call in the service's logs, which is what support asks for; empty when the
        call never got an answer from the service. The `x-request-id` of the answer."""
        self.request_id = request_id
        """The `request_id` that was sent, chosen by you or by the client; empty if the request
        has none. Sent again with the same request it has one effect."""

    def __str__(self) -> str:
        return f"{self.message} ({self.reason or self.code.name})"


class InvalidArgumentError(CouponsError):
    """The request broke a rule; see `field_violations`. INVALID_ARGUMENT."""


class UnauthenticatedError(CouponsError):
    """The credential does not verify. UNAUTHENTICATED."""


class PermissionDeniedError(CouponsError):
    """The credential does not reach this call, tenant or user. PERMISSION_DENIED."""


class NotFoundError(CouponsError):
    """Nothing of the tenant has this id or code. NOT_FOUND."""


class ConflictError(CouponsError):
    """The code is taken, or the etag is stale. ALREADY_EXISTS, ABORTED."""


class FailedPreconditionError(CouponsError):
    """A rule of the coupon or definition says no. FAILED_PRECONDITION."""


class UnavailableError(CouponsError):
    """The service did not answer in time or at all. UNAVAILABLE, DEADLINE_EXCEEDED.

    A mutation may have happened; sent again with the same `request_id` it happens
    once.
    """


_BY_CODE: dict[grpc.StatusCode, type[CouponsError]] = {
    grpc.StatusCode.INVALID_ARGUMENT: InvalidArgumentError,
    grpc.StatusCode.UNAUTHENTICATED: UnauthenticatedError,
    grpc.StatusCode.PERMISSION_DENIED: PermissionDeniedError,
    grpc.StatusCode.NOT_FOUND: NotFoundError,
    grpc.StatusCode.ALREADY_EXISTS: ConflictError,
    grpc.StatusCode.ABORTED: ConflictError,
    grpc.StatusCode.FAILED_PRECONDITION: FailedPreconditionError,
    grpc.StatusCode.UNAVAILABLE: UnavailableError,
    grpc.StatusCode.DEADLINE_EXCEEDED: UnavailableError,
}


_BROKEN_IN_WRITING = "Internal error from Core"


class _Outcome(Protocol):
    """What the errors of grpc and grpc.aio have in common."""

    def code(self) -> grpc.StatusCode: ...
    def details(self) -> str | None: ...
    def trailing_metadata(self) -> Sequence[tuple[str, str | bytes]] | None: ...


def from_rpc_error(error: grpc.RpcError, request_id: str = "") -> CouponsError:
    """Translate an error of grpc or grpc.aio. Details that make no sense are left out."""
    outcome = cast("_Outcome", error)
    info, bad_request, retry = (
        error_details_pb2.ErrorInfo(),
        error_details_pb2.BadRequest(),
        error_details_pb2.RetryInfo(),
    )
    for detail in _status(outcome).details:
        for message in (info, bad_request, retry):
            with suppress(DecodeError):
                detail.Unpack(message)
    code = _code(outcome)
    translated = _BY_CODE.get(code, CouponsError)(
        outcome.details() or code.name,
        code=code,
        reason=info.reason,
        metadata=info.metadata,
        field_violations=[
            InvalidField(violation.field, violation.description)
            for violation in bad_request.field_violations
        ],
        retry_delay=_seconds(retry),
        call_id=str(_trailer(outcome, "x-request-id") or ""),
        request_id=request_id,
    )
    translated.__cause__ = error
    return translated


def pushback(error: grpc.RpcError) -> float | None:
    """Return how long gRPC's own retries would wait, in seconds: `grpc-retry-pushback-ms`.

    Negative for no retry (gRFC A6), as is what cannot be read; None where the service says nothing.
    """
    value = _trailer(cast("_Outcome", error), "grpc-retry-pushback-ms")
    if value is None:
        return None
    try:
        return int(value) / 1000
    except ValueError:
        return -1.0


def closed(request_id: str = "") -> CouponsError:
    """Return the error of a call of a client that is closed, before the call or during it."""
    return CouponsError(
        "The client is closed", code=grpc.StatusCode.CANCELLED, request_id=request_id
    )


def cancelled(request_id: str) -> CouponsError:
    """Return the error of a call that its caller cancelled."""
    return CouponsError(
        "The call was cancelled", code=grpc.StatusCode.CANCELLED, request_id=request_id
    )


def too_large(size: int, limit: int, request_id: str) -> CouponsError:
    """Return the error of a request that the service would not take, and that is not sent."""
    return CouponsError(
        f"The request has {size} bytes; the service takes at most {limit}",
        code=grpc.StatusCode.RESOURCE_EXHAUSTED,
        request_id=request_id,
    )


def unreadable(request_id: str) -> CouponsError:
    """Return the error of a call whose answer is no message of its type."""
    return CouponsError(
        "The answer is malformed", code=grpc.StatusCode.INTERNAL, request_id=request_id
    )


def _trailer(outcome: _Outcome, name: str) -> str | bytes | None:
    return dict(outcome.trailing_metadata() or ()).get(name)


def _seconds(retry: error_details_pb2.RetryInfo) -> float | None:
    delay = retry.retry_delay
    # Not by ToTimedelta(), which refuses some.
    seconds = float(delay.seconds + delay.nanos / 1e9)
    return seconds if retry.HasField("retry_delay") and seconds >= 0 else None


def _code(outcome: _Outcome) -> grpc.StatusCode:
    """The status; UNAVAILABLE for a connection that broke while a stream's message was written."""
    return grpc.StatusCode.UNAVAILABLE if is_broken_write(outcome) else outcome.code()


def is_broken_write(error: object) -> bool:
    """Whether a stream's message could not be sent, which grpc.aio takes for a fault of its own."""
    outcome = cast("_Outcome", error)
    return outcome.code() is grpc.StatusCode.INTERNAL and outcome.details() == _BROKEN_IN_WRITING


def _status(outcome: _Outcome) -> status_pb2.Status:
    try:
        return rpc_status.from_call(outcome) or status_pb2.Status()
    except (ValueError, DecodeError):
        # A proxy on the way rewrote the status; its code and message still hold.
        return status_pb2.Status()
