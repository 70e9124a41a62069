"""What a tenant's calls may take: how many a second, how many at once; and what is told of it."""

import asyncio
from collections import Counter
from collections.abc import Awaitable, Callable
from time import monotonic
from typing import Any

import pytest

from coupon_server.auth.principals import CredentialKind
from coupon_server.database.failures import Contended
from coupon_server.domain.limits import NAMES, Limits
from coupon_server.services.admission import Admission
from phoenix_coupons.v1 import (
    ExportCouponsRequest,
    GetTenantUsageRequest,
    ListApiKeysRequest,
    ListRewardItemsRequest,
    StreamEventsRequest,
    TenantLimit,
    WatchGrantsRequest,
)
from support.app import TESTS
from support.builders import Shop, outcome, refused, usage_limit
from support.clock import MovableClock
from support.contract import headers, wire
from support.events import achievement
from support.processes import eventually
from support.serving import Served, serving, settings_for


class Stopwatch:
    """A monotonic clock that the test moves."""

    def __init__(self) -> None:
        self.now = monotonic() + 60

    def __call__(self) -> float:
        return self.now


def still(server: Served) -> Stopwatch:
    """Let no time pass for the server's rates."""
    server.app.admission.monotonic = stopwatch = Stopwatch()
    return stopwatch


@pytest.fixture(autouse=True)
def flushed_by_hand(monkeypatch: pytest.MonkeyPatch) -> None:
    """Nothing is written down by itself."""
    monkeypatch.setattr("coupon_server.assemblies.serving.SHARE_SECONDS", 3600)


@pytest.fixture
def stopwatch(server: Served) -> Stopwatch:
    return still(server)


async def usage(shop: Shop) -> dict[str, TenantLimit]:
    request = GetTenantUsageRequest(tenant_id=shop.id)
    answer = await shop.tenants.GetTenantUsage(request)
    return {TenantLimit.Name.Name(one.name): one for one in answer.limits}


Calls = Callable[[Shop], Awaitable[object]]

CALLS: dict[str, Calls] = {
    "redeem": lambda shop: shop.validate("X", "ada"),
    "lists": lambda shop: shop.admin.ListRewardItems(ListRewardItemsRequest(tenant_id=shop.id)),
    "admin": lambda shop: shop.reward_item(),
    "events": lambda shop: shop.send(achievement("e1", "ada")),
}


@pytest.mark.parametrize("call_class", CALLS)
async def test_a_class_has_a_rate_of_its_own(
    server: Served, shop: Shop, stopwatch: Stopwatch, call_class: str
) -> None:
    other = await Shop.open(await server.new_tenant())
    limit = f"{call_class}_per_second"
    await server.limit(shop.tenant.uuid, **{limit: 3})
    stopwatch.now += 10
    call = CALLS[call_class]
    reasons = [await outcome(call(shop)) for _ in range(5)]
    assert reasons == ["", "", "", "RATE_LIMITED", "RATE_LIMITED"]
    error = await refused(call(shop))
    assert error.code.name == "RESOURCE_EXHAUSTED"
    assert (error.metadata, error.retry_delay) == ({"limit": limit}, 1)
    # Neither other classes nor other tenants feel it.
    for name, one in CALLS.items():
        assert await outcome(one(other)) == ""
        if name != call_class:
            assert await outcome(one(shop)) == ""
    stopwatch.now += 1 / 3
    assert [await outcome(call(shop)) for _ in range(2)] == ["", "RATE_LIMITED"]


async def test_a_call_is_in_flight_until_it_is_over(server: Served, shop: Shop) -> None:
    await server.limit(shop.tenant.uuid, redeem_in_flight=4)
    definition = await shop.define(custom_code="GIFT", limit=usage_limit("unlimited"))
    code = definition.config.custom_code
    counter = server.app.admission.account(shop.id).in_flight[0]
    async with held_coalescer(server):
        waiting = [asyncio.ensure_future(shop.validate(code, "ada")) for _ in range(4)]
        await eventually(lambda: counter.used == 4)
        error = await refused(shop.validate(code, "ada"))
        assert (error.reason, error.metadata) == ("RATE_LIMITED", {"limit": "redeem_in_flight"})
        assert (await usage(shop))["redeem_in_flight"].used == 4
        # One whose caller gives up is over.
        waiting.pop().cancel()
        await eventually(lambda: counter.used == 3)
        waiting.append(asyncio.ensure_future(shop.validate(code, "ada")))
        await eventually(lambda: counter.used == 4)
    assert all(answer.valid for answer in await asyncio.gather(*waiting))
    assert (await usage(shop))["redeem_in_flight"].used == 0


