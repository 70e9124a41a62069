"""Events: what is issued for them, exactly once."""

import asyncio
from datetime import UTC, datetime, timedelta

import pytest

from phoenix_coupons.v1 import (
    Coupon,
    Event,
    EventResult,
    SendEventRequest,
    SendEventsRequest,
)
from support.app import TESTS
from support.builders import Shop, reason, refused
from support.clock import MovableClock
from support.events import achievement, on_achievement, on_rank, on_streak, rank, streak
from support.serving import Served


def codes(result: EventResult) -> list[str]:
    return [earned.coupon.code for earned in result.issued]


async def test_a_milestone_that_is_reached_issues_a_coupon_to_the_user(shop: Shop) -> None:
    definition = await shop.define(auto_generate=on_streak(7))
    result = await shop.send(streak("e1", "ada", 7))
    assert (result.event_id, result.duplicate) == ("e1", False)
    [earned] = result.issued
    assert earned.definition_id == definition.id
    assert earned.coupon.created
    [coupon] = await shop.coupons(user_id="ada")
    assert (coupon.id, coupon.code) == (earned.coupon.id, earned.coupon.code)
    assert coupon.source == Coupon.Source.earned
    assert coupon.generation_id == ""
    assert (await shop.redeem(coupon.code, "ada")).redemption.user_id == "ada"


@pytest.mark.parametrize(
    ("event", "issues"),
    [
        (streak("e", "ada", 6), False),
        (streak("e", "ada", 7), True),
        (streak("e", "ada", 8), True),
        (streak("e", "ada", 2**31 - 1), True),
        (streak("e", "ada", 7, streak_id="weekly"), False),
        (achievement("e", "ada"), True),
        (achievement("e", "ada", achievement_id="last-win"), False),
        (rank("e", "ada", 4), False),
        (rank("e", "ada", 3), True),
        (rank("e", "ada", 1), True),
        (rank("e", "ada", 1, leaderboard_id="daily"), False),
    ],
)
async def test_an_event_issues_what_its_trigger_says(
    shop: Shop, event: Event, issues: bool
) -> None:
    for trigger in (on_streak(7), on_achievement(), on_rank(3)):
        await shop.define(auto_generate=trigger)
    result = await shop.send(event)
    assert len(result.issued) == issues
    assert len(await shop.coupons()) == issues


async def test_every_definition_that_is_met_issues_one_the_oldest_first(shop: Shop) -> None:
    met = [await shop.define(auto_generate=on_streak(length)) for length in (3, 7, 5)]
    await shop.define(auto_generate=on_streak(8))
    result = await shop.send(streak("e1", "ada", 7))
    assert [earned.definition_id for earned in result.issued] == [one.id for one in met]


async def test_a_repeat_is_a_duplicate_that_tells_what_the_first_issued(shop: Shop) -> None:
    await shop.define(auto_generate=on_streak(3))
    await shop.define(auto_generate=on_streak(7))
    first = await shop.send(streak("e1", "ada", 7))
    assert len(codes(first)) == 2
    for repeat in (streak("e1", "ada", 7), streak("e1", "bob", 100, streak_id="other")):
        again = await shop.send(repeat)
        assert again.duplicate
        assert list(again.issued) == list(first.issued)
        assert len(await shop.coupons()) == 2


async def test_an_occurrence_earns_once_whatever_events_tell_of_it(shop: Shop) -> None:
    await shop.define(auto_generate=on_streak(7))
    first = await shop.send(streak("e1", "ada", 7, "run 1"))
    further = await shop.send(streak("e2", "ada", 8, "run 1"))
    other = await shop.send(streak("e3", "ada", 7, "run 2"))
    assert len(codes(first)) == len(codes(other)) == 1
    assert (further.duplicate, codes(further), list(further.not_issued)) == (False, [], [])
    assert len(await shop.coupons(user_id="ada")) == 2


@pytest.mark.parametrize("make", [achievement, lambda e, user: rank(e, user, 1)])
async def test_without_an_occurrence_a_user_earns_once(shop: Shop, make: object) -> None:
    assert callable(make)
    await shop.define(auto_generate=on_achievement())
    await shop.define(auto_generate=on_rank(3))
    for number, user in enumerate(["ada", "ada", "bob"]):
        await shop.send(make(f"e{number}", user))
    assert len(await shop.coupons(user_id="ada")) == 1
    assert len(await shop.coupons(user_id="bob")) == 1


async def test_the_same_event_id_of_another_tenant_is_another_event(
    shop: Shop, server: Served
) -> None:
    other = await Shop.open(await server.new_tenant())
    for one in (shop, other):
        await one.define(auto_generate=on_achievement())
    results = [await one.send(achievement("e1", "ada")) for one in (shop, other)]
    assert [result.duplicate for result in results] == [False, False]
    assert len(await shop.coupons()) == len(await other.coupons()) == 1


