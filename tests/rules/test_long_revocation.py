"""Revocations by filter that are done in steps."""

import asyncio
from datetime import timedelta

import pytest

from coupon_server.services import job_steps
from phoenix_coupons.v1 import (
    Coupon,
    ListRevocationsRequest,
    Revocation,
    StartRevocationRequest,
    WatchRevocationRequest,
)
from support.builders import Shop, reason, refused
from support.clock import MovableClock
from support.databases import ask
from support.jobs import Jobs, line

State = Revocation.State
Status = Coupon.Status


@pytest.fixture
def short_steps(monkeypatch: pytest.MonkeyPatch) -> int:
    monkeypatch.setattr(job_steps, "STEP_SIZE", 10)
    return 10


async def revoked_of(shop: Shop) -> dict[str, str]:
    """Why each coupon was revoked, by its id."""
    coupons = await shop.coupons(status=Status.revoked)
    return {coupon.id: coupon.revoke_reason for coupon in coupons}


async def test_every_coupon_that_matches_is_revoked_once(
    shop: Shop, jobs: Jobs, short_steps: int
) -> None:
    definition, other = await shop.define(code_length=12), await shop.define()
    made = (await shop.generate(definition, quantity=25)).coupons
    await shop.generate(other, "ada")
    await shop.revoke(made[3].id, "earlier")
    job = await jobs.revoke("leaked", definition_id=definition.id)
    assert (job.state, job.filter.definition_id, job.reason) == (
        State.pending,
        definition.id,
        "leaked",
    )
    assert await jobs.steps.run_step()
    running = await jobs.revocation(job.id)
    assert (running.state, running.scanned, running.revoked) == (State.running, 10, 9)
    await jobs.work_off()
    done = await jobs.revocation(job.id)
    assert (done.state, done.scanned, done.revoked) == (State.succeeded, 25, 24)
    expected = {one.id: "leaked" for one in made} | {made[3].id: "earlier"}
    assert await revoked_of(shop) == expected


async def test_coupons_made_after_the_start_are_not_touched(shop: Shop, jobs: Jobs) -> None:
    definition = await shop.define()
    [before] = (await shop.generate(definition, "ada")).coupons
    await jobs.revoke(definition_id=definition.id)
    await shop.generate(definition, "bob")
    await jobs.work_off()
    assert list(await revoked_of(shop)) == [before.id]


async def test_a_filter_that_matches_nothing_succeeds(shop: Shop, jobs: Jobs) -> None:
    job = await jobs.revoke(user_id="nobody")
    await shop.generate(await shop.define(), "nobody")
    await jobs.work_off()
    done = await jobs.revocation(job.id)
    assert (done.state, done.scanned, done.revoked) == (State.succeeded, 0, 0)


async def test_filters_are_combined(shop: Shop, jobs: Jobs) -> None:
    one, two = await shop.define(), await shop.define()
    first = await shop.generate(one, "ada", "bob")
    await shop.generate(one, "ada")
    await shop.generate(two, "ada")
    await jobs.revoke(generation_id=first.generation_id, user_id="ada", definition_id=one.id)
    await jobs.work_off()
    assert list(await revoked_of(shop)) == [first.coupons[0].id]
    await jobs.revoke(definition_id=two.id, user_id="bob")
    await jobs.work_off()
    assert len(await revoked_of(shop)) == 1


async def test_status_and_source_choose_among_what_is_looked_at(
    shop: Shop, jobs: Jobs, clock: MovableClock
) -> None:
    definition = await shop.define(expires_at=clock.now + timedelta(days=9))
    made = (await shop.generate(definition, "ada", "bob")).coupons
    await shop.redeem(made[0].code, "ada")
    [imported] = await jobs.load(definition, [line(1, "OLD-CODE", "bob")])
    job = await jobs.revoke(definition_id=definition.id, status=Status.active, source="imported")
    await jobs.work_off()
    done = await jobs.revocation(job.id)
    assert (done.scanned, done.revoked) == (3, 1)
    [revoked] = await shop.coupons(status=Status.revoked)
    assert revoked.generation_id == imported.generation_id
    await jobs.revoke(definition_id=definition.id, status=Status.redeemed)
    await jobs.work_off()
    assert made[0].id in await revoked_of(shop)
    clock.advance(timedelta(days=10))
    await jobs.revoke(definition_id=definition.id, status=Status.expired)
    await jobs.work_off()
    assert len(await revoked_of(shop)) == 3


async def test_a_revocation_writes_events_of_coupons_with_holders_alone(
    shop: Shop, jobs: Jobs
) -> None:
    definition = await shop.define(code_length=12)
    await shop.generate(definition, quantity=3)
    await shop.generate(definition, "ada", "bob")
    await jobs.revoke(definition_id=definition.id)
    await jobs.work_off()
    url = shop.tenant.server.app.settings.database_url.get_secret_value()
    told = await ask(
        url,
        "SELECT array_agg(user_id ORDER BY user_id) FROM outbox"
        " WHERE tenant_id = $1 AND event_type = 'coupon.revoked'",
        shop.id,
    )
    assert told == ["ada", "bob"]


