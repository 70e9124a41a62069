"""The service on every version of PostgreSQL that it supports.

COUPONS_TEST_DATABASE_URLS names further servers, separated by commas; each gets a database
for the test, which is dropped afterwards.
"""

import asyncio
import os
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import pytest

from coupon_server.database import migrations
from support.builders import Shop, outcome, usage_limit
from support.databases import ask, new_database
from support.installed import BINARIES, EMBEDDED, running
from support.serving import serving, settings_for

EXTERNAL = [url for url in os.environ.get("COUPONS_TEST_DATABASE_URLS", "").split(",") if url]


def use_the_service(database_url: str, **settings: Any) -> None:
    """Generate, redeem at once and again, reverse, count."""
    asyncio.run(_use(database_url, **settings))


async def _use(database_url: str, **settings: Any) -> None:
    async with serving(settings_for(database_url, **settings)) as server:
        shop = await Shop.open(await server.new_tenant())
        personal = await shop.define()
        [made] = (await shop.generate(personal, "alice")).coupons
        assert (await shop.validate(made.code, "alice")).valid
        redeemed = await shop.redeem(made.code, "alice", request_id="order-1")
        assert await shop.redeem(made.code, "alice", request_id="order-1") == redeemed
        await shop.reverse(redeemed.redemption.id)
        assert (await shop.validate(made.code, "alice")).valid
        assert len(await shop.ledger()) == 2

        await shop.define(custom_code="RUSH", limit=usage_limit("global", 30))
        attempts = [outcome(shop.redeem("RUSH", f"user{number}")) for number in range(90)]
        outcomes = await asyncio.gather(*attempts)
        assert outcomes.count("") == 30

        made_for_nobody = await shop.generate(await shop.define(code_length=12), quantity=500)
        assert made_for_nobody.generated == 500
        assert (await shop.stats(personal)).issued == 1


@contextmanager
def database_of(server: int | str, directory: Path) -> Iterator[str]:
    """An empty database of a version, or of the server at a URL."""
    if isinstance(server, str):
        with new_database(server) as url:
            yield url
        return
    with running(server, directory) as postgres:
        url = postgres.url("postgres")
        assert asyncio.run(ask(url, "SHOW server_version")).startswith(f"{server}.")
        yield url


@pytest.mark.parametrize(
    "server",
    [*sorted([*EMBEDDED, *BINARIES]), *EXTERNAL],
    # A URL would show its password.
    ids=lambda server: server if isinstance(server, int) else "external",
)
def test_version(server: int | str, tmp_path: Path) -> None:
    with database_of(server, tmp_path / "postgres") as url:
        migrations.upgrade(url)
        assert migrations.pending(url) == []
        assert migrations.drift(url) == []
        use_the_service(url)
