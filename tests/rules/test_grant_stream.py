"""The stream of a tenant's events: complete, in order, resumable, acknowledged."""

import asyncio
from collections.abc import AsyncIterator
from contextlib import AsyncExitStack
from datetime import timedelta
from typing import Any, cast

import asyncpg
import grpc.aio
import pytest

from coupon_server.database.driver import DriverConnection
from coupon_server.delivery.domain.outbox import EventType
from coupon_server.delivery.storage import outbox_events
from coupon_server.rpc import grant_cursors
from phoenix_coupons import AsyncCouponsClient, CouponsError, RetryPolicy, TenantToken
from phoenix_coupons._channel import AsyncChannel, Preparation
from phoenix_coupons._client import _OPTIONS
from phoenix_coupons.v1 import (
    AcknowledgeGrantsRequest,
    CreateRewardItemRequest,
    GetGrantCursorRequest,
    GetRedemptionRequest,
    GrantDeliveryStub,
    GrantEvent,
    PollGrantsRequest,
    PollGrantsResponse,
    Redemption,
    RotateTenantSecretRequest,
    WatchGrantsRequest,
    WatchGrantsResponse,
)
from support.app import TESTS
from support.builders import Shop, reason, refused, usage_limit
from support.clock import MovableClock
from support.serving import Served, serving, settings_for


@pytest.fixture
async def server(database_url: str, clock: MovableClock) -> AsyncIterator[Served]:
    """A server that numbers what happens."""
    async with serving(settings_for(database_url, background=True), clock) as served:
        yield served


def watch(shop: Shop, cursor: str = "", *types: str, heartbeat: int = 0) -> Any:
    request = WatchGrantsRequest(tenant_id=shop.id, cursor=cursor, event_types=types)
    if heartbeat:
        request.heartbeat.FromSeconds(heartbeat)
    return shop.grants.WatchGrants(request)


async def read(shop: Shop, count: int, cursor: str = "", *types: str) -> list[WatchGrantsResponse]:
    """The next responses that bring events."""
    events = []
    call = watch(shop, cursor, *types)
    async for response in call:
        if response.HasField("event"):
            events.append(response)
        if len(events) == count:
            break
    call.cancel()
    return events


async def acknowledge(shop: Shop, cursor: str, **fields: Any) -> str:
    request = AcknowledgeGrantsRequest(tenant_id=shop.id, cursor=cursor, **fields)
    return (await shop.grants.AcknowledgeGrants(request)).acknowledged_cursor


async def cursors(shop: Shop) -> tuple[str, str]:
    answer = await shop.grants.GetGrantCursor(GetGrantCursorRequest(tenant_id=shop.id))
    return answer.acknowledged_cursor, answer.latest_cursor


async def grant_state(shop: Shop, redemption_id: str) -> str:
    request = GetRedemptionRequest(tenant_id=shop.id, redemption_id=redemption_id)
    found = (await shop.admin.GetRedemption(request)).redemption
    return Redemption.GrantState.Name(found.grant_state)


async def redeem(shop: Shop, *users: str) -> list[str]:
    """A redemption for each; returns their ids."""
    if not await shop.coupons(user_id=users[0]):
        await shop.define(limit=usage_limit("unlimited"), custom_code="ALL")
    return [(await shop.redeem("ALL", user)).redemption.id for user in users]


async def test_the_stream_begins_with_a_sign_of_life(shop: Shop) -> None:
    call = watch(shop)
    first = await call.read()
    assert first.HasField("heartbeat")
    _, latest = await cursors(shop)
    assert first.cursor == latest
    call.cancel()


async def test_events_come_in_order_and_go_on(shop: Shop) -> None:
    ids = await redeem(shop, "alice", "bob", "alice")
    call = watch(shop)
    seen: list[GrantEvent] = []
    async for response in call:
        if response.HasField("event"):
            seen.append(response.event)
        if len(seen) == 3:
            break
    assert [one.id for one in seen] == ids
    grant = seen[0].grant
    assert (grant.id, grant.user_id, grant.code) == (ids[0], "alice", "ALL")
    assert grant.reward_item == shop.item
    ids += await redeem(shop, "alice")
    assert (await call.read()).event.id == ids[3]
    reversal = (await shop.reverse(ids[3])).reversal
    response = await call.read()
    assert response.event.reversal.reverses_grant_id == ids[3]
    assert response.event.id == reversal.id
    call.cancel()


