"""Progress: how far a user is towards the coupons that can be earned."""

from datetime import UTC, datetime, timedelta

import pytest

from coupon_server.domain.events import MAX_OCCURRENCES
from phoenix_coupons.v1 import AutoGenerate, Event, ListUserProgressRequest, Progress
from support.app import TESTS
from support.builders import Shop, reason
from support.events import achievement, on_achievement, on_rank, on_streak, rank, streak
from support.serving import Served

START = datetime(2026, 1, 1, tzinfo=UTC)


def at(hours: int) -> datetime:
    return START + timedelta(hours=hours)


async def only(shop: Shop, user_id: str = "ada") -> Progress:
    [progress] = await shop.progress(user_id)
    return progress


async def test_events_below_the_threshold_count_as_progress(shop: Shop) -> None:
    definition = await shop.define(name="Seven days", auto_generate=on_streak(7))
    await shop.send(streak("e1", "ada", 3, "run 1", at=at(1)))
    progress = await only(shop)
    assert (progress.definition_id, progress.definition_name) == (definition.id, "Seven days")
    assert progress.trigger == AutoGenerate.Trigger.streak_milestone
    assert (progress.target, progress.occurrence) == ("daily", "run 1")
    assert (progress.current.value, progress.threshold.value) == (3, 7)
    assert progress.updated_at.ToDatetime(tzinfo=UTC) == at(1)
    assert (progress.completed, progress.earned, progress.HasField("coupon")) == (
        False,
        False,
        False,
    )


async def test_what_is_earned_shows_its_coupon(shop: Shop) -> None:
    await shop.define(auto_generate=on_streak(7))
    [earned] = (await shop.send(streak("e1", "ada", 7))).issued
    progress = await only(shop)
    assert progress.completed
    assert progress.earned
    assert progress.coupon == await shop.coupon(earned.coupon.id)
    assert progress.coupon.reward_item.name == "Gems"


async def test_without_an_event_there_is_nothing_but_the_threshold(shop: Shop) -> None:
    await shop.define(auto_generate=on_rank(3))
    progress = await only(shop)
    assert progress.threshold.value == 3
    assert not progress.HasField("current")
    assert not progress.HasField("updated_at")
    assert (progress.completed, progress.earned) == (False, False)


async def test_an_achievement_has_no_threshold(shop: Shop) -> None:
    await shop.define(auto_generate=on_achievement())
    await shop.send(achievement("e1", "ada", "first time"))
    progress = await only(shop)
    assert not progress.HasField("threshold")
    assert (progress.current.value, progress.completed, progress.earned) == (1, True, True)


@pytest.mark.parametrize(
    ("events", "current"),
    [
        # The latest length counts, whatever arrives after it.
        ([streak("a", "ada", 3, at=at(2)), streak("b", "ada", 2, at=at(1))], 3),
        ([streak("a", "ada", 3, at=at(1)), streak("b", "ada", 1, at=at(2))], 1),
        ([streak("a", "ada", 2, at=at(1)), streak("b", "ada", 3, at=at(1))], 3),
        ([streak("a", "ada", 3, at=at(1)), streak("b", "ada", 2, at=at(1))], 3),
        # The best rank of the window counts.
        ([rank("a", "ada", 9, at=at(1)), rank("b", "ada", 5, at=at(2))], 5),
        ([rank("a", "ada", 5, at=at(2)), rank("b", "ada", 9, at=at(3))], 5),
    ],
)
async def test_events_may_come_in_any_order(shop: Shop, events: list[Event], current: int) -> None:
    is_streak = events[0].WhichOneof("kind") == "streak_milestone_reached"
    await shop.define(auto_generate=on_streak(10) if is_streak else on_rank(1))
    for event in events:
        await shop.send(event)
    assert (await only(shop)).current.value == current


async def test_the_current_occurrence_is_that_of_the_latest_event(shop: Shop) -> None:
    await shop.define(auto_generate=on_streak(7))
    await shop.send(streak("e1", "ada", 2, "run 2", at=at(5)))
    await shop.send(streak("e2", "ada", 8, "run 1", at=at(4)))
    progress = await only(shop)
    assert (progress.occurrence, progress.current.value) == ("run 2", 2)
    # Earned in run 1, which is over.
    assert not progress.earned
    await shop.send(streak("e3", "ada", 9, "run 1", at=at(6)))
    progress = await only(shop)
    assert (progress.occurrence, progress.current.value, progress.earned) == ("run 1", 9, True)


