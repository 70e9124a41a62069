"""Receives the request of a call whose caller is known by then."""

from coupon_server.rpc.calls import Call, Interceptor, Method, Step
from coupon_server.rpc.unfinished_requests import UnfinishedRequests


def receive_request(unfinished: UnfinishedRequests) -> Interceptor:
    """Receive the request's bytes, among those of the caller's tenant. A client stream's messages
    are received when its handler asks for them."""

    def interceptor(method: Method, proceed: Step) -> Step:
        if method.client_streaming:
            return proceed

        async def received(call: Call) -> bytes | None:
            if not call.is_received:
                call.body = await unfinished.receive(
                    call.context, call.principal.tenant_id, call.id
                )
                call.is_received = True
            return await proceed(call)

        return received

    return interceptor
