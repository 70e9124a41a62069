"""Events over four worker processes that are killed: exactly the coupons that are due."""

import asyncio
import random
from collections.abc import Iterator, Sequence
from contextlib import suppress

import grpc.aio
import psutil
import pytest

from phoenix_coupons import UnavailableError
from phoenix_coupons.v1 import (
    Event,
    EventIngestStub,
    SendEventsRequest,
    StreamEventsRequest,
)
from support.builders import Shop
from support.earning import Season
from support.events import achievement, on_achievement
from support.processes import ServerProcess, channels, eventually
from support.scale import sized

EVENTS = sized(2_000, 10_000)
TIMES = 3
CONNECTIONS = 4
BULK = 100
KILLED = sized(4, 10)

FLOODS = 8
FLOOD = 80_000
"""Events of all floods: many more than arrive while a few changes are made."""


class Sender:
    """A backend that sends its events until each is acknowledged."""

    def __init__(self, channel: grpc.aio.Channel, tenant_id: str, events: list[Event]) -> None:
        self._stub = EventIngestStub(channel)
        self._tenant_id = tenant_id
        self._events = events
        self.acknowledged = 0

    async def send_in_bulk(self) -> None:
        while left := self._events[self.acknowledged :]:
            request = SendEventsRequest(tenant_id=self._tenant_id, events=left[:BULK])
            with suppress(UnavailableError):
                self.acknowledged += len((await self._stub.SendEvents(request)).results)

    async def stream(self) -> None:
        while self.acknowledged < len(self._events):
            try:
                await self._stream()
            except UnavailableError:
                await asyncio.sleep(0.1)

    async def _stream(self) -> None:
        left = self._events[self.acknowledged :]
        answers = self._stub.StreamEvents(_messages(self._tenant_id, left))
        sent = iter(left)
        async for answer in answers:
            assert answer.result.event_id == next(sent).event_id
            self.acknowledged += 1


def _messages(tenant_id: str, events: list[Event]) -> Iterator[StreamEventsRequest]:
    for event in events:
        yield StreamEventsRequest(tenant_id=tenant_id, event=event)


async def kill_at_random(
    fleet: ServerProcess, senders: Sequence[Sender], chance: random.Random
) -> None:
    """Kill workers that serve, one after another, while the senders have something to send."""
    events = EVENTS * TIMES
    for number in range(1, KILLED + 1):
        due = events * number // (KILLED + 1)
        await eventually(lambda: sum(sender.acknowledged for sender in senders) >= due)  # noqa: B023
        with suppress(psutil.NoSuchProcess):
            if workers := fleet.busy_workers():
                chance.choice(workers).kill()


async def test_a_stream_of_earned_coupons_does_not_keep_a_change_waiting(
    shop: Shop, fleet: ServerProcess
) -> None:
    definition = await shop.define(auto_generate=on_achievement())
    earned = 0

    async def flood(channel: grpc.aio.Channel, number: int) -> None:
        nonlocal earned
        names = (f"{number}/{count}" for count in range(FLOOD // FLOODS))
        events = [achievement(name, name) for name in names]
        async for answer in EventIngestStub(channel).StreamEvents(_messages(shop.id, events)):
            earned += len(answer.result.issued)

    async with channels(shop, fleet.address, FLOODS) as opened:
        floods = [
            asyncio.create_task(flood(*one)) for one in zip(opened, range(FLOODS), strict=True)
        ]
        await eventually(lambda: earned >= 100)
        for uses in range(5, 10):
            await shop.change(definition, "max_uses_per_user", max_uses_per_user=uses)
            await shop.resume(await shop.pause(definition))
            assert not any(one.done() for one in floods), "it had to wait for the end"
        for one in floods:
            one.cancel()
        await asyncio.gather(*floods, return_exceptions=True)


@pytest.mark.timeout(300)
async def test_events_sent_thrice_to_servers_that_are_killed_issue_exactly_what_is_due(
    shop: Shop, fleet: ServerProcess, shared_database: str
) -> None:
    season = await Season.open(shop, EVENTS, seed=1)
    chance = random.Random(2)
    sent = season.events * TIMES
    chance.shuffle(sent)
    async with channels(shop, fleet.address, CONNECTIONS) as opened:
        senders = [
            Sender(channel, shop.id, sent[number::CONNECTIONS])
            for number, channel in enumerate(opened)
        ]
        killing = asyncio.create_task(kill_at_random(fleet, senders, chance))
        await asyncio.gather(
            *(sender.stream() for sender in senders[::2]),
            *(sender.send_in_bulk() for sender in senders[1::2]),
        )
        await killing
    assert sum(sender.acknowledged for sender in senders) == len(sent)
    await season.check(shared_database)
    await eventually(lambda: len(fleet.workers()) == 4)
