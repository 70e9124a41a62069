"""Calls that race one another in one server."""

import asyncio
from collections import Counter

import pytest

from phoenix_coupons.v1 import Coupon, Redemption
from support.builders import Shop, outcome, usage_limit


async def test_a_user_who_calls_in_parallel_never_exceeds_the_limit_of_a_coupon(
    shop: Shop,
) -> None:
    definition = await shop.define(limit=usage_limit("per_user", 7))
    code = await shop.code_for(definition, "alice")
    outcomes = await asyncio.gather(*(outcome(shop.redeem(code, "alice")) for _ in range(50)))
    assert Counter(outcomes) == {"": 7, "COUPON_ALREADY_REDEEMED": 43}
    [coupon] = await shop.coupons()
    assert coupon.redemption_count == len(await shop.ledger()) == 7


@pytest.mark.parametrize("custom_code", ["", "SALE"])
async def test_a_user_who_calls_in_parallel_never_exceeds_the_cap(
    shop: Shop, custom_code: str
) -> None:
    definition = await shop.define(
        limit=usage_limit("unlimited"), max_uses_per_user=5, custom_code=custom_code
    )
    codes = [await shop.code_for(definition, "alice") for _ in range(10)]
    outcomes = await asyncio.gather(*(outcome(shop.redeem(code, "alice")) for code in codes * 5))
    assert Counter(outcomes) == {"": 5, "COUPON_LIMIT_REACHED": 45}
    assert (await shop.stats(definition)).redemptions == 5


@pytest.mark.parametrize("custom_code", ["", "SALE"])
async def test_a_global_limit_is_granted_to_the_last_use_and_not_beyond(
    shop: Shop, custom_code: str
) -> None:
    definition = await shop.define(limit=usage_limit("global", 40), custom_code=custom_code)
    users = [f"user{i}" for i in range(100)]
    codes = ["SALE"] * 100
    if not custom_code:
        codes = [coupon.code for coupon in (await shop.generate(definition, *users)).coupons]
    outcomes = await asyncio.gather(
        *(outcome(shop.redeem(*pair)) for pair in zip(codes, users, strict=True))
    )
    assert Counter(outcomes) == {"": 40, "COUPON_LIMIT_REACHED": 60}
    stats = await shop.stats(definition)
    assert (stats.redemptions, stats.distinct_users) == (40, 40)


async def test_one_request_id_sent_100_times_at_once_has_one_effect(shop: Shop) -> None:
    definition = await shop.define(limit=usage_limit("unlimited"))
    code = await shop.code_for(definition, "alice")
    answers = await asyncio.gather(
        *(shop.redeem(code, "alice", request_id="once") for _ in range(100))
    )
    assert all(answer == answers[0] for answer in answers)
    [row] = await shop.ledger()
    assert row.id == answers[0].redemption.id
    assert (await shop.stats(definition)).redemptions == 1


async def test_of_two_requests_with_one_id_only_one_has_an_effect(shop: Shop) -> None:
    definition = await shop.define(limit=usage_limit("unlimited"))
    codes = [await shop.code_for(definition, "alice") for _ in range(2)]
    outcomes = await asyncio.gather(
        *(outcome(shop.redeem(code, "alice", request_id="once")) for code in codes * 10)
    )
    assert Counter(outcomes) == {"": 10, "REQUEST_ID_REUSED": 10}
    assert len(await shop.ledger()) == 1


async def test_a_coupon_that_two_users_race_for_is_claimed_by_one(shop: Shop) -> None:
    definition = await shop.define(limit=usage_limit("per_user", 2))
    codes = [coupon.code for coupon in (await shop.generate(definition, quantity=20)).coupons]
    races = await asyncio.gather(
        *(outcome(shop.redeem(code, user)) for code in codes for user in ("alice", "bob"))
    )
    assert Counter(races) == {"": 20, "COUPON_NOT_ASSIGNED": 20}
    for row in await shop.ledger():
        assert (await shop.coupon(row.coupon_id)).user_id == row.user_id


async def test_a_user_who_claims_a_custom_code_in_parallel_gets_one_coupon(shop: Shop) -> None:
    definition = await shop.define(custom_code="SALE", limit=usage_limit("per_user", 3))
    calls = [outcome(shop.redeem("SALE", "alice")) for _ in range(10)]
    given = [shop.generate(definition, "alice", f"user{i}") for i in range(5)]
    outcomes, generated = await asyncio.gather(asyncio.gather(*calls), asyncio.gather(*given))
    assert Counter(outcomes) == {"": 3, "COUPON_ALREADY_REDEEMED": 7}
    [coupon] = await shop.coupons(user_id="alice")
    assert {made.coupons[0].id for made in generated} == {coupon.id}
    assert (await shop.stats(definition)).issued == 6


