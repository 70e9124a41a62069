"""What every call passes on its way to a handler, outermost first, one file each.

An interceptor takes the rest of the chain for one method and returns a step that does its
own part around it. Chains are built once, when the server starts.
"""

from collections.abc import Sequence

from coupon_server.auth.authenticator import Authenticator
from coupon_server.rpc.calls import Interceptor, Method, Step, handle
from coupon_server.rpc.interceptors.authenticate import authenticate
from coupon_server.rpc.interceptors.authorize import authorize
from coupon_server.rpc.interceptors.decode import decode
from coupon_server.rpc.interceptors.observe import AccessLog, observe
from coupon_server.rpc.interceptors.translate_errors import translate_errors
from coupon_server.rpc.interceptors.validate import validate


def interceptors(authenticator: Authenticator, access_log: AccessLog) -> list[Interceptor]:
    """The chain. A call is seen, then known, then understood, then allowed, then checked."""
    return [
        observe(access_log),
        translate_errors,
        authenticate(authenticator),
        decode,
        authorize,
        validate,
    ]


def chain(method: Method, outermost_first: Sequence[Interceptor]) -> Step:
    """The method's handler behind the interceptors."""
    step: Step = handle
    for interceptor in reversed(outermost_first):
        step = interceptor(method, step)
    return step
