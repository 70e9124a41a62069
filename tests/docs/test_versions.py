"""The version, the licence and the changelog say the same everywhere."""

import json
import tomllib
from pathlib import Path

import pytest
from click.testing import CliRunner

from phoenix_coupons_cli import cli
from scripts import version

PYTHON = ["pyproject.toml", "cli/pyproject.toml", "clients/python/pyproject.toml"]


def test_every_place_has_the_same_version(project: Path) -> None:
    [only] = {*version.found().values()}
    for name in ("openapi.json", "openapi-3.0.json"):
        document = json.loads((project / "gateway/internal/reference" / name).read_text())
        assert document["info"]["version"] == only


def test_a_new_version_is_written_everywhere(
    project: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    for name in version.found():
        (tmp_path / name).parent.mkdir(parents=True, exist_ok=True)
        (tmp_path / name).write_text((project / name).read_text())
    monkeypatch.setattr(version, "ROOT", tmp_path)
    version.write("1.20.3-rc.1")
    assert {*version.found().values()} == {"1.20.3-rc.1"}
    version.write("1.21.0")
    assert {*version.found().values()} == {"1.21.0"}


def test_the_command_tells_what_is_installed(project: Path) -> None:
    shown = CliRunner().invoke(cli, ["--version"]).output.splitlines()
    declared = [tomllib.loads((project / name).read_text())["project"] for name in PYTHON]
    assert sorted(shown) == sorted(f"{one['name']} {one['version']}" for one in declared)


def test_every_manifest_names_the_licence(project: Path) -> None:
    for name in PYTHON:
        assert tomllib.loads((project / name).read_text())["project"]["license"] == "Apache-2.0"
    package = json.loads((project / "clients/typescript/package.json").read_text())
    assert package["license"] == "Apache-2.0"
    assert "<name>Apache-2.0</name>" in (project / "clients/java/pom.xml").read_text()
    assert "Version 2.0, January 2004" in (project / "LICENSE").read_text()
