"""Events on NATS JetStream: each once, in order, whatever stops in between."""

import asyncio
import json
from collections.abc import AsyncIterator
from contextlib import AsyncExitStack
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest

from coupon_server.delivery.nats import client as nats_client
from coupon_server.delivery.nats.publisher import NatsBroker
from coupon_server.delivery.services.publishing import BrokerUnavailable
from coupon_server.domain.ids import new_id
from phoenix_coupons.v1 import GetRedemptionRequest, Redemption
from support.builders import Shop, usage_limit
from support.clock import MovableClock
from support.nats import NatsServer, add_stream, messages, nats_server
from support.nats_users import Operator
from support.serving import serving, settings_for
from support.webhooks import until


@pytest.fixture
async def broker(tmp_path: Path) -> AsyncIterator[NatsServer]:
    async with nats_server(tmp_path / "nats", "--user", "coupons", "--pass", "sesame") as server:
        yield server


def settings(database_url: str, broker: NatsServer, **changes: Any) -> Any:
    url = broker.url.replace("nats://", "nats://coupons:sesame@")
    return settings_for(database_url, background=True, nats_url=url, **changes)


async def redeem(shop: Shop, times: int) -> list[str]:
    return [
        (await shop.redeem("ALL", f"user-{number % 3}")).redemption.id for number in range(times)
    ]


async def published(broker: NatsServer, count: int) -> list[Any]:
    """What the stream has once it has so many."""
    client = await broker.connect(user="coupons", password="sesame")
    try:
        async with asyncio.timeout(30):
            while len(found := await messages(client)) < count:  # noqa: ASYNC110 — nothing tells
                await asyncio.sleep(0.05)
        return found
    finally:
        await client.close()


async def new_stream(broker: NatsServer) -> None:
    client = await broker.connect(user="coupons", password="sesame")
    await add_stream(client, "coupons.out.*")
    await client.close()


async def test_events_are_published_as_cloud_events(
    database_url: str, broker: NatsServer, clock: MovableClock
) -> None:
    await new_stream(broker)
    async with serving(settings(database_url, broker), clock) as served:
        shop = await Shop.open(await served.new_tenant())
        await shop.define(limit=usage_limit("unlimited"), custom_code="ALL")
        [grant] = await redeem(shop, 1)
        [message] = await published(broker, 1)
        request = GetRedemptionRequest(tenant_id=shop.id, redemption_id=grant)
        while (
            await shop.admin.GetRedemption(request)
        ).redemption.grant_state != Redemption.GrantState.delivered:
            pass
    assert message.subject == f"coupons.out.{shop.id}"
    assert message.headers["Nats-Msg-Id"] == grant
    assert message.headers["Content-Type"].startswith("application/cloudevents+json")
    event = json.loads(message.data)
    assert event.pop("time").endswith("Z")
    data = event.pop("data")
    assert data["grant"]["id"] == grant
    assert event == {
        "specversion": "1.0",
        "id": grant,
        "source": f"/tenants/{shop.id}",
        "type": "coupon.redeemed",
        "subject": "user-0",
        "datacontenttype": "application/json",
    }


async def test_several_publishers_keep_the_order_and_publish_once(
    database_url: str, broker: NatsServer
) -> None:
    await new_stream(broker)
    async with AsyncExitStack() as servers:
        first, *_ = [
            await servers.enter_async_context(serving(settings(database_url, broker)))
            for _ in range(3)
        ]
        shops = [await Shop.open(await first.new_tenant()) for _ in range(3)]
        for shop in shops:
            await shop.define(limit=usage_limit("unlimited"), custom_code="ALL")
        ids = await asyncio.gather(*(redeem(shop, 120) for shop in shops))
        found = await published(broker, 360)
    assert len(found) == 360
    for shop, own in zip(shops, ids, strict=True):
        subject = f"coupons.out.{shop.id}"
        assert [one.headers["Nats-Msg-Id"] for one in found if one.subject == subject] == own


