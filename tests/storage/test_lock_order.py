"""Everything that locks rows does so in one order: no deadlock, and exact counts."""

import asyncio
import random
from collections import Counter
from collections.abc import Awaitable, Callable
from contextlib import AsyncExitStack, suppress
from uuid import UUID

import asyncpg
import pytest

from coupon_server.domain.errors import DomainError
from phoenix_coupons.v1 import CouponDefinition, SendEventsRequest, StartRevocationRequest
from support.builders import Shop, outcome, usage_limit
from support.events import achievement, on_achievement
from support.serving import Served, Tenant, serving, settings_for

SERVERS = 3
CALLERS = 12
CALLS_EACH = 80
USERS = [f"user{i}" for i in range(6)]

EXPECTED = {
    "",
    "COUPON_ALREADY_REDEEMED",
    "COUPON_LIMIT_REACHED",
    "COUPON_NOT_ASSIGNED",
    "COUPON_REVOKED",
    "COUPON_UNAVAILABLE",
    "DEFINITION_PAUSED",
    "LIMIT_BELOW_USAGE",
}


class Traffic:
    """Random calls to random servers, on rows that overlap."""

    def __init__(self, shops: list[Shop], seed: int) -> None:
        self._shops = shops
        self._random = random.Random(seed)
        self._redemptions: list[str] = []
        self._coupons: list[str] = []
        self._generations: list[str] = []
        self.outcomes: Counter[str] = Counter()
        self.definitions: list[CouponDefinition] = []
        self.codes: list[str] = []
        self.earned: set[str] = set()

    async def prepare(self) -> None:
        shop = self._shops[0]
        for custom_code in ("", "", "ONE", "TWO"):
            for limit in (usage_limit("global", 2_000), usage_limit("per_user", 40)):
                code = custom_code and f"{custom_code}{limit.limit_type}"
                made = await shop.define(custom_code=code, limit=limit, max_uses_per_user=300)
                self.definitions.append(made)
                coupons = (await shop.generate(made, *USERS)).coupons
                self.codes += [coupon.code for coupon in coupons]
        for custom_code in ("", "", "EARNED"):
            trigger = on_achievement(f"win{len(self.definitions) % 2}")
            limit = usage_limit("global", 2_000)
            made = await shop.define(custom_code=custom_code, limit=limit, auto_generate=trigger)
            self.definitions.append(made)

    async def flow(self) -> None:
        events: list[Callable[[Shop], Awaitable[object]]] = [
            *[self._redeem] * 12,
            *[self._reverse] * 3,
            *[self._earn] * 6,
            self._revoke,
            self._generate,
            self._change,
            self._pause,
            self._work_long,
        ]
        for _ in range(CALLS_EACH):
            event = self._random.choice(events)
            self.outcomes[await outcome(event(self._random.choice(self._shops)))] += 1

    async def _redeem(self, shop: Shop) -> None:
        redeemed = await shop.redeem(self._random.choice(self.codes), self._random.choice(USERS))
        self._redemptions.append(redeemed.redemption.id)

    async def _reverse(self, shop: Shop) -> None:
        if self._redemptions:
            await shop.reverse(self._random.choice(self._redemptions))

    async def _earn(self, shop: Shop) -> None:
        """Events of two targets and several users, some of them sent before."""
        events = [
            achievement(
                f"event {self._random.randrange(5_000)}",
                self._random.choice(USERS),
                f"time {self._random.randrange(50)}",
                achievement_id=f"win{self._random.randrange(2)}",
            )
            for _ in range(5)
        ]
        response = await shop.events.SendEvents(SendEventsRequest(tenant_id=shop.id, events=events))
        earned = [one.coupon for result in response.results for one in result.issued]
        self.codes += [coupon.code for coupon in earned]
        self.earned.update(coupon.id for coupon in earned if coupon.created)

    async def _revoke(self, shop: Shop) -> None:
        if len(self._coupons) > 20:
            await shop.revoke(self._coupons.pop(self._random.randrange(20)))

    async def _generate(self, shop: Shop) -> None:
        users = self._random.sample(USERS, 3)
        generated = await shop.generate(self._random.choice(self.definitions), *users)
        self._generations.append(generated.generation_id)
        self._coupons += [coupon.id for coupon in generated.coupons if coupon.created]
        self.codes += [coupon.code for coupon in generated.coupons if coupon.created]

    async def _work_long(self, shop: Shop) -> None:
        """Start a long job, and take a turn of any."""
        start = self._random.choice([self._start_generation, self._start_revocation])
        await start(shop)
        await shop.tenant.server.app.background.job_steps.run_step()

    async def _start_generation(self, shop: Shop) -> None:
        app, tenant = shop.tenant.server.app, shop.tenant
        definition_id = UUID(self._random.choice(self.definitions).id)
        intake = app.jobs.receive(tenant.uuid, tenant.credentials.api_key_id, definition_id)
        # The definition may be paused.
        with suppress(DomainError):
            await intake.open()
            await intake.add(USERS)
            async with app.database.transaction() as transaction:
                await intake.finish(transaction)

    async def _start_revocation(self, shop: Shop) -> None:
        if len(self._generations) > 20 and (old := self._generations.pop(0)):
            await shop.jobs.StartRevocation(
                StartRevocationRequest(tenant_id=shop.id, generation_id=old, reason="x")
            )

    async def _change(self, shop: Shop) -> None:
        definition = self._random.choice(self.definitions)
        limit = usage_limit(max_uses=self._random.randrange(30, 3_000))
        await shop.change(definition, "usage_limit.max_uses", limit=limit)

    async def _pause(self, shop: Shop) -> None:
        definition = self._random.choice(self.definitions)
        await shop.pause(definition)
        await shop.resume(definition)


