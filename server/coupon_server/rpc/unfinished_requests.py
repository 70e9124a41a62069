"""Receives requests of one message, and bounds those that have begun but do not end.

As long as nobody reads, gRPC holds no more of a request than the flow-control window of its
stream (RFC 9113, section 5.2). With a reader it holds up to a whole message. So the number of
readers bounds the memory of requests that never end.
"""

import asyncio
from collections import Counter
from collections.abc import Hashable
from contextlib import suppress
from dataclasses import dataclass
from time import monotonic

import grpc

from coupon_server.domain.errors import DomainError, Reason
from coupon_server.rpc.aborts import Ended, abort
from coupon_server.rpc.calls import Context

CROWDED_SECONDS = 0.02
"""How long a request may take while others wait because too many are being received. One that has
arrived with its headers takes no time at all."""

Holder = tuple[Hashable, Hashable]
"""Whom a request is counted for: a tenant, or a network address and of that a connection."""


@dataclass(eq=False, slots=True)
class _Request:
    context: Context
    holder: Holder
    call_id: str
    since: float
    """When it began to wait, and later when it began to be read; monotonic seconds."""
    is_over: bool = False
    admitted: asyncio.Future[None] | None = None
    refusal: Reason | None = None
    """Why its call was ended while it was received."""


class UnfinishedRequests:
    """At most `most` requests are received at a time, at most half of them of one holder; others
    wait. A request that takes longer than `seconds` is refused.

    A fair queue admits the others, round robin over tenants or addresses, and over the holders of
    each. While requests wait, the oldest ones of the holder with most are rejected after
    `CROWDED_SECONDS`.
    """

    def __init__(self, most: int, seconds: float) -> None:
        self._most = most
        self._share = max(1, most // 2)
        self._seconds = seconds
        # Both oldest first.
        self._received: dict[_Request, None] = {}
        self._waiting: dict[Hashable, dict[Holder, dict[_Request, None]]] = {}
        self._held: dict[Holder, int] = {}
        """How many requests are being received of a holder who has any."""
        self._timer: asyncio.TimerHandle | None = None
        self._refusing: set[asyncio.Task[None]] = set()

    async def receive(self, context: Context, holder: Holder, call_id: str) -> bytes:
        """The call's one message on the wire.

        Raises MALFORMED_MESSAGE when the caller sends none; SERVICE_UNAVAILABLE when too many
        others are being received for too long; and Ended after it has ended the call with that or,
        when the message did not come in time, with DEADLINE_EXCEEDED.
        """
        request = _Request(context, holder, call_id, monotonic())
        if self._has_room(holder):
            self._begin(request)
        else:
            await self._wait(request)
        try:
            body = await context.read()
        except grpc.aio.AbortError:
            if request.refusal is None:
                raise
            raise Ended(request.refusal) from None
        finally:
            request.is_over = True
            if request in self._received:
                self._end(request)
        if body is grpc.aio.EOF:
            raise DomainError(Reason.MALFORMED_MESSAGE, "The call has no request message")
        return bytes(body)

    def _has_room(self, holder: Holder) -> bool:
        return len(self._received) < self._most and self._held.get(holder, 0) < self._share

    def _begin(self, request: _Request) -> None:
        self._received[request] = None
        self._held[request.holder] = self._held.get(request.holder, 0) + 1
        if self._timer is None:
            self._arm(self._seconds)

    def _end(self, request: _Request) -> None:
        del self._received[request]
        if (left := self._held.pop(request.holder) - 1) > 0:
            self._held[request.holder] = left
        if self._waiting:
            self._admit()

    async def _wait(self, request: _Request) -> None:
        request.admitted = asyncio.get_running_loop().create_future()
        group = self._waiting.setdefault(request.holder[0], {})
        group.setdefault(request.holder, {})[request] = None
        if self._is_crowded():
            self._arm(CROWDED_SECONDS)
        try:
            await request.admitted
        except BaseException:
            # It may have been admitted at the same moment as its caller gave up.
            self._leave(request)
            if request in self._received:
                self._end(request)
            raise

    def _admit(self) -> None:
        """Admit waiting requests, round robin."""
        while len(self._received) < self._most and (request := self._next()) is not None:
            request.since = monotonic()
            self._begin(request)
            if request.admitted is not None and not request.admitted.done():
                request.admitted.set_result(None)

    def _next(self) -> _Request | None:
        """Remove the next request from the fair queue; None if none can be admitted."""
        for name, group in self._waiting.items():
            holder = next(filter(self._has_room, group), None)
            if holder is not None:
                request = next(iter(group[holder]))
                # Round robin: a group that was served goes to the end.
                self._waiting[name] = self._waiting.pop(name)
                group[holder] = group.pop(holder)
                self._leave(request)
                return request
        return None

    def _leave(self, request: _Request) -> None:
        name, holder = request.holder[0], request.holder
        group = self._waiting.get(name, {})
        of_holder = group.get(holder, {})
        of_holder.pop(request, None)
        if not of_holder:
            group.pop(holder, None)
        if not group:
            self._waiting.pop(name, None)

    def _is_crowded(self) -> bool:
        """Whether somebody waits for others, and not for requests of their own."""
        return len(self._received) >= self._most and any(
            self._held.get(holder, 0) < self._share
            for group in self._waiting.values()
            for holder in group
        )

    def _arm(self, seconds: float) -> None:
        loop = asyncio.get_running_loop()
        if self._timer is not None:
            if self._timer.when() <= loop.time() + seconds:
                return
            self._timer.cancel()
        self._timer = loop.call_later(seconds, self._sweep)

    def _sweep(self) -> None:
        """Reject requests that take too long, and schedule the next check."""
        self._timer = None
        now = monotonic()
        for request in list(self._received):
            if now - request.since < self._seconds:
                break
            self._refuse(request, self._seconds)
        for request in self._late(now):
            self._reject(request)
        self._make_room(now)
        if self._received or self._waiting:
            seconds = CROWDED_SECONDS if self._is_crowded() else self._seconds
            began = [request.since for request in self._received] or [now]
            self._arm(max(began[0] + seconds - now, CROWDED_SECONDS / 2))

    def _late(self, now: float) -> list[_Request]:
        """The requests that have waited for too long."""
        return [
            request
            for group in self._waiting.values()
            for of_holder in group.values()
            for request in of_holder
            if now - request.since >= self._seconds
        ]

    def _make_room(self, now: float) -> None:
        """While others wait, refuse the slow requests of tenants or addresses that have most."""
        slow = [request for request in self._received if now - request.since >= CROWDED_SECONDS]
        while slow and self._is_crowded():
            held = Counter(request.holder[0] for request in self._received)
            request = max(slow, key=lambda one: held[one.holder[0]])
            slow.remove(request)
            self._refuse(request, CROWDED_SECONDS)

    def _refuse(self, request: _Request, seconds: float) -> None:
        self._end(request)
        error = (
            DomainError(
                Reason.DEADLINE_EXCEEDED, f"The request did not arrive within {seconds:g} s"
            )
            if seconds == self._seconds
            else _too_many()
        )
        request.refusal = error.reason
        task = asyncio.create_task(_refuse(request, error))
        self._refusing.add(task)
        task.add_done_callback(self._refusing.discard)

    def _reject(self, request: _Request) -> None:
        self._leave(request)
        if request.admitted is not None and not request.admitted.done():
            request.admitted.set_exception(_too_many())


async def _refuse(request: _Request, error: DomainError) -> None:
    """End the call while its handler reads, which then raises AbortError.

    Cancelling the reader instead would lose the message, and never free it, if it came meanwhile.
    """
    if not request.is_over:
        # Besides AbortError: the caller may have gone at the same moment.
        with suppress(Exception, asyncio.CancelledError):
            await abort(request.context, error, request.call_id)


def _too_many() -> DomainError:
    return DomainError(Reason.SERVICE_UNAVAILABLE, "Too many requests are being received")
