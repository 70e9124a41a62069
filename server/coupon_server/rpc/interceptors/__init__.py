"""What every call passes on its way to a handler, outermost first, one file each.

An interceptor takes the rest of the chain for one method and returns a step that does its
own part around it. Chains are built once, when the server starts.
"""

from collections.abc import Sequence

from coupon_server.auth.authenticator import Authenticator
from coupon_server.rpc.calls import Interceptor, Method, Step, handle, handle_streaming
from coupon_server.rpc.interceptors.authenticate import authenticate
from coupon_server.rpc.interceptors.limit_streams import limit_streams
from coupon_server.rpc.interceptors.observe import AccessLog, observe
from coupon_server.rpc.interceptors.receive import receive
from coupon_server.rpc.interceptors.translate_errors import translate_errors


def interceptors(
    authenticator: Authenticator, access_log: AccessLog, max_streams: int
) -> list[Interceptor]:
    """The chain. A call is seen, then known; its messages are understood, allowed, checked.

    `max_streams`: of a tenant, at a time.
    """
    return [
        observe(access_log),
        translate_errors,
        authenticate(authenticator),
        receive,
        limit_streams(max_streams),
    ]


def chain(method: Method, outermost_first: Sequence[Interceptor]) -> Step:
    """The method's handler behind the interceptors."""
    step: Step = handle_streaming if method.server_streaming else handle
    for interceptor in reversed(outermost_first):
        step = interceptor(method, step)
    return step
