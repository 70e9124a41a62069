"""One tenant asks for more than it may: of calls at once, of calls a second, of answers."""

import asyncio
import struct
from collections import Counter
from collections.abc import AsyncIterator, Awaitable, Sequence
from contextlib import asynccontextmanager

from google.protobuf.struct_pb2 import Struct

from bench.grpc_connection import header_block
from coupon_server.operations import tenant_limits
from phoenix_coupons import CouponsError
from phoenix_coupons.v1 import (
    CreateRewardItemRequest,
    GetTenantUsageRequest,
    ListRewardItemsRequest,
    TenantLimit,
)
from support.abuse import SCALE, AbuseTarget, Bystander, Figures, attacked
from support.builders import Shop, usage_limit
from support.processes import PATIENCE
from support.serving import settings_for

CALLS = 3_000 * SCALE
CODE = "FLOOD"

MAX_STREAMS = 100
"""How many calls a connection may have: COUPONS_MAX_CONNECTION_STREAMS."""


async def limited(target: AbuseTarget, shop: Shop, **limits: int) -> None:
    """Give the tenant limits, and wait until the worker has them."""
    await tenant_limits(settings_for(target.database_url), shop.tenant.uuid, limits)
    async with asyncio.timeout(PATIENCE):
        while not limits.items() <= (await _known_limits(shop)).items():  # noqa: ASYNC110 — a worker polls
            await asyncio.sleep(0.05)


async def _known_limits(shop: Shop) -> dict[str, int]:
    """The tenant's limits, as the worker has them."""
    usage = await shop.tenants.GetTenantUsage(GetTenantUsageRequest(tenant_id=shop.id))
    return {TenantLimit.Name.Name(limit.name): limit.limit for limit in usage.limits}


async def outcomes(calls: Sequence[Awaitable[object]]) -> Counter[str]:
    """How many calls ended how: by reason, or by the code of an error without one."""

    async def one(call: Awaitable[object]) -> str:
        try:
            await call
        except CouponsError as error:
            # Whoever is refused is told when to come back.
            return (error.reason or error.code.name) if error.retry_delay else str(error)
        return ""

    return Counter(await asyncio.gather(*map(one, calls)))


async def test_many_calls_at_once_are_refused_and_disturb_nobody(
    target: AbuseTarget, bystander: Bystander, figures: Figures
) -> None:
    shop = await target.new_shop()
    await shop.define(custom_code=CODE, limit=usage_limit("unlimited"))
    await limited(target, shop, redeem_in_flight=16)
    name = f"{CALLS} validations at once"
    with attacked(target, bystander, figures, name, ahead=MAX_STREAMS) as attack:
        found = await outcomes([shop.validate(CODE, "ada") for _ in range(CALLS)])
        attack.note(admitted=found[""], refused=found["RATE_LIMITED"])
    assert found.keys() <= {"", "RATE_LIMITED"}
    assert found[""] >= 16
    assert found["RATE_LIMITED"] > 0
    assert attack.cost.kept_bytes < 64 * 1024 * 1024