async def test_a_reader_goes_on_from_its_cursor(shop: Shop) -> None:
    ids = await redeem(shop, "alice", "bob", "carol", "dave")
    first, second = await read(shop, 2)
    assert [one.event.id for one in (first, second)] == ids[:2]
    rest = await read(shop, 2, second.cursor)
    assert [one.event.id for one in rest] == ids[2:]
    again = await read(shop, 3, first.cursor)
    assert [one.event.id for one in again] == ids[1:]


async def test_a_reader_is_sent_the_types_it_wants(shop: Shop) -> None:
    definition = await shop.define()
    for number in range(3):
        code = await shop.code_for(definition, f"user-{number}")
        await shop.redeem(code, f"user-{number}")
    events = await read(shop, 3, "", "coupon.redeemed")
    assert {one.event.type for one in events} == {"coupon.redeemed"}
    issued = await read(shop, 3, "", "coupon.issued")
    assert [one.event.issuance.user_id for one in issued] == ["user-0", "user-1", "user-2"]


async def test_what_is_numbered_in_the_middle_of_a_page_is_not_passed_over(
    shop: Shop, server: Served
) -> None:
    """A page of some types is read by two statements, and the stream grows between them."""
    ids = await redeem(shop, "alice")
    await read(shop, 1)
    wanted = [EventType.COUPON_REDEEMED]

    class Interrupted:
        """A connection on which a redemption comes after the first statement."""

        def __init__(self, connection: Any) -> None:
            self._connection = connection
            self._is_first = True

        async def fetch(self, *args: Any) -> Any:
            return await self._then_redeem(await self._connection.fetch(*args))

        async def fetchval(self, *args: Any) -> Any:
            return await self._then_redeem(await self._connection.fetchval(*args))

        async def _then_redeem(self, found: Any) -> Any:
            if self._is_first:
                self._is_first = False
                ids.append((await shop.redeem("ALL", "bob")).redemption.id)
                await read(shop, 2)
            return found

    async with server.app.database.driver_connection(TESTS) as connection:
        fetch = outbox_events.fetch_page
        interrupted = cast("DriverConnection", Interrupted(connection))
        first = await fetch(interrupted, shop.tenant.uuid, 0, wanted, 100)
        second = await fetch(connection, shop.tenant.uuid, first.scanned, wanted, 100)
    assert [str(one.id) for one in (*first.events, *second.events)] == ids


async def test_a_heartbeat_takes_the_cursor_past_what_was_not_wanted(shop: Shop) -> None:
    await redeem(shop, "alice")
    await read(shop, 1)
    call = watch(shop, "", "coupon.revoked", heartbeat=1)
    await call.read()
    second = await call.read()
    assert second.HasField("heartbeat")
    assert second.cursor == (await cursors(shop))[1]
    call.cancel()


async def test_a_reader_of_what_was_trimmed_goes_on_at_the_end(
    shop: Shop, database_url: str
) -> None:
    ids = await redeem(shop, "alice", "bob")
    await read(shop, 2)
    connection = await asyncpg.connect(database_url)
    await connection.execute("DELETE FROM outbox")
    await connection.close()
    call = watch(shop, heartbeat=1)
    await call.read()
    second = await call.read()
    assert second.HasField("heartbeat")
    assert second.cursor == (await cursors(shop))[1]
    ids += await redeem(shop, "alice")
    assert (await call.read()).event.id == ids[2]
    call.cancel()


async def test_the_cursor_moves_forward_only(shop: Shop) -> None:
    ids = await redeem(shop, "alice", "bob", "carol")
    first, second, third = [one.cursor for one in await read(shop, 3)]
    assert await cursors(shop) == ("", third)
    assert await acknowledge(shop, second) == second
    assert await acknowledge(shop, first) == second
    assert await acknowledge(shop, second) == second
    assert [await grant_state(shop, one) for one in ids] == [
        "acknowledged",
        "acknowledged",
        "pending",
    ]
    # Whoever names no cursor goes on from there.
    assert [one.event.id for one in await read(shop, 1)] == ids[2:]
    await acknowledge(shop, third)
    assert await cursors(shop) == (third, third)