async def open_shops(stack: AsyncExitStack, database_url: str) -> list[Shop]:
    """The same tenant at several servers."""
    servers: list[Served] = [
        await stack.enter_async_context(serving(settings_for(database_url, access_log="none")))
        for _ in range(SERVERS)
    ]
    tenant = await servers[0].new_tenant()
    shops = [await Shop.open(Tenant(server, tenant.credentials)) for server in servers]
    # Users race for coupons, which many of them get too late.
    await shops[0].allow_failures()
    for server in servers:
        await server.app.guard.pull()
    return shops


# Where a count that is kept differs from what the ledger says; one row for each difference.
DIFFERENCES = """
WITH net AS (
    SELECT tenant_id, definition_id, coupon_id, user_id,
        CASE kind WHEN 'redemption' THEN 1 ELSE -1 END AS uses
    FROM redemptions
)
SELECT 'coupon ' || c.id::text AS what, c.used AS kept, coalesce(sum(n.uses), 0) AS counted
FROM coupons c LEFT JOIN net n ON n.tenant_id = c.tenant_id AND n.coupon_id = c.id
GROUP BY c.id, c.used HAVING c.used <> coalesce(sum(n.uses), 0)
UNION ALL
SELECT 'holder ' || h.user_id, h.used, coalesce(sum(n.uses), 0)
FROM holders h LEFT JOIN net n ON n.tenant_id = h.tenant_id
    AND n.definition_id = h.definition_id AND n.user_id = h.user_id
GROUP BY h.definition_id, h.user_id, h.used HAVING h.used <> coalesce(sum(n.uses), 0)
UNION ALL
SELECT 'total ' || d.id::text, k.used, coalesce(sum(n.uses), 0)
FROM definition_counters k
JOIN coupon_definitions d ON d.tenant_id = k.tenant_id AND d.id = k.definition_id
LEFT JOIN net n ON n.tenant_id = d.tenant_id AND n.definition_id = d.id
WHERE d.limit_type = 'global'
GROUP BY d.id, k.used HAVING k.used <> coalesce(sum(n.uses), 0)
UNION ALL
SELECT 'issued ' || k.definition_id::text, k.issued, count(c.id)
FROM definition_counters k
LEFT JOIN coupons c ON c.tenant_id = k.tenant_id AND c.definition_id = k.definition_id
GROUP BY k.definition_id, k.issued HAVING k.issued <> count(c.id)
UNION ALL
SELECT 'key space of length ' || s.code_length, s.issued, count(c.id)
FROM key_spaces s
LEFT JOIN coupons c ON c.tenant_id = s.tenant_id AND c.code_folded IS NOT NULL
GROUP BY s.tenant_id, s.prefix_folded, s.code_length, s.issued HAVING s.issued <> count(c.id)
UNION ALL
SELECT 'earned of ' || e.definition_id::text, count(*), count(c.id)
FROM earned_coupons e
LEFT JOIN coupons c ON c.tenant_id = e.tenant_id AND c.id = e.coupon_id
    AND c.definition_id = e.definition_id AND c.user_id = e.user_id
GROUP BY e.definition_id HAVING count(*) <> count(c.id)
UNION ALL
SELECT 'reversals of ' || reverses_id::text, 1, count(*)
FROM redemptions WHERE reverses_id IS NOT NULL GROUP BY reverses_id HAVING count(*) > 1
UNION ALL
SELECT 'events of coupons', count(*), (SELECT count(*) FROM coupons WHERE source <> 'claimed')
FROM outbox WHERE event_type = 'coupon.issued'
HAVING count(*) <> (SELECT count(*) FROM coupons WHERE source <> 'claimed')
UNION ALL
SELECT 'events of ' || kind, (SELECT count(*) FROM redemptions r WHERE r.kind = t.kind), count(*)
FROM outbox JOIN (VALUES ('coupon.redeemed', 'redemption'), ('redemption.reversed', 'reversal'))
    AS t(event_type, kind) USING (event_type)
GROUP BY kind HAVING count(*) <> (SELECT count(*) FROM redemptions r WHERE r.kind = t.kind)
"""


@pytest.mark.parametrize("seed", [1, 2])
async def test_overlapping_batches_of_three_servers_neither_deadlock_nor_miscount(
    database_url: str, connection: "asyncpg.Connection[asyncpg.Record]", seed: int
) -> None:
    async with AsyncExitStack() as stack:
        traffic = Traffic(await open_shops(stack, database_url), seed)
        await traffic.prepare()
        await asyncio.gather(*(traffic.flow() for _ in range(CALLERS)))
    assert traffic.outcomes.keys() <= EXPECTED, traffic.outcomes
    assert traffic.outcomes[""] > 500
    deadlocks = await connection.fetchval(
        "SELECT deadlocks FROM pg_stat_database WHERE datname = current_database()"
    )
    assert deadlocks == 0
    assert [dict(row) for row in await connection.fetch(DIFFERENCES)] == []
    made = await connection.fetchval("SELECT count(*) FROM coupons WHERE source = 'earned'")
    assert made == len(traffic.earned) > 0
    over = await connection.fetch(
        "SELECT 1 FROM holders WHERE used > 300"
        " UNION ALL SELECT 1 FROM coupons c JOIN coupon_definitions d ON d.id = c.definition_id"
        " WHERE d.limit_type = 'per_user' AND c.used > d.max_uses"
        " UNION ALL SELECT 1 FROM definition_counters k JOIN coupon_definitions d"
        " ON d.id = k.definition_id WHERE d.limit_type = 'global' AND k.used > d.max_uses"
    )
    assert len(over) == 0
