"""A failover: the service follows the primary, and uses no standby as if it were one."""

import asyncio
from collections.abc import AsyncIterator, Iterator
from contextlib import asynccontextmanager
from pathlib import Path
from urllib.parse import urlsplit

import pytest
import structlog

from coupon_server.database import migrations
from phoenix_coupons import ApiKeyCredential, RetryPolicy, TenantToken
from support.builders import Shop, outcome, usage_limit
from support.databases import ask
from support.links import Link, linked
from support.processes import started, until, variables
from support.replication import Pair, address, replicated
from support.serving import Served, serving, settings_for

ATTEMPTS = 5
"""How many calls may fail once the address leads to the primary."""

APPLICATION = "coupons-under-test"
SESSIONS = f"SELECT count(*) FROM pg_stat_activity WHERE application_name = '{APPLICATION}'"


@pytest.fixture
def pair(tmp_path: Path) -> Iterator[Pair]:
    with replicated(tmp_path) as pair:
        migrations.upgrade(pair.primary.url("postgres"))
        yield pair


@asynccontextmanager
async def at_one_address(pair: Pair) -> AsyncIterator[tuple[Link, str]]:
    """The URL of an address that can be switched from one server to the other."""
    parts = urlsplit(pair.primary.url("postgres"))
    async with linked(*address(pair.primary)) as (link, place):
        user = parts.netloc.rpartition("@")[0]
        query = f"application_name={APPLICATION}"
        yield link, parts._replace(netloc=f"{user}@{place}", query=query).geturl()


async def impatient_shop(server: Served) -> Shop:
    """A shop whose clients try once."""
    tenant = await server.new_tenant()
    once = RetryPolicy(attempts=1)
    key = ApiKeyCredential(tenant.credentials.api_key)
    token = TenantToken(tenant.id, tenant.credentials.tenant_secret)
    admin, backend = [
        await server.client(credential, timeout=60, retries=once) for credential in (key, token)
    ]
    shop = Shop(tenant, admin, backend)
    shop.item = await shop.reward_item()
    await shop.define(limit=usage_limit("unlimited"), custom_code="ALL")
    return shop


async def attempts(shop: Shop) -> int:
    """How many redemptions it takes until one succeeds."""
    for number in range(1, 100):
        if await outcome(shop.redeem("ALL", "alice")) == "":
            return number
    pytest.fail("no redemption succeeded")


async def test_the_service_follows_an_address_to_the_new_primary(pair: Pair) -> None:
    async with at_one_address(pair) as (link, url), serving(settings_for(url)) as server:
        shop = await impatient_shop(server)
        assert await attempts(shop) == 1
        await pair.fail_over()
        await pair.return_as_standby()
        with structlog.testing.capture_logs() as events:
            for _ in range(20):
                assert await outcome(shop.redeem("ALL", "bob")) == "SERVICE_UNAVAILABLE"
                # A change that is no redemption.
                assert await outcome(shop.reward_item()) == "SERVICE_UNAVAILABLE"
        causes = {one["cause"] for one in events if one["event"] == "unavailable"}
        place = f"127.0.0.1:{link_port(url)}"
        assert f"NotPrimary at {place}" in causes
        assert causes <= {f"NotPrimary at {place}", f"ConnectionResetError at {place}"}, causes
        link.host, link.port = address(pair.primary)
        assert await attempts(shop) <= ATTEMPTS
        assert await outcome(shop.reward_item()) == ""
        assert await ask(pair.primary.url("postgres"), SESSIONS) > 0
        assert await ask(pair.standby.url("postgres"), SESSIONS) == 0


def link_port(url: str) -> int:
    return urlsplit(url).port or 0


async def test_of_several_hosts_the_one_that_takes_writes_is_used(pair: Pair) -> None:
    parts = urlsplit(pair.primary.url("postgres"))
    user = parts.netloc.rpartition("@")[0]
    hosts = ",".join(f"{host}:{port}" for host, port in map(address, (pair.standby, pair.primary)))
    url = parts._replace(netloc=f"{user}@{hosts}", query="target_session_attrs=primary").geturl()
    async with serving(settings_for(url)) as server:
        shop = await impatient_shop(server)
        await pair.fail_over()
        assert await attempts(shop) <= ATTEMPTS
        assert await outcome(shop.reward_item()) == ""


async def test_a_server_started_before_the_promotion_waits_for_it(
    pair: Pair, tmp_path: Path
) -> None:
    log = tmp_path / "log"
    environ = variables(pair.standby.url("postgres"), workers=1)
    with started("serve", log=log, environ=environ) as server:
        await asyncio.to_thread(until, lambda: len(server.events("database_read_only")) == 2)
        assert not server.events("server_ready")
        await pair.fail_over()
        await asyncio.to_thread(server.wait_until_ready)
        assert server.stop() == 0