async def test_a_cursor_of_elsewhere_is_refused(shop: Shop, server: Served) -> None:
    await redeem(shop, "alice", "bob")
    await read(shop, 2)
    _, latest = await cursors(shop)
    other = await Shop.open(await server.new_tenant())
    beyond = grant_cursors.encode(shop.tenant.uuid, 3)
    for tenant, cursor in ((other, latest), (shop, beyond), (shop, "A"), (shop, latest + "A")):
        assert await reason(watch(tenant, cursor).read()) == "INVALID_FIELD"
        error = await refused(acknowledge(tenant, cursor))
        assert error.reason == "INVALID_FIELD"
        assert error.field_violations[0].field == "cursor"


async def test_the_stream_is_its_tenants_alone(shop: Shop, server: Served) -> None:
    other = await Shop.open(await server.new_tenant())
    await redeem(other, "alice")
    mine = await redeem(shop, "alice")
    assert [one.event.id for one in await read(shop, 1)] == mine
    assert len(await read(other, 1)) == 1


async def test_an_ended_credential_ends_the_stream(shop: Shop) -> None:
    call = watch(shop)
    await call.read()
    rotation = RotateTenantSecretRequest(tenant_id=shop.id)
    rotation.overlap.FromSeconds(0)
    await shop.tenants.RotateTenantSecret(rotation)
    async with asyncio.timeout(5):
        with pytest.raises(CouponsError) as caught:
            async for _ in call:
                pass
    assert caught.value.reason == "CREDENTIAL_INVALID"


async def test_what_commits_late_is_not_skipped(shop: Shop, database_url: str) -> None:
    """A row that was written before others and is committed after them comes after them."""
    await redeem(shop, "alice")
    await read(shop, 1)
    connection = await asyncpg.connect(database_url)
    late = connection.transaction()
    await late.start()
    late_id = await connection.fetchval(
        """
        INSERT INTO outbox (tenant_id, id, event_type, user_id, subject_id, occurred_at)
        SELECT tenant_id, gen_random_uuid(), event_type, user_id, subject_id, occurred_at
        FROM outbox WHERE tenant_id = $1 LIMIT 1 RETURNING id
        """,
        shop.tenant.uuid,
    )
    meanwhile = await redeem(shop, "alice", "bob")
    events = await read(shop, 3)
    assert [one.event.id for one in events][1:] == meanwhile
    await late.commit()
    await connection.close()
    [after] = await read(shop, 1, events[-1].cursor)
    assert after.event.id == str(late_id)


async def test_an_event_that_cannot_be_read_keeps_none_before_it_back(
    shop: Shop, database_url: str
) -> None:
    """A newer release wrote it; a server of that release goes on from there."""
    [known] = await redeem(shop, "alice")
    connection = await asyncpg.connect(database_url)
    await connection.execute(
        """
        INSERT INTO outbox (tenant_id, id, event_type, user_id, subject_id, occurred_at)
        VALUES ($1, gen_random_uuid(), 'coupon.polished', 'alice', gen_random_uuid(), now())
        """,
        shop.tenant.uuid,
    )
    end = grant_cursors.encode(shop.tenant.uuid, 2)
    async with asyncio.timeout(10):
        while (await cursors(shop))[1] != end:
            pass
    await connection.close()
    call = watch(shop)
    assert (await call.read()).HasField("heartbeat")
    assert (await call.read()).event.id == known
    assert await reason(call.read()) == "INTERNAL_FAULT"


async def test_many_readers_of_many_tenants_cost_one_query(
    server: Served, database_url: str
) -> None:
    shops = [await Shop.open(await server.new_tenant()) for _ in range(5)]
    calls = [watch(shop) for shop in shops for _ in range(3)]
    for call in calls:
        await call.read()
    assert server.app.feed._polling is not None
    assert len(server.app.feed._watched) == 5
    await redeem(shops[2], "alice")
    async with asyncio.timeout(10):
        for call in calls[6:9]:
            assert (await call.read()).HasField("event")
    for call in calls:
        call.cancel()
    async with asyncio.timeout(10):
        while server.app.feed._polling is not None:  # noqa: ASYNC110 — nothing tells
            await asyncio.sleep(0.01)


