"""Bounds the streams that a tenant keeps open: each has its memory for as long as it lasts."""

from collections import Counter
from uuid import UUID

from google.protobuf.message import Message

from coupon_server.domain.errors import DomainError, Reason
from coupon_server.rpc.calls import Call, Interceptor, Method, Step


def limit_streams(most: int) -> Interceptor:
    """Let a tenant have so many streams open at a time in this process, of all methods together."""
    # Only tenants with an open stream are in it.
    open_streams: Counter[UUID] = Counter()

    def interceptor(method: Method, proceed: Step) -> Step:
        if not (method.client_streaming or method.server_streaming):
            return proceed

        async def limited(call: Call) -> Message | None:
            tenant_id = call.principal.tenant_id
            if open_streams[tenant_id] >= most:
                raise too_many_streams(most)
            open_streams[tenant_id] += 1
            try:
                return await proceed(call)
            finally:
                open_streams[tenant_id] -= 1
                if not open_streams[tenant_id]:
                    del open_streams[tenant_id]

        return limited

    return interceptor


def too_many_streams(most: int) -> DomainError:
    return DomainError(
        Reason.TOO_MANY_STREAMS,
        f"The tenant has {most} streams open here already; end one, or connect anew",
        limit=str(most),
    )
