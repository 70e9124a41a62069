"""What a tenant may store: exactly so much, however many calls store at once, and per day."""

import asyncio
from collections import Counter
from collections.abc import Awaitable, Callable, Sequence
from dataclasses import replace
from datetime import timedelta

import pytest

from coupon_server.domain.limits import KIB, end_of_day
from phoenix_coupons.v1 import (
    CreateApiKeyRequest,
    CreateWebhookEndpointRequest,
    RedeemCouponRequest,
    RevokeApiKeyRequest,
)
from support.builders import Shop, outcome, refused, usage_limit
from support.clock import MovableClock
from support.events import achievement, on_achievement
from support.jobs import Jobs, line
from support.serving import Served, serving, settings_for


@pytest.fixture(autouse=True)
def flushed_by_hand(monkeypatch: pytest.MonkeyPatch) -> None:
    """Nothing is written down by itself."""
    monkeypatch.setattr("coupon_server.assemblies.serving.SHARE_SECONDS", 3600)


async def reasons(calls: Sequence[Awaitable[object]]) -> Counter[str]:
    return Counter(await asyncio.gather(*map(outcome, calls)))


async def api_key(shop: Shop, name: str = "till") -> str:
    made = await shop.tenants.CreateApiKey(CreateApiKeyRequest(tenant_id=shop.id, name=name))
    return made.api_key.key_id


async def endpoint(shop: Shop) -> object:
    request = CreateWebhookEndpointRequest(tenant_id=shop.id, url="https://hooks.invalid/")
    return await shop.tenants.CreateWebhookEndpoint(request)


STORES: dict[str, tuple[Callable[[Shop], Awaitable[object]], str]] = {
    "definitions": (lambda shop: shop.define(), "QUOTA_EXCEEDED"),
    "api_keys": (api_key, "QUOTA_EXCEEDED"),
    "webhook_endpoints": (endpoint, "WEBHOOK_ENDPOINT_LIMIT_REACHED"),
}


# Room comes by what is removed: nobody need ask often.
RETRY_DELAYS = {"QUOTA_EXCEEDED": 3600, "WEBHOOK_ENDPOINT_LIMIT_REACHED": None}


@pytest.mark.parametrize("quota", STORES)
async def test_a_quota_is_kept_to_the_one_by_calls_at_once(
    server: Served, shop: Shop, quota: str
) -> None:
    store, refusal = STORES[quota]
    # A tenant has one key from the beginning.
    await server.limit(shop.tenant.uuid, **{quota: 6 if quota == "api_keys" else 5})
    assert await reasons([store(shop) for _ in range(12)]) == {"": 5, refusal: 7}
    error = await refused(store(shop))
    assert (error.reason, error.retry_delay) == (refusal, RETRY_DELAYS[refusal])


async def test_what_is_archived_or_revoked_does_not_count(server: Served, shop: Shop) -> None:
    await server.limit(shop.tenant.uuid, definitions=1, api_keys=2)
    definition, key = await shop.define(), await api_key(shop)
    error = await refused(shop.define())
    assert error.metadata == {"limit": "definitions"}
    assert "archive a definition" in error.message
    await shop.archive(definition)
    await shop.define()
    assert await outcome(api_key(shop)) == "QUOTA_EXCEEDED"
    await shop.tenants.RevokeApiKey(RevokeApiKeyRequest(tenant_id=shop.id, key_id=key))
    await api_key(shop)


# --- live coupons


async def test_generations_at_once_stay_within_the_quota(server: Served, shop: Shop) -> None:
    await server.limit(shop.tenant.uuid, live_coupons=100)
    definitions = [await shop.define() for _ in range(4)]
    calls = [shop.generate(one, quantity=20) for one in definitions for _ in range(2)]
    assert await reasons(calls) == {"": 5, "QUOTA_EXCEEDED": 3}
    issued = {one.id: (await shop.stats(one)).issued for one in definitions}
    assert sum(issued.values()) == 100
    first, *_, last = sorted(definitions, key=lambda one: issued[one.id])
    await shop.archive(last)
    await shop.generate(first, quantity=20)


