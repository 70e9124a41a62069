"""Guess protection: failed attempts are counted and block, whoever makes them."""

import asyncio
import json
from collections.abc import AsyncIterator
from dataclasses import replace
from datetime import timedelta

import pytest

from coupon_server.delivery.storage import outbox_events
from coupon_server.domain import codes
from coupon_server.domain.errors import DomainError, Reason
from coupon_server.domain.guessing import DEFAULT_POLICY, Guesser
from coupon_server.domain.ids import new_id
from coupon_server.rpc.conversion.delivered_events import cloud_event, webhook_body
from coupon_server.services import backlog, retention
from coupon_server.services.guessing import MAX_STORED, GuessGuard
from coupon_server.storage import guesses
from phoenix_coupons import AsyncCouponsClient, CouponsError, TenantToken
from phoenix_coupons.v1 import (
    CreateWebhookEndpointRequest,
    GetCodeStrengthRequest,
    GetCodeStrengthResponse,
    GetGrantCursorRequest,
    GetGuessPolicyRequest,
    GrantEvent,
    GuessLimit,
    GuessPolicy,
    GuessThreshold,
    LiftGuessBlockRequest,
    RedeemCouponRequest,
    SetGuessPolicyRequest,
    ValidateCouponRequest,
    WatchGrantsRequest,
)
from support.app import TESTS
from support.builders import TOKEN_LIFETIME, Shop, outcome, reason, refused, usage_limit
from support.clock import MovableClock
from support.serving import Served, serving, settings_for

WRONG = "NO-SUCH-CODE"
MINUTE, DAY = timedelta(minutes=1), timedelta(days=1)


def limit(failures: int, window: timedelta = DAY, block: timedelta = MINUTE) -> GuessLimit:
    made = GuessLimit(failures=failures)
    made.window.FromTimedelta(window)
    made.block.FromTimedelta(block)
    made.max_block.FromTimedelta(max(block, DAY))
    return made


async def set_policy(shop: Shop, server: Served, policy: GuessPolicy) -> None:
    await shop.tenants.SetGuessPolicy(SetGuessPolicyRequest(tenant_id=shop.id, policy=policy))
    await server.app.guard.pull()


def token_of(shop: Shop, user_id: str, serial: int = 0) -> TenantToken:
    """A token confined to the user; each `serial` is another one."""
    return TenantToken(
        shop.id,
        shop.tenant.credentials.tenant_secret,
        user_id=user_id,
        lifetime=TOKEN_LIFETIME.total_seconds() - serial,
    )


async def user(shop: Shop, user_id: str, serial: int = 0) -> AsyncCouponsClient:
    """An app in the user's hands."""
    return await shop.tenant.server.client(token_of(shop, user_id, serial), timeout=60)


async def guess(shop: Shop, app: AsyncCouponsClient, code: str = WRONG) -> str:
    """What an app's validation brings: the reason; empty when the code is valid."""
    try:
        answer = await app.query.ValidateCoupon(ValidateCouponRequest(tenant_id=shop.id, code=code))
    except CouponsError as error:
        return error.reason
    return answer.reason


async def answers(calls: int, shop: Shop, app: AsyncCouponsClient) -> list[str]:
    return [await guess(shop, app) for _ in range(calls)]


@pytest.fixture
async def open_code(shop: Shop) -> str:
    """A code that everybody may redeem again and again."""
    await shop.define(custom_code="WELCOME", limit=usage_limit("unlimited"))
    return "WELCOME"


async def test_a_user_token_is_blocked_after_ten_failures(shop: Shop, open_code: str) -> None:
    app = await user(shop, "mallory")
    assert await answers(10, shop, app) == ["COUPON_NOT_FOUND"] * 10
    assert await guess(shop, app) == "TOO_MANY_ATTEMPTS"
    # A right code is told no better than a wrong one, and redeems nothing.
    assert await guess(shop, app, open_code) == "TOO_MANY_ATTEMPTS"
    redemption = RedeemCouponRequest(tenant_id=shop.id, code=open_code)
    error = await refused(app.query.RedeemCoupon(redemption))
    assert error.reason == "TOO_MANY_ATTEMPTS"
    assert error.message == "Too many failed attempts"
    assert error.code.name == "RESOURCE_EXHAUSTED"
    assert error.retry_delay == 60
    assert await shop.ledger() == []


