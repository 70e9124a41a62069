"""Guess protection through the edges: blocks over REST, and addresses that clients can't forge."""

from collections.abc import Iterator
from datetime import timedelta
from itertools import count

import pytest

from coupon_server.auth.peers import PEER_HEADER
from phoenix_coupons import TenantToken
from phoenix_coupons.v1 import GuessLimit, GuessPolicy, SetGuessPolicyRequest
from support.builders import Shop, usage_limit
from support.contract import Headers
from support.edges import Edge
from support.processes import until
from support.rest import Answer, send

CODE = "WELCOME"
BLOCKED = (429, "TOO_MANY_ATTEMPTS")


@pytest.fixture
async def target(shop: Shop) -> Shop:
    """A shop where anybody may redeem CODE, and an address may fail thirty times."""
    await shop.define(custom_code=CODE, limit=usage_limit("unlimited"))
    peer = GuessLimit(failures=30)
    peer.window.FromTimedelta(timedelta(hours=1))
    peer.block.FromTimedelta(timedelta(hours=1))
    peer.max_block.FromTimedelta(timedelta(hours=1))
    request = SetGuessPolicyRequest(tenant_id=shop.id, policy=GuessPolicy(peer=peer))
    await shop.tenants.SetGuessPolicy(request)
    return shop


def attempt(
    edge: Edge, shop: Shop, user_id: str, code: str = "WRONG", headers: Headers = ()
) -> Answer:
    """A validation by the user's own token."""
    token = TenantToken(shop.id, shop.tenant.credentials.tenant_secret, user_id=user_id).token()
    own = (("authorization", f"Bearer {token}"), *headers)
    return send(edge, "GET", f"/v1/coupons/{shop.id}/validate/{code}", own)


@pytest.fixture
def users() -> Iterator[str]:
    """New users, of whom each has failures left."""
    return (f"user-{number}" for number in count())


def test_a_blocked_user_is_told_when_to_come_back(edge: Edge, target: Shop) -> None:
    def blocked() -> bool:
        # A token lives for a while; a user's failures are counted over all tokens.
        return attempt(edge, target, "mallory").status == 429

    # Both workers know of it within a second.
    until(lambda: all(blocked() for _ in range(10)))
    for code in ("WRONG", CODE):
        answer = attempt(edge, target, "mallory", code)
        assert answer.refusal == BLOCKED
        assert answer.json["error"] == "Too many failed attempts"
        assert 0 < int(answer.header("retry-after") or "") <= 24 * 3600
    assert attempt(edge, target, "alice", CODE).ok["valid"]


def test_an_address_can_not_hide_behind_headers(
    edge: Edge, target: Shop, users: Iterator[str]
) -> None:
    numbers = count(1)

    def forged() -> Headers:
        number = next(numbers)
        return (
            ("x-forwarded-for", f"198.51.100.{number % 250}"),
            ("X-Forwarded-For", f"203.0.113.{number % 250}, 192.0.2.1"),
            ("forwarded", f"for=192.0.2.{number % 250}"),
            ("x-real-ip", f"192.0.2.{number % 250}"),
            (PEER_HEADER, f"9999999999.{number:032x}.{number:032x}"),
        )

    def blocked() -> bool:
        return attempt(edge, target, next(users), headers=forged()).status == 429

    until(blocked)
    # Both workers, with or without what it claims.
    until(lambda: all(blocked() for _ in range(6)))
    assert attempt(edge, target, next(users), CODE).refusal == BLOCKED
    assert next(numbers) > 30


async def test_a_blocked_address_blocks_no_backend(
    edge: Edge, target: Shop, users: Iterator[str]
) -> None:
    until(lambda: attempt(edge, target, next(users)).status == 429)
    token = TenantToken(target.id, target.tenant.credentials.tenant_secret).token()
    own = (("authorization", f"Bearer {token}"),)
    path = f"/v1/coupons/{target.id}/validate/{CODE}?user_id=alice"
    assert send(edge, "GET", path, own).ok["valid"]
    # Nor anybody who is not at the address, such as whoever calls by gRPC.
    assert (await target.validate(CODE, "alice")).valid
