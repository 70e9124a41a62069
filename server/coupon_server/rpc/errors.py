"""How errors become gRPC statuses, with details (AIP-193)."""

import math
from functools import lru_cache

import grpc
from google.protobuf.any_pb2 import Any as AnyMessage
from google.protobuf.duration_pb2 import Duration
from google.protobuf.message import Message
from google.rpc import code_pb2, error_details_pb2, status_pb2

from coupon_server.domain.errors import DomainError, InvalidField, Reason
from phoenix_coupons.v1 import ErrorReason, error_reason_pb2

DOMAIN = "coupons.phoenix"
"""`google.rpc.ErrorInfo.domain` of every error."""

MAX_VIOLATIONS = 20
"""More would not fit into the 8 KiB that metadata may have."""

MAX_TEXT = 200
"""Characters of a field's path or rule that are told."""

_STATUS_CODES = {code.value[0]: code for code in grpc.StatusCode}

_CODES = {
    Reason(value.name): _STATUS_CODES[value.GetOptions().Extensions[error_reason_pb2.grpc_code]]
    for value in ErrorReason.DESCRIPTOR.values[1:]
}

_OTHER_PAUSES = {
    # Until a job or a stream of others has ended.
    Reason.TOO_MANY_JOBS: 60,
    Reason.TOO_MANY_STREAMS: 5,
    # What is stored has to become less first, which no caller should keep asking for.
    Reason.QUOTA_EXCEEDED: 3600,
}
_RETRY_SECONDS: dict[Reason, int] = {
    reason: _OTHER_PAUSES.get(reason, 1)
    for reason, code in _CODES.items()
    if code in (grpc.StatusCode.RESOURCE_EXHAUSTED, grpc.StatusCode.UNAVAILABLE)
    # Which is as long the next time (RFC 9110, section 15.5.14).
    and reason is not Reason.BODY_TOO_LARGE
}
"""How long to wait before another try, for errors that do not say so themselves. By their code, so
that no error of load or limits leaves it out."""

INTERNAL_FAULT = DomainError(Reason.INTERNAL_FAULT, "An unexpected fault occurred")
"""The error of an unexpected exception, whose cause is only logged."""


def code_of(reason: Reason) -> grpc.StatusCode:
    return _CODES[reason]


def retry_seconds(error: DomainError) -> int | None:
    """How long to wait before another try, in whole seconds; None where waiting does not help."""
    if error.retry_after is not None:
        # A caller that waits for less is refused again.
        return max(1, math.ceil(error.retry_after))
    return _RETRY_SECONDS.get(error.reason)


def details_of(error: DomainError) -> bytes:
    """`status_of` on the wire, cached for frequent errors."""
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
