"""Limits hold when calls race each other over four worker processes."""

import asyncio
import random
from collections import Counter
from collections.abc import AsyncIterator, Sequence
from itertools import cycle
from typing import TYPE_CHECKING, Any

import pytest

from phoenix_coupons import FailedPreconditionError, UnavailableError
from phoenix_coupons.v1 import RedeemCouponRequest, RedeemCouponResponse
from support.builders import Shop, outcome, usage_limit
from support.databases import ask
from support.processes import ServerProcess, connections, eventually

if TYPE_CHECKING:
    from phoenix_coupons.v1.coupon_query_pb2_grpc import CouponQueryAsyncStub

    Backends = Sequence[CouponQueryAsyncStub]

OK = ""


@pytest.fixture
async def backends(fleet: ServerProcess, shop: Shop) -> "AsyncIterator[Backends]":
    """The shop's backend on 16 connections, over which the kernel spreads the workers."""
    async with connections(shop, fleet.address, 16) as opened:
        await race(shop, opened, [("none", "nobody")] * len(opened))
        assert len(fleet.busy_workers()) >= 2
        yield opened


async def race(
    shop: Shop, backends: "Backends", attempts: Sequence[tuple[str, str]]
) -> Counter[str]:
    """Redeem every (code, user) at once; how often each outcome came."""
    calls = (
        backend.RedeemCoupon(RedeemCouponRequest(tenant_id=shop.id, code=code, user_id=user))
        for backend, (code, user) in zip(cycle(backends), attempts, strict=False)
    )
    return Counter(await asyncio.gather(*map(outcome, calls)))


async def used(database_url: str, shop: Shop) -> dict[str, int]:
    """What the tenant's ledger, outbox and counters say was redeemed."""
    queries = {
        "redemptions": "SELECT count(*) FROM redemptions WHERE tenant_id = $1",
        "outbox": "SELECT count(*) FROM outbox WHERE tenant_id = $1",
        "coupons": "SELECT sum(used)::int FROM coupons WHERE tenant_id = $1",
        "holders": "SELECT sum(used)::int FROM holders WHERE tenant_id = $1",
        "total": "SELECT sum(used)::int FROM definition_counters WHERE tenant_id = $1",
    }
    return {name: await ask(database_url, query, shop.id) for name, query in queries.items()}


async def test_a_global_limit_is_granted_exactly(
    shop: Shop, backends: "Backends", shared_database: str
) -> None:
    await shop.define(custom_code="RUSH", limit=usage_limit("global", 1_000))
    attempts = [("RUSH", f"user{number % 700}") for number in range(3_000)]
    outcomes = await race(shop, backends, attempts)
    assert outcomes == {OK: 1_000, "COUPON_LIMIT_REACHED": 2_000}
    assert set((await used(shared_database, shop)).values()) == {1_000}


async def test_a_per_user_limit_holds_for_one_users_parallel_calls(
    shop: Shop, backends: "Backends"
) -> None:
    definition = await shop.define(limit=usage_limit("per_user", 3))
    code = await shop.code_for(definition, "alice")
    outcomes = await race(shop, backends, [(code, "alice")] * 50)
    assert outcomes == {OK: 3, "COUPON_ALREADY_REDEEMED": 47}
    assert len(await shop.ledger(user_id="alice")) == 3


@pytest.mark.parametrize("limit_type", ["per_user", "unlimited"])
async def test_a_users_limit_holds_over_several_coupons(
    shop: Shop, backends: "Backends", limit_type: str
) -> None:
    definition = await shop.define(limit=usage_limit(limit_type), max_uses_per_user=4)
    codes = [await shop.code_for(definition, "alice") for _ in range(10)]
    outcomes = await race(shop, backends, [(code, "alice") for code in codes] * 5)
    assert outcomes[OK] == 4
    assert len(await shop.ledger(user_id="alice")) == 4


async def test_one_request_id_has_one_effect_and_one_answer(
    shop: Shop, backends: "Backends"
) -> None:
    await shop.define(custom_code="ONCE", limit=usage_limit("unlimited"))
    request = RedeemCouponRequest(
        tenant_id=shop.id, code="ONCE", user_id="alice", request_id="order-1"
    )
    calls = (backend.RedeemCoupon(request) for backend, _ in zip(cycle(backends), range(100)))
    answers = await asyncio.gather(*calls)
    assert len(answers) == 100
    assert {answer.SerializeToString(deterministic=True) for answer in answers} == {
        answers[0].SerializeToString(deterministic=True)
    }
    [row] = await shop.ledger()
    assert row.id == answers[0].redemption.id


@pytest.mark.parametrize("rivals", [2, 20])
async def test_a_raced_code_is_claimed_by_one_user(
    shop: Shop, backends: "Backends", rivals: int
) -> None:
    definition = await shop.define()
    made = await shop.generate(definition, quantity=10)
    codes = [coupon.code for coupon in made.coupons]
    attempts = [(code, f"user{rival}") for code in codes for rival in range(rivals)]
    random.shuffle(attempts)
    outcomes = await race(shop, backends, attempts)
    assert outcomes == {OK: 10, "COUPON_NOT_ASSIGNED": 10 * (rivals - 1)}
    holders = {coupon.code: coupon.user_id for coupon in await shop.coupons()}
    assert {row.code: row.user_id for row in await shop.ledger()} == holders


async def test_killed_workers_neither_lose_nor_add_a_use(
    shop: Shop, backends: "Backends", fleet: ServerProcess, shared_database: str
) -> None:
    await shop.define(custom_code="RUSH", limit=usage_limit("global", 500))
    calls = [
        asyncio.create_task(insist(backend, redemption_of(shop, number)))
        for backend, number in zip(cycle(backends), range(1_500))
    ]
    for count in (50, 500):
        await answered(calls, count)
        random.choice(fleet.busy_workers()).kill()
        assert not all(call.done() for call in calls)
    answers = [answer for answer in await asyncio.gather(*calls) if answer is not None]

    assert len(answers) == 500
    assert {answer.redemption.id for answer in answers} == {row.id for row in await shop.ledger()}
    assert set((await used(shared_database, shop)).values()) == {500}
    await eventually(lambda: len(fleet.workers()) == 4)


async def answered(calls: "Sequence[asyncio.Task[Any]]", count: int) -> None:
    """Return when so many calls have their answer."""
    await eventually(lambda: sum(call.done() for call in calls) >= count)


def redemption_of(shop: Shop, number: int) -> RedeemCouponRequest:
    return RedeemCouponRequest(
        tenant_id=shop.id, code="RUSH", user_id=f"user{number}", request_id=f"attempt-{number}"
    )


async def insist(
    backend: "CouponQueryAsyncStub", request: RedeemCouponRequest
) -> RedeemCouponResponse | None:
    """Try again while the service is unavailable; None when the limit was reached."""
    while True:
        try:
            return await backend.RedeemCoupon(request)
        except UnavailableError:
            await asyncio.sleep(0.1)
        except FailedPreconditionError as error:
            if error.reason != "COUPON_LIMIT_REACHED":
                raise
            return None
