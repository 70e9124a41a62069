"""Ends refused calls with their status, and hides what is unexpected."""

from typing import NoReturn

import grpc
import structlog

from coupon_server.domain.errors import DomainError, Reason
from coupon_server.rpc.calls import Call, Method, Step
from coupon_server.rpc.errors import INTERNAL_FAULT, code_of, details_of, retry_seconds
from coupon_server.rpc.interceptors.observe import REQUEST_ID

_DETAILS = "grpc-status-details-bin"

log = structlog.get_logger()


def translate_errors(method: Method, proceed: Step) -> Step:
    async def translated(call: Call) -> bytes | None:
        try:
            return await proceed(call)
        except DomainError as error:
            log_unavailable(error, method.path, call.id)
            await _abort(call, error)
        except Exception:
            log.exception("fault", method=method.path, request_id=call.id)
            await _abort(call, INTERNAL_FAULT)

    return translated


def log_unavailable(error: DomainError, method: str, request_id: str) -> None:
    """Log why the service can't answer now, if that is the error."""
    if error.reason is Reason.SERVICE_UNAVAILABLE:
        log.warning(
            "unavailable",
            method=method,
            request_id=request_id,
            cause=type(error.__cause__).__name__ if error.__cause__ else error.message,
        )


async def _abort(call: Call, error: DomainError) -> NoReturn:
    trailers: list[tuple[str, str | bytes]] = [
        (_DETAILS, details_of(error)),
        (REQUEST_ID, call.id),
    ]
    if seconds := retry_seconds(error):
        # What a transcoding proxy makes a header of.
        trailers.append(("retry-after", str(seconds)))
    await call.context.abort(code_of(error.reason), error.message, tuple(trailers))
    raise grpc.aio.AbortError
