"""gRPC tools that others wrote: grpcurl, the health probe of Kubernetes, and buf curl."""

import json
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from phoenix_coupons import TenantToken
from support.builders import Shop
from support.installed import PROJECT, on_path
from support.processes import PATIENCE, ServerProcess, coupons, serving

# Building the tools for the first time takes a while.
pytestmark = pytest.mark.timeout(600)

SERVICES = {
    "phoenix_coupons.v1.CouponAdmin",
    "phoenix_coupons.v1.CouponQuery",
    "phoenix_coupons.v1.TenantAdmin",
    "grpc.health.v1.Health",
}
LIST = "phoenix_coupons.v1.CouponAdmin/ListRewardItems"
REDEEM = "phoenix_coupons.v1.CouponQuery/RedeemCoupon"
# grpcurl exits with 64 and the gRPC code.
NOT_FOUND, UNAUTHENTICATED = 64 + 5, 64 + 16

Command = list[str | Path]


@pytest.fixture(scope="session")
def tools(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A directory with the programs of tests/tools/go.mod."""
    directory = tmp_path_factory.mktemp("tools")
    build: Command = [on_path("go"), "build", "-o", f"{directory}/", "tool"]
    subprocess.run(build, cwd=PROJECT / "tests/tools", check=True)
    return directory


@pytest.fixture(scope="module")
def open_book(
    shared_database: str, tmp_path_factory: pytest.TempPathFactory
) -> Iterator[ServerProcess]:
    """A server that describes itself."""
    log = tmp_path_factory.mktemp("open_book") / "log"
    with serving(shared_database, log, workers=1, reflection="true") as server:
        yield server


def run(*command: str | Path) -> "subprocess.CompletedProcess[str]":
    return subprocess.run(
        command, cwd=PROJECT, capture_output=True, text=True, timeout=PATIENCE, check=False
    )


def output(*command: str | Path) -> str:
    """What a command prints that has to succeed."""
    ran = run(*command)
    assert ran.returncode == 0, ran.stderr
    return ran.stdout


def listing(shop: Shop) -> list[str]:
    """Options and data of a call that lists the reward items."""
    data = json.dumps({"tenant_id": shop.id})
    return ["-H", f"x-api-key: {shop.tenant.credentials.api_key}", "-d", data]


def assert_lists_the_item(answer: str, shop: Shop) -> None:
    found: dict[str, Any] = json.loads(answer)
    [item] = found.get("rewardItems") or found["reward_items"]
    assert shop.item.item_id in item.values()


# --- with reflection -----------------------------------------------------------------------------


def test_grpcurl_finds_everything_out(tools: Path, open_book: ServerProcess, shop: Shop) -> None:
    grpcurl: Command = [tools / "grpcurl", "-plaintext"]
    listed = output(*grpcurl, open_book.address, "list").split()
    assert set(listed) >= SERVICES
    service, message = "phoenix_coupons.v1.CouponQuery", "phoenix_coupons.v1.RedeemCouponRequest"
    described = output(*grpcurl, open_book.address, "describe", service)
    assert f"rpc RedeemCoupon ( .{message} )" in described
    assert "string user_id = 3" in output(*grpcurl, open_book.address, "describe", message)
    assert_lists_the_item(output(*grpcurl, *listing(shop), open_book.address, LIST), shop)


def test_buf_curl_finds_everything_out(open_book: ServerProcess, shop: Shop) -> None:
    assert_lists_the_item(buf_curl(open_book, shop), shop)


def buf_curl(server: ServerProcess, shop: Shop, *options: str) -> str:
    buf = Path(sys.executable).with_name("buf")
    plain = ["--protocol", "grpc", "--http2-prior-knowledge"]
    return output(buf, "curl", *plain, *options, *listing(shop), f"http://{server.address}/{LIST}")


# --- without -------------------------------------------------------------------------------------


def test_a_server_describes_itself_only_if_told_to(tools: Path, fleet: ServerProcess) -> None:
    ran = run(tools / "grpcurl", "-plaintext", fleet.address, "list")
    assert ran.returncode != 0
    assert "does not support the reflection API" in ran.stderr


def test_grpcurl_reads_the_proto_files(tools: Path, fleet: ServerProcess, shop: Shop) -> None:
    files = ["-import-path", "proto", "-import-path", "proto/third_party"]
    files += ["-proto", "phoenix_coupons/v1/coupon_admin.proto"]
    grpcurl: Command = [tools / "grpcurl", "-plaintext", *files]
    assert_lists_the_item(output(*grpcurl, *listing(shop), fleet.address, LIST), shop)


def test_grpcurl_reads_the_descriptor_set(
    tools: Path, fleet: ServerProcess, shop: Shop, tmp_path: Path
) -> None:
    contract = tmp_path / "coupons.binpb"
    assert coupons("descriptors", "--output", str(contract)).returncode == 0
    grpcurl: Command = [tools / "grpcurl", "-plaintext", "-protoset", contract]
    assert_lists_the_item(output(*grpcurl, *listing(shop), fleet.address, LIST), shop)


def test_buf_curl_reads_the_module(fleet: ServerProcess, shop: Shop) -> None:
    assert_lists_the_item(buf_curl(fleet, shop, "--schema", "."), shop)


# --- errors --------------------------------------------------------------------------------------


def test_errors_are_told_with_their_reasons(
    tools: Path, open_book: ServerProcess, shop: Shop
) -> None:
    grpcurl: Command = [tools / "grpcurl", "-plaintext", "-d"]
    data = json.dumps({"tenant_id": shop.id, "code": "NOPE", "user_id": "alice"})
    refused = run(*grpcurl, data, open_book.address, REDEEM)
    assert refused.returncode == UNAUTHENTICATED
    assert '"reason": "CREDENTIAL_INVALID"' in refused.stderr
    token = TenantToken(shop.id, shop.tenant.credentials.tenant_secret).token()
    bearer = ["-H", f"authorization: Bearer {token}"]
    missing = run(*grpcurl, data, *bearer, open_book.address, REDEEM)
    assert missing.returncode == NOT_FOUND
    assert '"reason": "COUPON_NOT_FOUND"' in missing.stderr


# --- health --------------------------------------------------------------------------------------


@pytest.mark.parametrize("service", ["", "phoenix_coupons.v1.CouponQuery"])
def test_the_health_probe(tools: Path, fleet: ServerProcess, service: str) -> None:
    probe: Command = [tools / "grpc-health-probe", "-addr", fleet.address, "-service", service]
    assert run(*probe).returncode == 0


def test_the_health_probe_when_nobody_serves(
    tools: Path, shared_database: str, tmp_path: Path
) -> None:
    with serving(shared_database, tmp_path / "log", workers=1) as server:
        probe: Command = [
            tools / "grpc-health-probe",
            "-connect-timeout",
            "1s",
            "-addr",
            server.address,
        ]
        assert run(*probe).returncode == 0
        server.stop()
        assert run(*probe).returncode != 0
