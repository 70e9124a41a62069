"""While the database is away nobody gets in, whoever was known before: the server fails closed."""

import asyncio
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from dataclasses import dataclass
from time import monotonic
from urllib.parse import urlsplit

import grpc
import pytest

from coupon_server.auth.principals import CredentialKind
from support.builders import Shop, outcome, usage_limit
from support.contract import RPCS, Outcome, Wire, headers, rpc, wire
from support.links import Link, linked
from support.serving import Tenant, serving, settings_for

A_SECOND = 1.0


@dataclass(frozen=True)
class Site:
    """A server that reaches its database over a link, with a tenant it knows and another."""

    link: Link
    wire: Wire
    tenant: Tenant
    other: Tenant


@pytest.fixture
async def site(database_url: str) -> AsyncIterator[Site]:
    async with _link(database_url) as (link, url):
        settings = settings_for(url, access_log="none")
        async with serving(settings) as server, wire(server.address) as raw:
            yield Site(link, raw, await server.new_tenant(), await server.new_tenant())
            link.restore()


@asynccontextmanager
async def _link(database_url: str) -> AsyncIterator[tuple[Link, str]]:
    """A link to the database, and the URL that goes over it."""
    parts = urlsplit(database_url)
    async with linked(parts.hostname or "", parts.port or 0) as (link, address):
        user = parts.netloc.rpartition("@")[0]
        yield link, parts._replace(netloc=f"{user}@{address}").geturl()


async def trespass(site: Site, kind: CredentialKind) -> Outcome:
    """A call that needs no database but to know who calls: it reaches for another tenant."""
    target = rpc(
        "ListRewardItems"
        if kind in (CredentialKind.api_key, CredentialKind.admin_jwt)
        else "ListActiveDefinitions"
    )
    request = target.minimal_request(site.other.id)
    body = request.SerializeToString()
    own = headers(site.tenant, kind, target.path, body)
    return await site.wire.call(target.path, body, own, seconds=2)


async def last_known(site: Site, kind: CredentialKind, began: float) -> float:
    """How long after `began` the last call started that was let in."""
    known = 0.0
    while (started := monotonic()) < began + 2 * A_SECOND:
        outcome = await trespass(site, kind)
        if outcome.code is grpc.StatusCode.PERMISSION_DENIED:
            known = started - began
        else:
            assert outcome.code in (
                grpc.StatusCode.UNAVAILABLE,
                grpc.StatusCode.DEADLINE_EXCEEDED,
            )
        await asyncio.sleep(0.05)
    return known


@pytest.mark.parametrize("outage", [Link.cut, Link.freeze])
async def test_no_credential_is_known_longer_than_a_second_without_the_database(
    site: Site, outage: Callable[[Link], None]
) -> None:
    for kind in CredentialKind:
        assert (await trespass(site, kind)).code is grpc.StatusCode.PERMISSION_DENIED
    outage(site.link)
    began = monotonic()
    known = await asyncio.gather(*(last_known(site, kind, began) for kind in CredentialKind))
    assert max(known) <= A_SECOND


async def test_every_call_is_unavailable_without_the_database_and_works_again_with_it(
    site: Site,
) -> None:
    site.link.cut()
    for target in RPCS:
        request = target.minimal_request(site.tenant.id)
        for kind in target.policy.credentials:
            outcome = await site.wire.send(target, request, site.tenant, kind)
            assert outcome.refused_with(grpc.StatusCode.UNAVAILABLE, "SERVICE_UNAVAILABLE")
            assert outcome.message == "The service cannot answer now"
    assert (await site.wire.call(RPCS[0].path, b"")).code is grpc.StatusCode.UNAUTHENTICATED
    site.link.restore()
    for kind in CredentialKind:
        assert (await trespass(site, kind)).code is grpc.StatusCode.PERMISSION_DENIED


async def test_a_redemption_gives_up_on_a_database_that_says_nothing_and_works_again_with_it(
    database_url: str,
) -> None:
    async with _link(database_url) as (link, url):
        # The client's own patience is five seconds longer.
        settings = settings_for(url, access_log="none", database_statement_timeout_ms=200)
        async with serving(settings) as server:
            shop = await Shop.open(await server.new_tenant())
            await shop.define(custom_code="FOREVER", limit=usage_limit("unlimited"))
            assert await outcome(shop.redeem("FOREVER", "alice")) == ""
            link.freeze()
            began = monotonic()
            assert await outcome(shop.redeem("FOREVER", "alice")) == "SERVICE_UNAVAILABLE"
            assert monotonic() - began < 45
            link.restore()
            assert await outcome(shop.redeem("FOREVER", "alice")) == ""
