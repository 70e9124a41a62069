"""When events are not taken from a broker, or not any more."""

import asyncio
from types import SimpleNamespace
from typing import Any, cast

import nats.errors
import pytest

from coupon_server.domain.errors import DomainError, Reason
from coupon_server.workers.event_consumer import (
    MAX_ACK_PENDING,
    MAX_FAULTS,
    Broker,
    BrokerNotReady,
    _connected,
    _Consumer,
)


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


class Stored:
    """A message of the stream, the client that brings it, and what became of it."""

    subject = "coupons.events.somebody"
    headers = None
    data = b"{}"
    max_payload = 1_000

    def __init__(self, sequence: int) -> None:
        # Naks for an outage count among its deliveries.
        self.metadata = SimpleNamespace(
            sequence=SimpleNamespace(stream=sequence), num_delivered=1_000
        )
        self.outcomes: list[str] = []

    def jetstream(self) -> "Stored":
        return self

    async def publish(self, *_: object, **__: object) -> None:
        self.outcomes.append("parked")

    async def nak(self, _: float) -> None:
        self.outcomes.append("nak")

    async def ack(self) -> None:
        self.outcomes.append("ack")


async def test_faults_park_a_message_and_outages_do_not() -> None:
    unavailable = DomainError(Reason.SERVICE_UNAVAILABLE, "Try again")
    failures: list[Exception] = [unavailable] * 50 + [ValueError()] * MAX_FAULTS

    async def take(*_: object) -> None:
        raise failures[len(message.outcomes)]

    message = Stored(7)
    consumer = _Consumer(cast("Any", message), Broker([]), take)
    while "ack" not in message.outcomes:
        await consumer._answer(cast("Any", message))
    assert message.outcomes == ["nak"] * (50 + MAX_FAULTS - 1) + ["parked", "ack"]
    assert not consumer._faults


async def test_the_faults_that_are_remembered_are_bounded() -> None:
    async def take(*_: object) -> None:
        pytest.fail("there is nothing to take")

    consumer = _Consumer(cast("Any", Stored(0)), Broker([]), take)
    for sequence in range(MAX_ACK_PENDING + 5):
        consumer._count_fault(sequence)
    assert len(consumer._faults) == MAX_ACK_PENDING
    assert 0 not in consumer._faults


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
