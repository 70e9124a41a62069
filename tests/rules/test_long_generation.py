"""Generations that are made in steps: their start, their steps and their end."""

import asyncio
from collections.abc import AsyncIterator
from datetime import timedelta
from typing import Any
from uuid import UUID

import pytest

from coupon_server.domain import jobs as rules
from coupon_server.services import job_steps
from coupon_server.services.jobs import STREAM_TIMEOUT
from phoenix_coupons import AdminToken, CouponsError
from phoenix_coupons.v1 import (
    Generation,
    ListGenerationsRequest,
    StartGenerationRequest,
    WatchGenerationRequest,
)
from support.builders import Shop, reason, refused
from support.clock import MovableClock
from support.contract import revoke_key, rules_of
from support.databases import ask
from support.jobs import Jobs, generation_messages
from support.serving import Served

State = Generation.State


@pytest.fixture
def short_steps(monkeypatch: pytest.MonkeyPatch) -> int:
    """So that few coupons take several steps."""
    monkeypatch.setattr(job_steps, "STEP_SIZE", 10)
    return 10


def users(count: int, prefix: str = "user") -> list[str]:
    return [f"{prefix}{number}" for number in range(count)]


async def of_tenant(shop: Shop, query: str) -> Any:
    url = shop.tenant.server.app.settings.database_url.get_secret_value()
    return await ask(url, query, shop.id)


# --- what is made


async def test_a_quantity_is_made_in_steps_that_can_be_followed(
    shop: Shop, jobs: Jobs, short_steps: int, clock: MovableClock
) -> None:
    definition = await shop.define(code_length=12, code_prefix="JOB-")
    accepted = await jobs.generate(definition, quantity=25)
    assert (accepted.state, accepted.requested, accepted.processed) == (State.pending, 25, 0)
    assert accepted.definition_id == definition.id
    assert accepted.credential_id == str(shop.tenant.credentials.api_key_id)
    assert not accepted.HasField("started_at")
    clock.advance(timedelta(seconds=5))
    assert await jobs.steps.run_step()
    running = await jobs.generation(accepted.id)
    assert (running.state, running.processed, running.generated) == (State.running, 10, 10)
    assert running.started_at.ToDatetime(clock.now.tzinfo) == clock.now
    assert await jobs.work_off() == 2
    done = await jobs.generation(accepted.id)
    assert (done.state, done.processed, done.generated) == (State.succeeded, 25, 25)
    assert done.HasField("finished_at")
    made = await shop.coupons(generation_id=accepted.id)
    assert len({coupon.code for coupon in made}) == 25
    assert all(coupon.code.startswith("JOB-") and not coupon.user_id for coupon in made)
    assert (await shop.stats(definition)).issued == 25


async def test_each_user_gets_one_coupon_however_the_messages_are_cut(
    shop: Shop, jobs: Jobs, short_steps: int
) -> None:
    definition = await shop.define()
    job = await jobs.generate(definition, users(7), [], users(12, "other"), ["ünï 🎉"])
    assert job.requested == 20
    await jobs.work_off()
    holders = [coupon.user_id for coupon in await shop.coupons(generation_id=job.id)]
    assert sorted(holders) == sorted([*users(7), *users(12, "other"), "ünï 🎉"])
    assert (await jobs.generation(job.id)).state == State.succeeded


async def test_users_may_come_with_the_first_message(shop: Shop, jobs: Jobs) -> None:
    first = StartGenerationRequest(
        tenant_id=shop.id, definition_id=(await shop.define()).id, user_ids=["ada"]
    )
    job = await jobs.start(iter([first, StartGenerationRequest(user_ids=["bob"])]))
    assert job.requested == 2


async def test_users_who_hold_a_custom_code_keep_their_coupon(shop: Shop, jobs: Jobs) -> None:
    definition = await shop.define(custom_code="SALE")
    await shop.generate(definition, "ada")
    job = await jobs.generate(definition, ["ada", "bob"])
    await jobs.work_off()
    done = await jobs.generation(job.id)
    assert (done.state, done.processed, done.generated) == (State.succeeded, 2, 1)