async def test_the_error_is_the_same_whatever_the_code(shop: Shop, open_code: str) -> None:
    app = await user(shop, "mallory")
    await answers(10, shop, app)
    errors = [
        await refused(app.query.ValidateCoupon(ValidateCouponRequest(tenant_id=shop.id, code=code)))
        for code in (WRONG, open_code, "\t ", "x" * 256)
    ]
    assert len({(one.code, one.reason, one.message, one.retry_delay) for one in errors}) == 1


async def test_each_further_failure_blocks_for_twice_as_long(
    shop: Shop, clock: MovableClock
) -> None:
    app = await user(shop, "mallory")
    await answers(10, shop, app)
    for minutes in (1, 2, 4, 8, 16):
        clock.advance(minutes * MINUTE - timedelta(seconds=1))
        assert await guess(shop, app) == "TOO_MANY_ATTEMPTS"
        clock.advance(timedelta(seconds=1))
        # A blocked attempt does not count; this one does.
        assert await guess(shop, app) == "COUPON_NOT_FOUND"
        assert await guess(shop, app) == "TOO_MANY_ATTEMPTS"


async def test_a_success_does_not_reset_the_count(shop: Shop, open_code: str) -> None:
    app = await user(shop, "alice")
    await answers(9, shop, app)
    assert await guess(shop, app, open_code) == ""
    await app.query.RedeemCoupon(RedeemCouponRequest(tenant_id=shop.id, code=open_code))
    assert await answers(2, shop, app) == ["COUPON_NOT_FOUND", "TOO_MANY_ATTEMPTS"]


async def test_failures_are_forgotten_with_the_window(shop: Shop, clock: MovableClock) -> None:
    app = await user(shop, "alice")
    await answers(10, shop, app)
    clock.advance(2 * DAY)
    assert await answers(11, shop, app) == ["COUPON_NOT_FOUND"] * 10 + ["TOO_MANY_ATTEMPTS"]


async def test_new_tokens_of_a_user_are_limited_together(shop: Shop) -> None:
    apps = [await user(shop, "mallory", serial) for serial in range(3)]
    assert await answers(10, shop, apps[0]) == ["COUPON_NOT_FOUND"] * 10
    assert await answers(10, shop, apps[1]) == ["COUPON_NOT_FOUND"] * 10
    assert await guess(shop, apps[2]) == "TOO_MANY_ATTEMPTS"


async def test_a_blocked_user_blocks_nobody_else(shop: Shop, open_code: str) -> None:
    mallory, alice = await user(shop, "mallory"), await user(shop, "alice")
    await answers(11, shop, mallory)
    assert await guess(shop, alice, open_code) == ""
    assert (await shop.validate(open_code, "bob")).valid
    assert await outcome(shop.redeem(open_code, "bob")) == ""


async def test_a_backend_is_limited_by_user_and_more_loosely(shop: Shop, open_code: str) -> None:
    for _ in range(10):
        assert (await shop.validate(WRONG, "mallory")).reason == "COUPON_NOT_FOUND"
        assert await reason(shop.redeem(WRONG, "mallory")) == "COUPON_NOT_FOUND"
    assert await reason(shop.redeem(open_code, "mallory")) == "TOO_MANY_ATTEMPTS"
    assert await reason(shop.validate(open_code, "mallory")) == "TOO_MANY_ATTEMPTS"
    assert (await shop.validate(open_code, "alice")).valid


async def test_a_validation_for_nobody_is_never_blocked(shop: Shop, open_code: str) -> None:
    for _ in range(25):
        assert (await shop.validate(WRONG)).reason == "COUPON_NOT_FOUND"
    assert (await shop.validate(open_code)).valid


