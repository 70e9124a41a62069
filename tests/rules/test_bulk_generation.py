"""Many coupons in one call: one bulk write, not a loop of inserts."""

import re
from collections import defaultdict
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path

import asyncpg
import pytest

from coupon_server.embedded.postgres import EmbeddedPostgres
from support.builders import Shop, reason
from support.clock import MovableClock
from support.serving import serving, settings_for

MANY = 10_000


class StatementLog:
    """The statements of the session that copied rows since the last look, as PostgreSQL logs them.

    Other sessions have those of periodic tasks.
    """

    def __init__(self, path: Path) -> None:
        self._path = path
        self._seen = path.stat().st_size

    def drain(self) -> list[str]:
        with self._path.open("rb") as log:
            log.seek(self._seen)
            text = log.read().decode()
            self._seen = log.tell()
        sessions = defaultdict(list)
        logged = r"\[(\d+)\] LOG:  (?:statement|execute [^:]*): (.*)"
        for session, statement in re.findall(logged, text):
            sessions[session].append(statement)
        copying = [one for one in sessions.values() if any(map(_is_copy, one))]
        return copying[0] if copying else []


def _is_copy(statement: str) -> bool:
    return statement.startswith("COPY")


@pytest.fixture(autouse=True)
def without_flushes(monkeypatch: pytest.MonkeyPatch) -> None:
    """Servers write down nothing of calls."""
    monkeypatch.setattr("coupon_server.assemblies.serving.SHARE_SECONDS", 3600)


@asynccontextmanager
async def observed_shop(
    cluster: EmbeddedPostgres, database_url: str, clock: MovableClock
) -> AsyncIterator[tuple[Shop, StatementLog]]:
    connection = await asyncpg.connect(database_url)
    name = await connection.fetchval("SELECT current_database()")
    await connection.execute(f"ALTER DATABASE {name} SET log_statement = 'all'")
    await connection.close()
    async with serving(settings_for(database_url), clock) as server:
        shop = await Shop.open(await server.new_tenant())
        yield shop, StatementLog(cluster._directory / "postgres.log")


@pytest.mark.parametrize(("by_user", "custom_code"), [(True, ""), (False, ""), (True, "SALE")])
async def test_ten_thousand_coupons_take_one_copy_and_as_many_statements_as_ten(
    cluster: EmbeddedPostgres,
    database_url: str,
    clock: MovableClock,
    by_user: bool,
    custom_code: str,
) -> None:
    async with observed_shop(cluster, database_url, clock) as (shop, log):
        definition = await shop.define(
            custom_code=custom_code, issue_limit=1_000_000, issue_limit_per_user=9
        )
        # The driver asks a new session for its types once.
        await shop.generate(await shop.define(), "early")
        statements = []
        for count in (10, MANY):
            log.drain()
            users = [f"user{count}-{i}" for i in range(count)] if by_user else []
            made = await shop.generate(definition, *users, quantity=0 if by_user else count)
            assert made.generated == len(made.coupons) == count
            assert [coupon.user_id for coupon in made.coupons] == (users or [""] * count)
            statements.append(log.drain())
        few, many = statements
        # One of the coupons, and one of the events for those that are told.
        assert len(list(filter(_is_copy, many))) == 1 + by_user
        assert not [one for one in many if one.startswith("INSERT INTO coupons ")]
        assert len(many) == len(few) < 20
        codes = {coupon.code for coupon in made.coupons}
        assert len(codes) == (1 if custom_code else MANY)
        assert (await shop.stats(definition)).issued == MANY + 10


async def test_ten_thousand_unclaimed_coupons_of_one_generation_can_be_redeemed(
    shop: Shop,
) -> None:
    made = await shop.generate(await shop.define(), quantity=MANY)
    last = made.coupons[-1]
    assert (await shop.redeem(last.code, "alice")).coupon.id == last.id
    assert {one.generation_id for one in await shop.coupons()} == {made.generation_id}


async def test_a_generation_that_is_refused_leaves_nothing_behind(shop: Shop) -> None:
    definition = await shop.define(issue_limit=MANY - 1)
    assert await reason(shop.generate(definition, quantity=MANY)) == "ISSUE_LIMIT_REACHED"
    assert await shop.coupons() == []
    await shop.generate(definition, quantity=MANY - 1)
