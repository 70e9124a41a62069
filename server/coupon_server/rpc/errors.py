"""How refusals become gRPC statuses: the one table, and the details (AIP-193)."""

import math
from functools import lru_cache

import grpc
from google.protobuf.any_pb2 import Any as AnyMessage
from google.protobuf.duration_pb2 import Duration
from google.protobuf.message import Message
from google.rpc import code_pb2, error_details_pb2, status_pb2

from coupon_server.domain.errors import DomainError, InvalidField, Reason

DOMAIN = "coupons.phoenix"
"""`google.rpc.ErrorInfo.domain` of every error."""

MAX_VIOLATIONS = 20
"""More would not fit into the 8 KiB that metadata may have."""

MAX_TEXT = 200
"""Characters of a field's path or rule that are told."""

_CODES: dict[Reason, grpc.StatusCode] = {
    Reason.COUPON_NOT_FOUND: grpc.StatusCode.NOT_FOUND,
    Reason.COUPON_NOT_YET_ACTIVE: grpc.StatusCode.FAILED_PRECONDITION,
    Reason.COUPON_EXPIRED: grpc.StatusCode.FAILED_PRECONDITION,
    Reason.COUPON_ALREADY_REDEEMED: grpc.StatusCode.FAILED_PRECONDITION,
    Reason.COUPON_LIMIT_REACHED: grpc.StatusCode.FAILED_PRECONDITION,
    Reason.COUPON_REVOKED: grpc.StatusCode.FAILED_PRECONDITION,
    Reason.COUPON_NOT_ASSIGNED: grpc.StatusCode.FAILED_PRECONDITION,
    Reason.COUPON_UNAVAILABLE: grpc.StatusCode.FAILED_PRECONDITION,
    Reason.REQUEST_ID_REUSED: grpc.StatusCode.FAILED_PRECONDITION,
    Reason.INVALID_FIELD: grpc.StatusCode.INVALID_ARGUMENT,
    Reason.MALFORMED_MESSAGE: grpc.StatusCode.INVALID_ARGUMENT,
    Reason.INVALID_PAGE_TOKEN: grpc.StatusCode.INVALID_ARGUMENT,
    Reason.CREDENTIAL_INVALID: grpc.StatusCode.UNAUTHENTICATED,
    Reason.CREDENTIAL_NOT_ALLOWED: grpc.StatusCode.PERMISSION_DENIED,
    Reason.TOO_MANY_ATTEMPTS: grpc.StatusCode.RESOURCE_EXHAUSTED,
    Reason.RATE_LIMITED: grpc.StatusCode.RESOURCE_EXHAUSTED,
    Reason.QUOTA_EXCEEDED: grpc.StatusCode.RESOURCE_EXHAUSTED,
    Reason.REWARD_ITEM_NOT_FOUND: grpc.StatusCode.NOT_FOUND,
    Reason.REWARD_ITEM_IN_USE: grpc.StatusCode.FAILED_PRECONDITION,
    Reason.DEFINITION_NOT_FOUND: grpc.StatusCode.NOT_FOUND,
    Reason.DEFINITION_ARCHIVED: grpc.StatusCode.FAILED_PRECONDITION,
    Reason.DEFINITION_PAUSED: grpc.StatusCode.FAILED_PRECONDITION,
    Reason.DEFINITION_EXPIRED: grpc.StatusCode.FAILED_PRECONDITION,
    Reason.DEFINITION_FIELD_FIXED: grpc.StatusCode.FAILED_PRECONDITION,
    Reason.LIMIT_BELOW_USAGE: grpc.StatusCode.FAILED_PRECONDITION,
    Reason.ETAG_MISMATCH: grpc.StatusCode.ABORTED,
    Reason.CODE_TAKEN: grpc.StatusCode.ALREADY_EXISTS,
    Reason.KEY_SPACE_TOO_SMALL: grpc.StatusCode.FAILED_PRECONDITION,
    Reason.ISSUE_LIMIT_REACHED: grpc.StatusCode.FAILED_PRECONDITION,
    Reason.REDEMPTION_NOT_FOUND: grpc.StatusCode.NOT_FOUND,
    Reason.REDEMPTION_NOT_REVERSIBLE: grpc.StatusCode.FAILED_PRECONDITION,
    Reason.API_KEY_NOT_FOUND: grpc.StatusCode.NOT_FOUND,
    Reason.TENANT_SECRET_NOT_FOUND: grpc.StatusCode.NOT_FOUND,
    Reason.TENANT_SECRET_CURRENT: grpc.StatusCode.FAILED_PRECONDITION,
    Reason.SECRET_NOT_SHOWN_AGAIN: grpc.StatusCode.FAILED_PRECONDITION,
    Reason.WEBHOOK_ENDPOINT_NOT_FOUND: grpc.StatusCode.NOT_FOUND,
    Reason.WEBHOOK_ENDPOINT_LIMIT_REACHED: grpc.StatusCode.FAILED_PRECONDITION,
    Reason.WEBHOOK_EVENT_NOT_FOUND: grpc.StatusCode.NOT_FOUND,
    Reason.TRIGGER_LIMIT_REACHED: grpc.StatusCode.FAILED_PRECONDITION,
    Reason.GENERATION_NOT_FOUND: grpc.StatusCode.NOT_FOUND,
    Reason.REVOCATION_NOT_FOUND: grpc.StatusCode.NOT_FOUND,
    Reason.TOO_MANY_JOBS: grpc.StatusCode.RESOURCE_EXHAUSTED,
    Reason.TOO_MANY_STREAMS: grpc.StatusCode.RESOURCE_EXHAUSTED,
    Reason.INTERNAL_FAULT: grpc.StatusCode.INTERNAL,
    Reason.SERVICE_UNAVAILABLE: grpc.StatusCode.UNAVAILABLE,
    Reason.PATH_NOT_FOUND: grpc.StatusCode.NOT_FOUND,
    Reason.METHOD_NOT_ALLOWED: grpc.StatusCode.UNIMPLEMENTED,
    Reason.BODY_TOO_LARGE: grpc.StatusCode.RESOURCE_EXHAUSTED,
    Reason.DEADLINE_EXCEEDED: grpc.StatusCode.DEADLINE_EXCEEDED,
}