async def test_anothers_code_counts_as_an_unknown_one_does(shop: Shop) -> None:
    code = await shop.code_for(await shop.define(), "alice")
    app = await user(shop, "mallory")
    for _ in range(10):
        assert await guess(shop, app, code) == "COUPON_NOT_FOUND"
    assert await guess(shop, app, code) == "TOO_MANY_ATTEMPTS"


async def test_other_refusals_do_not_count(shop: Shop, clock: MovableClock) -> None:
    used = await shop.code_for(await shop.define(), "alice")
    await shop.redeem(used, "alice")
    ended = await shop.define(custom_code="ENDED", expires_at=clock() + MINUTE)
    clock.advance(2 * MINUTE)
    await shop.archive(await shop.define(custom_code="GONE"))
    for code, why in (
        (used, "COUPON_ALREADY_REDEEMED"),
        (ended.config.custom_code, "COUPON_EXPIRED"),
        ("GONE", "COUPON_UNAVAILABLE"),
    ):
        for _ in range(21):
            assert (await shop.validate(code, "alice")).reason == why
            assert await reason(shop.redeem(code, "alice")) == why


async def test_a_code_that_can_not_exist_counts(shop: Shop) -> None:
    app = await user(shop, "mallory")
    for _ in range(5):
        assert await guess(shop, app, " \t ") == "COUPON_NOT_FOUND"
        request = RedeemCouponRequest(tenant_id=shop.id, code=" ")
        assert await reason(app.query.RedeemCoupon(request)) == "COUPON_NOT_FOUND"
    assert await guess(shop, app) == "TOO_MANY_ATTEMPTS"


async def test_no_burst_gets_more_answers_than_the_policy_allows(
    shop: Shop, open_code: str
) -> None:
    """All at once, most are in one batch: each is decided after those before it."""
    app = await user(shop, "mallory")
    outcomes = await asyncio.gather(*(guess(shop, app, f"CODE-{number}") for number in range(100)))
    assert sorted(outcomes) == ["COUPON_NOT_FOUND"] * 10 + ["TOO_MANY_ATTEMPTS"] * 90
    bob = await user(shop, "bob")
    redemptions = [
        outcome(
            bob.query.RedeemCoupon(
                RedeemCouponRequest(tenant_id=shop.id, code=f"CODE-{n}" if n < 99 else open_code)
            )
        )
        for n in range(100)
    ]
    outcomes = await asyncio.gather(*redemptions)
    assert outcomes.count("COUPON_NOT_FOUND") == 10
    assert outcomes.count("TOO_MANY_ATTEMPTS") + outcomes.count("") == 90


async def test_an_honest_burst_is_not_limited(shop: Shop, open_code: str) -> None:
    outcomes = await asyncio.gather(*(outcome(shop.redeem(open_code, "alice")) for _ in range(60)))
    assert outcomes == [""] * 60


async def test_a_retry_gets_its_answer_once_the_block_is_over(
    shop: Shop, open_code: str, clock: MovableClock
) -> None:
    first = await shop.redeem(open_code, "alice", request_id="one")
    for _ in range(20):
        await shop.validate(WRONG, "alice")
    again = shop.redeem(open_code, "alice", request_id="one")
    assert await reason(again) == "TOO_MANY_ATTEMPTS"
    clock.advance(MINUTE)
    assert await shop.redeem(open_code, "alice", request_id="one") == first


# --- policies and lifting


async def test_the_default_policy_is_told(shop: Shop) -> None:
    request = GetGuessPolicyRequest(tenant_id=shop.id)
    policy = (await shop.tenants.GetGuessPolicy(request)).policy
    assert policy.user_token == limit(10)
    assert policy.user == limit(20)
    hour = timedelta(hours=1)
    assert policy.peer.failures == 500
    assert policy.peer.max_block.ToTimedelta() == hour == policy.peer.window.ToTimedelta()
    assert policy.tenant.failures == 1_000
    assert policy.tenant.window.ToTimedelta() == hour


