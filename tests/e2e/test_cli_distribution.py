"""The command as a colleague installs it: from wheels, without the server."""

import json
import shutil
import subprocess
import sys
import venv
from collections.abc import Iterator
from importlib.metadata import Distribution, distribution
from pathlib import Path

import pytest
from packaging.requirements import Requirement

from support.installed import PROJECT
from support.processes import CLEAN, PATIENCE, coupons, serving, variables

OURS = {"phoenix-coupons-cli": "cli", "phoenix-coupons-client": "clients/python"}


@pytest.fixture(scope="module")
def installed(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The programs of an environment with our wheels, and what they require as it is here."""
    wheels, environment = tmp_path_factory.mktemp("wheels"), tmp_path_factory.mktemp("environment")
    build = ("wheel", "--no-index", "--no-deps", "--no-build-isolation", "--wheel-dir", wheels)
    pip(*build, *(PROJECT / folder for folder in OURS.values()))
    venv.create(environment)
    [packages] = environment.glob("lib/python*/site-packages")
    for required in requirements(distribution("phoenix-coupons-cli"), set()):
        copy(required, packages)
    programs = environment / "bin"
    pip("--python", programs / "python", "install", "--no-index", "--no-deps", *wheels.iterdir())
    return programs


def pip(*arguments: str | Path) -> None:
    quiet = (sys.executable, "-m", "pip", "--quiet", "--disable-pip-version-check")
    subprocess.run([*quiet, *arguments], check=True)


def requirements(of: Distribution, seen: set[str]) -> Iterator[Distribution]:
    """What a distribution requires, but for ours, and what that requires."""
    for requirement in map(Requirement, of.requires or ()):
        if requirement.marker and not requirement.marker.evaluate({"extra": ""}):
            continue
        if requirement.name not in seen:
            seen.add(requirement.name)
            required = distribution(requirement.name)
            if requirement.name not in OURS:
                yield required
            yield from requirements(required, seen)


def copy(what: Distribution, packages: Path) -> None:
    for file in what.files or ():
        # Programs lie elsewhere; what Python compiled may not be there.
        if ".." not in file.parts and Path(file.locate()).exists():
            target = packages / file
            target.parent.mkdir(parents=True, exist_ok=True)
            shutil.copyfile(file.locate(), target)


def run(
    program: Path, *arguments: str, environ: dict[str, str] = CLEAN
) -> "subprocess.CompletedProcess[str]":
    command = [str(program), *arguments]
    return subprocess.run(
        command, env=environ, capture_output=True, text=True, timeout=PATIENCE, check=False
    )


def test_no_part_of_the_server_comes_with_it(installed: Path) -> None:
    for module in ("coupon_server", "sqlalchemy", "asyncpg", "alembic", "nats"):
        assert run(installed / "python", "-c", f"import {module}").returncode == 1
    shown = run(installed / "coupons", "--help")
    assert shown.returncode == 0
    assert "validate" in shown.stdout
    assert "serve " not in shown.stdout
    assert "reencrypt" not in run(installed / "coupons", "secrets", "--help").stdout


@pytest.mark.parametrize("command", ["serve", "migrate --check", "secrets reencrypt"])
def test_a_command_of_the_server_says_what_to_install(installed: Path, command: str) -> None:
    ended = run(installed / "coupons", *command.split())
    assert ended.returncode == 2
    assert "Error: No such command" in ended.stderr
    assert "come with the server: pip install phoenix-coupon-server\n" in ended.stderr


def test_it_speaks_with_a_service(installed: Path, shared_database: str, tmp_path: Path) -> None:
    operator = variables(shared_database)
    made = json.loads(coupons("tenants", "create", "Acme", "--json", environ=operator).stdout)
    with serving(shared_database, tmp_path / "log", workers=1) as server:
        environ = CLEAN | {
            "COUPONS_GRPC_ADDRESS": server.address,
            "COUPONS_TENANT_ID": made["tenant_id"],
            "COUPONS_ADMIN_API_KEY": made["api_key"],
            "COUPONS_TENANT_SECRET": made["tenant_secret"],
        }
        refused = run(installed / "coupons", "validate", "NONE", environ=environ)
        assert (refused.returncode, refused.stderr) == (3, "")
        assert "COUPON_NOT_FOUND" in refused.stdout
        item = ("--name", "Gems", "--type", "currency", "--json")
        created = run(installed / "coupons", "rewards", "create", *item, environ=environ)
        assert json.loads(created.stdout)["name"] == "Gems"
