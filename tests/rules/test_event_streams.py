"""StreamEvents: one acknowledgement for each event, in order, once it is durable."""

import asyncio
from collections.abc import AsyncIterable, AsyncIterator, Iterable

import pytest
from google.protobuf.duration_pb2 import Duration

from phoenix_coupons import AsyncCouponsClient, TenantToken, UnavailableError
from phoenix_coupons.v1 import (
    Event,
    RotateTenantSecretRequest,
    StreamEventsRequest,
    StreamEventsResponse,
)
from support.builders import Shop, reason
from support.events import achievement, on_achievement
from support.processes import eventually
from support.serving import Served


def messages(shop: Shop, events: Iterable[Event]) -> list[StreamEventsRequest]:
    """The tenant is named in the first message alone."""
    made = [StreamEventsRequest(event=event) for event in events]
    made[0].tenant_id = shop.id
    return made


async def stream(shop: Shop, events: Iterable[Event]) -> list[StreamEventsResponse]:
    call = shop.events.StreamEvents(iter(messages(shop, events)))
    return [acknowledgement async for acknowledgement in call]


async def test_every_event_is_acknowledged_in_order(shop: Shop) -> None:
    await shop.define(auto_generate=on_achievement())
    events = [achievement(f"e{n % 900}", f"user {n % 900}") for n in range(1_000)]
    answers = await stream(shop, events)
    assert [one.result.event_id for one in answers] == [event.event_id for event in events]
    assert [one.result.duplicate for one in answers] == [n >= 900 for n in range(1_000)]
    assert all(len(one.result.issued) == 1 for one in answers)
    assert len(await shop.coupons()) == 900


async def test_an_event_that_breaks_a_rule_is_refused_and_the_stream_goes_on(shop: Shop) -> None:
    await shop.define(auto_generate=on_achievement())
    future = achievement("e2", "ada")
    future.occurred_at.seconds += 3600
    events = [
        achievement("e1", "ada"),
        future,
        achievement("e3", ""),
        achievement("\x01", "ada"),
        Event(event_id="\x01"),
        achievement("e5", "bob"),
    ]
    answers = await stream(shop, events)
    assert [one.WhichOneof("outcome") for one in answers] == [
        "result",
        *["refused"] * 4,
        "result",
    ]
    refused = [one.refused for one in answers[1:5]]
    assert {one.reason for one in refused} == {"INVALID_FIELD"}
    assert [one.event_id for one in refused] == ["e2", "e3", "", ""]
    assert [one.field_violations[0].field for one in refused] == [
        "event.occurred_at",
        "event.user_id",
        "event.event_id",
        "event.kind",
    ]
    assert all(one.message for one in refused)


async def test_an_acknowledgement_does_not_wait_for_further_events(shop: Shop) -> None:
    await shop.define(auto_generate=on_achievement())
    acknowledged = asyncio.Event()

    async def requests() -> AsyncIterator[StreamEventsRequest]:
        for message in messages(shop, [achievement(f"e{n}", "ada", str(n)) for n in range(3)]):
            yield message
            await acknowledged.wait()
            acknowledged.clear()

    async for _ in shop.events.StreamEvents(requests()):
        acknowledged.set()
    assert len(await shop.coupons()) == 3


async def endless(shop: Shop) -> AsyncIterator[StreamEventsRequest]:
    yield StreamEventsRequest(tenant_id=shop.id, event=achievement("e1", "ada"))
    await asyncio.Event().wait()


async def read_to_end(call: AsyncIterable[StreamEventsResponse], read: list[str]) -> None:
    async for acknowledgement in call:
        read.append(acknowledgement.result.event_id)


async def test_a_server_that_stops_ends_the_stream(shop: Shop, server: Served) -> None:
    stopping = server.app.rpc_server()
    port = await stopping.start("127.0.0.1:0")
    token = TenantToken(shop.id, shop.tenant.credentials.tenant_secret)
    read: list[str] = []
    async with AsyncCouponsClient(f"127.0.0.1:{port}", token) as client:
        call = client.events.StreamEvents(endless(shop))
        ended = asyncio.create_task(read_to_end(call, read))
        await eventually(lambda: read)
        async with asyncio.timeout(5):
            await stopping.drain(0, 60)
        with pytest.raises(UnavailableError, match="being stopped"):
            await ended
    assert read == ["e1"]


async def test_a_secret_that_is_revoked_ends_the_stream(shop: Shop) -> None:
    read: list[str] = []
    ended = asyncio.create_task(read_to_end(shop.events.StreamEvents(endless(shop)), read))
    await eventually(lambda: read)
    await shop.tenants.RotateTenantSecret(
        RotateTenantSecretRequest(tenant_id=shop.id, overlap=Duration())
    )
    async with asyncio.timeout(5):
        assert await reason(ended) == "CREDENTIAL_INVALID"
    assert read == ["e1"]