async def test_a_policy_is_the_tenants_own(shop: Shop, server: Served) -> None:
    await set_policy(shop, server, GuessPolicy(user_token=limit(2, block=timedelta(hours=1))))
    request = GetGuessPolicyRequest(tenant_id=shop.id)
    policy = (await shop.tenants.GetGuessPolicy(request)).policy
    assert policy.user_token.failures == 2
    assert policy.user == limit(20)
    app = await user(shop, "mallory")
    outcomes = await answers(3, shop, app)
    assert outcomes == ["COUPON_NOT_FOUND", "COUPON_NOT_FOUND", "TOO_MANY_ATTEMPTS"]
    other = await Shop.open(await server.new_tenant())
    assert await answers(3, other, await user(other, "mallory")) == ["COUPON_NOT_FOUND"] * 3
    await set_policy(shop, server, GuessPolicy())
    policy = (await shop.tenants.GetGuessPolicy(request)).policy
    assert policy.user_token == limit(10)


@pytest.mark.parametrize(
    ("changes", "field"),
    [
        ({"failures": 0}, "policy.user.failures"),
        ({"window": timedelta(seconds=59)}, "policy.user.window"),
        ({"block": timedelta(0)}, "policy.user.block"),
        ({"block": 2 * DAY, "max_block": DAY}, "policy.user.max_block"),
    ],
)
async def test_a_limit_has_bounds(
    shop: Shop, changes: dict[str, int | timedelta], field: str
) -> None:
    wrong = limit(5)
    for name, value in changes.items():
        if isinstance(value, int):
            wrong.failures = value
        else:
            getattr(wrong, name).FromTimedelta(value)
    request = SetGuessPolicyRequest(tenant_id=shop.id, policy=GuessPolicy(user=wrong))
    error = await refused(shop.tenants.SetGuessPolicy(request))
    assert [one.field for one in error.field_violations] == [field]


async def test_support_lifts_a_block(shop: Shop, server: Served) -> None:
    app = await user(shop, "alice")
    await answers(10, shop, app)
    await server.app.guard.sync()
    request = LiftGuessBlockRequest(tenant_id=shop.id, user_id="alice")
    assert (await shop.tenants.LiftGuessBlock(request)).lifted
    await server.app.guard.pull()
    assert await answers(11, shop, app) == ["COUPON_NOT_FOUND"] * 10 + ["TOO_MANY_ATTEMPTS"]
    other = LiftGuessBlockRequest(tenant_id=shop.id, user_id="bob")
    assert not (await shop.tenants.LiftGuessBlock(other)).lifted


@pytest.mark.parametrize("pushed", [0, 1, 9, 10])
async def test_a_lift_holds_whatever_workers_have_not_pushed_yet(
    shop: Shop, server: Served, second: Served, clock: MovableClock, pushed: int
) -> None:
    """Support may be a program, which lifts a block at once."""
    token = token_of(shop, "alice")
    here, there = await server.client(token), await second.client(token)
    await answers(pushed, shop, here)
    for worker in (server, second):
        await worker.app.guard.sync()
    await answers(10 - pushed, shop, here)
    await answers(9 if pushed == 0 else 0, shop, there)
    assert await guess(shop, here) == "TOO_MANY_ATTEMPTS"
    await shop.tenants.LiftGuessBlock(LiftGuessBlockRequest(tenant_id=shop.id, user_id="alice"))
    clock.advance(timedelta(milliseconds=1))
    for _ in range(2):
        for worker in (server, second):
            await worker.app.guard.sync()
    for app in (here, there):
        assert await answers(5, shop, app) == ["COUPON_NOT_FOUND"] * 5
        for worker in (server, second):
            await worker.app.guard.sync()
    assert await guess(shop, there) == "TOO_MANY_ATTEMPTS"


