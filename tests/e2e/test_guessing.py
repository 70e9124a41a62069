"""Workers and servers count failed attempts together, and a restart forgets none."""

import asyncio
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

from phoenix_coupons import CouponsError
from phoenix_coupons.v1 import ValidateCouponRequest
from support.builders import Shop, usage_limit
from support.processes import ServerProcess, connections, serving

if TYPE_CHECKING:
    from phoenix_coupons.v1.coupon_query_pb2_grpc import CouponQueryAsyncStub

CODE, WRONG = "WELCOME", "WRONG"
WORKERS, LIMIT = 4, 20


async def attempt(
    backend: "CouponQueryAsyncStub", shop: Shop, user_id: str, code: str = WRONG
) -> str:
    request = ValidateCouponRequest(tenant_id=shop.id, code=code, user_id=user_id)
    try:
        return (await backend.ValidateCoupon(request)).reason
    except CouponsError as error:
        return error.reason


@pytest.fixture
async def open_shop(shop: Shop) -> Shop:
    """A shop where anybody may redeem CODE."""
    await shop.define(custom_code=CODE, limit=usage_limit("unlimited"))
    return shop


async def test_workers_and_servers_share_blocks_and_a_restart_forgets_none(
    fleet: ServerProcess, open_shop: Shop, shared_database: str, tmp_path: Path
) -> None:
    async with connections(open_shop, fleet.address, 16) as backends:

        async def reasons_of(code: str) -> list[str]:
            return [await attempt(one, open_shop, "mallory", code) for one in backends]

        answered = 0
        # Until every worker knows. One guess at a time, so that the workers hear of the others'.
        while (reasons := await reasons_of(WRONG)) != ["TOO_MANY_ATTEMPTS"] * len(backends):
            answered += reasons.count("COUPON_NOT_FOUND")
        assert len(fleet.busy_workers()) >= 2
        # At worst each worker allows as many before it hears of the others.
        assert LIMIT <= answered <= WORKERS * LIMIT
        assert await reasons_of(CODE) == ["TOO_MANY_ATTEMPTS"] * len(backends)
        assert await attempt(backends[0], open_shop, "alice", CODE) == ""
    # A process that starts now is one that has started anew.
    with serving(shared_database, tmp_path / "log", workers=1, background="false") as other:
        async with connections(open_shop, other.address, 1) as [backend]:
            assert await attempt(backend, open_shop, "mallory", CODE) == "TOO_MANY_ATTEMPTS"
            assert await attempt(backend, open_shop, "alice", CODE) == ""
            # What it counts, the first server hears of.
            burst = (attempt(backend, open_shop, "trudy") for _ in range(LIMIT))
            assert await asyncio.gather(*burst) == ["COUPON_NOT_FOUND"] * LIMIT
            async with connections(open_shop, fleet.address, 1) as [elsewhere]:
                while await attempt(elsewhere, open_shop, "trudy", CODE) != "TOO_MANY_ATTEMPTS":
                    pass
