"""Signed requests: how long a signature holds, and that replaying one has a single effect."""

import asyncio
from collections import Counter
from collections.abc import AsyncIterator, Iterable
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from uuid import uuid4

import grpc
import pytest
from google.protobuf.message import Message

from coupon_server.auth import signature
from coupon_server.rpc import grant_cursors
from phoenix_coupons.v1 import (
    AcknowledgeGrantsRequest,
    RedeemCouponRequest,
    RedeemCouponResponse,
)
from support.builders import Shop, usage_limit
from support.clock import MovableClock
from support.contract import RPCS, Headers, Outcome, Rpc, Wire, rpc, wire
from support.serving import Served, Tenant

REDEEM = rpc("RedeemCoupon")
SIGNED_READS = [one for one in RPCS if one.service == "CouponQuery" and not one.mutates]


def signed(tenant: Tenant, target: Rpc, body: bytes, at: datetime, signed_key: str = "") -> Headers:
    timestamp = str(int(at.timestamp()))
    secret = tenant.credentials.tenant_secret
    digest = signature.sign(secret, "POST", target.path, timestamp, body, signed_key)
    return (
        ("x-tenant-id", tenant.id),
        ("x-timestamp", timestamp),
        ("x-signature", f"hmac-sha256={digest}"),
    )


@pytest.fixture
async def shop(tenant: Tenant) -> Shop:
    return await Shop.open(tenant)


async def endless_code(shop: Shop) -> str:
    """A code that can be redeemed any number of times."""
    definition = await shop.define(limit=usage_limit("unlimited"))
    return await shop.code_for(definition, "alice")


@pytest.mark.parametrize("target", SIGNED_READS, ids=str)
async def test_a_read_can_be_replayed_within_the_window(server: Served, target: Rpc) -> None:
    tenant = await server.new_tenant()
    body = target.minimal_request(tenant.id, user_id="alice", code="ANY").SerializeToString()
    headers = signed(tenant, target, body, datetime.now(UTC))
    async with wire(server.address) as raw:
        first = await raw.call(target.path, body, headers)
        again = await raw.call(target.path, body, headers)
    assert first.code is again.code is grpc.StatusCode.OK
    assert first.response == again.response


@pytest.mark.parametrize(("seconds", "accepted"), [(300, True), (301, False)])
@pytest.mark.parametrize("direction", [-1, 1])
async def test_the_window_is_300_seconds_wide_on_either_side(
    server: Served,
    tenant: Tenant,
    clock: MovableClock,
    seconds: int,
    direction: int,
    accepted: bool,
) -> None:
    clock.now = clock.now.replace(microsecond=0)
    target = rpc("ListActiveDefinitions")
    body = target.minimal_request(tenant.id).SerializeToString()
    headers = signed(tenant, target, body, clock.now)
    clock.advance(timedelta(seconds=direction * seconds))
    async with wire(server.address) as raw:
        outcome = await raw.call(target.path, body, headers)
    assert (outcome.code is grpc.StatusCode.OK) is accepted
    if not accepted:
        assert "x-timestamp" in outcome.message


async def replay(
    raw: Wire, shop: Shop, request: RedeemCouponRequest, extra: Iterable[Headers]
) -> list[RedeemCouponResponse]:
    """The answers to one signed call, sent anew with each of these unsigned headers."""
    body = request.SerializeToString()
    headers = signed(shop.tenant, REDEEM, body, datetime.now(UTC))
    outcomes = [await raw.call(REDEEM.path, body, headers + more) for more in extra]
    assert {outcome.code for outcome in outcomes} == {grpc.StatusCode.OK}
    return [RedeemCouponResponse.FromString(outcome.response) for outcome in outcomes]


@pytest.mark.parametrize("request_id", ["", "order-1"])
async def test_a_replayed_redemption_has_one_effect_whatever_unsigned_headers_it_has(
    server: Served, shop: Shop, request_id: str
) -> None:
    request = RedeemCouponRequest(
        tenant_id=shop.id,
        code=await endless_code(shop),
        user_id="alice",
        request_id=request_id,
    )
    unsigned: list[Headers] = [(), (), (("x-request-id", uuid4().hex),)]
    if request_id:
        unsigned.append((("idempotency-key", "another"),))
    async with wire(server.address) as raw:
        answers = await replay(raw, shop, request, unsigned)
    assert all(answer == answers[0] for answer in answers)
    assert len(await shop.ledger()) == 1


@dataclass(frozen=True, slots=True)
class Signer:
    """Makes one call again and again, signed `age` seconds ago."""

    raw: Wire
    tenant: Tenant
    target: Rpc
    body: bytes
    now: datetime = field(default_factory=lambda: datetime.now(UTC))

    async def call(self, age: int, key: str, signed_key: str = "") -> Outcome:
        at = self.now - timedelta(seconds=age)
        headers = signed(self.tenant, self.target, self.body, at, signed_key)
        unsigned = (("idempotency-key", key),) if key else ()
        return await self.raw.call(self.target.path, self.body, headers + unsigned)


@asynccontextmanager
async def signing(server: Served, shop: Shop, target: Rpc) -> AsyncIterator[Signer]:
    """A signer of a call that has an effect each time: a redemption, or an acknowledgement."""
    request: Message
    if target == REDEEM:
        code = await endless_code(shop)
        request = RedeemCouponRequest(tenant_id=shop.id, code=code, user_id="alice")
    else:
        cursor = grant_cursors.encode(shop.tenant.uuid, 0)
        request = AcknowledgeGrantsRequest(tenant_id=shop.id, cursor=cursor)
    async with wire(server.address) as raw:
        yield Signer(raw, shop.tenant, target, request.SerializeToString())