async def test_failures_after_a_lift_count(shop: Shop, server: Served, clock: MovableClock) -> None:
    app = await user(shop, "alice")
    await answers(10, shop, app)
    await shop.tenants.LiftGuessBlock(LiftGuessBlockRequest(tenant_id=shop.id, user_id="alice"))
    await server.app.guard.sync()
    clock.advance(timedelta(seconds=1))
    assert await answers(11, shop, app) == ["COUPON_NOT_FOUND"] * 10 + ["TOO_MANY_ATTEMPTS"]
    await server.app.guard.sync()
    assert await guess(shop, app) == "TOO_MANY_ATTEMPTS"


# --- what servers share


@pytest.fixture
async def second(database_url: str, clock: MovableClock) -> AsyncIterator[Served]:
    """Another server on the same database."""
    async with serving(settings_for(database_url), clock) as served:
        yield served


async def test_servers_share_blocks(
    shop: Shop, server: Served, second: Served, open_code: str
) -> None:
    token = token_of(shop, "mallory")
    here, there = await server.client(token), await second.client(token)
    await answers(10, shop, here)
    await server.app.guard.push()
    await second.app.guard.pull()
    assert await guess(shop, there, open_code) == "TOO_MANY_ATTEMPTS"
    # The user has ten failures left, with another token.
    other = await second.client(token_of(shop, "mallory", 1))
    assert await guess(shop, other, open_code) == ""


async def test_servers_add_up_what_each_has_counted(
    shop: Shop, server: Served, second: Served, open_code: str
) -> None:
    token = token_of(shop, "mallory")
    here, there = await server.client(token), await second.client(token)
    assert await answers(6, shop, here) == ["COUPON_NOT_FOUND"] * 6
    await server.app.guard.push()
    assert await answers(4, shop, there) == ["COUPON_NOT_FOUND"] * 4
    await second.app.guard.push()
    assert await guess(shop, there) == "TOO_MANY_ATTEMPTS"
    await server.app.guard.pull()
    assert await guess(shop, here) == "TOO_MANY_ATTEMPTS"


async def test_a_block_survives_a_restart(
    shop: Shop, server: Served, database_url: str, clock: MovableClock
) -> None:
    token = token_of(shop, "mallory")
    await answers(10, shop, await server.client(token))
    await server.app.guard.push_all()
    async with serving(settings_for(database_url), clock) as restarted:
        await restarted.app.guard.pull()
        there = await restarted.client(token)
        assert await guess(shop, there) == "TOO_MANY_ATTEMPTS"
        clock.advance(MINUTE)
        # The count survives, too: the next failure blocks for two minutes.
        assert await guess(shop, there) == "COUPON_NOT_FOUND"
        clock.advance(2 * MINUTE - timedelta(seconds=1))
        assert await guess(shop, there) == "TOO_MANY_ATTEMPTS"


async def test_neither_tokens_nor_addresses_are_stored(shop: Shop, server: Served) -> None:
    token = token_of(shop, "mallory")
    await answers(1, shop, await server.client(token))
    await server.app.guard.push()
    async with server.app.database.driver_connection(TESTS) as connection:
        rows = await connection.fetch("SELECT kind, user_id, digest FROM guess_counts ORDER BY 1")
    assert [(row["kind"], row["user_id"], len(row["digest"])) for row in rows] == [
        ("tenant", "", 0),
        ("user", "mallory", 0),
        ("user_token", "mallory", 32),
    ]


async def test_a_successful_call_writes_nothing(shop: Shop, server: Served, open_code: str) -> None:
    await shop.redeem(open_code, "alice")
    await shop.validate(open_code, "alice")
    await server.app.guard.push()
    async with server.app.database.driver_connection(TESTS) as connection:
        assert await connection.fetchval("SELECT count(*) FROM guess_counts") == 0


# --- memory and rows


