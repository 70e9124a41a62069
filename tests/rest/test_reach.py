"""What REST callers reach as gRPC callers do: the events of their tenant, and every user."""

import asyncio
from urllib.parse import quote

import pytest

from coupon_server.auth.principals import CredentialKind
from phoenix_coupons import TenantToken
from support.builders import Shop, usage_limit
from support.edges import Edge
from support.rest import Answer, presenting, send, signed
from support.scenes import cursor_after

USER = "branch/7 +&?%2F"


async def test_a_poll_is_answered_when_something_happens(edge: Edge, shop: Shop) -> None:
    await shop.define(limit=usage_limit("unlimited"), custom_code="ALL")
    earlier = (await shop.redeem("ALL", "alice")).redemption.id
    cursor = await cursor_after(shop, earlier)
    waiting = asyncio.create_task(poll(edge, shop, f"after={cursor}&wait=30s"))
    redeemed = (await shop.redeem("ALL", "bob")).redemption.id
    answer = await waiting
    [event] = answer.ok["events"]
    assert (event["id"], event["grant"]["user_id"]) == (redeemed, "bob")
    assert answer.ok["cursor"] == await cursor_after(shop, redeemed)
    assert (await poll(edge, shop, f"after={answer.ok['cursor']}")).ok["events"] == []


async def test_a_poll_can_be_signed(edge: Edge, shop: Shop) -> None:
    """It ends before what the edge presents in place of the signature does."""
    path = f"/v1/grants/{shop.id}"
    headers = signed(shop.tenant, "GET", path)
    answer = await asyncio.to_thread(send, edge, "GET", f"{path}?wait=30s", headers)
    assert answer.ok["events"] == []


@pytest.mark.parametrize(
    ("query", "reason"),
    [
        ("wait=31s", "INVALID_FIELD"),
        ("wait=-1s", "INVALID_FIELD"),
        ("wait=soon", "MALFORMED_MESSAGE"),
        ("max_events=101", "INVALID_FIELD"),
        ("after=elsewhere", "INVALID_FIELD"),
        ("event_types=coupon.lost", "INVALID_FIELD"),
        ("event_types=coupon.issued&event_types=coupon.issued", "INVALID_FIELD"),
        ("event_types=coupon+issued", "MALFORMED_MESSAGE"),
    ],
)
async def test_a_poll_that_breaks_a_rule_is_refused(
    edge: Edge, shop: Shop, query: str, reason: str
) -> None:
    answer = await poll(edge, shop, query)
    assert answer.refusal == (400, reason)
    [violation] = answer.json["details"][1]["field_violations"]
    assert violation["field"].partition("[")[0] == query.partition("=")[0]


async def poll(edge: Edge, shop: Shop, query: str) -> Answer:
    token = presenting(shop.tenant, CredentialKind.tenant_jwt)
    return await asyncio.to_thread(send, edge, "GET", f"/v1/grants/{shop.id}?{query}", token)


@pytest.mark.parametrize(
    ("path", "items"),
    [("user", "coupons"), ("redemptions", "redemptions"), ("progress", "progress")],
)
async def test_a_user_of_any_name_can_be_asked_for(
    edge: Edge, shop: Shop, path: str, items: str
) -> None:
    """By query, where a slash may stand; signed, too."""
    await shop.define(limit=usage_limit("unlimited"), custom_code="ALL")
    await shop.redeem("ALL", USER)
    target = f"/v1/coupons/{shop.id}/{path}"
    query = f"?user_id={quote(USER, safe='')}"
    secret = shop.tenant.credentials.tenant_secret
    bearer = TenantToken(shop.id, secret, user_id=USER).token()
    token = (("authorization", f"Bearer {bearer}"),)
    by_token = send(edge, "GET", target + query, token)
    by_signature = send(edge, "GET", target + query, signed(shop.tenant, "GET", target))
    assert by_token.ok == by_signature.ok
    if items != "progress":
        [found] = by_token.ok[items]
        assert found["user_id"] == USER
    # A token's user is that of a query without one, and no other.
    assert send(edge, "GET", target, token).ok == by_token.ok
    assert send(edge, "GET", f"{target}?user_id=bob", token).refusal[0] == 403
