"""Finds out who calls, before the request is received wherever the credential allows it.

Refuses credentials of a kind that the method does not take.
"""

from coupon_server.auth import policy
from coupon_server.auth.authenticator import Authenticator
from coupon_server.auth.presented import is_signed
from coupon_server.auth.principals import Principal
from coupon_server.rpc.calls import Call, Interceptor, Method, Step
from coupon_server.rpc.connections import connection_of, require_client_certificate
from coupon_server.rpc.unfinished_requests import UnfinishedRequests


def authenticate(authenticator: Authenticator, unfinished: UnfinishedRequests) -> Interceptor:
    """Verify the call's credential, over its exact bytes where it is a signature.

    `unfinished`: among which requests are received whose callers are not known yet.
    """

    async def verify(call: Call) -> Principal:
        return await authenticator.authenticate(call.metadata, call.method.path, call.body)

    def interceptor(method: Method, proceed: Step) -> Step:
        path, rules = method.path, method.policy

        async def authenticated(call: Call) -> bytes | None:
            if call.mutual_tls:
                require_client_certificate(call.context)
            if is_signed(call.metadata) and not method.client_streaming:
                authenticator.check_signature_headers(call.metadata)
                holder = connection_of(call.context)
                call.body = await unfinished.receive(call.context, holder, call.id)
                call.is_received = True
            # Most calls are known from memory and need no await.
            call.principal = authenticator.authenticate_cached(
                call.metadata, path, call.body
            ) or await authenticator.authenticate_uncached(call.metadata, path, call.body)
            call.verify = verify
            # Before the tenant's limits are asked: who may not call takes nobody's place.
            policy.check_kind(rules, call.principal)
            return await proceed(call)

        return authenticated

    return interceptor