async def test_memory_is_bounded_and_tenants_push_out_their_own(
    shop: Shop, server: Served, clock: MovableClock
) -> None:
    guard = GuessGuard(server.app.database, clock, capacity=50)
    victim = Guesser(new_id(), "alice")
    for _ in range(20):
        guard.record(replace(victim), Reason.COUPON_NOT_FOUND)
    crowd = new_id()
    for number in range(500):
        guard.record(Guesser(crowd, f"user-{number}"), Reason.COUPON_NOT_FOUND)
    assert sum(map(len, guard._counts.tenants.values())) == 50
    with pytest.raises(DomainError):
        guard.check(victim)


async def test_an_office_in_which_many_mistype_a_code_is_not_blocked(
    server: Served, clock: MovableClock
) -> None:
    guard, tenant_id = GuessGuard(server.app.database, clock), new_id()

    def colleague(number: int) -> Guesser:
        return Guesser(tenant_id, f"user-{number}", token=f"token-{number}", peer="office")

    for number in range(400):
        guard.record(colleague(number), Reason.COUPON_NOT_FOUND)
    guard.check(colleague(400))


async def test_a_flood_of_counts_keeps_no_small_one_from_being_stored(
    server: Served, clock: MovableClock
) -> None:
    """Neither that of another tenant nor one of the same."""
    guard, crowd, other = GuessGuard(server.app.database, clock), new_id(), new_id()
    quiet = [Guesser(crowd, "quiet"), Guesser(other, "quiet")]
    for guesser in quiet:
        guard.record(guesser, Reason.COUPON_NOT_FOUND)
    for round_number in range(3):
        for number in range(2 * MAX_STORED):
            for _ in range(3):
                guesser = Guesser(crowd, f"user-{round_number}-{number}")
                guard.record(guesser, Reason.COUPON_NOT_FOUND)
        await guard.push()
        async with server.app.database.driver_connection(TESTS) as connection:
            stored = await connection.fetch(
                "SELECT tenant_id FROM guess_counts WHERE user_id = 'quiet'"
            )
        assert {row["tenant_id"] for row in stored} == {crowd, other}


async def test_one_round_stores_few_counts_and_the_largest_first(
    server: Served, clock: MovableClock
) -> None:
    guard, tenant_id = GuessGuard(server.app.database, clock), new_id()
    for number in range(1_000):
        guard.record(Guesser(tenant_id, f"user-{number}"), Reason.COUPON_NOT_FOUND)
    for _ in range(5):
        guard.record(Guesser(tenant_id, "user-7"), Reason.COUPON_NOT_FOUND)
    await guard.push()
    async with server.app.database.driver_connection(TESTS) as connection:
        rows = await connection.fetch(
            "SELECT user_id, current FROM guess_counts ORDER BY current DESC, user_id"
        )
        assert len(rows) == MAX_STORED
        assert [tuple(row) for row in rows[:2]] == [("", 1_005), ("user-7", 6)]
        await guard.push_all()
        assert await connection.fetchval("SELECT count(*) FROM guess_counts") == 1_001
        total = "SELECT sum(current) FROM guess_counts WHERE kind = 'user'"
        assert await connection.fetchval(total) == 1_005


async def test_what_could_not_be_stored_is_stored_later(
    server: Served, clock: MovableClock, monkeypatch: pytest.MonkeyPatch
) -> None:
    guard, tenant_id = GuessGuard(server.app.database, clock), new_id()
    guard.record(Guesser(tenant_id, "alice"), Reason.COUPON_NOT_FOUND)
    with monkeypatch.context() as patch:
        patch.setattr(guesses, "save_counts", fail)
        with pytest.raises(RuntimeError):
            await guard.push()
    await guard.push()
    async with server.app.database.driver_connection(TESTS) as connection:
        assert await connection.fetchval("SELECT sum(current) FROM guess_counts") == 2


async def fail(*_: object) -> None:
    raise RuntimeError("the database is gone")


