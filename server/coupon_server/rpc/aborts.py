"""Ends a call with the status of an error."""

from typing import NoReturn

import grpc

from coupon_server.domain.errors import DomainError, Reason
from coupon_server.rpc.call_ids import REQUEST_ID
from coupon_server.rpc.calls import Context
from coupon_server.rpc.errors import code_of, details_of, retry_seconds

_DETAILS = "grpc-status-details-bin"


class Ended(grpc.aio.AbortError):
    """A call has ended with the status of an error while its handler waited."""

    def __init__(self, reason: Reason) -> None:
        super().__init__()
        self.reason = reason


async def abort(context: Context, error: DomainError, call_id: str) -> NoReturn:
    """Send the error as the call's status. Raises grpc.aio.AbortError, which ends the call."""
    trailers: list[tuple[str, str | bytes]] = [
        (_DETAILS, details_of(error)),
        (REQUEST_ID, call_id),
    ]
    if seconds := retry_seconds(error):
        # What a transcoding proxy makes a header of.
        trailers.append(("retry-after", str(seconds)))
    await context.abort(code_of(error.reason), error.message, tuple(trailers))
    raise grpc.aio.AbortError
