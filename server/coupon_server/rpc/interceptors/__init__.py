"""What every call passes on its way to a handler, outermost first, one file each.

An interceptor takes the rest of the chain for one method and returns a step that does its
own part around it. Chains are built once, when the server starts.
"""

from collections.abc import Sequence

from coupon_server.auth.authenticator import Authenticator
from coupon_server.rpc.calls import Interceptor, Method, Step, handle, handle_streaming
from coupon_server.rpc.interceptors.admit import admit
from coupon_server.rpc.interceptors.authenticate import authenticate
from coupon_server.rpc.interceptors.observe import AccessLog, observe
from coupon_server.rpc.interceptors.receive import receive
from coupon_server.rpc.interceptors.receive_request import receive_request
from coupon_server.rpc.interceptors.translate_errors import translate_errors
from coupon_server.rpc.unfinished_requests import UnfinishedRequests
from coupon_server.services.admission import Admission


def interceptors(
    authenticator: Authenticator,
    access_log: AccessLog,
    admission: Admission,
    *,
    of_tenants: UnfinishedRequests,
    of_strangers: UnfinishedRequests,
) -> list[Interceptor]:
    """The chain. A call is seen, then known and admitted; its messages are received, understood,
    allowed, checked.

    `of_tenants`: the requests that are being received of callers who are known; `of_strangers`: of
    those who are not.
    """
    return [
        observe(access_log),
        translate_errors,
        authenticate(authenticator, of_strangers),
        admit(admission),
        receive_request(of_tenants),
        receive,
    ]


def chain(method: Method, outermost_first: Sequence[Interceptor]) -> Step:
    """The method's handler behind the interceptors."""
    step: Step = handle_streaming if method.server_streaming else handle
    for interceptor in reversed(outermost_first):
        step = interceptor(method, step)
    return step
