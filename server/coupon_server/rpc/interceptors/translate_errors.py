"""Ends calls with the status of their DomainError, and hides unexpected exceptions."""

import structlog

from coupon_server.domain.errors import DomainError, InvalidField, Reason, Unavailable, cause_of
from coupon_server.rpc.aborts import Ended, abort
from coupon_server.rpc.calls import Call, Method, Step
from coupon_server.rpc.errors import INTERNAL_FAULT

BODY_HEADER = "x-coupons-body"
"""Set by the server's answer to a REST edge alone: the request's field that is the HTTP body."""

log = structlog.get_logger()


def translate_errors(method: Method, proceed: Step) -> Step:
    async def translated(call: Call) -> bytes | None:
        try:
            return await proceed(call)
        except DomainError as error:
            call.refusal = error.reason
            log_unavailable(error, method.path, call.id)
            await abort(call.context, _as_sent(error, call), call.id)
        except Ended as ended:
            # Its status was sent while its request was received.
            call.refusal = ended.reason
            raise
        except Exception:
            call.refusal = Reason.INTERNAL_FAULT
            log.exception("fault", method=method.path, request_id=call.id)
            await abort(call.context, INTERNAL_FAULT, call.id)

    return translated


def _as_sent(error: DomainError, call: Call) -> DomainError:
    """The error with fields as the caller names them, whose HTTP body may be one field's value."""
    if isinstance(error, InvalidField):
        for name, value in call.metadata:
            if name == BODY_HEADER:
                return error.without(str(value))
    return error


def log_unavailable(error: DomainError, method: str, request_id: str) -> None:
    """Log why the service can't answer now, if that is the error."""
    if error.reason is Reason.SERVICE_UNAVAILABLE:
        log.warning(
            "unavailable",
            method=method,
            request_id=request_id,
            cause=cause_of(error) if isinstance(error, Unavailable) else error.message,
        )
