"""The contracts on imports fail when they are broken."""

import os
import shutil
import subprocess
import sys
import tomllib
from pathlib import Path

ROOT = Path(__file__).parents[2]

BROKEN = {
    "imports point inward": ("coupon_server/storage/coupons.py", "coupon_server.services.coupons"),
    "delivery is entered by the outbox alone": (
        "coupon_server/services/rewards.py",
        "coupon_server.delivery.storage.streams",
    ),
    "imports of delivery point inward": (
        "coupon_server/delivery/storage/streams.py",
        "coupon_server.delivery.services.sequencer",
    ),
    "rpc sees no storage and no transaction": (
        "coupon_server/rpc/pages.py",
        "coupon_server.storage.coupons",
    ),
    "services alone call repositories": (
        "coupon_server/workers/metrics.py",
        "coupon_server.delivery.storage.backlog",
    ),
    "the domains are pure": ("coupon_server/delivery/domain/retries.py", "asyncio"),
    "SQL lives in storage": ("coupon_server/workers/jobs.py", "sqlalchemy"),
    "gRPC lives in rpc": ("coupon_server/delivery/loops.py", "grpc"),
    "the command is a client": ("phoenix_coupons_cli/files.py", "nats"),
    "commands live in cli": ("coupon_server/operations.py", "click"),
}
"""By contract: a module, and an import that it must not have."""


def test_every_contract_fails_when_it_is_broken(tmp_path: Path) -> None:
    options = tomllib.loads((ROOT / "pyproject.toml").read_text())["tool"]["importlinter"]
    assert {contract["name"] for contract in options["contracts"]} == BROKEN.keys()
    for package in ("server/coupon_server", "cli/phoenix_coupons_cli"):
        shutil.copytree(ROOT / package, tmp_path / Path(package).name)
    for path, imported in BROKEN.values():
        with (tmp_path / path).open("a") as module:
            module.write(f"\nimport {imported}\n")
    command = [str(Path(sys.executable).with_name("lint-imports")), "--no-cache", "--config"]
    linted = subprocess.run(
        [*command, str(ROOT / "pyproject.toml")],
        cwd=tmp_path,
        env=os.environ | {"PYTHONPATH": str(tmp_path), "COLUMNS": "200"},
        capture_output=True,
        text=True,
        check=False,
    )
    assert linted.returncode == 1
    for contract, (path, imported) in BROKEN.items():
        assert f"{contract} BROKEN" in linted.stdout
        importer = path.removesuffix(".py").replace("/", ".")
        assert f"{importer} -> {imported}" in linted.stdout