async def test_a_slow_reader_costs_no_memory(shop: Shop, server: Served) -> None:
    """The server reads on only as far as the reader takes."""
    large = CreateRewardItemRequest(tenant_id=shop.id, name="Large", reward_type="x")
    large.payload["text"] = "x" * 16_000
    item = (await shop.admin.CreateRewardItem(large)).reward_item
    await shop.define(
        limit=usage_limit("unlimited"), custom_code="ALL", reward_item_id=item.item_id
    )
    await asyncio.gather(*(shop.redeem("ALL", f"user-{number}") for number in range(1000)))
    await read(shop, 1000)
    reads = 0
    fetch = server.app.grants.read

    async def counted(*args: Any) -> Any:
        nonlocal reads
        reads += 1
        return await fetch(*args)

    # The handler's own service, in this process.
    object.__setattr__(server.app.grants, "read", counted)
    # Of a reader whose connection takes no more than it must.
    options = [("grpc.http2.bdp_probe", 0), ("grpc.http2.lookahead_bytes", 65_536), *_OPTIONS]
    local = ("grpc.use_local_subchannel_pool", 1)
    async with grpc.aio.insecure_channel(server.address, [*options, local]) as channel:
        token = TenantToken(shop.id, shop.tenant.credentials.tenant_secret)
        prepared = cast("grpc.aio.Channel", AsyncChannel(channel, Preparation(token, 60)))
        call = GrantDeliveryStub(prepared).WatchGrants(WatchGrantsRequest(tenant_id=shop.id))
        await call.read()
        await asyncio.sleep(1)
        # The stream has 10 pages, of 1.6 MB.
        assert reads <= 2
        events = 0
        async with asyncio.timeout(30):
            async for response in call:
                events += response.HasField("event")
                if events == 1000:
                    break
        call.cancel()


async def test_an_event_says_the_same_later(shop: Shop, clock: MovableClock) -> None:
    definition = await shop.define()
    [coupon] = (await shop.generate(definition, "alice")).coupons
    redeemed = await shop.redeem(coupon.code, "alice")
    before = await read(shop, 2)
    clock.advance(timedelta(days=1))
    await shop.revoke(coupon.id)
    await shop.reverse(redeemed.redemption.id)
    await shop.archive(definition)
    assert await read(shop, 2) == before


async def poll(shop: Shop, after: str = "", *types: str, wait: int = 0, most: int = 0) -> Any:
    request = PollGrantsRequest(tenant_id=shop.id, after=after, event_types=types, max_events=most)
    request.wait.FromSeconds(wait)
    return await shop.grants.PollGrants(request, timeout=60)


async def test_a_poll_brings_what_there_is_page_by_page(shop: Shop) -> None:
    ids = await redeem(shop, "alice", "bob", "carol")
    events = await read(shop, 3)
    first = await poll(shop, wait=30, most=2)
    assert list(first.events) == [one.event for one in events[:2]]
    assert first.cursor == events[1].cursor
    second = await poll(shop, first.cursor, wait=30)
    assert [one.id for one in second.events] == ids[2:]
    # To look costs nothing where there is nothing.
    assert await poll(shop, second.cursor) == PollGrantsResponse(cursor=second.cursor)
    # Without a cursor it goes on where the tenant's own is.
    await acknowledge(shop, first.cursor)
    assert [one.id for one in (await poll(shop)).events] == ids[2:]


async def test_a_poll_is_answered_as_soon_as_something_happens(shop: Shop) -> None:
    await redeem(shop, "alice")
    [seen] = await read(shop, 1)
    waiting = asyncio.create_task(poll(shop, seen.cursor, "coupon.redeemed", wait=30))
    async with asyncio.timeout(20):
        await until_watched(shop)
        # What was not asked for ends no poll.
        await shop.generate(await shop.define(), "carol")
        redemption = (await shop.redeem("ALL", "bob")).redemption
        assert [one.id for one in (await waiting).events] == [redemption.id]


