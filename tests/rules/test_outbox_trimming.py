"""What is deleted of the outbox: old events that nobody waits for, and nothing else."""

from collections.abc import AsyncIterator
from datetime import timedelta
from typing import Any

import asyncpg
import pytest

from coupon_server.database.connection_budget import Allotment
from coupon_server.delivery.services import retention
from coupon_server.rpc import grant_cursors
from phoenix_coupons.v1 import AcknowledgeGrantsRequest, GetRedemptionRequest, Redemption
from support.builders import Shop, usage_limit
from support.clock import MovableClock
from support.serving import Served, serving, settings_for
from support.webhooks import attempts, endpoint, receiving, status, until

KEPT = timedelta(days=30)
State = Redemption.GrantState


@pytest.fixture
async def server(database_url: str, clock: MovableClock) -> AsyncIterator[Served]:
    settings = settings_for(database_url, webhook_allow_private=True)
    async with serving(settings, clock) as served:
        yield served


@pytest.fixture
async def shop(server: Served) -> Shop:
    made = await Shop.open(await server.new_tenant())
    await made.define(limit=usage_limit("unlimited"), custom_code="ALL")
    return made


async def redeem(shop: Shop, *users: str) -> list[str]:
    made = [(await shop.redeem("ALL", user)).redemption.id for user in users]
    while await shop.tenant.server.app.background.sequencer.run_once():
        pass
    return made


async def trim(shop: Shop) -> None:
    app = shop.tenant.server.app
    await retention.trim(app.database, app.clock, KEPT)


async def kept(database_url: str) -> list[str]:
    connection = await asyncpg.connect(database_url)
    rows = await connection.fetch("SELECT id::text FROM outbox ORDER BY sequence NULLS LAST")
    await connection.close()
    return [row["id"] for row in rows]


async def execute(database_url: str, statement: str, *args: Any) -> None:
    connection = await asyncpg.connect(database_url)
    await connection.execute(statement, *args)
    await connection.close()


async def test_what_nobody_waits_for_goes_by_age(
    shop: Shop, clock: MovableClock, database_url: str
) -> None:
    [old] = await redeem(shop, "alice")
    clock.advance(timedelta(days=20))
    [young] = await redeem(shop, "alice")
    await trim(shop)
    assert await kept(database_url) == [old, young]
    clock.advance(timedelta(days=11))
    await trim(shop)
    assert await kept(database_url) == [young]
    request = GetRedemptionRequest(tenant_id=shop.id, redemption_id=old)
    found = (await shop.admin.GetRedemption(request)).redemption
    assert found.grant_state == State.grant_state_unspecified


async def test_what_has_no_sequence_stays(
    shop: Shop, clock: MovableClock, database_url: str
) -> None:
    made = (await shop.redeem("ALL", "alice")).redemption.id
    clock.advance(timedelta(days=60))
    await trim(shop)
    assert await kept(database_url) == [made]


async def test_what_a_reader_has_not_acknowledged_stays(
    shop: Shop, clock: MovableClock, database_url: str
) -> None:
    ids = await redeem(shop, "alice", "bob", "carol")
    cursor = grant_cursors.encode(shop.tenant.uuid, 2)
    await shop.grants.AcknowledgeGrants(AcknowledgeGrantsRequest(tenant_id=shop.id, cursor=cursor))
    clock.advance(timedelta(days=60))
    await trim(shop)
    assert await kept(database_url) == ids[2:]


async def test_a_reader_that_never_comes_back_makes_no_work(
    shop: Shop, clock: MovableClock, server: Served, monkeypatch: pytest.MonkeyPatch
) -> None:
    """However much is kept for it, nothing beyond its cursor is looked at."""
    await redeem(shop, *(f"user-{number}" for number in range(10)))
    cursor = grant_cursors.encode(shop.tenant.uuid, 2)
    await shop.grants.AcknowledgeGrants(AcknowledgeGrantsRequest(tenant_id=shop.id, cursor=cursor))
    clock.advance(timedelta(days=60))
    monkeypatch.setattr(retention, "TRIM_ROWS", 3)
    pages = 0
    begin = server.app.database.driver_transaction

    def counted(allotment: Allotment) -> Any:
        nonlocal pages
        pages += 1
        return begin(allotment)

    monkeypatch.setattr(server.app.database, "driver_transaction", counted)
    await trim(shop)
    assert pages == 1


async def test_what_the_broker_has_not_got_stays(
    shop: Shop, clock: MovableClock, database_url: str
) -> None:
    ids = await redeem(shop, "alice", "bob")
    await execute(database_url, "UPDATE outbox_streams SET published_sequence = 1")
    clock.advance(timedelta(days=60))
    await trim(shop)
    assert await kept(database_url) == ids[1:]


async def test_what_an_endpoint_waits_for_stays(
    shop: Shop, clock: MovableClock, database_url: str
) -> None:
    """Of the user whose lane it is; a dead letter stays too."""
    made = await endpoint(shop, "http://127.0.0.1:1025/", "coupon.redeemed")
    ids = await redeem(shop, "alice", "bob", "alice", "carol")
    endpoint_id = made.endpoint.endpoint_id
    await execute(
        database_url,
        "DELETE FROM webhook_lanes WHERE user_id IN ('bob', 'carol')",
    )
    await execute(
        database_url,
        """
        INSERT INTO webhook_dead_letters (tenant_id, endpoint_id, event_id, sequence, event_type,
            user_id, attempts, error, died_at)
        VALUES ($1, $2, $3, 4, 'coupon.redeemed', 'carol', 11, 'status', now())
        """,
        shop.tenant.uuid,
        endpoint_id,
        ids[3],
    )
    clock.advance(timedelta(days=60))
    await trim(shop)
    assert await kept(database_url) == [ids[0], ids[2], ids[3]]
    # Alice's first event was taken meanwhile.
    await execute(database_url, "UPDATE webhook_lanes SET next_sequence = 3")
    await trim(shop)
    assert await kept(database_url) == [ids[2], ids[3]]


async def test_the_delivery_log_goes_by_age(
    shop: Shop, clock: MovableClock, server: Served
) -> None:
    async with receiving(status(204)) as receiver:
        made = await endpoint(shop, receiver.url, "coupon.redeemed")
        await redeem(shop, "alice")
        assert await server.app.background.webhook_delivery.start_due() == 1
        await until(lambda: receiver.taken)
        await server.app.background.webhook_delivery.finish(10)
    assert len(await attempts(shop, made.endpoint.endpoint_id)) == 1
    await trim(shop)
    assert len(await attempts(shop, made.endpoint.endpoint_id)) == 1
    clock.advance(timedelta(days=31))
    await trim(shop)
    assert await attempts(shop, made.endpoint.endpoint_id) == []


async def test_a_tenants_old_events_are_found_page_by_page(
    shop: Shop, clock: MovableClock, database_url: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(retention, "TRIM_ROWS", 3)
    ids = await redeem(shop, *(f"user-{number}" for number in range(10)))
    clock.advance(timedelta(days=31))
    young = await redeem(shop, "alice")
    await trim(shop)
    assert await kept(database_url) == young
    assert len(ids) == 10