class held_coalescer:  # noqa: N801 - used as a block
    """Validations wait for as long as the block lasts."""

    def __init__(self, server: Served) -> None:
        self._coalescer: Any = server.app.redemptions._validations
        self._go_on = asyncio.Event()

    async def __aenter__(self) -> None:
        run = self._run = self._coalescer._run

        async def held(items: Any) -> Any:
            await self._go_on.wait()
            return await run(items)

        self._coalescer._run = held

    async def __aexit__(self, *_: object) -> None:
        self._go_on.set()
        self._coalescer._run = self._run


async def test_0_in_flight_shuts_a_class(server: Served, shop: Shop) -> None:
    await server.limit(shop.tenant.uuid, admin_in_flight=0)
    assert await outcome(shop.reward_item()) == "RATE_LIMITED"
    await server.limit(shop.tenant.uuid, admin_in_flight=1)
    assert await outcome(shop.reward_item()) == ""


async def test_a_stream_takes_one_place_and_its_messages_keep_to_the_rate(
    server: Served, shop: Shop, stopwatch: Stopwatch
) -> None:
    await server.limit(shop.tenant.uuid, events_per_second=4, streams_in_flight=1)
    stopwatch.now += 10
    stream: Any = shop.events.StreamEvents()
    for number in range(8):
        event = achievement(f"e{number}", "ada")
        await stream.write(StreamEventsRequest(tenant_id=shop.id, event=event))
    # The call counts as one, and three of its messages fit in.
    for number in range(3):
        assert (await stream.read()).result.event_id == f"e{number}"
    assert (await usage(shop))["streams_in_flight"].used == 1
    watching = aiter(shop.grants.WatchGrants(WatchGrantsRequest(tenant_id=shop.id)))
    assert (await refused(anext(watching))).reason == "TOO_MANY_STREAMS"
    # The others are not refused, but wait.
    stopwatch.now += 10
    for number in range(3, 7):
        assert (await stream.read()).result.event_id == f"e{number}"
    stopwatch.now += 10
    assert (await stream.read()).result.event_id == "e7"
    await stream.done_writing()


async def test_answers_that_nobody_takes_are_bounded(server: Served, shop: Shop) -> None:
    await server.limit(shop.tenant.uuid, answers_kib=1)
    account = server.app.admission.account(shop.id)
    listing = ListApiKeysRequest(tenant_id=shop.id)
    # As if another call's answer were not taken yet.
    account.hold_answer(1024)
    error = await refused(shop.tenants.ListApiKeys(listing))
    assert (error.reason, error.metadata) == ("RATE_LIMITED", {"limit": "answers_kib"})
    exported = aiter(shop.jobs.ExportCoupons(ExportCouponsRequest(tenant_id=shop.id)))
    assert (await refused(anext(exported))).reason == "RATE_LIMITED"
    account.release_answer(1)
    # There is room, but not for so long an answer.
    assert await outcome(shop.tenants.ListApiKeys(listing)) == "RATE_LIMITED"
    # What a mutation has done is answered.
    assert await outcome(shop.reward_item()) == ""
    account.release_answer(1023)
    assert await outcome(shop.tenants.ListApiKeys(listing)) == ""
    await eventually(lambda: not account.answers_bytes)


# --- several workers


async def test_workers_share_a_rate(database_url: str, clock: MovableClock) -> None:
    settings = settings_for(database_url)
    async with serving(settings, clock) as one, serving(settings, clock) as other:
        shop = await Shop.open(await one.new_tenant())
        servers, stopwatches = (one, other), (still(one), still(other))
        clients = [await Shop.open(await _seen_by(server, shop)) for server in servers]
        await shop.define(custom_code="X")
        await one.limit(shop.tenant.uuid, redeem_per_second=100)
        await other.app.admission.poll()
        admitted: list[list[int]] = []

        async def second(*calls: int) -> None:
            async with one.app.database.driver_connection(TESTS) as connection:
                await connection.execute(
                    "UPDATE tenant_rates SET counted_at = counted_at - interval '1 second'"
                )
            for server, stopwatch in zip(servers, stopwatches, strict=True):
                stopwatch.now += 1
                await flushed(server.app.admission)
            counts = []
            for client, count in zip(clients, calls, strict=True):
                validations = (client.validate("X", "ada") for _ in range(count))
                reasons = Counter(await asyncio.gather(*map(outcome, validations)))
                assert reasons.keys() <= {"", "RATE_LIMITED"}
                counts.append(reasons[""])
            admitted.append(counts)

        # A lone connection has the whole limit.
        await second(150, 0)
        await second(150, 0)
        assert admitted == [[100, 0], [100, 0]]
        # Two that are busy share it, from the second after on.
        await second(150, 150)
        for _ in range(3):
            await second(150, 150)
        assert admitted[2] == [100, 100]
        assert all(45 <= count <= 55 for counts in admitted[-2:] for count in counts)
        used = (await usage(clients[0]))["redeem_per_second"].used
        assert 90 <= used <= 110
        # What one does not need is the other's.
        for _ in range(8):
            await second(150, 10)
        assert admitted[-1][1] == 10
        assert admitted[-1][0] >= 85
        for _ in range(4):
            await second(150, 0)
        assert admitted[-1] == [100, 0]