async def test_an_event_is_taken_and_issues_nothing_beyond_the_quota(
    server: Served, shop: Shop
) -> None:
    await server.limit(shop.tenant.uuid, live_coupons=3)
    await shop.define(auto_generate=on_achievement())
    results = [await shop.send(achievement(f"e{n}", f"user{n}")) for n in range(5)]
    assert [len(one.issued) for one in results] == [1, 1, 1, 0, 0]
    assert [one.reason for one in results[-1].not_issued] == ["QUOTA_EXCEEDED"]
    # A batch counts what it issues itself.
    other = await Shop.open(await server.new_tenant())
    await server.limit(other.tenant.uuid, live_coupons=3)
    await other.define(auto_generate=on_achievement())
    together = await asyncio.gather(
        *(other.send(achievement(f"e{n}", f"user{n}")) for n in range(8))
    )
    assert sum(len(one.issued) for one in together) == 3


async def test_an_import_beyond_the_quota_stores_nothing(
    server: Served, shop: Shop, jobs: Jobs
) -> None:
    await server.limit(shop.tenant.uuid, live_coupons=3)
    definition = await shop.define()
    error = await refused(jobs.load(definition, [line(n, f"CODE{n}") for n in range(1, 5)]))
    assert (error.reason, error.metadata) == ("QUOTA_EXCEEDED", {"limit": "live_coupons"})
    assert (await shop.stats(definition)).issued == 0


async def test_a_long_generation_fails_at_the_quota_and_keeps_what_it_made(
    server: Served, shop: Shop, jobs: Jobs
) -> None:
    definition = await shop.define(code_length=12)
    await server.limit(shop.tenant.uuid, live_coupons=10)
    assert await outcome(jobs.generate(definition, quantity=11)) == "QUOTA_EXCEEDED"
    job = await jobs.generate(definition, quantity=10)
    await shop.generate(definition, quantity=1)
    await jobs.work_off()
    ended = await jobs.generation(job.id)
    assert ended.error.reason == "QUOTA_EXCEEDED"


async def test_redemptions_of_a_custom_code_make_coupons_within_the_quota(
    server: Served, shop: Shop
) -> None:
    """Which is known as of the last time that they were counted."""
    await server.limit(shop.tenant.uuid, live_coupons=4)
    definition = await shop.define(custom_code="GIFT", limit=usage_limit("unlimited"))
    for user in ("ada", "bob"):
        await shop.redeem("GIFT", user)
    await server.app.admission.flush()
    calls = [shop.redeem("GIFT", f"user{n}") for n in range(5)]
    assert await reasons(calls) == {"": 2, "QUOTA_EXCEEDED": 3}
    # Those who have one may use it again, and published reasons come first.
    assert await outcome(shop.redeem("GIFT", "ada")) == ""
    await shop.pause(definition)
    assert await outcome(shop.redeem("GIFT", "eve")) == "COUPON_UNAVAILABLE"
    await shop.resume(definition)
    assert await outcome(shop.redeem("GIFT", "eve")) == "QUOTA_EXCEEDED"
    # What is refused is counted anew, so that room is found.
    await server.limit(shop.tenant.uuid, live_coupons=5)
    await server.app.admission.flush()
    assert await outcome(shop.redeem("GIFT", "eve")) == ""


# --- a day


async def test_redemptions_of_a_day_have_a_quota(
    server: Served, shop: Shop, clock: MovableClock
) -> None:
    await server.limit(shop.tenant.uuid, redemptions_per_day=3)
    await shop.define(custom_code="GIFT", limit=usage_limit("unlimited"))
    first = await shop.redeem("GIFT", "ada", request_id="first")
    await shop.redeem("GIFT", "ada")
    # What is refused, repeated or reversed changes nothing.
    assert await outcome(shop.redeem("OTHER", "ada")) == "COUPON_NOT_FOUND"
    assert await shop.redeem("GIFT", "ada", request_id="first") == first
    await shop.redeem("GIFT", "ada")
    await server.app.admission.flush()
    error = await refused(shop.redeem("GIFT", "ada"))
    assert (error.reason, error.metadata) == ("QUOTA_EXCEEDED", {"limit": "redemptions_per_day"})
    left = (end_of_day(clock()) - clock()).total_seconds()
    assert error.retry_delay == pytest.approx(left, abs=1.01)
    assert await shop.redeem("GIFT", "ada", request_id="first") == first
    assert await outcome(shop.redeem("OTHER", "ada")) == "COUPON_NOT_FOUND"
    assert (await shop.validate("GIFT", "ada")).valid
    clock.advance(timedelta(seconds=left + 1))
    await server.app.admission.flush()
    assert await outcome(shop.redeem("GIFT", "ada")) == ""