async def test_an_issue_limit_holds_for_claims_and_generations_together(shop: Shop) -> None:
    definition = await shop.define(
        custom_code="SALE", limit=usage_limit("unlimited"), issue_limit=10
    )
    claims = [outcome(shop.redeem("SALE", f"claimer{i}")) for i in range(15)]
    given = [outcome(shop.generate(definition, f"given{i}")) for i in range(15)]
    outcomes = await asyncio.gather(*claims, *given)
    assert outcomes.count("") == 10
    assert set(outcomes) <= {"", "COUPON_UNAVAILABLE", "ISSUE_LIMIT_REACHED"}
    assert (await shop.stats(definition)).issued == 10


async def test_a_redemption_reversed_many_times_at_once_is_reversed_once(shop: Shop) -> None:
    definition = await shop.define(limit=usage_limit("global", 2))
    code = await shop.code_for(definition, "alice")
    rows = [(await shop.redeem(code, "alice")).redemption.id for _ in range(2)]
    reversals = await asyncio.gather(*(shop.reverse(rows[0], f"try {i}") for i in range(20)))
    assert len({one.reversal.id for one in reversals}) == 1
    ledger = await shop.ledger()
    assert [row.kind for row in ledger].count(Redemption.Kind.reversal) == 1
    assert (await shop.validate(code, "alice")).remaining_uses.value == 1
    assert (await shop.stats(definition)).redemptions == 1


async def test_uses_and_reversals_at_once_lose_no_use(shop: Shop) -> None:
    definition = await shop.define(limit=usage_limit("global", 30))
    code = await shop.code_for(definition, "alice")
    rows = [(await shop.redeem(code, "alice")).redemption.id for _ in range(20)]
    outcomes = await asyncio.gather(
        *(outcome(shop.redeem(code, "alice")) for _ in range(25)),
        *(outcome(shop.reverse(row)) for row in rows),
    )
    assert outcomes[25:] == [""] * 20
    granted = outcomes[:25].count("")
    assert 10 <= granted <= 25
    assert set(outcomes) <= {"", "COUPON_LIMIT_REACHED"}
    assert (await shop.validate(code, "alice")).remaining_uses.value == 30 - granted
    [coupon] = await shop.coupons()
    assert coupon.redemption_count == granted == (await shop.stats(definition)).redemptions


async def test_against_a_redemption_a_revocation_comes_first_or_after(shop: Shop) -> None:
    definition = await shop.define()
    made = (await shop.generate(definition, quantity=25)).coupons
    outcomes = await asyncio.gather(
        *(outcome(shop.redeem(coupon.code, "alice")) for coupon in made),
        *(shop.revoke(coupon.id) for coupon in made),
    )
    for coupon, told in zip(made, outcomes[:25], strict=True):
        assert told in ("", "COUPON_REVOKED")
        after = await shop.coupon(coupon.id)
        assert after.status == Coupon.Status.revoked
        assert after.redemption_count == (1 if told == "" else 0)


async def test_after_a_pause_was_answered_nothing_more_is_made(shop: Shop) -> None:
    definition = await shop.define(custom_code="SALE", limit=usage_limit("unlimited"))
    calls = [
        *(asyncio.ensure_future(outcome(shop.generate(definition, f"a{i}"))) for i in range(20)),
        *(asyncio.ensure_future(outcome(shop.redeem("SALE", f"b{i}"))) for i in range(20)),
    ]
    await shop.pause(definition)
    late = await asyncio.gather(
        *(outcome(shop.generate(definition, f"c{i}")) for i in range(5)),
        *(outcome(shop.redeem("SALE", f"d{i}")) for i in range(5)),
    )
    assert late == ["DEFINITION_PAUSED"] * 5 + ["COUPON_UNAVAILABLE"] * 5
    outcomes = await asyncio.gather(*calls)
    assert set(outcomes) <= {"", "DEFINITION_PAUSED", "COUPON_UNAVAILABLE"}
    assert (await shop.stats(definition)).issued == outcomes.count("")


async def test_two_definitions_that_race_for_a_custom_code_do_not_both_get_it(
    shop: Shop,
) -> None:
    for i in range(5):
        rivals = ((f"Code{i}", False), (f"CODE{i}", True), (f"code{i}", False))
        outcomes = await asyncio.gather(
            *(
                outcome(shop.define(custom_code=code, case_sensitive=sensitive))
                for code, sensitive in rivals
            )
        )
        assert sorted(outcomes) == ["", "CODE_TAKEN", "CODE_TAKEN"]