async def test_a_generation_writes_events_of_coupons_with_holders_alone(
    shop: Shop, jobs: Jobs
) -> None:
    definition = await shop.define(code_length=12)
    await jobs.generate(definition, quantity=5)
    await jobs.generate(definition, ["ada", "bob"])
    await jobs.work_off()
    told = "SELECT array_agg(user_id ORDER BY user_id) FROM outbox WHERE tenant_id = $1"
    assert await of_tenant(shop, told) == ["ada", "bob"]


async def test_no_user_is_kept_longer_than_needed(shop: Shop, jobs: Jobs, short_steps: int) -> None:
    definition = await shop.define()
    kept = "SELECT count(*) FROM job_users WHERE tenant_id = $1"
    await jobs.generate(definition, users(15))
    await jobs.steps.run_step()
    assert await of_tenant(shop, kept) == 5
    await jobs.work_off()
    assert await of_tenant(shop, kept) == 0
    cancelled = await jobs.generate(definition, users(15))
    await jobs.cancel(cancelled.id)
    await jobs.steps.trim()
    assert await of_tenant(shop, kept) == 0
    assert (await jobs.generation(cancelled.id)).state == State.cancelled


# --- what is refused at once


async def test_the_whole_is_checked_at_the_start(shop: Shop, jobs: Jobs) -> None:
    limited = await shop.define(issue_limit=9, code_length=12)
    short = await shop.define(code_length=4)
    custom = await shop.define(custom_code="SALE")
    paused = await shop.pause(await shop.define())
    archived = await shop.archive(await shop.define())
    assert await reason(jobs.generate(limited, quantity=10)) == "ISSUE_LIMIT_REACHED"
    assert await reason(jobs.generate(limited, users(10))) == "ISSUE_LIMIT_REACHED"
    too_small = await refused(jobs.generate(short, quantity=1_000))
    assert too_small.reason == "KEY_SPACE_TOO_SMALL"
    assert too_small.metadata == {"required_code_length": "6"}
    assert await reason(jobs.generate(custom, quantity=1)) == "INVALID_FIELD"
    for definition, why in ((paused, "DEFINITION_PAUSED"), (archived, "DEFINITION_ARCHIVED")):
        assert await reason(jobs.generate(definition, quantity=1)) == why
        assert await reason(jobs.generate(definition, ["ada"])) == why
    assert await jobs.generations() == []
    await jobs.generate(limited, quantity=9)


async def test_a_refusal_needs_no_user_to_be_sent(shop: Shop, jobs: Jobs) -> None:
    paused = await shop.pause(await shop.define())

    async def endless() -> AsyncIterator[StartGenerationRequest]:
        for message in generation_messages(shop, paused):
            yield message
        await asyncio.Event().wait()

    async with asyncio.timeout(10):
        assert await reason(jobs.start(endless())) == "DEFINITION_PAUSED"


async def test_a_user_named_twice_is_named_and_nothing_starts(shop: Shop, jobs: Jobs) -> None:
    definition = await shop.define()
    for batches in (
        [["ada", "bob"], ["carol", "bob"]],
        [["ada", "bob", "carol", "bob"]],
        [["ada"], ["bob", "bob", "ada"]],
    ):
        error = await refused(jobs.generate(definition, *batches))
        assert error.field_violations == [("user_ids", "'bob' is named twice")]
    await jobs.work_off()
    assert await jobs.generations() == []
    assert await shop.coupons() == []


async def test_the_first_message_says_what_is_wanted(shop: Shop, jobs: Jobs) -> None:
    definition = await shop.define(code_length=12)
    other = await shop.define()
    first = StartGenerationRequest(tenant_id=shop.id, definition_id=definition.id)
    for messages, field in (
        ([], "request"),
        ([StartGenerationRequest(tenant_id=shop.id)], "definition_id"),
        ([first], "user_ids"),
        ([first, StartGenerationRequest(definition_id=other.id, user_ids=["a"])], "definition_id"),
        ([first, StartGenerationRequest(quantity=7)], "quantity"),
        ([first, StartGenerationRequest(request_id="other")], "request_id"),
    ):
        error = await refused(jobs.start(iter(messages)))
        assert [one.field for one in error.field_violations] == [field], messages
    error = await refused(jobs.generate(definition, ["ada"], quantity=5))
    assert error.field_violations == [("quantity", "must not be set when users follow")]