async def test_a_flood_above_the_rate_is_told_when_to_come_back(
    target: AbuseTarget, bystander: Bystander, figures: Figures
) -> None:
    shop = await target.new_shop()
    await shop.define(custom_code=CODE, limit=usage_limit("unlimited"))
    await limited(target, shop, redeem_per_second=50)
    calls, refused = 1_000 * SCALE, 0
    name = f"{calls} validations at a rate of 50 a second"
    with attacked(target, bystander, figures, name, ahead=MAX_STREAMS) as attack:
        for _ in range(calls // 100):
            found = await outcomes([shop.validate(CODE, "ada") for _ in range(100)])
            assert found.keys() <= {"", "RATE_LIMITED"}
            refused += found["RATE_LIMITED"]
        attack.note(refused=refused)
    # However slow the machine is, a hundred at once are more than a full bucket.
    assert refused >= calls // 100 * 25


async def test_refused_calls_cost_no_more_than_answered_ones(
    target: AbuseTarget, figures: Figures
) -> None:
    shop = await target.new_shop()
    await shop.define(custom_code=CODE, limit=usage_limit("unlimited"))
    calls = 1_000

    async def cpu_seconds(reason: str) -> float:
        with target.measured() as cost:
            for _ in range(calls // 50):
                found = await outcomes([shop.validate(CODE, "ada") for _ in range(50)])
                assert found == {reason: 50}
        return float(cost.cpu_seconds)

    answered = await cpu_seconds("")
    await limited(target, shop, redeem_in_flight=0)
    refused = await cpu_seconds("RATE_LIMITED")
    # Most of either is gRPC's own work; what is measured differs by some tenths.
    assert refused < 1.5 * answered
    figures.add(
        "a call", answered_cpu_ms=answered / calls * 1000, refused_cpu_ms=refused / calls * 1000
    )


# --- answers that nobody takes

_LIST = "/phoenix_coupons.v1.CouponAdmin/ListRewardItems"


@asynccontextmanager
async def _stuck_reader(
    target: AbuseTarget, shop: Shop, calls: int
) -> AsyncIterator[asyncio.StreamReader]:
    """A client that makes calls and gives the server no window to answer in (RFC 9113, 6.9)."""
    reader, writer = await asyncio.open_connection("127.0.0.1", target.port)
    window = struct.pack(">HI", 4, 0)
    writer.write(b"PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n" + _frame(4, 0, 0, window))
    block = header_block(_LIST, [("x-api-key", shop.tenant.credentials.api_key)])
    body = ListRewardItemsRequest(tenant_id=shop.id, page_size=100).SerializeToString()
    message = b"\0" + struct.pack(">I", len(body)) + body
    for number in range(calls):
        stream = 2 * number + 1
        writer.write(_frame(1, 0x4, stream, block) + _frame(0, 0x1, stream, message))
    await writer.drain()
    try:
        yield reader
    finally:
        writer.close()
        await writer.wait_closed()


def _frame(kind: int, flags: int, stream: int, payload: bytes) -> bytes:
    return struct.pack(">I", len(payload))[1:] + struct.pack(">BBI", kind, flags, stream) + payload


async def reason_of_a_list(shop: Shop) -> str:
    """The limit for which such a page is refused; empty if it is not."""
    try:
        await shop.admin.ListRewardItems(ListRewardItemsRequest(tenant_id=shop.id, page_size=100))
    except CouponsError as error:
        return error.metadata.get("limit", error.reason)
    return ""


async def until_lists_are(shop: Shop, wanted: str) -> None:
    while await reason_of_a_list(shop) != wanted:  # noqa: ASYNC110 - asked of a server
        await asyncio.sleep(0.05)


async def _add_item(shop: Shop, text: str) -> None:
    payload = Struct()
    payload.update({"text": text})
    request = CreateRewardItemRequest(
        tenant_id=shop.id, name="Long", reward_type="text", payload=payload
    )
    await shop.admin.CreateRewardItem(request)


async def test_answers_that_nobody_takes_are_bounded(
    target: AbuseTarget, bystander: Bystander, figures: Figures
) -> None:
    shop, beside = await target.new_shop(), await target.new_shop()
    # A page of 1.6 MB, if pages may be as long.
    for _ in range(4):
        await asyncio.gather(*(_add_item(shop, "x" * 15_900) for _ in range(25)))
    page_bytes = (
        await shop.admin.ListRewardItems(ListRewardItemsRequest(tenant_id=shop.id, page_size=100))
    ).ByteSize()
    assert page_bytes > 500_000
    limit_kib, calls = 8 * 1024, 60 * SCALE
    await limited(target, shop, answers_kib=limit_kib, lists_in_flight=1_000)
    name = f"{calls} unread pages of {page_bytes / 1e6:.1f} MB, {limit_kib // 1024} MiB allowed"
    with attacked(target, bystander, figures, name, ahead=10 * MAX_STREAMS) as attack:
        async with _stuck_reader(target, shop, calls):
            await until_lists_are(shop, "answers_kib")
            # Tenants beside it have room of their own, as has what the tenant redeems.
            assert await reason_of_a_list(beside) == ""
            assert not (await shop.validate("UNKNOWN", "ada")).valid
        # What nobody will take any more is given up.
        await until_lists_are(shop, "")
    # What is held, beside the pages that are being made, whatever the number of calls.
    assert attack.cost.peak_growth_bytes < 24 * limit_kib * 1024
