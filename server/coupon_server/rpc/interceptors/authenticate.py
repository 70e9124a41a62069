"""Finds out who calls."""

from coupon_server.auth.authenticator import Authenticator
from coupon_server.auth.principals import Principal
from coupon_server.rpc.calls import Call, Interceptor, Method, Step


def authenticate(authenticator: Authenticator) -> Interceptor:
    """Verify the call's credential, over its exact bytes where it is a signature."""

    async def verify(call: Call) -> Principal:
        return await authenticator.authenticate(call.metadata, call.method.path, call.body)

    def interceptor(method: Method, proceed: Step) -> Step:
        path = method.path

        async def authenticated(call: Call) -> bytes | None:
            # Most calls are known from memory and need no await.
            call.principal = authenticator.authenticate_cached(
                call.metadata, path, call.body
            ) or await verify(call)
            call.verify = verify
            return await proceed(call)

        return authenticated

    return interceptor
