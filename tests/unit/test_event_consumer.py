"""When taking events from a broker comes to an end."""

import asyncio
from typing import Any, cast

import nats.errors
import pytest

from coupon_server.workers.event_consumer import Broker, BrokerNotReady, _Consumer


class ClosedClient:
    """A client whose connection is closed for good, with its JetStream and subscription."""

    is_closed = True

    def jetstream(self) -> "ClosedClient":
        return self

    async def pull_subscribe_bind(self, **_: str) -> "ClosedClient":
        return self

    async def fetch(self, *_: object, **__: object) -> None:
        raise nats.errors.ConnectionClosedError


async def test_a_connection_that_is_closed_for_good_ends_the_consumer() -> None:
    async def take(*_: object) -> None:
        pytest.fail("there is nothing to take")

    consumer = _Consumer(cast("Any", ClosedClient()), Broker([]), take)
    with pytest.raises(BrokerNotReady, match="has closed the connection"):
        await asyncio.wait_for(consumer.run(asyncio.Event()), 5)