async def test_a_day_is_counted_by_all_workers_together_and_survives_them(
    server: Served, shop: Shop
) -> None:
    await server.limit(shop.tenant.uuid, redemptions_per_day=3)
    await shop.define(custom_code="GIFT", limit=usage_limit("unlimited"))
    admission = server.app.admission
    other = type(admission)(server.app.database, server.app.core.limits, server.app.clock)
    elsewhere = other.account(shop.id)
    elsewhere.count_redemptions(2)
    await other.flush()
    await shop.redeem("GIFT", "ada")
    await admission.flush()
    assert await outcome(shop.redeem("GIFT", "ada")) == "QUOTA_EXCEEDED"
    elsewhere.count_redemptions(1)
    await other.flush()
    with pytest.raises(Exception, match="redemptions_per_day, 3, is spent"):
        elsewhere.check_redemption()


@pytest.mark.parametrize(
    ("quota", "most"), [("redemptions_per_day", 2), ("stored_kib_per_day", 1), ("live_coupons", 2)]
)
async def test_a_worker_that_starts_knows_what_is_used(
    server: Served, database_url: str, shop: Shop, clock: MovableClock, quota: str, most: int
) -> None:
    await shop.define(custom_code="GIFT", limit=usage_limit("unlimited"))
    for user in ("ada", "bob"):
        await shop.redeem("GIFT", user, metadata={"a": "x" * 250, "b": "x" * 250})
    await server.limit(shop.tenant.uuid, **{quota: most})
    await server.app.admission.flush()
    assert await outcome(shop.redeem("GIFT", "eve")) == "QUOTA_EXCEEDED"
    async with serving(settings_for(database_url), clock) as restarted:
        backend = await replace(shop.tenant, server=restarted).backend()
        calls = [
            backend.query.RedeemCoupon(
                RedeemCouponRequest(tenant_id=shop.id, code="GIFT", user_id=f"user-{number}")
            )
            for number in range(20)
        ]
        assert await reasons(calls) == {"QUOTA_EXCEEDED": 20}


async def test_a_worker_that_has_forgotten_a_tenant_knows_again_what_is_used(
    server: Served, shop: Shop, monkeypatch: pytest.MonkeyPatch
) -> None:
    await shop.define(custom_code="GIFT", limit=usage_limit("unlimited"))
    await shop.redeem("GIFT", "ada")
    await server.limit(shop.tenant.uuid, redemptions_per_day=1)
    await server.app.admission.flush()
    monkeypatch.setattr("coupon_server.services.admission.IDLE_SECONDS", -1)
    await server.app.admission.flush()
    assert await outcome(shop.redeem("GIFT", "ada")) == "QUOTA_EXCEEDED"


async def test_what_requests_store_in_a_day_has_a_quota(
    server: Served, shop: Shop, clock: MovableClock
) -> None:
    await shop.define(custom_code="GIFT", limit=usage_limit("unlimited"))
    account = server.app.admission.account(shop.id)
    account.pending_bytes = 0
    await shop.redeem("GIFT", "ada", metadata={"a": "x" * 250, "b": "x" * 250})
    await shop.send(achievement("e1", "ada"))
    sent = account.pending_bytes
    assert 500 < sent < 1_000
    # Neither reads nor refusals store anything.
    await shop.validate("GIFT", "ada")
    await shop.coupons()
    assert await outcome(shop.redeem("OTHER", "ada")) == "COUPON_NOT_FOUND"
    assert account.pending_bytes == sent
    await server.limit(shop.tenant.uuid, stored_kib_per_day=1)
    account.count_stored(KIB)
    for call in (shop.redeem("GIFT", "ada"), shop.reward_item(), shop.send(achievement("e2", "x"))):
        error = await refused(call)
        assert error.reason == "QUOTA_EXCEEDED"
        assert error.metadata == {"limit": "stored_kib_per_day"}
        assert error.retry_delay is not None
    assert (await shop.validate("GIFT", "ada")).valid
    await server.app.admission.flush()
    clock.advance(timedelta(days=1))
    await server.app.admission.flush()
    assert await outcome(shop.redeem("GIFT", "ada")) == ""


async def test_an_attempt_that_is_refused_takes_nothing_of_live_coupons(
    server: Served, shop: Shop, clock: MovableClock
) -> None:
    await shop.define(custom_code="OVER", expires_at=clock() - timedelta(days=1))
    await shop.define(custom_code="OPEN")
    await server.limit(shop.tenant.uuid, live_coupons=1)
    await server.app.admission.flush()
    for number in range(5):
        attempt = shop.redeem("OVER", f"user-{number}")
        assert (await refused(attempt)).reason == "COUPON_EXPIRED"
    assert await outcome(shop.redeem("OPEN", "ada")) == ""