async def test_only_so_many_jobs_wait(shop: Shop, jobs: Jobs, server: Served) -> None:
    await server.limit(shop.tenant.uuid, open_jobs=3)
    definition = await shop.define(code_length=12)
    made = [await jobs.generate(definition, quantity=1) for _ in range(2)]
    await jobs.revoke(definition_id=definition.id)
    for start in (
        jobs.generate(definition, quantity=1),
        jobs.generate(definition, ["ada"]),
        jobs.revoke(definition_id=definition.id),
    ):
        error = await refused(start)
        assert (error.reason, error.metadata) == ("TOO_MANY_JOBS", {"limit": "3"})
    await jobs.cancel(made[0].id)
    await jobs.generate(definition, ["ada"])


async def test_the_limit_on_jobs_holds_when_they_start_at_once(
    shop: Shop, jobs: Jobs, server: Served
) -> None:
    await server.limit(shop.tenant.uuid, open_jobs=5)
    definition = await shop.define(code_length=12)
    started = await asyncio.gather(
        *(jobs.generate(definition, [f"user{n}"]) for n in range(10)), return_exceptions=True
    )
    reasons = [one.reason for one in started if isinstance(one, CouponsError)]
    assert reasons == ["TOO_MANY_JOBS"] * 5
    assert len(await jobs.generations()) == 5


# --- what is refused later


@pytest.mark.parametrize("by_user", [True, False])
async def test_a_rule_broken_on_the_way_fails_the_job_and_keeps_what_is_made(
    shop: Shop, jobs: Jobs, short_steps: int, by_user: bool
) -> None:
    definition = await shop.define(code_length=12)
    job = await (
        jobs.generate(definition, users(25)) if by_user else jobs.generate(definition, quantity=25)
    )
    await jobs.steps.run_step()
    await shop.pause(definition)
    await jobs.work_off()
    failed = await jobs.generation(job.id)
    assert (failed.state, failed.processed, failed.generated) == (State.failed, 10, 10)
    assert (failed.error.reason, failed.error.message) == (
        "DEFINITION_PAUSED",
        "The definition is paused",
    )
    assert failed.HasField("finished_at")
    await shop.resume(definition)
    assert await jobs.work_off() == 0
    assert len(await shop.coupons(generation_id=job.id)) == 10


async def test_a_users_limit_fails_the_job_and_names_the_user(shop: Shop, jobs: Jobs) -> None:
    definition = await shop.define(issue_limit_per_user=1)
    await shop.generate(definition, "bob")
    job = await jobs.generate(definition, ["ada", "bob"])
    await jobs.work_off()
    failed = await jobs.generation(job.id)
    assert failed.error.reason == "ISSUE_LIMIT_REACHED"
    assert failed.error.metadata["user_id"] == "bob"
    assert [coupon.user_id for coupon in await shop.coupons()] == ["bob"], "a step is all or none"


async def test_the_issue_limit_is_never_passed_by_jobs_beside_calls(
    shop: Shop, jobs: Jobs, short_steps: int
) -> None:
    definition = await shop.define(issue_limit=30, code_length=12)
    job = await jobs.generate(definition, quantity=25)
    await jobs.steps.run_step()
    await shop.generate(definition, quantity=15)
    await jobs.work_off()
    failed = await jobs.generation(job.id)
    assert (failed.state, failed.generated) == (State.failed, 10)
    assert failed.error.reason == "ISSUE_LIMIT_REACHED"
    assert (await shop.stats(definition)).issued == 25


# --- cancelling


async def test_cancelling_keeps_what_is_made_and_can_be_repeated(
    shop: Shop, jobs: Jobs, short_steps: int, clock: MovableClock
) -> None:
    job = await jobs.generate(await shop.define(code_length=12), quantity=25)
    await jobs.steps.run_step()
    cancelled = await jobs.cancel(job.id)
    assert (cancelled.state, cancelled.generated) == (State.cancelled, 10)
    assert await jobs.work_off() <= 1
    clock.advance(timedelta(days=1))
    assert await jobs.cancel(job.id) == cancelled
    assert len(await shop.coupons()) == 10


