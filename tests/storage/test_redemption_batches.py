"""Batches under adverse conditions: rows that appear, stay locked, or are not worth keeping."""

import asyncio
from collections.abc import AsyncIterator, Sequence
from dataclasses import dataclass
from typing import Any

import asyncpg
import pytest

from coupon_server.database.driver import DriverConnection
from coupon_server.domain.codes import TypedCode
from coupon_server.domain.redemption import Attempt
from coupon_server.storage import redemption_batch
from coupon_server.storage.redemption_batch import Found
from phoenix_coupons.v1 import ListCouponDefinitionsRequest
from support.app import TESTS
from support.builders import Shop, outcome, usage_limit
from support.serving import Served, serving, settings_for

LOCK_TIMEOUT_MS = 300
WRITTEN = "SELECT sum(n_tup_ins + n_tup_upd) FROM pg_stat_xact_user_tables"
TABLES = ("coupon_definitions", "definition_counters", "coupons")


@pytest.fixture
async def served(database_url: str) -> AsyncIterator[Served]:
    settings = settings_for(database_url, database_lock_timeout_ms=LOCK_TIMEOUT_MS)
    async with serving(settings) as served:
        yield served


@pytest.fixture
async def shop(served: Served) -> Shop:
    return await Shop.open(await served.new_tenant())


@pytest.fixture
async def other_shop(served: Served) -> Shop:
    return await Shop.open(await served.new_tenant("Another tenant"))


async def test_a_definition_that_appears_between_locking_and_loading_is_locked_first(
    shop: Shop, monkeypatch: pytest.MonkeyPatch
) -> None:
    load = redemption_batch.load
    loads = 0

    async def load_after_the_definition_appeared(
        connection: DriverConnection, attempts: Sequence[Attempt]
    ) -> list[Found]:
        nonlocal loads
        loads += 1
        if loads == 1:
            await shop.define(custom_code="LAUNCH", limit=usage_limit("global", 1))
        return await load(connection, attempts)

    monkeypatch.setattr(redemption_batch, "load", load_after_the_definition_appeared)
    assert await outcome(shop.redeem("LAUNCH", "alice")) == ""
    assert loads == 2
    assert await outcome(shop.redeem("LAUNCH", "bob")) == "COUPON_LIMIT_REACHED"


@dataclass(frozen=True, slots=True)
class Codes:
    """What alice may redeem, and what she may not: none, another's, one for its holders."""

    own: str
    unknown: str
    anothers: str
    for_holders: str

    @property
    def refused(self) -> tuple[str, str, str]:
        return self.unknown, self.anothers, self.for_holders


@pytest.fixture
async def codes(shop: Shop) -> Codes:
    definition = await shop.define(limit=usage_limit("global", 100))
    own, anothers = [await shop.code_for(definition, user) for user in ("alice", "bob")]
    holders = await shop.define(custom_code="HOLDERS", assigned_only=True)
    await shop.generate(holders, "bob")
    return Codes(own, "X" * len(own), anothers, "HOLDERS")


