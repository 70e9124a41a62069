"""Receives requests of one message, and bounds those that have begun but do not end.

As long as nobody reads, gRPC holds no more of a request than the flow-control window of its
stream (RFC 9113, section 5.2). Whoever reads has it hold up to a whole message. So it is the
number of readers that bounds the memory of requests that never end.
"""

import asyncio
from collections.abc import Hashable
from contextlib import suppress
from dataclasses import dataclass
from time import monotonic

import grpc

from coupon_server.domain.errors import DomainError, Reason
from coupon_server.rpc.calls import Context
from coupon_server.rpc.refusals import refuse

CROWDED_SECONDS = 0.25
"""How long a request may take while others wait because too many are being received."""


@dataclass(eq=False, slots=True)
class _Request:
    context: Context
    holder: Hashable
    call_id: str
    since: float
    """When it began to wait, and later when it began to be read; monotonic seconds."""
    is_over: bool = False
    admitted: asyncio.Future[None] | None = None


class UnfinishedRequests:
    """At most `most` requests are received at a time, at most half of them of one holder; others
    wait. A request that takes longer than `seconds` is refused.

    A holder is whoever a request is counted for: a tenant, or a connection of unknown callers.
    """

    def __init__(self, most: int, seconds: float) -> None:
        self._most = most
        self._share = max(1, most // 2)
        self._seconds = seconds
        # Both oldest first.
        self._received: dict[_Request, None] = {}
        self._waiting: dict[Hashable, dict[_Request, None]] = {}
        self._held: dict[Hashable, int] = {}
        """How many requests are being received of a holder who has any."""
        self._timer: asyncio.TimerHandle | None = None
        self._refusing: set[asyncio.Task[None]] = set()

    async def receive(self, context: Context, holder: Hashable, call_id: str) -> bytes:
        """The call's one message on the wire.

        Raises MALFORMED_MESSAGE when the caller sends none; SERVICE_UNAVAILABLE when too many
        others are being received for too long; and grpc.aio.AbortError after it has ended the call
        with that or, when the message did not come in time, with DEADLINE_EXCEEDED.
        """
        request = _Request(context, holder, call_id, monotonic())
        if self._has_room(holder):
            self._begin(request)
        else:
            await self._wait(request)
        try:
            body = await context.read()
        finally:
            request.is_over = True
            if request in self._received:
                self._end(request)
        if body is grpc.aio.EOF:
            raise DomainError(Reason.MALFORMED_MESSAGE, "The call has no request message")
        return bytes(body)

    def _has_room(self, holder: Hashable) -> bool:
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
        self._waiting.setdefault(request.holder, {})[request] = None
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
        """Begin requests that wait, of one holder after another."""
        while (holder := next(filter(self._has_room, self._waiting), None)) is not None:
            of_holder = self._waiting.pop(holder)
            request = next(iter(of_holder))
            del of_holder[request]
            if of_holder:
                self._waiting[holder] = of_holder
            request.since = monotonic()
            self._begin(request)
            if request.admitted is not None and not request.admitted.done():
                request.admitted.set_result(None)

    def _leave(self, request: _Request) -> None:
        of_holder = self._waiting.get(request.holder, {})
        of_holder.pop(request, None)
        if not of_holder:
            self._waiting.pop(request.holder, None)

    def _is_crowded(self) -> bool:
        """Whether somebody waits for others, and not for requests of their own."""
        return len(self._received) >= self._most and any(
            self._held.get(holder, 0) < self._share for holder in self._waiting
        )

    def _arm(self, seconds: float) -> None:
        loop = asyncio.get_running_loop()
        if self._timer is not None:
            if self._timer.when() <= loop.time() + seconds:
                return
            self._timer.cancel()
        self._timer = loop.call_later(seconds, self._sweep)

    def _sweep(self) -> None:
        """Refuse what takes too long, and look again when the next may."""
        self._timer = None
        now = monotonic()
        seconds = CROWDED_SECONDS if self._is_crowded() else self._seconds
        for request in list(self._received):
            if now - request.since < seconds:
                break
            self._refuse(request, seconds)
        for of_holder in list(self._waiting.values()):
            for request in list(of_holder):
                if now - request.since < self._seconds:
                    break
                self._turn_away(request)
        if self._received or self._waiting:
            seconds = CROWDED_SECONDS if self._is_crowded() else self._seconds
            began = [request.since for request in self._received] or [now]
            self._arm(max(began[0] + seconds - now, CROWDED_SECONDS / 5))

    def _refuse(self, request: _Request, seconds: float) -> None:
        self._end(request)
        error = (
            DomainError(
                Reason.DEADLINE_EXCEEDED, f"The request did not arrive within {seconds:g} s"
            )
            if seconds == self._seconds
            else _too_many()
        )
        task = asyncio.create_task(_refuse(request, error))
        self._refusing.add(task)
        task.add_done_callback(self._refusing.discard)

    def _turn_away(self, request: _Request) -> None:
        self._leave(request)
        if request.admitted is not None and not request.admitted.done():
            request.admitted.set_exception(_too_many())


async def _refuse(request: _Request, error: DomainError) -> None:
    """End the call while its handler reads, which then raises AbortError.

    Cancelling the reader instead would lose the message, and never free it, if it came meanwhile.
    """
    if not request.is_over:
        with suppress(grpc.aio.AbortError, asyncio.CancelledError):
            await refuse(request.context, error, request.call_id)


def _too_many() -> DomainError:
    return DomainError(Reason.SERVICE_UNAVAILABLE, "Too many requests are being received")
