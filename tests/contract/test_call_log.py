"""The log's line about a call, which says why the call was refused."""

from collections.abc import AsyncIterator, Callable, Iterator, MutableMapping
from datetime import timedelta
from typing import Any

import grpc
import pytest
import structlog

from coupon_server.auth.principals import CredentialKind
from phoenix_coupons.v1 import (
    GuessLimit,
    GuessPolicy,
    ListRewardItemsRequest,
    SetGuessPolicyRequest,
)
from support.builders import Shop, outcome, usage_limit
from support.contract import headers, rpc
from support.processes import eventually
from support.serving import Served, serving, settings_for

Line = MutableMapping[str, Any]
LIST = rpc("ListRewardItems")


@pytest.fixture
async def talkative(
    request: pytest.FixtureRequest, database_url: str, monkeypatch: pytest.MonkeyPatch
) -> AsyncIterator[Served]:
    """A server that logs every call. Its parameters are settings."""
    # Nothing is flushed by itself.
    monkeypatch.setattr("coupon_server.assemblies.serving.SHARE_SECONDS", 3600)
    settings = settings_for(database_url, access_log="all", **getattr(request, "param", {}))
    async with serving(settings) as served:
        yield served


@pytest.fixture
async def shop(talkative: Served) -> Shop:
    shop = await Shop.open(await talkative.new_tenant())
    await shop.define(custom_code="OPEN", limit=usage_limit("unlimited"))
    return shop


@pytest.fixture
def lines(shop: Shop) -> Iterator[list[Line]]:
    """What is logged from now on."""
    with structlog.testing.capture_logs() as logged:
        yield logged


def reasons(lines: list[Line]) -> list[str | None]:
    return [line["reason"] for line in lines if line["event"] == "call"]


async def assert_reasons(lines: list[Line], expected: list[str | None]) -> None:
    """A call's line is written after its answer."""
    await eventually(lambda: len(reasons(lines)) >= len(expected))
    assert reasons(lines) == expected


async def test_a_call_that_succeeds_has_no_reason(shop: Shop, lines: list[Line]) -> None:
    await shop.redeem("OPEN", "ada")
    await assert_reasons(lines, [None])


async def unknown_code(shop: Shop) -> object:
    return await shop.redeem("NO-SUCH-CODE", "ada")


async def list_items(shop: Shop) -> object:
    return await shop.admin.ListRewardItems(ListRewardItemsRequest(tenant_id=shop.id))


async def define(shop: Shop) -> object:
    return await shop.define()


LIMITS: dict[str, tuple[str, Callable[[Shop], Any]]] = {
    "redeem_in_flight": ("RATE_LIMITED", unknown_code),
    "redemptions_per_day": ("QUOTA_EXCEEDED", lambda shop: shop.redeem("OPEN", "ada")),
    "stored_kib_per_day": ("QUOTA_EXCEEDED", define),
    "definitions": ("QUOTA_EXCEEDED", define),
    "lists_in_flight": ("RATE_LIMITED", list_items),
}


@pytest.mark.parametrize("limit", LIMITS)
async def test_a_call_beyond_a_limit(
    talkative: Served, shop: Shop, lines: list[Line], limit: str
) -> None:
    reason, call = LIMITS[limit]
    await talkative.limit(shop.tenant.uuid, **{limit: 0})
    assert await outcome(call(shop)) == reason
    await assert_reasons(lines, [reason])
    if reason != "RATE_LIMITED":
        return
    # Such calls are also logged together.
    await talkative.app.admission.flush()
    [together] = [line for line in lines if line["event"] == "calls_refused"]
    assert (together["reason"], together["limit"], together["calls"]) == (reason, limit, 1)


async def test_a_guesser(talkative: Served, shop: Shop, lines: list[Line]) -> None:
    user = GuessLimit(failures=1)
    for span in (user.window, user.block, user.max_block):
        span.FromTimedelta(timedelta(hours=1))
    request = SetGuessPolicyRequest(tenant_id=shop.id, policy=GuessPolicy(user=user))
    await shop.tenants.SetGuessPolicy(request)
    await talkative.app.guard.pull()
    for _ in range(2):
        await outcome(unknown_code(shop))
    assert await outcome(shop.validate("OPEN", "ada")) == "TOO_MANY_ATTEMPTS"
    expected = [None, "COUPON_NOT_FOUND", "TOO_MANY_ATTEMPTS", "TOO_MANY_ATTEMPTS"]
    await assert_reasons(lines, expected)


@pytest.mark.parametrize("talkative", [{"request_seconds": 5}], indirect=True)
async def test_a_call_that_never_reaches_its_handler(
    talkative: Served, shop: Shop, lines: list[Line]
) -> None:
    own = headers(shop.tenant, CredentialKind.api_key, LIST.path, b"")
    async with grpc.aio.insecure_channel(talkative.address) as channel:
        call: Any = channel.unary_unary(LIST.path)
        for body, metadata in ((b"", ()), (b"\x0b", own), (b"", own)):
            with pytest.raises(grpc.aio.AioRpcError):
                await call(body, metadata=metadata)
        # Its message does not come.
        late: Any = channel.stream_unary(LIST.path)(metadata=own)
        assert await late.code() is grpc.StatusCode.DEADLINE_EXCEEDED
    await assert_reasons(
        lines,
        [
            "CREDENTIAL_INVALID",
            "MALFORMED_MESSAGE",
            "CREDENTIAL_NOT_ALLOWED",
            "DEADLINE_EXCEEDED",
        ],
    )


async def test_a_fault(shop: Shop, lines: list[Line], monkeypatch: pytest.MonkeyPatch) -> None:
    def fail(*_: object) -> None:
        raise ZeroDivisionError

    monkeypatch.setattr("coupon_server.rpc.coupon_query.CouponQuery.RedeemCoupon", fail)
    monkeypatch.setattr("coupon_server.services.redemption.RedemptionService.redeem", fail)
    assert await outcome(shop.redeem("OPEN", "ada")) == "INTERNAL_FAULT"
    await assert_reasons(lines, ["INTERNAL_FAULT"])