async def test_paused_and_archived_definitions_issue_nothing_and_replay_nothing(
    shop: Shop,
) -> None:
    definition = await shop.define(auto_generate=on_achievement())
    await shop.pause(definition)
    assert (await shop.send(achievement("e1", "ada"))) == EventResult(event_id="e1")
    await shop.resume(definition)
    assert (await shop.send(achievement("e1", "ada"))).duplicate
    assert await shop.coupons() == []
    assert len(codes(await shop.send(achievement("e2", "ada")))) == 1
    await shop.archive(definition)
    assert (await shop.send(achievement("e3", "bob"))) == EventResult(event_id="e3")


async def test_a_trigger_that_is_off_issues_nothing(shop: Shop) -> None:
    await shop.define(auto_generate=on_streak(7, enabled=False))
    assert codes(await shop.send(streak("e1", "ada", 7))) == []


async def test_a_refused_definition_is_reported_and_others_issue(shop: Shop) -> None:
    full = await shop.define(auto_generate=on_achievement(), issue_limit=1)
    await shop.define(auto_generate=on_achievement())
    assert len(codes(await shop.send(achievement("e1", "ada")))) == 2
    result = await shop.send(achievement("e2", "bob"))
    assert len(codes(result)) == 1
    [refusal] = result.not_issued
    assert (refusal.definition_id, refusal.reason) == (full.id, "ISSUE_LIMIT_REACHED")
    assert "issue_limit" in refusal.message
    # A later event of the occurrence can still earn it.
    await shop.change(full, "issue_limit", issue_limit=2)
    later = await shop.send(achievement("e3", "bob"))
    assert [earned.definition_id for earned in later.issued] == [full.id]
    # A duplicate is not about what is issued now.
    assert list((await shop.send(achievement("e2", "bob"))).not_issued) == []


async def test_a_definition_that_has_expired_issues_nothing(
    shop: Shop, clock: MovableClock
) -> None:
    ends = clock.now + timedelta(days=1)
    await shop.define(auto_generate=on_achievement(), expires_at=ends)
    clock.now = ends + timedelta(seconds=1)
    [refusal] = (await shop.send(achievement("e1", "ada", at=clock.now))).not_issued
    assert refusal.reason == "DEFINITION_EXPIRED"


async def test_a_users_share_is_kept_over_occurrences(shop: Shop) -> None:
    definition = await shop.define(auto_generate=on_achievement(), issue_limit_per_user=2)
    await shop.generate(definition, "ada")
    results = [await shop.send(achievement(f"e{n}", "ada", f"time {n}")) for n in range(3)]
    assert [len(result.issued) for result in results] == [1, 0, 0]
    assert {one.reason for result in results for one in result.not_issued} == {
        "ISSUE_LIMIT_REACHED"
    }
    assert len(await shop.coupons(user_id="ada")) == 2


async def test_a_user_holds_one_coupon_of_a_custom_code(shop: Shop) -> None:
    definition = await shop.define(custom_code="CHAMPION", auto_generate=on_achievement())
    results = [await shop.send(achievement(f"e{n}", "ada", f"time {n}")) for n in range(2)]
    coupons = [result.issued[0].coupon for result in results]
    assert [coupon.created for coupon in coupons] == [True, False]
    assert len({coupon.id for coupon in coupons}) == 1
    assert coupons[0].code == "CHAMPION"
    assert [one.created for one in (await shop.generate(definition, "ada")).coupons] == [False]
    # A duplicate tells it as the first answer did.
    for number, created in enumerate([True, False]):
        again = await shop.send(achievement(f"e{number}", "ada"))
        assert again.issued[0].coupon.created is created


async def test_a_coupon_of_a_custom_code_that_was_revoked_stays_so(shop: Shop) -> None:
    await shop.define(custom_code="CHAMPION", auto_generate=on_achievement())
    first = (await shop.send(achievement("e1", "ada", "1"))).issued[0].coupon
    await shop.revoke(first.id)
    again = (await shop.send(achievement("e2", "ada", "2"))).issued[0].coupon
    assert (again.id, again.created) == (first.id, False)
    assert await reason(shop.redeem("CHAMPION", "ada")) == "COUPON_REVOKED"


async def test_a_coupon_expires_as_its_definition_says(shop: Shop, clock: MovableClock) -> None:
    await shop.define(auto_generate=on_achievement(), valid_for=timedelta(days=3))
    [earned] = (await shop.send(achievement("e1", "ada"))).issued
    expires_at = earned.coupon.expires_at.ToDatetime(tzinfo=UTC)
    assert expires_at == clock.now + timedelta(days=3)


async def test_an_event_may_be_five_minutes_ahead(shop: Shop, clock: MovableClock) -> None:
    ahead = clock.now + timedelta(minutes=5)
    await shop.send(achievement("e1", "ada", at=ahead))
    too_far = ahead + timedelta(microseconds=1)
    error = await refused(shop.send(achievement("e2", "ada", at=too_far)))
    assert error.reason == "INVALID_FIELD"
    [(field, _)] = error.field_violations
    assert field == "event.occurred_at"


