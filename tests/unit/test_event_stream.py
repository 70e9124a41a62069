"""How far a stream of events is read ahead of its acknowledgements."""

import asyncio
from collections.abc import AsyncIterator
from contextlib import aclosing
from typing import cast

import pytest

from coupon_server.domain.errors import DomainError, Reason
from coupon_server.rpc.calls import Call, Requests
from coupon_server.rpc.event_stream import MAX_IN_FLIGHT, EventStream
from phoenix_coupons.v1 import Event, EventResult, StreamEventsRequest


class Caller:
    """A caller that sends without end, and whose credential holds."""

    def __init__(self) -> None:
        self.draining = asyncio.Event()
        self.sent = 0

    async def check_may_go_on(self) -> None:
        if self.draining.is_set():
            raise DomainError(Reason.SERVICE_UNAVAILABLE, "The server is being stopped")

    async def bodies(self) -> AsyncIterator[bytes]:
        while True:
            event = Event(event_id=str(self.sent))
            self.sent += 1
            yield StreamEventsRequest(event=event).SerializeToString()
            await asyncio.sleep(0)


class Taker:
    """Takes events as soon as it may."""

    def __init__(self) -> None:
        self.may = asyncio.Event()
        self.taken = 0
        self.running = 0

    async def take(self, message: StreamEventsRequest) -> EventResult:
        self.running += 1
        try:
            await self.may.wait()
        finally:
            self.running -= 1
        self.taken += 1
        return EventResult(event_id=message.event.event_id)


def stream_of(caller: Caller, taker: Taker) -> EventStream:
    requests = Requests(caller.bodies(), StreamEventsRequest.FromString, lambda _: None)
    return EventStream(cast("Call", caller), requests, taker.take)


async def turn(times: int = 2_000) -> None:
    for _ in range(times):
        await asyncio.sleep(0)


async def test_no_more_events_are_read_than_may_be_on_their_way() -> None:
    caller, taker = Caller(), Taker()
    stream = stream_of(caller, taker)
    async with aclosing(stream.acknowledgements()) as acknowledgements:
        first = asyncio.ensure_future(anext(acknowledgements))
        await turn()
        # One more is at hand, and waits for room.
        assert (taker.running, caller.sent) == (MAX_IN_FLIGHT, MAX_IN_FLIGHT + 1)
        taker.may.set()
        assert (await first).result.event_id == "0"
        await turn()
        # They are taken, but not acknowledged: nobody asks.
        assert taker.taken == MAX_IN_FLIGHT
        for number in range(1, 10):
            assert (await anext(acknowledgements)).result.event_id == str(number)
        await turn()
        assert taker.taken == MAX_IN_FLIGHT + 9


async def test_unacknowledged_events_are_cancelled_with_the_stream() -> None:
    caller, taker = Caller(), Taker()
    async with aclosing(stream_of(caller, taker).acknowledgements()) as acknowledgements:
        first = asyncio.ensure_future(anext(acknowledgements))
        await turn()
        first.cancel()
        await asyncio.gather(first, return_exceptions=True)
    assert (taker.running, taker.taken) == (0, 0)
    sent = caller.sent
    await turn()
    assert caller.sent == sent


async def test_a_server_that_stops_acknowledges_what_it_has_read() -> None:
    caller, taker = Caller(), Taker()
    read: list[str] = []

    async def read_all() -> None:
        async for one in stream_of(caller, taker).acknowledgements():
            read.append(one.result.event_id)

    reading = asyncio.ensure_future(read_all())
    await turn()
    caller.draining.set()
    await turn()
    taker.may.set()
    with pytest.raises(DomainError) as caught:
        await asyncio.wait_for(reading, 5)
    assert caught.value.reason is Reason.SERVICE_UNAVAILABLE
    assert read == [str(number) for number in range(MAX_IN_FLIGHT)]