_RETRY_SECONDS: dict[Reason, int] = {Reason.SERVICE_UNAVAILABLE: 1}
"""How long to wait before another try, for errors that do not say so themselves."""

INTERNAL_FAULT = DomainError(Reason.INTERNAL_FAULT, "An unexpected fault occurred")
"""What a caller is told of an unexpected exception; its cause is only logged."""


def code_of(reason: Reason) -> grpc.StatusCode:
    return _CODES[reason]


def retry_seconds(error: DomainError) -> int | None:
    """How long to wait before another try, in whole seconds; None where waiting does not help."""
    if error.retry_after is not None:
        # A caller that waits for less is refused again.
        return max(1, math.ceil(error.retry_after))
    return _RETRY_SECONDS.get(error.reason)


def details_of(error: DomainError) -> bytes:
    """`status_of` on the wire. Made once for what is refused again and again."""
    if isinstance(error, InvalidField):
        return bytes(status_of(error).SerializeToString())
    metadata = tuple(error.metadata.items())
    return _details(error.reason, error.message, retry_seconds(error), metadata)


@lru_cache(maxsize=1024)
def _details(
    reason: Reason, message: str, retry_after: int | None, metadata: tuple[tuple[str, str], ...]
) -> bytes:
    error = DomainError(reason, message, retry_after=retry_after, **dict(metadata))
    return bytes(status_of(error).SerializeToString())


def status_of(error: DomainError) -> status_pb2.Status:
    """The error as `google.rpc.Status`, with ErrorInfo.

    Field errors have BadRequest, those that pass with time have RetryInfo.
    """
    details: list[Message] = [
        error_details_pb2.ErrorInfo(reason=error.reason, domain=DOMAIN, metadata=error.metadata)
    ]
    if isinstance(error, InvalidField):
        details.append(_bad_request(error))
    if seconds := retry_seconds(error):
        details.append(error_details_pb2.RetryInfo(retry_delay=Duration(seconds=seconds)))
    status = status_pb2.Status(
        code=code_pb2.Code.Value(code_of(error.reason).name), message=error.message
    )
    for detail in details:
        packed = AnyMessage()
        packed.Pack(detail)
        status.details.append(packed)
    return status


def violations_of(error: InvalidField) -> list[tuple[str, str]]:
    """The fields and rules that are told: as many, and as much of them, as fits."""
    return [
        (field[:MAX_TEXT], rule[:MAX_TEXT]) for field, rule in error.violations[:MAX_VIOLATIONS]
    ]


def _bad_request(error: InvalidField) -> error_details_pb2.BadRequest:
    violation = error_details_pb2.BadRequest.FieldViolation
    return error_details_pb2.BadRequest(
        field_violations=[
            violation(field=field, description=rule) for field, rule in violations_of(error)
        ]
    )
