"""What the client exports is the contract, all of it, under names that are its own."""

import importlib
import pkgutil
import re
import subprocess
import sys
from importlib.metadata import requires
from pathlib import Path

import phoenix_coupons
from phoenix_coupons import Reason, v1


def test_v1_re_exports_every_message_enum_and_stub() -> None:
    expected: set[str] = set()
    for module in pkgutil.iter_modules(v1.__path__, f"{v1.__name__}."):
        if module.name.endswith("_pb2"):
            file = importlib.import_module(module.name).DESCRIPTOR
            expected.update(file.message_types_by_name, file.enum_types_by_name)
            expected.update(f"{service}Stub" for service in file.services_by_name)
    assert set(v1.__all__) == expected
    assert all(hasattr(v1, name) for name in v1.__all__)


def test_reason_mirrors_error_reason() -> None:
    assert [*Reason] == [value.name for value in v1.ErrorReason.DESCRIPTOR.values if value.number]


def test_the_public_surface_is_flat() -> None:
    assert all(hasattr(phoenix_coupons, name) for name in phoenix_coupons.__all__)


def test_both_surfaces_can_be_imported_as_a_whole() -> None:
    assert set(phoenix_coupons.__all__).isdisjoint(v1.__all__)
    names: dict[str, object] = {}
    exec("from phoenix_coupons import *; from phoenix_coupons.v1 import *", names)
    assert names.keys() >= {*phoenix_coupons.__all__, *v1.__all__}


def test_the_types_of_the_public_surface_come_with_the_client() -> None:
    """A strict program that uses mypy installs no stubs of its own."""
    required = {re.split("[>=<]", one)[0] for one in requires("phoenix-coupons-client") or ()}
    assert {"types-grpcio", "types-protobuf"} <= required


def test_a_strict_program_finds_every_type(tmp_path: Path) -> None:
    program = tmp_path / "program.py"
    program.write_text(
        """
from phoenix_coupons import AsyncCouponsClient, ConnectionOptions, CouponsClient, CouponsError
from phoenix_coupons import RetryPolicy, TenantToken
from phoenix_coupons.v1 import RedeemCouponRequest, StreamEventsRequest, WatchGrantsRequest

def blocking() -> str:
    token = TenantToken("t", "s" * 16)
    with CouponsClient("a:1", token, retries=RetryPolicy(), connection=ConnectionOptions()) as one:
        for grant in one.grants.WatchGrants(WatchGrantsRequest(tenant_id="t")):
            print(grant.event.id)
        for answer in one.events.StreamEvents(StreamEventsRequest() for _ in range(3)):
            print(answer.result.event_id)
        try:
            return one.query.RedeemCoupon(RedeemCouponRequest(code="X")).reward_item.name
        except CouponsError as error:
            return error.message + error.code.name + error.call_id + error.request_id

async def awaited() -> int:
    async with AsyncCouponsClient("a:1", TenantToken("t", "s" * 16)) as one:
        answer = await one.query.RedeemCoupon(RedeemCouponRequest(code="X"), timeout=3)
        return answer.redemption.redeemed_at.seconds
"""
    )
    done = subprocess.run(
        [sys.executable, "-m", "mypy", "--strict", "--disallow-any-expr", program.name],
        cwd=tmp_path,
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == 0, done.stdout
