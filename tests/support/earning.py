"""Many events, and a plain model of what they earn."""

import random
from collections.abc import Iterable
from dataclasses import dataclass

from phoenix_coupons.v1 import CouponDefinition, Event
from support.builders import Shop
from support.databases import ask
from support.events import achievement, on_achievement, on_rank, on_streak, rank, streak

Earning = tuple[str, str, str]
"""Definition, user, occurrence."""


@dataclass(frozen=True)
class Season:
    """The definitions of a shop that can be earned, and events that may earn them."""

    shop: Shop
    definitions: list[CouponDefinition]
    custom: str
    """The id of the definition with a custom code, of which a user holds one coupon."""
    events: list[Event]

    @classmethod
    async def open(cls, shop: Shop, events: int, seed: int) -> "Season":
        definitions = [
            await shop.define(auto_generate=trigger)
            for trigger in (on_streak(3), on_streak(7), on_achievement(), on_rank(2), on_rank(5))
        ]
        custom = await shop.define(custom_code="CHAMPION", auto_generate=on_streak(9))
        await shop.pause(await shop.define(auto_generate=on_streak(1)))
        return cls(shop, [*definitions, custom], custom.id, made_up(events, seed))

    def expected(self) -> set[Earning]:
        """What the events earn, in whatever order and however often they are sent."""
        return {
            (definition.id, event.user_id, occurrence)
            for event in self.events
            for definition in self.definitions
            for occurrence in earned(definition, event)
        }

    async def check(self, database_url: str) -> None:
        """Every coupon that is expected was issued, once, and none beside them."""
        expected = self.expected()
        found = await ask(
            database_url,
            "SELECT array_agg(ARRAY[definition_id::text, user_id, occurrence]) FROM earned_coupons"
            " WHERE tenant_id = $1",
            self.shop.id,
        )
        assert len(found) == len(expected)
        assert {(definition, user, when) for definition, user, when in found} == expected
        coupons = {(one, user) for one, user, _ in expected if one == self.custom} | {
            one for one in expected if one[0] != self.custom
        }
        for table in (
            "coupons WHERE tenant_id = $1 AND source = 'earned'",
            "outbox WHERE tenant_id = $1 AND event_type = 'coupon.issued'",
        ):
            assert await ask(database_url, f"SELECT count(*) FROM {table}", self.shop.id) == len(
                coupons
            )
        issued = "SELECT sum(issued)::int FROM definition_counters WHERE tenant_id = $1"
        assert await ask(database_url, issued, self.shop.id) == len(coupons)
        taken = "SELECT count(*) FROM events WHERE tenant_id = $1"
        assert await ask(database_url, taken, self.shop.id) == len(self.events)


def made_up(count: int, seed: int) -> list[Event]:
    chance = random.Random(seed)
    return [_made_up(f"event {number}", chance) for number in range(count)]


def _made_up(event_id: str, chance: random.Random) -> Event:
    user = f"user {chance.randrange(300)}"
    occurrence = chance.choice(["", "a", "b", "c"])
    match chance.randrange(3):
        case 0:
            return streak(event_id, user, chance.randrange(1, 12), occurrence)
        case 1:
            other = chance.choice(["first-win", "last-win"])
            return achievement(event_id, user, occurrence, achievement_id=other)
        case _:
            return rank(event_id, user, chance.randrange(1, 9), occurrence)


def earned(definition: CouponDefinition, event: Event) -> Iterable[str]:
    """The occurrence that the event earns of the definition, if any."""
    config = definition.config.auto_generate.trigger_config
    match event.WhichOneof("kind"):
        case "streak_milestone_reached":
            told = event.streak_milestone_reached
            if config.streak_id == told.streak_id and told.milestone >= config.milestone_threshold:
                yield told.run_id
        case "achievement_completed":
            done = event.achievement_completed
            if config.achievement_id == done.achievement_id:
                yield done.completion_id
        case "leaderboard_rank_reached":
            board = event.leaderboard_rank_reached
            if config.leaderboard_id == board.leaderboard_id and (
                board.rank <= config.rank_threshold
            ):
                yield board.window_id