async def test_a_job_that_has_ended_stays_as_it_is(shop: Shop, jobs: Jobs) -> None:
    job = await jobs.generate(await shop.define(), ["ada"])
    await jobs.work_off()
    assert (await jobs.cancel(job.id)).state == State.succeeded


# --- a stream that breaks off


@pytest.mark.parametrize("sent", [0, 1, 3])
async def test_a_stream_that_breaks_off_leaves_nothing(shop: Shop, jobs: Jobs, sent: int) -> None:
    definition = await shop.define()

    async def broken() -> AsyncIterator[StartGenerationRequest]:
        messages = generation_messages(shop, definition, *(users(5, f"{n}-") for n in range(sent)))
        for message in messages:
            yield message
        raise ConnectionError("the client is gone")

    with pytest.raises(ConnectionError):
        await jobs.start(broken())
    rows = "SELECT (SELECT count(*) FROM job_users) + (SELECT count(*) FROM jobs) WHERE $1 <> ''"
    async with asyncio.timeout(20):
        while await of_tenant(shop, rows):
            await jobs.steps.trim()
            await asyncio.sleep(0.05)
    assert await jobs.generations() == []
    assert await jobs.work_off() == 0


async def test_a_stream_whose_server_died_is_forgotten(
    shop: Shop, jobs: Jobs, clock: MovableClock
) -> None:
    definition = await shop.define()
    app = shop.tenant.server.app
    intake = app.jobs.receive(
        shop.tenant.uuid, shop.tenant.credentials.api_key_id, UUID(definition.id)
    )
    await intake.open()
    await intake.add(["ada"])
    count = "SELECT count(*) FROM jobs WHERE tenant_id = $1"
    await jobs.steps.trim()
    assert await of_tenant(shop, count) == 1
    assert await jobs.generations() == [], "it is none before all users have come"
    clock.advance(STREAM_TIMEOUT + timedelta(seconds=1))
    await jobs.steps.trim()
    assert await of_tenant(shop, count) == 0
    assert await of_tenant(shop, "SELECT count(*) FROM job_users WHERE tenant_id = $1") == 0


# --- retries


async def test_a_retry_of_the_whole_stream_gets_the_first_answer(
    shop: Shop, jobs: Jobs, clock: MovableClock
) -> None:
    definition = await shop.define()
    first = await jobs.generate(definition, users(4), request_id="once")
    await jobs.work_off()
    await shop.archive(definition)
    again = await jobs.generate(definition, users(4)[:1], users(4)[1:], request_id="once")
    assert again == first
    other_users = jobs.generate(definition, users(3), request_id="once")
    assert await reason(other_users) == "REQUEST_ID_REUSED"
    a_quantity = jobs.generate(definition, quantity=4, request_id="once")
    assert await reason(a_quantity) == "REQUEST_ID_REUSED"
    assert len(await shop.coupons()) == 4


async def test_a_repeated_quantity_is_one_generation(shop: Shop, jobs: Jobs) -> None:
    definition = await shop.define(code_length=12)
    first = await jobs.generate(definition, quantity=5, request_id="once")
    assert await jobs.generate(definition, quantity=5, request_id="once") == first
    other = jobs.generate(definition, quantity=6, request_id="once")
    assert await reason(other) == "REQUEST_ID_REUSED"
    assert len(await jobs.generations()) == 1


async def test_streams_at_once_with_one_request_id_are_one_generation(
    shop: Shop, jobs: Jobs
) -> None:
    definition = await shop.define()
    answers = await asyncio.gather(
        *(jobs.generate(definition, users(50), request_id="once") for _ in range(5))
    )
    assert {answer.id for answer in answers} == {answers[0].id}
    await jobs.steps.trim()
    await jobs.work_off()
    assert len(await shop.coupons()) == 50


async def test_a_failure_keeps_the_request_id_free(shop: Shop, jobs: Jobs) -> None:
    definition = await shop.define()
    twice = jobs.generate(definition, ["ada"], ["ada"], request_id="once")
    assert await reason(twice) == "INVALID_FIELD"
    assert (await jobs.generate(definition, ["ada"], request_id="once")).requested == 1


