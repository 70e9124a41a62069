"""What one event can issue is bounded, and what many together issue in one transaction."""

import asyncio

import pytest

from coupon_server.domain import triggers
from coupon_server.domain.triggers import MAX_WATCHING
from coupon_server.services import events
from coupon_server.storage import event_batch
from phoenix_coupons.v1 import AutoGenerate, SendEventsRequest
from support.builders import Shop, outcome, reason, refused
from support.events import achievement, on_achievement, on_rank, on_streak
from support.scale import sized
from support.serving import Served

LIMIT = 3


@pytest.fixture
def few(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(triggers, "MAX_WATCHING", LIMIT)


@pytest.mark.usefixtures("few")
@pytest.mark.parametrize(
    ("trigger", "field"),
    [
        (on_streak(7), "streak_id"),
        (on_achievement(), "achievement_id"),
        (on_rank(3), "leaderboard_id"),
    ],
)
async def test_no_more_than_so_many_definitions_watch_one_target(
    shop: Shop, trigger: AutoGenerate, field: str
) -> None:
    for _ in range(LIMIT):
        await shop.define(auto_generate=trigger)
    for code in ("", "CHAMPION"):
        error = await refused(shop.define(auto_generate=trigger, custom_code=code))
        assert error.reason == "TRIGGER_LIMIT_REACHED"
        assert error.message == f"{LIMIT} active definitions watch this {field} already"
        assert error.metadata == {
            "field": f"config.auto_generate.trigger_config.{field}",
            "limit": str(LIMIT),
        }


@pytest.mark.usefixtures("few")
async def test_what_watches_something_else_or_nothing_does_not_count(
    shop: Shop, server: Served
) -> None:
    other = await Shop.open(await server.new_tenant())
    for _ in range(LIMIT):
        await shop.define(auto_generate=on_streak(7, enabled=False))
        await shop.define(auto_generate=on_streak(7, "weekly"))
        await shop.define(auto_generate=on_achievement("daily"))
        await shop.define()
        await shop.pause(await shop.define(auto_generate=on_streak(7)))
        await shop.archive(await shop.define(auto_generate=on_streak(7)))
        await other.define(auto_generate=on_streak(7))
    for _ in range(LIMIT):
        await shop.define(auto_generate=on_streak(7))
    assert await reason(shop.define(auto_generate=on_streak(8))) == "TRIGGER_LIMIT_REACHED"


@pytest.mark.usefixtures("few")
async def test_whoever_begins_to_watch_is_counted(shop: Shop) -> None:
    paused = await shop.pause(await shop.define(auto_generate=on_streak(7)))
    disabled = await shop.define(auto_generate=on_streak(7, enabled=False))
    elsewhere = await shop.define(auto_generate=on_streak(7, "weekly"))
    watching = [await shop.define(auto_generate=on_streak(7)) for _ in range(LIMIT)]

    for attempt in (
        shop.resume(paused),
        shop.change(disabled, "auto_generate", auto_generate=on_streak(7)),
        shop.change(elsewhere, "auto_generate", auto_generate=on_streak(7)),
    ):
        assert await reason(attempt) == "TRIGGER_LIMIT_REACHED"
    # One that watches already may go on.
    await shop.change(watching[0], "auto_generate", auto_generate=on_streak(30))
    await shop.resume(watching[0])

    await shop.archive(watching[1])
    await shop.resume(paused)
    await shop.pause(watching[2])
    await shop.change(elsewhere, "auto_generate", auto_generate=on_streak(7))
    assert await reason(shop.resume(watching[2])) == "TRIGGER_LIMIT_REACHED"


@pytest.mark.usefixtures("few")
async def test_the_limit_holds_when_definitions_begin_to_watch_at_once(shop: Shop) -> None:
    paused = [await shop.pause(await shop.define(auto_generate=on_rank(1))) for _ in range(5)]
    outcomes = await asyncio.gather(
        *(outcome(shop.resume(one)) for one in paused),
        *(outcome(shop.define(auto_generate=on_rank(1))) for _ in range(5)),
    )
    assert sorted(outcomes) == [""] * LIMIT + ["TRIGGER_LIMIT_REACHED"] * (10 - LIMIT)
    assert len(await shop.progress("ada")) == LIMIT


async def test_events_that_earn_much_are_divided_among_transactions(
    shop: Shop, monkeypatch: pytest.MonkeyPatch
) -> None:
    sizes: list[int] = []
    save = event_batch.save

    async def counted(connection: object, earned: list[object], now: object) -> None:
        sizes.append(len(earned))
        await save(connection, earned, now)  # type: ignore[arg-type]

    monkeypatch.setattr(event_batch, "save", counted)
    monkeypatch.setattr(events, "MAX_MET", 7)
    definitions = [await shop.define(auto_generate=on_achievement()) for _ in range(3)]
    sent = [achievement(f"e{number % 17}", f"user {number % 17}") for number in range(20)]
    request = SendEventsRequest(tenant_id=shop.id, events=sent)
    results = (await shop.events.SendEvents(request)).results
    assert [result.duplicate for result in results] == [number >= 17 for number in range(20)]
    for result in results:
        assert [earned.definition_id for earned in result.issued] == [one.id for one in definitions]
    assert sum(sizes) == len(await shop.coupons()) == 17 * 3
    assert max(sizes) <= 7


async def test_one_event_may_earn_more_than_several_may_together(
    shop: Shop, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(events, "MAX_MET", 2)
    for _ in range(3):
        await shop.define(auto_generate=on_achievement())
    assert len((await shop.send(achievement("e1", "ada"))).issued) == 3


async def test_a_call_issues_the_most_that_it_can(shop: Shop) -> None:
    for _ in range(MAX_WATCHING):
        await shop.define(auto_generate=on_achievement(), code_length=12)
    assert await reason(shop.define(auto_generate=on_achievement())) == "TRIGGER_LIMIT_REACHED"
    sent = [achievement(f"e{number}", f"{number:0128}") for number in range(sized(10, 100))]
    request = SendEventsRequest(tenant_id=shop.id, events=sent)
    results = (await shop.events.SendEvents(request)).results
    assert {len(result.issued) for result in results} == {MAX_WATCHING}
    assert {len(result.issued) for result in (await shop.events.SendEvents(request)).results} == {
        MAX_WATCHING
    }
