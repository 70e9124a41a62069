"""Names each call and logs how it ended."""

import asyncio
from time import perf_counter
from typing import Literal

import grpc
import structlog

from coupon_server.auth.principals import Principal
from coupon_server.domain.errors import Reason
from coupon_server.rpc.call_ids import REQUEST_ID
from coupon_server.rpc.calls import Call, Interceptor, Method, Step

AccessLog = Literal["none", "errors", "all"]

LOGGED_TOGETHER = frozenset({Reason.RATE_LIMITED, Reason.TOO_MANY_STREAMS})
"""Refusals that admission counts, and logs together."""

log = structlog.get_logger()


def observe(access_log: AccessLog) -> Interceptor:
    """Log every call, those that fail, or none; the call's id goes back in the trailer."""

    def interceptor(_: Method, proceed: Step) -> Step:
        async def observed(call: Call) -> bytes | None:
            call.context.set_trailing_metadata(((REQUEST_ID, call.id),))
            if access_log == "none":
                return await proceed(call)
            started = perf_counter()
            try:
                response = await proceed(call)
            except asyncio.CancelledError:
                # The caller gave up, or its deadline has passed.
                _log(call, started, grpc.StatusCode.CANCELLED)
                raise
            except BaseException:
                if access_log == "all" or call.refusal not in LOGGED_TOGETHER:
                    _log(call, started, call.context.code())
                raise
            if access_log == "all":
                _log(call, started, grpc.StatusCode.OK)
            return response

        return observed

    return interceptor


def _log(call: Call, started: float, code: grpc.StatusCode | int) -> None:
    principal = getattr(call, "principal", None)
    log_call(call.method.path, code, started, call.id, principal, call.refusal)


def log_call(
    method: str,
    code: grpc.StatusCode | int,
    started: float,
    request_id: str,
    principal: Principal | None = None,
    refusal: Reason | None = None,
) -> None:
    """Log how a call ended; `started` is what `perf_counter` said when it began."""
    log.info(
        "call",
        method=method,
        code=getattr(code, "name", str(code)),
        reason=refusal,
        milliseconds=round((perf_counter() - started) * 1000, 2),
        request_id=request_id,
        tenant_id=principal.tenant if principal else None,
        credential_id=str(principal.credential_id) if principal else None,
    )