async def _seen_by(server: Served, shop: Shop) -> Any:
    return type(shop.tenant)(server, shop.tenant.credentials)


async def flushed(admission: Admission) -> None:
    """Write down and read; another worker may have a row for some milliseconds."""
    while True:
        try:
            return await admission.flush()
        except Contended:
            continue


# --- changes and what is told


async def test_a_change_is_seen_by_every_worker(database_url: str, clock: MovableClock) -> None:
    settings = settings_for(database_url, tenant_api_keys=7)
    async with serving(settings, clock) as one, serving(settings, clock) as other:
        shop = await Shop.open(await one.new_tenant())
        client = await Shop.open(await _seen_by(other, shop))
        limits = other.app.core.limits
        assert (await usage(client))["api_keys"].limit == 7
        async with one.app.database.transaction() as transaction:
            await one.app.operator.limits.change(transaction, shop.tenant.uuid, {"api_keys": 9})
        await eventually(lambda: limits.of(shop.tenant.uuid).api_keys == 9)
        assert (await usage(client))["api_keys"].limit == 9
        async with one.app.database.transaction() as transaction:
            await one.app.operator.limits.change(transaction, shop.tenant.uuid, {}, ["api_keys"])
        await eventually(lambda: limits.of(shop.tenant.uuid).api_keys == 7)
        assert (await usage(client))["api_keys"].limit == 7


async def test_usage_shows_each_limit_and_its_use(
    server: Served, shop: Shop, stopwatch: Stopwatch, clock: MovableClock
) -> None:
    definition = await shop.define(custom_code="GIFT", limit=usage_limit("unlimited"))
    random = await shop.define()
    await shop.generate(random, quantity=3)
    for user in ("ada", "bob"):
        await shop.redeem(definition.config.custom_code, user)
    await shop.archive(await shop.define())
    stopwatch.now += 10
    await shop.validate("X", "ada")
    found = await usage(shop)
    defaults = Limits()
    assert list(found) == list(NAMES)
    assert {name: one.limit for name, one in found.items()} == {
        name: getattr(defaults, name) for name in NAMES
    }
    used = {name: one.used for name, one in found.items() if one.used}
    assert used.pop("stored_kib_per_day") == 1
    assert used == {
        "redeem_per_second": 1,
        "lists_per_second": 1,
        "lists_in_flight": 1,
        "definitions": 2,
        "live_coupons": 5,
        "api_keys": 1,
        "redemptions_per_day": 2,
    }
    midnight = found["redemptions_per_day"].resets_at.ToDatetime()
    assert (midnight.hour, midnight.minute) == (0, 0)
    assert 0 < (midnight - clock().replace(tzinfo=None)).total_seconds() <= 86_400
    assert found["redeem_per_second"].HasField("resets_at")
    assert not found["definitions"].HasField("resets_at")


async def test_what_is_refused_is_not_parsed(
    server: Served, shop: Shop, stopwatch: Stopwatch
) -> None:
    await server.limit(shop.tenant.uuid, redeem_per_second=1)
    stopwatch.now += 10
    path, body = "/phoenix_coupons.v1.CouponQuery/ValidateCoupon", b"\xff"
    async with wire(server.address) as bare:
        presented = headers(shop.tenant, CredentialKind.tenant_jwt, path, body)
        outcomes = [await bare.call(path, body, presented) for _ in range(2)]
    assert [one.reason for one in outcomes] == ["MALFORMED_MESSAGE", "RATE_LIMITED"]