async def test_old_counts_are_trimmed(shop: Shop, server: Served, clock: MovableClock) -> None:
    await answers(10, shop, await user(shop, "mallory"))
    await server.app.guard.push()
    database = server.app.database

    async def kinds() -> list[str]:
        async with database.driver_connection(TESTS) as connection:
            rows = await connection.fetch("SELECT kind FROM guess_counts ORDER BY 1")
        return [row["kind"] for row in rows]

    assert await kinds() == ["tenant", "user", "user_token"]
    clock.advance(timedelta(hours=2, seconds=1))
    await retention.trim_guess_counts(database, clock)
    assert await kinds() == ["user", "user_token"]
    clock.advance(2 * DAY)
    await retention.trim_guess_counts(database, clock)
    assert await kinds() == []


async def test_of_too_many_counts_those_that_block_stay(
    server: Served, clock: MovableClock
) -> None:
    guard, tenant_id = GuessGuard(server.app.database, clock), new_id()
    for _ in range(20):
        guard.record(Guesser(tenant_id, "blocked"), Reason.COUPON_NOT_FOUND)
    await guard.push()
    for number in range(30):
        guard.record(Guesser(tenant_id, f"user-{number}"), Reason.COUPON_NOT_FOUND)
    await guard.push()
    assert await guesses.trim_excess(server.app.database, 10, 5, clock()) == 5
    while await guesses.trim_excess(server.app.database, 10, 5, clock()):
        pass
    async with server.app.database.driver_connection(TESTS) as connection:
        left = [row[0] for row in await connection.fetch("SELECT user_id FROM guess_counts")]
    assert len(left) == 10
    assert {"", "blocked"} <= set(left)


# --- the whole tenant


async def test_too_many_failures_of_a_tenant_raise_one_event_and_block_nobody(
    shop: Shop, server: Served, second: Served, clock: MovableClock, open_code: str
) -> None:
    threshold = GuessThreshold(failures=30)
    threshold.window.FromTimedelta(timedelta(hours=1))
    await set_policy(shop, server, GuessPolicy(tenant=threshold))
    await shop.tenants.CreateWebhookEndpoint(
        CreateWebhookEndpointRequest(
            tenant_id=shop.id,
            url="https://hooks.invalid/",
            event_types=["security.guessing_suspected"],
        )
    )
    await second.app.guard.pull()
    for number in range(15):
        for served in (server, second):
            client = await served.client(token_of(shop, f"user-{number}"))
            assert await guess(shop, client) == "COUPON_NOT_FOUND"
    for served in (server, second, server):
        await served.app.guard.push()
    for number in range(3):
        assert (await shop.validate(WRONG, f"other-{number}")).reason == "COUPON_NOT_FOUND"
    await server.app.guard.push()
    assert (await shop.validate(open_code, "alice")).valid
    await every_way_out(shop, server)
    [event] = await events(shop, server)
    assert (event.type, event.user_id) == ("security.guessing_suspected", "")
    assert (event.guessing.failures, event.guessing.threshold) == (30, 30)
    assert event.guessing.window.ToTimedelta() == timedelta(hours=1)
    clock.advance(timedelta(minutes=61))
    for number in range(30):
        await shop.validate(WRONG, f"late-{number}")
    await server.app.guard.push()
    assert len(await events(shop, server)) == 2
    assert (await backlog.measure(server.app.database, clock())).suspected_tenants == 1


async def every_way_out(shop: Shop, server: Served) -> None:
    """The stream's one event goes to webhooks and the broker, too."""
    while await server.app.background.sequencer.run_once():
        pass
    async with server.app.database.driver_connection(TESTS) as connection:
        lanes = await connection.fetch("SELECT user_id, next_sequence FROM webhook_lanes")
        assert [tuple(lane) for lane in lanes] == [("", 1)]
        page = await outbox_events.fetch_page(connection, shop.tenant.uuid, 0, (), 10)
        [event] = page.events
    data = json.loads(webhook_body(event))["data"]
    assert data["guessing"] == {"failures": 30, "threshold": 30, "window": "3600s"}
    published = json.loads(cloud_event(event))
    assert published["data"] == data
    # CloudEvents 1.0: not empty if it is there.
    assert "subject" not in published


