"""Guessers at full speed: what they learn is bounded by the policy, and nobody else feels them."""

import asyncio
from collections import Counter
from collections.abc import Awaitable, Callable, Iterable
from datetime import timedelta
from itertools import count

import pytest

from coupon_server.auth.peers import PEER_HEADER, Peers
from coupon_server.auth.secrets import Keyring
from coupon_server.domain.clock import utc_now
from coupon_server.domain.guessing import DEFAULT_POLICY
from phoenix_coupons import AsyncCouponsClient, CouponsError, TenantToken
from phoenix_coupons.v1 import (
    GuessLimit,
    GuessPolicy,
    RedeemCouponRequest,
    SetGuessPolicyRequest,
    ValidateCouponRequest,
)
from support.abuse import SCALE, AbuseTarget, Bystander, Figures, attacked
from support.app import TESTS
from support.builders import Shop, usage_limit
from support.contract import rpc, wire
from support.serving import MASTER_KEYS

Attempt = Callable[[str], Awaitable[str]]
"""Guesses a code; returns what came of it."""

ATTEMPTS = 1_500 * SCALE
AT_ONCE = 64
CODE = "HONEST"


@pytest.fixture
async def shop(target: AbuseTarget) -> Shop:
    """A tenant with codes of four letters, as many as the rule allows, that nobody holds."""
    shop = await target.new_shop()
    await shop.generate(await shop.define(code_length=4), quantity=9)
    await shop.define(custom_code=CODE, limit=usage_limit("unlimited"))
    return shop