async def test_of_occurrences_at_one_instant_the_greater_one_is_current(shop: Shop) -> None:
    await shop.define(auto_generate=on_rank(1))
    for window in ("b", "c", "a"):
        await shop.send(rank(window, "ada", 5, window, at=at(1)))
    assert (await only(shop)).occurrence == "c"


async def test_events_that_no_active_definition_waits_for_leave_no_progress(shop: Shop) -> None:
    definition = await shop.define(auto_generate=on_streak(7))
    await shop.pause(definition)
    await shop.send(streak("e1", "ada", 3))
    assert await shop.progress("ada") == []
    await shop.resume(definition)
    assert not (await only(shop)).HasField("current")


async def test_definitions_that_cannot_be_earned_are_not_listed(shop: Shop) -> None:
    await shop.define()
    await shop.define(auto_generate=on_streak(7, enabled=False))
    await shop.archive(await shop.define(auto_generate=on_achievement()))
    assert await shop.progress("ada") == []


async def test_a_definition_that_could_not_issue_is_completed_and_not_earned(shop: Shop) -> None:
    await shop.define(auto_generate=on_achievement(), issue_limit=1)
    await shop.send(achievement("e1", "bob"))
    await shop.send(achievement("e2", "ada"))
    progress = await only(shop)
    assert (progress.completed, progress.earned) == (True, False)


async def test_a_custom_code_is_earned_in_each_occurrence_by_the_coupon_held(shop: Shop) -> None:
    await shop.define(custom_code="CHAMPION", auto_generate=on_rank(1))
    coupons = set()
    for number in range(2):
        await shop.send(rank(f"e{number}", "ada", 1, f"week {number}", at=at(number)))
        progress = await only(shop)
        assert progress.earned
        coupons.add(progress.coupon.id)
    assert len(coupons) == 1


async def test_progress_is_paged_newest_definition_first(shop: Shop) -> None:
    made = [await shop.define(auto_generate=on_streak(n + 1)) for n in range(5)]
    request = ListUserProgressRequest(tenant_id=shop.id, user_id="ada", page_size=2)
    found: list[str] = []
    while True:
        page = await shop.query.ListUserProgress(request)
        assert page.total == 5
        found += [progress.definition_id for progress in page.progress]
        request.page_token = page.next_page_token
        if not request.page_token:
            break
    assert found == [definition.id for definition in reversed(made)]


async def test_a_users_own_token_sees_their_progress_without_what_is_watched(shop: Shop) -> None:
    await shop.define(auto_generate=on_streak(7, "secret-campaign"))
    await shop.send(streak("e1", "ada", 3, "run 1", streak_id="secret-campaign"))
    ada = await shop.tenant.user("ada")
    request = ListUserProgressRequest(tenant_id=shop.id, user_id="ada")
    [progress] = (await ada.query.ListUserProgress(request)).progress
    assert (progress.target, progress.occurrence) == ("", "")
    assert (progress.current.value, progress.threshold.value) == (3, 7)
    bob = await shop.tenant.user("bob")
    assert await reason(bob.query.ListUserProgress(request)) == "CREDENTIAL_NOT_ALLOWED"


async def test_progress_is_each_users_and_tenants_own(shop: Shop, server: Served) -> None:
    other = await Shop.open(await server.new_tenant())
    for one in (shop, other):
        await one.define(auto_generate=on_streak(7))
    await shop.send(streak("e1", "ada", 3))
    assert not (await only(shop, "bob")).HasField("current")
    assert not (await only(other)).HasField("current")


async def test_the_latest_occurrences_are_kept(shop: Shop, server: Served) -> None:
    await shop.define(auto_generate=on_rank(1))
    for number in range(MAX_OCCURRENCES + 3):
        await shop.send(rank(f"e{number}", "ada", 5, f"week {number}", at=at(number)))
    await shop.send(rank("late", "ada", 2, "week -1", at=at(-1)))
    async with server.app.database.driver_transaction(TESTS) as connection:
        kept = await connection.fetch("SELECT occurrence FROM progress")
    assert {row["occurrence"] for row in kept} == {
        f"week {number}" for number in range(3, MAX_OCCURRENCES + 3)
    }