# --- reading


async def test_lists_filter_and_page(shop: Shop, jobs: Jobs) -> None:
    one, two = await shop.define(code_length=12), await shop.define(code_length=12)
    made = [await jobs.generate(definition, quantity=1) for definition in (one, two, one)]
    await jobs.cancel(made[0].id)
    ids = [job.id for job in made]
    assert [job.id for job in await jobs.generations()] == ids[::-1]
    assert [job.id for job in await jobs.generations(definition_id=two.id)] == [ids[1]]
    assert [job.id for job in await jobs.generations(state=State.cancelled)] == [ids[0]]
    request = ListGenerationsRequest(tenant_id=shop.id, page_size=2)
    page = await jobs.stub.ListGenerations(request)
    assert (len(page.generations), page.total) == (2, 3)
    request.page_token = page.next_page_token
    assert [job.id for job in (await jobs.stub.ListGenerations(request)).generations] == ids[:1]


async def test_a_generation_is_no_revocation_and_of_one_tenant(shop: Shop, jobs: Jobs) -> None:
    job = await jobs.generate(await shop.define(), ["ada"])
    other = await Jobs.of(await Shop.open(await shop.tenant.server.new_tenant()))
    assert await reason(jobs.revocation(job.id)) == "REVOCATION_NOT_FOUND"
    assert await reason(other.generation(job.id)) == "GENERATION_NOT_FOUND"
    assert await reason(other.cancel(job.id)) == "GENERATION_NOT_FOUND"
    assert await other.generations() == []
    assert (await jobs.generation(job.id)).state == State.pending


async def test_watching_tells_each_change_and_ends_with_the_job(
    shop: Shop, jobs: Jobs, short_steps: int
) -> None:
    job = await jobs.generate(await shop.define(code_length=12), quantity=20)
    seen: list[int] = []
    request = WatchGenerationRequest(tenant_id=shop.id, generation_id=job.id)
    async with asyncio.timeout(20):
        async for message in jobs.stub.WatchGeneration(request):
            seen.append(message.generation.processed)
            await jobs.steps.run_step()
    assert seen == [0, 10, 20]
    again = [one async for one in jobs.stub.WatchGeneration(request)]
    assert [one.generation.state for one in again] == [State.succeeded]


async def test_watching_ends_with_the_credential(shop: Shop, jobs: Jobs) -> None:
    job = await jobs.generate(await shop.define(code_length=12), quantity=20)
    request = WatchGenerationRequest(tenant_id=shop.id, generation_id=job.id)
    watched = jobs.stub.WatchGeneration(request)
    await watched.read()
    await revoke_key(shop.tenant)
    async with asyncio.timeout(10):
        assert await reason(watched.read()) == "CREDENTIAL_INVALID"


async def test_a_stream_that_says_nothing_ends_with_its_credential(shop: Shop, jobs: Jobs) -> None:
    async def silent() -> AsyncIterator[StartGenerationRequest]:
        await asyncio.Event().wait()
        yield StartGenerationRequest()

    starting = asyncio.create_task(jobs.start(silent()))
    await asyncio.sleep(0.2)
    await revoke_key(shop.tenant)
    async with asyncio.timeout(10):
        assert await reason(starting) == "CREDENTIAL_INVALID"


async def test_only_tokens_that_may_generate_start_a_job(shop: Shop, jobs: Jobs) -> None:
    definition = await shop.define(code_length=12)
    by_key = Jobs(shop, (await shop.tenant.admin()).jobs, jobs.steps)
    assert await reason(by_key.generate(definition, quantity=1)) == "CREDENTIAL_NOT_ALLOWED"
    own = shop.tenant.credentials
    short = AdminToken(str(own.api_key_id), own.api_key, lifetime=60)
    client = await shop.tenant.server.client(short)
    assert (await Jobs(shop, client.jobs, jobs.steps).generate(definition, quantity=1)).id


def test_the_limits_are_those_of_the_contract() -> None:
    fields = StartGenerationRequest.DESCRIPTOR.fields_by_name
    assert rules_of(fields["quantity"]).int32.lte == rules.MAX_COUPONS
