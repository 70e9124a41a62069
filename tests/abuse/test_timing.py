"""What the time of an answer tells: a user's token cannot tell another's code from none by it."""

import asyncio
import math
import random
import statistics
import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from functools import partial
from typing import cast
from uuid import uuid4

import grpc
import pytest

from phoenix_coupons import CouponsError, TenantToken
from phoenix_coupons._channel import BlockingChannel, Preparation
from phoenix_coupons.v1 import CouponQueryStub, RedeemCouponRequest, ValidateCouponRequest
from support.abuse import SCALE, AbuseTarget, Figures
from support.builders import Shop

PAIRS = 20_000 if SCALE > 1 else 500
WARM_UP = 50
CODES = 200
PAIRS_OF_A_USER = 4
"""A user fails twice a pair; guess protection lets nobody fail as often as there are pairs."""

SIGMAS = 5
"""How far from one half chance may lead: one false alarm in a million runs."""

ADVANTAGE = 0.05
"""How much more often than by chance a pair may tell. What is left is that an index has the code or
has not: a few microseconds of a statement of 200. That both cases run the same statements and lock
the same rows is tested by `tests/storage/test_redemption_batches.py`."""

Call = Callable[[CouponQueryStub, str, str, str], str]


def redeem(query: CouponQueryStub, tenant_id: str, user_id: str, code: str) -> str:
    request = RedeemCouponRequest(tenant_id=tenant_id, code=code, user_id=user_id)
    try:
        query.RedeemCoupon(request)
    except CouponsError as error:
        return error.reason
    return ""


def validate(query: CouponQueryStub, tenant_id: str, user_id: str, code: str) -> str:
    request = ValidateCouponRequest(tenant_id=tenant_id, code=code, user_id=user_id)
    return query.ValidateCoupon(request).reason


@dataclass(frozen=True, slots=True)
class Codes:
    """As many codes of another user's coupons as of none, of one form."""

    anothers: Sequence[str]
    unknown: Sequence[str]

    @classmethod
    def like(cls, anothers: Sequence[str]) -> "Codes":
        characters = sorted({character for code in anothers for character in code})
        unknown: set[str] = set()
        while len(unknown) < len(anothers):
            code = "".join(random.choices(characters, k=len(anothers[0])))
            unknown |= {code} - set(anothers)
        return cls(anothers, list(unknown))


@pytest.fixture(scope="module")
async def shop(target: AbuseTarget) -> Shop:
    return await target.new_shop()


@pytest.fixture(scope="module")
async def random_codes(shop: Shop) -> Codes:
    definition = await shop.define()
    made = await shop.generate(definition, *(f"holder-{number}" for number in range(CODES)))
    return Codes.like([coupon.code for coupon in made.coupons])


@pytest.fixture(scope="module")
async def codes_for_holders(shop: Shop) -> Codes:
    """Custom codes for holders alone."""
    codes = [f"VIP{number:05}" for number in random.sample(range(100_000), 20)]
    for code in codes:
        definition = await shop.define(custom_code=code, assigned_only=True)
        await shop.generate(definition, "holder")
    return Codes.like(codes)


async def test_redeeming_anothers_code_takes_as_long_as_redeeming_none(
    target: AbuseTarget, shop: Shop, random_codes: Codes, figures: Figures
) -> None:
    await compare(target, shop, redeem, random_codes, "RedeemCoupon", figures)


async def test_redeeming_a_code_for_holders_takes_as_long_as_redeeming_none(
    target: AbuseTarget, shop: Shop, codes_for_holders: Codes, figures: Figures
) -> None:
    await compare(target, shop, redeem, codes_for_holders, "RedeemCoupon, holders alone", figures)


async def test_validating_anothers_code_takes_as_long_as_validating_none(
    target: AbuseTarget, shop: Shop, random_codes: Codes, figures: Figures
) -> None:
    await compare(target, shop, validate, random_codes, "ValidateCoupon", figures)


async def compare(
    target: AbuseTarget, shop: Shop, call: Call, codes: Codes, name: str, figures: Figures
) -> None:
    """Make pairs of calls, and count those in which another's code took longer than none."""
    pairs = await asyncio.to_thread(measure, target, shop, call, codes)
    slower = statistics.mean(anothers > unknown for anothers, unknown in pairs)
    figures.add(
        f"{name}: another's code against none",
        pairs=len(pairs),
        share_slower=slower,
        median_difference_us=1e6 * statistics.median(one - other for one, other in pairs),
    )
    # Under the hypothesis that nothing differs, whatever the machine and its load, each pair is a
    # fair coin: the sign test.
    chance = SIGMAS * 0.5 / math.sqrt(len(pairs))
    assert abs(slower - 0.5) <= chance + ADVANTAGE


def measure(target: AbuseTarget, shop: Shop, call: Call, codes: Codes) -> list[tuple[float, float]]:
    """Seconds that another's code and an unknown one took, in random order, pair by pair."""
    pairs: list[tuple[float, float]] = []
    with grpc.insecure_channel(target.address) as channel:
        while len(pairs) < WARM_UP + PAIRS:
            user_id = f"mallory-{uuid4()}"
            attempt = partial(call, client(channel, shop, user_id), shop.id, user_id)
            pairs += [time_pair(attempt, codes) for _ in range(PAIRS_OF_A_USER)]
    return pairs[WARM_UP:]


def client(channel: grpc.Channel, shop: Shop, user_id: str) -> CouponQueryStub:
    """An app in the user's hands."""
    token = TenantToken(shop.id, shop.tenant.credentials.tenant_secret, user_id=user_id)
    prepared = BlockingChannel(channel, Preparation(token, 60.0))
    return CouponQueryStub(cast("grpc.Channel", prepared))


def time_pair(attempt: Callable[[str], str], codes: Codes) -> tuple[float, float]:
    anothers, unknown = random.choice(codes.anothers), random.choice(codes.unknown)
    if random.random() < 0.5:
        return timed(attempt, anothers), timed(attempt, unknown)
    unknown_seconds = timed(attempt, unknown)
    return timed(attempt, anothers), unknown_seconds


def timed(attempt: Callable[[str], str], code: str) -> float:
    started = time.perf_counter()
    reason = attempt(code)
    taken = time.perf_counter() - started
    assert reason == "COUPON_NOT_FOUND"
    return taken