async def test_nothing_is_lost_while_the_broker_is_away(
    database_url: str, broker: NatsServer, clock: MovableClock
) -> None:
    await new_stream(broker)
    async with serving(settings(database_url, broker), clock) as served:
        shop = await Shop.open(await served.new_tenant())
        await shop.define(limit=usage_limit("unlimited"), custom_code="ALL")
        ids = await redeem(shop, 20)
        await published(broker, 20)
        broker.stop()
        ids += await redeem(shop, 20)
        await asyncio.sleep(1)
        await broker.start()
        found: list[Any] = []
        async with asyncio.timeout(60):
            while len(found) < 40:
                clock.advance(timedelta(seconds=6))
                client = await broker.connect(user="coupons", password="sesame")
                found = await messages(client)
                await client.close()
                await asyncio.sleep(0.2)
    assert [one.headers["Nats-Msg-Id"] for one in found] == ids


async def test_what_was_not_confirmed_does_not_come_later_by_itself(broker: NatsServer) -> None:
    """By the time the connection is back, another process may have published what follows."""
    await new_stream(broker)
    url = broker.url.replace("nats://", "nats://coupons:sesame@")
    publisher = NatsBroker([url])
    ids = [new_id() for _ in range(3)]
    await publisher.publish(ids[0], ids[0], b"{}")
    broker.stop()
    client = publisher._client
    assert client is not None
    await until(lambda: client.is_reconnecting)
    with pytest.raises(BrokerUnavailable):
        await publisher.publish(ids[1], ids[1], b"{}")
    await broker.start()
    await until(lambda: client.is_connected)
    await publisher.publish(ids[2], ids[2], b"{}")
    found = await published(broker, 2)
    await publisher.close()
    assert [one.headers["Nats-Msg-Id"] for one in found] == [str(ids[0]), str(ids[2])]


async def test_a_publisher_has_credentials_of_its_own(tmp_path: Path) -> None:
    operator = Operator()
    maker = operator.user(tmp_path / "maker.creds")
    credentials = operator.user(
        tmp_path / "publisher.creds", publish=["coupons.out.*"], subscribe=["_INBOX.>"]
    )
    options = operator.configure(tmp_path / "config")
    event_id = new_id()
    async with nats_server(tmp_path / "nats", *options) as server:
        client = await server.connect(user_credentials=str(maker))
        await add_stream(client, "coupons.out.*")
        stranger = NatsBroker([server.url])
        with pytest.raises(BrokerUnavailable):
            await stranger.publish(event_id, event_id, b"{}")
        await stranger.close()
        publisher = NatsBroker([server.url], credentials_file=credentials)
        await publisher.publish(event_id, event_id, b"{}")
        await publisher.close()
        [message] = await messages(client)
        assert (message.headers or {})["Nats-Msg-Id"] == str(event_id)
        await client.close()


async def test_a_broker_that_falls_silent_is_connected_to_anew(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    """No packet tells that a connection leads nowhere any more."""
    connections = 0

    async def fall_silent(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        nonlocal connections
        connections += 1
        writer.write(b'INFO {"max_payload": 1000, "headers": true}\r\n')
        await reader.readuntil(b"PING\r\n")
        writer.write(b"PONG\r\n")
        await reader.read()
        writer.close()

    monkeypatch.setattr(nats_client, "PING_SECONDS", 0.05)
    async with await asyncio.start_server(fall_silent, "127.0.0.1", 0) as server:
        port = server.sockets[0].getsockname()[1]
        publisher = NatsBroker([f"nats://127.0.0.1:{port}"])
        with pytest.raises(BrokerUnavailable):
            await publisher.publish(new_id(), new_id(), b"{}")
        await until(lambda: connections > 1)
        await publisher.close()


async def test_without_a_stream_events_wait(
    database_url: str, broker: NatsServer, clock: MovableClock, capfd: Any
) -> None:
    async with serving(settings(database_url, broker), clock) as served:
        shop = await Shop.open(await served.new_tenant())
        await shop.define(limit=usage_limit("unlimited"), custom_code="ALL")
        ids = await redeem(shop, 3)
        await asyncio.sleep(0.5)
        await new_stream(broker)
        clock.advance(timedelta(seconds=6))
        found = await published(broker, 3)
    assert [one.headers["Nats-Msg-Id"] for one in found] == ids
    assert "sesame" not in "".join(capfd.readouterr())