async def events(shop: Shop, server: Served) -> list[GrantEvent]:
    """The tenant's stream from its beginning."""
    while await server.app.background.sequencer.run_once():
        pass
    found: list[GrantEvent] = []
    stream = shop.grants.WatchGrants(WatchGrantsRequest(tenant_id=shop.id))
    async for response in stream:
        if response.HasField("heartbeat"):
            if found or response.cursor:
                at_end = GetGrantCursorRequest(tenant_id=shop.id)
                if (await shop.grants.GetGrantCursor(at_end)).latest_cursor == response.cursor:
                    break
            continue
        found.append(response.event)
    stream.cancel()
    return found


# --- how hard codes are to guess


async def strength(shop: Shop, definition_id: str, users: int = 0) -> GetCodeStrengthResponse:
    return await shop.admin.GetCodeStrength(
        GetCodeStrengthRequest(tenant_id=shop.id, id=definition_id, users=users)
    )


async def test_the_strength_of_codes_is_told(shop: Shop) -> None:
    definition = await shop.define(code_length=4)
    empty = await strength(shop, definition.id)
    assert (empty.chance_per_guess, empty.HasField("expected_time_of_user")) == (0, False)
    await shop.generate(definition, "alice", "bob")
    await shop.generate(definition, quantity=8)
    strong = await strength(shop, definition.id, users=1_000)
    assert (strong.code_length, strong.key_space) == (4, 31**4)
    assert (strong.issued, strong.unassigned) == (10, 8)
    assert strong.chance_per_guess == pytest.approx(8 / 31**4)
    assert strong.allowed_chance_per_guess == pytest.approx(1e-5)
    assert (strong.user_token_guesses_per_day, strong.user_guesses_per_day) == (20, 30)
    days = 31**4 / 8 / 30
    assert strong.expected_time_of_user.ToTimedelta().days == int(days)
    assert strong.expected_time_of_user_token.ToTimedelta().days == int(days * 1.5)
    assert strong.expected_time_of_users.seconds == pytest.approx(days * 86.4, abs=1)


async def test_a_custom_code_has_no_strength(shop: Shop) -> None:
    definition = await shop.define(custom_code="WELCOME")
    error = await refused(strength(shop, definition.id))
    assert [one.field for one in error.field_violations] == ["id"]
    missing = strength(shop, "0198c2f0-5a3b-7c1d-8e2f-000000000001")
    assert await reason(missing) == "DEFINITION_NOT_FOUND"


async def test_a_looser_policy_asks_for_longer_codes(shop: Shop, server: Served) -> None:
    definition = await shop.define(code_length=4)
    loose = limit(1_000, timedelta(hours=1), timedelta(seconds=1))
    await set_policy(shop, server, GuessPolicy(user=loose))
    error = await refused(shop.generate(definition, quantity=1))
    assert error.reason == "KEY_SPACE_TOO_SMALL"
    strong = await strength(shop, definition.id)
    assert strong.allowed_chance_per_guess < 1e-7
    required = int(error.metadata["required_code_length"])
    assert 1 / 31**required <= strong.allowed_chance_per_guess < 1 / 31 ** (required - 1)
    # A stricter one never allows more than 1 in 100,000.
    await set_policy(shop, server, GuessPolicy(user=limit(1)))
    assert (await strength(shop, definition.id)).allowed_chance_per_guess == 1e-5
    await shop.generate(definition, quantity=9)
    assert await reason(shop.generate(definition, quantity=1)) == "KEY_SPACE_TOO_SMALL"


def test_the_rule_holds_for_the_default_policy() -> None:
    guesses_allowed = DEFAULT_POLICY.user.most_in(codes.GUESSING_PERIOD)
    assert codes.allowed_guess_probability(DEFAULT_POLICY) == codes.MAX_GUESS_PROBABILITY
    assert guesses_allowed * codes.MAX_GUESS_PROBABILITY < codes.MAX_GUESSING_SUCCESS
