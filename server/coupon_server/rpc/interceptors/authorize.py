"""Holds the caller against the method's policy, before anything is looked up."""

from google.protobuf.message import Message

from coupon_server.auth import policy
from coupon_server.rpc.calls import Call, Method, Step


def authorize(method: Method, proceed: Step) -> Step:
    rules = method.policy

    async def authorized(call: Call) -> Message:
        policy.authorize(rules, call.principal, call.request)
        return await proceed(call)

    return authorized
