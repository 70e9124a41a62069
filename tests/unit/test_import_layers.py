"""The contracts on imports fail when they are broken."""

import os
import shutil
import subprocess
import sys
import tomllib
from pathlib import Path

ROOT = Path(__file__).parents[2]

BROKEN = {
    "imports point inward": ("storage/coupons.py", "coupon_server.services.coupons"),
    "delivery is entered by the outbox alone": (
        "services/rewards.py",
        "coupon_server.delivery.storage.streams",
    ),
    "imports of delivery point inward": (
        "delivery/storage/streams.py",
        "coupon_server.delivery.services.sequencer",
    ),
    "rpc sees no storage and no transaction": ("rpc/pages.py", "coupon_server.storage.coupons"),
    "the domains are pure": ("delivery/domain/retries.py", "asyncio"),
    "SQL lives in storage": ("workers/jobs.py", "sqlalchemy"),
    "gRPC lives in rpc": ("delivery/background.py", "grpc"),
}
"""By contract: a module, and an import that it must not have."""


def test_every_contract_fails_when_it_is_broken(tmp_path: Path) -> None:
    options = tomllib.loads((ROOT / "pyproject.toml").read_text())["tool"]["importlinter"]
    assert {contract["name"] for contract in options["contracts"]} == BROKEN.keys()
    copy = tmp_path / "coupon_server"
    shutil.copytree(ROOT / "server/coupon_server", copy)
    for path, imported in BROKEN.values():
        with (copy / path).open("a") as module:
            module.write(f"\nimport {imported}\n")
    command = [Path(sys.executable).with_name("lint-imports"), "--no-cache", "--config"]
    linted = subprocess.run(
        [*command, ROOT / "pyproject.toml"],
        cwd=tmp_path,
        env=os.environ | {"PYTHONPATH": str(tmp_path), "COLUMNS": "200"},
        capture_output=True,
        text=True,
        check=False,
    )
    assert linted.returncode == 1
    for contract, (path, imported) in BROKEN.items():
        assert f"{contract} BROKEN" in linted.stdout
        importer = "coupon_server." + path.removesuffix(".py").replace("/", ".")
        assert f"{importer} -> {imported}" in linted.stdout