async def test_a_redemption_before_a_coupons_turn_succeeds_and_none_after(
    shop: Shop, jobs: Jobs, short_steps: int
) -> None:
    definition = await shop.define()
    made = (await shop.generate(definition, *(f"user{n}" for n in range(15)))).coupons
    await jobs.revoke(definition_id=definition.id)
    await jobs.steps.run_step()
    assert await reason(shop.redeem(made[0].code, "user0")) == "COUPON_REVOKED"
    await shop.redeem(made[14].code, "user14")
    await jobs.work_off()
    coupon = await shop.coupon(made[14].id)
    assert (coupon.status, coupon.redemption_count) == (Status.revoked, 1)


async def test_redemptions_race_the_job_and_the_first_lock_wins(
    shop: Shop, jobs: Jobs, short_steps: int
) -> None:
    definition = await shop.define()
    made = (await shop.generate(definition, *(f"user{n}" for n in range(60)))).coupons
    job = await jobs.revoke(definition_id=definition.id, status=Status.active)

    async def redeem(number: int) -> str:
        await asyncio.sleep(number * 0.002)
        try:
            await shop.redeem(made[number].code, f"user{number}")
        except Exception as error:  # whatever it is, it is compared
            return str(getattr(error, "reason", error))
        return ""

    outcomes, _ = await asyncio.gather(
        asyncio.gather(*(redeem(number) for number in range(60))), jobs.work_off()
    )
    assert set(outcomes) <= {"", "COUPON_REVOKED"}
    redeemed = outcomes.count("")
    done = await jobs.revocation(job.id)
    assert (done.scanned, done.revoked) == (60, 60 - redeemed), "redeemed ones are not active"
    for coupon in await shop.coupons():
        assert (coupon.status == Status.revoked) == (coupon.redemption_count == 0)


async def test_a_revocation_can_be_cancelled(shop: Shop, jobs: Jobs, short_steps: int) -> None:
    definition = await shop.define(code_length=12)
    await shop.generate(definition, quantity=25)
    job = await jobs.revoke(definition_id=definition.id)
    await jobs.steps.run_step()
    cancelled = await jobs.cancel_revocation(job.id)
    await jobs.work_off()
    assert await jobs.revocation(job.id) == cancelled
    assert (cancelled.state, len(await revoked_of(shop))) == (State.cancelled, 10)


async def test_a_filter_must_name_something(shop: Shop, jobs: Jobs) -> None:
    error = await refused(jobs.revoke(status=Status.active))
    [(_, rule)] = error.field_violations
    assert rule == "at least one of definition_id, generation_id and user_id must be set"


async def test_a_repeated_start_is_one_revocation(shop: Shop, jobs: Jobs) -> None:
    request = StartRevocationRequest(
        tenant_id=shop.id, user_id="ada", reason="leaked", request_id="once"
    )
    first, second = await asyncio.gather(
        jobs.stub.StartRevocation(request), jobs.stub.StartRevocation(request)
    )
    assert first == second
    request.reason = "other"
    assert await reason(jobs.stub.StartRevocation(request)) == "REQUEST_ID_REUSED"


async def test_lists_filter_and_page(shop: Shop, jobs: Jobs) -> None:
    made = [await jobs.revoke(user_id=name) for name in ("ada", "bob", "carol")]
    await jobs.cancel_revocation(made[1].id)
    request = ListRevocationsRequest(tenant_id=shop.id, page_size=2)
    page = await jobs.stub.ListRevocations(request)
    assert [one.filter.user_id for one in page.revocations] == ["carol", "bob"]
    assert page.total == 3
    cancelled = ListRevocationsRequest(tenant_id=shop.id, state=State.cancelled)
    [found] = (await jobs.stub.ListRevocations(cancelled)).revocations
    assert found.id == made[1].id


async def test_watching_tells_each_change(shop: Shop, jobs: Jobs, short_steps: int) -> None:
    definition = await shop.define(code_length=12)
    await shop.generate(definition, quantity=15)
    job = await jobs.revoke(definition_id=definition.id)
    seen = []
    request = WatchRevocationRequest(tenant_id=shop.id, revocation_id=job.id)
    async with asyncio.timeout(20):
        async for message in jobs.stub.WatchRevocation(request):
            seen.append(message.revocation.revoked)
            await jobs.steps.run_step()
    assert seen == [0, 10, 15]


async def test_a_revocation_is_of_one_tenant(shop: Shop, jobs: Jobs) -> None:
    job = await jobs.revoke(user_id="ada")
    other = await Jobs.of(await Shop.open(await shop.tenant.server.new_tenant()))
    assert await reason(other.revocation(job.id)) == "REVOCATION_NOT_FOUND"
    assert await reason(other.cancel_revocation(job.id)) == "REVOCATION_NOT_FOUND"
    assert await reason(jobs.generation(job.id)) == "GENERATION_NOT_FOUND"
    [mine] = (await shop.generate(await shop.define(), "ada")).coupons
    await other.revoke(definition_id=(await shop.define()).id, user_id="ada")
    await jobs.work_off()
    assert (await shop.coupon(mine.id)).status == Status.active