async def test_a_poll_that_waits_holds_no_connection(shop: Shop, server: Served) -> None:
    _, latest = await cursors(shop)
    polls = [asyncio.create_task(poll(shop, latest, wait=30)) for _ in range(50)]
    async with asyncio.timeout(20):
        await until_watched(shop, 50)
        await redeem(shop, "alice")
        answers = await asyncio.gather(*polls)
    assert all(len(one.events) == 1 for one in answers)


async def test_a_poll_ends_before_its_deadline(shop: Shop) -> None:
    _, latest = await cursors(shop)
    request = PollGrantsRequest(tenant_id=shop.id, after=latest)
    request.wait.FromSeconds(30)
    answer = await shop.grants.PollGrants(request, timeout=3)
    assert answer == PollGrantsResponse(cursor=latest)


async def test_a_poll_counts_as_a_stream(database_url: str, clock: MovableClock) -> None:
    settings = settings_for(database_url, background=True, max_streams=1)
    async with serving(settings, clock) as server:
        shop = await Shop.open(await server.new_tenant())
        waiting = asyncio.create_task(poll(shop, wait=30))
        await until_watched(shop)
        assert await reason(poll(shop)) == "TOO_MANY_STREAMS"
        await redeem(shop, "alice")
        assert len((await waiting).events) == 1


async def test_an_ended_credential_ends_a_poll(shop: Shop) -> None:
    waiting = asyncio.create_task(poll(shop, wait=30))
    await until_watched(shop)
    rotation = RotateTenantSecretRequest(tenant_id=shop.id)
    rotation.overlap.FromSeconds(0)
    await shop.tenants.RotateTenantSecret(rotation)
    async with asyncio.timeout(10):
        assert await reason(waiting) == "CREDENTIAL_INVALID"


async def test_a_poll_that_waits_goes_on_at_another_server(
    database_url: str, clock: MovableClock
) -> None:
    """Its own one stops, and answers it at once, so that the client asks the next."""
    settings = settings_for(database_url, background=True)
    async with serving(settings, clock) as other, AsyncExitStack() as until_stopped:
        own = await until_stopped.enter_async_context(serving(settings_for(database_url), clock))
        both = Served(other.app, f"ipv4:{own.address},{other.address}", other.clients)
        shop = await Shop.open(await both.new_tenant())
        _, latest = await cursors(shop)
        token = TenantToken(shop.id, shop.tenant.credentials.tenant_secret)
        once = await other.clients.enter_async_context(
            AsyncCouponsClient(own.address, token, retries=RetryPolicy(attempts=1))
        )
        request = PollGrantsRequest(tenant_id=shop.id, after=latest)
        request.wait.FromSeconds(30)
        unretried = asyncio.create_task(refused(once.grants.PollGrants(request, timeout=60)))
        retried = asyncio.create_task(poll(shop, latest, "coupon.redeemed", wait=30))
        async with asyncio.timeout(20):
            await until_watched(shop, 2, own)
            await until_stopped.aclose()
            error = await unretried
            assert (error.reason, error.retry_delay) == ("SERVICE_UNAVAILABLE", 1)
            assert "go on with another one" in error.message
            await until_watched(shop, 1, other)
            redeemed = await redeem(shop, "bob")
            assert [one.id for one in (await retried).events] == redeemed


async def test_a_poll_after_a_cursor_of_elsewhere_is_refused(shop: Shop) -> None:
    beyond = grant_cursors.encode(shop.tenant.uuid, 3)
    for cursor in ("A", beyond):
        error = await refused(poll(shop, cursor))
        assert error.reason == "INVALID_FIELD"
        assert error.field_violations[0].field == "after"


async def until_watched(shop: Shop, readers: int = 1, server: Served | None = None) -> None:
    """Once so many wait for the tenant's stream, at the shop's server unless another is given."""
    watched = (server or shop.tenant.server).app.feed._watched

    def count() -> int:
        return watched[shop.tenant.uuid].readers if shop.tenant.uuid in watched else 0

    while count() < readers:  # noqa: ASYNC110 — nothing tells
        await asyncio.sleep(0.01)