SIGNATURE_REUSED = (
    "The signature was used with another Idempotency-Key; sign the key along, or sign anew"
)


@pytest.mark.parametrize("target", [REDEEM, rpc("AcknowledgeGrants")], ids=str)
async def test_a_signature_is_good_for_one_key(server: Served, shop: Shop, target: Rpc) -> None:
    async with signing(server, shop, target) as signer:
        outcomes = [
            # What is refused does not use its signature up.
            await signer.call(age, key)
            for age, key in [
                *((0, "one"), (0, "one"), (0, "")),
                # Signed anew, and a signature is used by a replayed answer, too.
                *((1, "one"), (1, "two"), (1, "")),
                *((2, ""), (2, ""), (2, "two")),
                (3, "two"),
            ]
        ]
    refused = [index for index, one in enumerate(outcomes) if one.code is not grpc.StatusCode.OK]
    assert refused == [4, 8]
    for index in refused:
        assert outcomes[index].refused_with(
            grpc.StatusCode.FAILED_PRECONDITION, "REQUEST_ID_REUSED"
        )
        assert outcomes[index].message == SIGNATURE_REUSED
    if target == REDEEM:
        acts = [one.response for index, one in enumerate(outcomes) if index not in refused]
        assert [acts.index(one) for one in acts] == [0, 0, 0, 0, 0, 5, 5, 7]
        assert len(await shop.ledger()) == 3


async def test_a_signed_key_decides_alone(server: Served, shop: Shop) -> None:
    async with signing(server, shop, REDEEM) as signer:
        # Within one second.
        answers = [
            (await signer.call(0, key, key)).response for key in ("one", "two", "one", "two")
        ]
        assert answers[:2] == answers[2:]
        assert answers[0] != answers[1]
        for key in ("", "two"):
            changed = await signer.call(0, key, "one")
            assert changed.refused_with(grpc.StatusCode.UNAUTHENTICATED, "CREDENTIAL_INVALID")
    assert len(await shop.ledger()) == 2


async def test_two_keys_at_once_are_one_act_of_one_signature(server: Served, shop: Shop) -> None:
    async with signing(server, shop, REDEEM) as signer:
        outcomes = await asyncio.gather(*(signer.call(0, key) for key in ("one", "two") * 4))
    assert Counter(one.code for one in outcomes) == {
        grpc.StatusCode.OK: 4,
        grpc.StatusCode.FAILED_PRECONDITION: 4,
    }
    assert len(await shop.ledger()) == 1


async def test_a_key_that_is_no_request_id_is_refused(server: Served, shop: Shop) -> None:
    async with signing(server, shop, REDEEM) as signer:
        refused = await signer.call(0, "a b", "a b")
    assert refused.refused_with(grpc.StatusCode.INVALID_ARGUMENT, "INVALID_FIELD")
    assert await shop.ledger() == []


async def test_a_replay_with_the_signature_in_capitals_is_still_a_replay(
    server: Served, shop: Shop
) -> None:
    request = RedeemCouponRequest(tenant_id=shop.id, code=await endless_code(shop), user_id="alice")
    body = request.SerializeToString()
    tenant, timestamp, (_, digest) = signed(shop.tenant, REDEEM, body, datetime.now(UTC))
    capitals = ("x-signature", "hmac-sha256=" + digest.removeprefix("hmac-sha256=").upper())
    async with wire(server.address) as raw:
        for presented in (
            (tenant, timestamp, ("x-signature", digest)),
            (tenant, timestamp, capitals),
            (("x-tenant-id", shop.id.upper()), timestamp, capitals),
        ):
            assert (await raw.call(REDEEM.path, body, presented)).code is grpc.StatusCode.OK
    assert len(await shop.ledger()) == 1


async def test_two_signatures_are_two_redemptions(server: Served, shop: Shop) -> None:
    request = RedeemCouponRequest(tenant_id=shop.id, code=await endless_code(shop), user_id="alice")
    body = request.SerializeToString()
    now = datetime.now(UTC)
    async with wire(server.address) as raw:
        for at in (now, now - timedelta(seconds=1)):
            headers = signed(shop.tenant, REDEEM, body, at)
            assert (await raw.call(REDEEM.path, body, headers)).code is grpc.StatusCode.OK
    assert len(await shop.ledger()) == 2


async def test_a_request_id_means_one_request_by_signature_and_by_token(
    server: Served, shop: Shop
) -> None:
    request = RedeemCouponRequest(
        tenant_id=shop.id, code=await endless_code(shop), user_id="alice", request_id="order-1"
    )
    async with wire(server.address) as raw:
        [signed_answer] = await replay(raw, shop, request, [()])
        other = RedeemCouponRequest()
        other.CopyFrom(request)
        other.user_id = "bob"
        body = other.SerializeToString()
        headers = signed(shop.tenant, REDEEM, body, datetime.now(UTC))
        reused = await raw.call(REDEEM.path, body, headers)
    assert await shop.query.RedeemCoupon(request) == signed_answer
    assert reused.refused_with(grpc.StatusCode.FAILED_PRECONDITION, "REQUEST_ID_REUSED")
    assert reused.message == "The request id was used for another request"
    assert len(await shop.ledger()) == 1