@pytest.mark.parametrize(
    ("event", "field"),
    [
        (Event(event_id="e", user_id="ada"), "event.occurred_at"),
        (achievement("", "ada"), "event.event_id"),
        (achievement("e", "ada", achievement_id=""), "event.achievement_completed.achievement_id"),
        (streak("e", "ada", 0), "event.streak_milestone_reached.milestone"),
        (rank("e", "ada", 0), "event.leaderboard_rank_reached.rank"),
    ],
)
async def test_an_event_without_what_it_needs_is_refused(
    shop: Shop, event: Event, field: str
) -> None:
    error = await refused(shop.send(event))
    assert error.reason == "INVALID_FIELD"
    assert field in {violation.field for violation in error.field_violations}


async def test_an_event_of_no_kind_is_refused(shop: Shop) -> None:
    event = achievement("e1", "ada")
    event.ClearField("achievement_completed")
    error = await refused(shop.send(event))
    assert {violation.field for violation in error.field_violations} == {"event.kind"}


async def test_many_events_are_answered_in_order(shop: Shop) -> None:
    await shop.define(auto_generate=on_achievement())
    events = [achievement(f"e{n % 90}", f"user {n % 90}") for n in range(100)]
    response = await shop.events.SendEvents(SendEventsRequest(tenant_id=shop.id, events=events))
    assert [result.event_id for result in response.results] == [one.event_id for one in events]
    assert [result.duplicate for result in response.results] == [n >= 90 for n in range(100)]
    assert [codes(one) for one in response.results[90:]] == [
        codes(one) for one in response.results[:10]
    ]
    assert len(await shop.coupons()) == 90


async def test_one_bad_event_of_many_refuses_the_call_before_any_is_taken(shop: Shop) -> None:
    await shop.define(auto_generate=on_achievement())
    events = [
        achievement("e1", "ada"),
        achievement("e2", "bob", at=datetime(2200, 1, 1, tzinfo=UTC)),
    ]
    call = shop.events.SendEvents(SendEventsRequest(tenant_id=shop.id, events=events))
    assert (await refused(call)).field_violations[0].field == "events[1].occurred_at"
    assert await shop.coupons() == []
    assert not (await shop.send(achievement("e1", "ada"))).duplicate


async def test_events_sent_at_once_have_one_effect(shop: Shop) -> None:
    await shop.define(auto_generate=on_achievement())
    results = await asyncio.gather(*(shop.send(achievement("e1", "ada")) for _ in range(20)))
    assert sorted(result.duplicate for result in results) == [False] + [True] * 19
    assert len({code for result in results for code in codes(result)}) == 1
    assert len(await shop.coupons()) == 1


async def test_an_event_is_known_for_a_day(shop: Shop, server: Served, clock: MovableClock) -> None:
    await shop.define(auto_generate=on_achievement())
    first = await shop.send(achievement("e1", "ada"))
    clock.advance(timedelta(hours=24))
    await server.app.background.trim()
    assert codes(await shop.send(achievement("e1", "ada"))) == codes(first)
    clock.advance(timedelta(hours=2))
    await server.app.background.trim()
    # Forgotten, but the occurrence has earned its coupon.
    assert await shop.send(achievement("e1", "ada")) == EventResult(event_id="e1")
    assert len(await shop.coupons()) == 1


async def test_a_changed_trigger_counts_from_then_on(shop: Shop) -> None:
    definition = await shop.define(auto_generate=on_streak(7))
    assert codes(await shop.send(streak("e1", "ada", 6))) == []
    await shop.change(definition, "auto_generate", auto_generate=on_streak(5))
    assert len(codes(await shop.send(streak("e2", "ada", 6)))) == 1


async def test_a_users_own_token_may_not_send_events(shop: Shop) -> None:
    user = await shop.tenant.user("ada")
    request = SendEventRequest(tenant_id=shop.id, event=achievement("e1", "ada"))
    assert await reason(user.events.SendEvent(request)) == "CREDENTIAL_NOT_ALLOWED"


async def test_earned_coupons_count_for_limits_and_statistics(shop: Shop) -> None:
    definition = await shop.define(auto_generate=on_achievement())
    for number in range(3):
        await shop.send(achievement(f"e{number}", f"user {number}"))
    assert (await shop.stats(definition)).issued == 3
    error = await refused(shop.change(definition, issue_limit=2))
    assert error.reason == "LIMIT_BELOW_USAGE"


async def test_a_key_space_that_is_full_issues_nothing(shop: Shop, server: Served) -> None:
    await shop.define(auto_generate=on_achievement(), code_length=4)
    await shop.send(achievement("e1", "ada"))
    async with server.app.database.driver_transaction(TESTS) as connection:
        await connection.execute("UPDATE key_spaces SET issued = $1", 31**4 // 2)
    [refusal] = (await shop.send(achievement("e2", "bob"))).not_issued
    assert refusal.reason == "KEY_SPACE_TOO_SMALL"
    assert "at least 5" in refusal.message
