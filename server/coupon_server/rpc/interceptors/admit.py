"""Admission: checks the tenant's limits, before the message is parsed."""

import asyncio
from collections.abc import AsyncIterator

from coupon_server.auth import policy
from coupon_server.domain.limits import CallClass
from coupon_server.rpc.calls import Call, Interceptor, Method, Step
from coupon_server.services.admission import CLASSES, STREAMS, Account, Admission, InFlight


def admit(admission: Admission) -> Interceptor:
    """Reject calls beyond their tenant's limits (RATE_LIMITED, TOO_MANY_STREAMS), and those that
    would exceed a daily quota (QUOTA_EXCEEDED).

    A call is in flight until its caller has taken the answer. The messages of a client stream
    count as calls; they are not refused, but read no faster than the rate allows.
    """

    def interceptor(method: Method, proceed: Step) -> Step:
        call_class = method.policy.call_class
        if method.client_streaming or method.server_streaming:
            return _streaming(admission, method, proceed)
        if call_class is CallClass.redeem:
            return _redeem(admission, method, proceed)
        return _unary(admission, method, proceed)

    return interceptor


def _redeem(admission: Admission, method: Method, proceed: Step) -> Step:
    """The hot path. Answers are small, so that their number bounds them."""
    index = CLASSES.index(method.policy.call_class)
    stores = policy.stores(method.policy, method.request_type.DESCRIPTOR.fields_by_name)

    async def admitted(call: Call) -> bytes | None:
        account = admission.account(call.principal.tenant)
        call.when_over(account.admit(index, index).release)
        call.account = account
        if not stores:
            return await proceed(call)
        return await _storing(account, call, proceed)

    return admitted


def _unary(admission: Admission, method: Method, proceed: Step) -> Step:
    index = CLASSES.index(method.policy.call_class)
    fields = method.request_type.DESCRIPTOR.fields_by_name
    stores = policy.stores(method.policy, fields)
    kind = STREAMS if policy.waits(fields) else index

    async def admitted(call: Call) -> bytes | None:
        account = admission.account(call.principal.tenant)
        account.check_answers()
        end = _End(account, account.admit(index, kind))
        call.when_over(end)
        call.account = account
        answer = await (_storing(account, call, proceed) if stores else proceed(call))
        if answer is not None:
            # A mutation that has committed is answered beyond the limit, too.
            account.hold_answer(len(answer), refusable=not stores)
            end.size = len(answer)
        return answer

    return admitted


def _streaming(admission: Admission, method: Method, proceed: Step) -> Step:
    index = CLASSES.index(method.policy.call_class)

    async def admitted(call: Call) -> bytes | None:
        account = admission.account(call.principal.tenant)
        account.check_answers()
        call.when_over(account.admit(index, STREAMS).release)
        call.account = account
        if call.bodies is not None:
            call.bodies = _paced(call.bodies, account, index)
        return await proceed(call)

    return admitted


class _End:
    """Called when a call ends: its response was taken, or its caller is gone."""

    __slots__ = ("account", "counter", "size")

    def __init__(self, account: Account, counter: InFlight) -> None:
        self.account = account
        self.counter = counter
        self.size = 0

    def __call__(self, _: object) -> None:
        self.counter.release(None)
        self.account.release_answer(self.size)


async def _paced(
    bodies: AsyncIterator[bytes], account: Account, call_class: int
) -> AsyncIterator[bytes]:
    """The messages of a client stream, at the pace of its tenant's rate."""
    async for body in bodies:
        await account.pace(call_class)
        await account.know_use()
        account.check_stored()
        account.count_stored(len(body))
        yield body


async def _storing(account: Account, call: Call, proceed: Step) -> bytes | None:
    """Count what the request stores, unless it is refused."""
    await account.know_use()
    account.check_stored()
    try:
        answer = await proceed(call)
    except asyncio.CancelledError:
        # The mutation goes on, though its caller is gone.
        account.count_stored(len(call.body))
        raise
    account.count_stored(len(call.body))
    return answer