async def test_anothers_code_takes_the_statements_that_an_unknown_one_takes(
    shop: Shop, codes: Codes, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Otherwise the time of the answer would tell them apart."""
    statements: list[str] = []
    for name in ("fetch", "fetchval", "execute"):
        run = getattr(asyncpg.Connection, name)

        def recorded(connection: Any, query: str, *arguments: Any, run: Any = run, **o: Any) -> Any:
            statements.append(query)
            return run(connection, query, *arguments, **o)

        monkeypatch.setattr(asyncpg.Connection, name, recorded)
    for call in (shop.redeem, shop.validate):
        seen = {}
        for code in codes.refused:
            statements.clear()
            await outcome(call(code, "alice"))
            # Counts of failed attempts are stored beside it, when their time has come.
            seen[code] = [
                statement
                for statement in statements
                if "guess_counts" not in statement
                and ("unnest" in statement or statement == "ROLLBACK")
            ]
        assert seen[codes.unknown]
        assert list(seen.values()) == [seen[codes.unknown]] * len(codes.refused)


async def test_anothers_code_locks_and_makes_no_row(
    served: Served, shop: Shop, codes: Codes, connection: "asyncpg.Connection[asyncpg.Record]"
) -> None:
    await connection.execute("SET lock_timeout = '100ms'")

    async def locked(code: str) -> dict[str, bool]:
        """Whether redeeming the code has locked any row, by table."""
        attempt = Attempt(shop.tenant.uuid, TypedCode.parse(code), "alice")
        async with served.app.database.driver_transaction(TESTS) as redeeming:
            before = await redeeming.fetchval(WRITTEN)
            await redemption_batch.lock_and_load(redeeming, [attempt])
            found = {"made": await redeeming.fetchval(WRITTEN) > before}
            for table in TABLES:
                try:
                    await connection.fetch(f"SELECT FROM {table} FOR UPDATE NOWAIT")
                except asyncpg.LockNotAvailableError:
                    found[table] = True
                else:
                    found[table] = False
            await redeeming.execute("ROLLBACK")
        return found

    assert set((await locked(codes.own)).items()) == {(name, True) for name in ("made", *TABLES)}
    for code in codes.refused:
        assert not any((await locked(code)).values())


async def test_anothers_code_does_not_wait_for_its_holder(
    shop: Shop, codes: Codes, connection: "asyncpg.Connection[asyncpg.Record]"
) -> None:
    async with connection.transaction():
        for table in TABLES:
            await connection.execute(f"SELECT FROM {table} FOR UPDATE")
        assert await outcome(shop.redeem(codes.anothers, "alice")) == "COUPON_NOT_ASSIGNED"
        assert await outcome(shop.redeem(codes.for_holders, "alice")) == "COUPON_NOT_ASSIGNED"
        assert await outcome(shop.redeem(codes.own, "alice")) == "SERVICE_UNAVAILABLE"


async def test_a_coupon_that_is_given_between_locking_and_loading_is_locked_first(
    shop: Shop, codes: Codes, monkeypatch: pytest.MonkeyPatch
) -> None:
    load = redemption_batch.load
    loads = 0
    holders = (
        await shop.admin.ListCouponDefinitions(ListCouponDefinitionsRequest(tenant_id=shop.id))
    ).definitions[0]
    assert holders.config.custom_code == codes.for_holders

    async def load_after_it_was_given(
        connection: DriverConnection, attempts: Sequence[Attempt]
    ) -> list[Found]:
        nonlocal loads
        loads += 1
        if loads == 1:
            await shop.generate(holders, "alice")
        return await load(connection, attempts)

    monkeypatch.setattr(redemption_batch, "load", load_after_it_was_given)
    assert await outcome(shop.redeem(codes.for_holders, "alice")) == ""
    assert loads == 2


async def test_a_coupon_that_several_claim_is_the_firsts(shop: Shop) -> None:
    """In one batch, or in several."""
    code = await shop.unclaimed_code(await shop.define())
    found = await asyncio.gather(*(outcome(shop.redeem(code, f"user-{n}")) for n in range(8)))
    assert sorted(found) == ["", *["COUPON_NOT_ASSIGNED"] * 7]


async def test_a_row_that_stays_locked_fails_those_alone_who_want_it(
    shop: Shop, other_shop: Shop, connection: "asyncpg.Connection[asyncpg.Record]"
) -> None:
    locked = await shop.define(custom_code="LOCKED")
    await other_shop.define(custom_code="FREE")
    # The first call's batch is under way when the others come, which makes them one batch.
    async with connection.transaction():
        await connection.execute(
            "SELECT FROM definition_counters WHERE definition_id = $1 FOR UPDATE", locked.id
        )
        found = await asyncio.gather(
            *(outcome(shop.redeem("LOCKED", f"user-{n}")) for n in range(3)),
            *(outcome(other_shop.redeem("FREE", f"user-{n}")) for n in range(20)),
        )
    assert set(found[3:]) == {""}
    assert "SERVICE_UNAVAILABLE" in found[:3] or set(found[:3]) == {""}
    assert (await other_shop.ledger())[0].code == "FREE"


async def test_a_refusal_leaves_nothing_behind(
    shop: Shop, connection: "asyncpg.Connection[asyncpg.Record]"
) -> None:
    await shop.define(custom_code="SPENT", limit=usage_limit("global", 1))
    await shop.redeem("SPENT", "alice")
    for number in range(5):
        assert await outcome(shop.redeem("SPENT", f"late-{number}")) == "COUPON_LIMIT_REACHED"
    assert await connection.fetchval("SELECT count(*) FROM holders") == 1