def guesses() -> Iterable[str]:
    letters = "23456789ABCDEFGHJKMNPQRSTUVWXYZ"
    for number in count():
        yield "".join(letters[number // 31**place % 31] for place in range(4))


async def at_full_speed(attempt: Attempt, attempts: int) -> Counter[str]:
    """What came of so many attempts, of which many are under way at once."""
    codes, outcomes = iter(guesses()), Counter[str]()

    async def work() -> None:
        while outcomes.total() < attempts:
            outcomes[await attempt(next(codes))] += 1

    await asyncio.gather(*(work() for _ in range(AT_ONCE)))
    return outcomes


def validating(shop: Shop, client: AsyncCouponsClient, users: Callable[[], str] = str) -> Attempt:
    async def attempt(code: str) -> str:
        request = ValidateCouponRequest(tenant_id=shop.id, code=code, user_id=users())
        try:
            return (await client.query.ValidateCoupon(request)).reason or "VALID"
        except CouponsError as error:
            return error.reason

    return attempt


def redeeming(shop: Shop, client: AsyncCouponsClient) -> Attempt:
    async def attempt(code: str) -> str:
        try:
            await client.query.RedeemCoupon(RedeemCouponRequest(tenant_id=shop.id, code=code))
        except CouponsError as error:
            return error.reason
        return "REDEEMED"

    return attempt


async def user(target: AbuseTarget, shop: Shop, user_id: str) -> AsyncCouponsClient:
    token = TenantToken(shop.id, shop.tenant.credentials.tenant_secret, user_id=user_id)
    return await target.served.client(token, timeout=60)


@pytest.mark.parametrize("call", [validating, redeeming])
async def test_one_token_learns_of_as_many_codes_as_the_policy_says(
    target: AbuseTarget,
    shop: Shop,
    bystander: Bystander,
    figures: Figures,
    call: Callable[..., Attempt],
) -> None:
    mallory = await user(target, shop, "mallory")
    name = f"guesses by one token ({call.__name__})"
    with attacked(target, bystander, figures, name, ahead=AT_ONCE) as attack:
        outcomes = await at_full_speed(call(shop, mallory), ATTEMPTS)
        attack.note(attempts=outcomes.total(), answered=outcomes["COUPON_NOT_FOUND"])
    hits = outcomes["VALID"] + outcomes["REDEEMED"]
    assert outcomes["COUPON_NOT_FOUND"] == DEFAULT_POLICY.user_token.failures
    assert outcomes["TOO_MANY_ATTEMPTS"] == outcomes.total() - outcomes["COUPON_NOT_FOUND"] - hits
    # Nine of 923,521 codes would be a hit.
    assert hits <= 1
    honest = await user(target, shop, "alice")
    assert await validating(shop, honest)(CODE) == "VALID"


async def test_made_up_users_of_a_backend_cost_bounded_memory_and_rows(
    target: AbuseTarget, shop: Shop, bystander: Bystander, figures: Figures
) -> None:
    """Whoever controls a backend controls its users: the tenant is outcomes of it."""
    backend = await target.served.client(
        TenantToken(shop.id, shop.tenant.credentials.tenant_secret), timeout=60
    )
    numbers = count()
    name = "guesses by made-up users"
    with attacked(target, bystander, figures, name, ahead=AT_ONCE) as attack:
        outcomes = await at_full_speed(
            validating(shop, backend, lambda: f"user-{next(numbers)}"), ATTEMPTS
        )
        attack.note(attempts=outcomes.total())
    assert outcomes.keys() <= {"COUPON_NOT_FOUND", "VALID"}
    assert attack.cost.kept_bytes < 64 * 1024 * 1024
    assert await shop.validate(CODE, "alice")
    rows = "SELECT count(*) FROM guess_counts WHERE tenant_id = $1"
    suspected = "SELECT count(*) FROM guess_alerts WHERE tenant_id = $1"
    async with target.served.app.database.driver_connection(TESTS) as connection:
        while not await connection.fetchval(suspected, shop.tenant.uuid):  # noqa: ASYNC110 — nothing tells
            await asyncio.sleep(0.05)
        stored = await connection.fetchval(rows, shop.tenant.uuid)
        assert await connection.fetchval(suspected, shop.tenant.uuid) == 1
    assert stored <= outcomes.total() + 1


async def test_many_users_at_one_address_learn_of_as_many_codes_as_it_may(
    target: AbuseTarget, shop: Shop, bystander: Bystander, figures: Figures
) -> None:
    """As an edge tells the address; every guess comes by another user's token."""
    policy = GuessPolicy(peer=limit(50), user_token=limit(1))
    await shop.tenants.SetGuessPolicy(SetGuessPolicyRequest(tenant_id=shop.id, policy=policy))
    edge = Peers(Keyring.parse(MASTER_KEYS), utc_now, trusted_hops=1)
    numbers, outcomes = count(), Counter[str]()
    async with wire(target.address) as raw:

        async def attempt(user_id: str, address: str, code: str = "WRONG") -> str:
            secret = shop.tenant.credentials.tenant_secret
            token = TenantToken(shop.id, secret, user_id=user_id).token()
            request = ValidateCouponRequest(tenant_id=shop.id, code=code).SerializeToString()
            peer = edge.issue(address) or ""
            metadata = (("authorization", f"Bearer {token}"), (PEER_HEADER, peer))
            return (await raw.call(rpc("ValidateCoupon").path, request, metadata)).code.name

        async def is_known() -> bool:
            probe = f"probe-{next(numbers)}"
            return [await attempt(probe, "192.0.2.9") for _ in range(2)][1] != "OK"

        while not await is_known():  # noqa: ASYNC110 — nothing tells
            await asyncio.sleep(0.05)
        name = "guesses by many users at one address"
        with attacked(target, bystander, figures, name) as attack:
            for _ in range(150 * SCALE):
                outcomes[await attempt(f"user-{next(numbers)}", "192.0.2.1")] += 1
            assert await attempt("alice", "192.0.2.1", CODE) == "RESOURCE_EXHAUSTED"
            assert await attempt("alice", "192.0.2.2", CODE) == "OK"
            attack.note(attempts=outcomes.total(), answered=outcomes["OK"])
    assert outcomes == {"OK": 50, "RESOURCE_EXHAUSTED": 150 * SCALE - 50}


def limit(failures: int) -> GuessLimit:
    made = GuessLimit(failures=failures)
    for span in (made.window, made.block, made.max_block):
        span.FromTimedelta(timedelta(hours=1))
    return made
