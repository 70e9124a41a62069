"""When events are not taken from a broker, or not any more."""

import asyncio
from typing import Any, cast

import nats.errors
import pytest

from coupon_server.workers.event_consumer import Broker, BrokerNotReady, _connected, _Consumer


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


async def test_no_credentials_go_to_a_broker_without_the_tls_that_is_wanted() -> None:
    told: list[bytes] = []

    async def pretend(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        writer.write(b'INFO {"auth_required": true, "max_payload": 1000}\r\n')
        told.append(await reader.read())
        writer.close()

    async with await asyncio.start_server(pretend, "127.0.0.1", 0) as server:
        port = server.sockets[0].getsockname()[1]
        with pytest.raises(BrokerNotReady):
            async with _connected(Broker([f"tls://coupons:secret-word@127.0.0.1:{port}"])):
                pytest.fail("it is connected")
    assert not any(told)
