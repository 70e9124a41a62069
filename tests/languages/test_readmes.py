"""The first program of each client's README redeems a coupon of `coupons dev`."""

import signal
from collections.abc import Iterator
from pathlib import Path

import pytest

from coupon_server.cli import env_files
from support.documents import ROOT, blocks
from support.processes import CLEAN, started, until
from support.toolchains import PATIENCE, exclusive, run

pytestmark = pytest.mark.timeout(3 * PATIENCE)

GRANTED = "granted: 100 gems\n"


@pytest.fixture(scope="module")
def environ(tmp_path_factory: pytest.TempPathFactory) -> Iterator[dict[str, str]]:
    """The environment in which a reader of a README works."""
    folder = tmp_path_factory.mktemp("dev")
    ports = {"COUPONS_GRPC_PORT": "0", "COUPONS_REST_PORT": "0", "COUPONS_WORKERS": "1"}
    log = folder / "log"
    with started("dev", log=log, environ=CLEAN | ports, cwd=folder) as server:
        until(lambda: "Ctrl-C stops it" in log.read_text())
        yield CLEAN | env_files.read(folder / ".coupons/dev.env")
        assert server.stop(signal.SIGINT) == 0


def first_program(folder: Path, language: str) -> str:
    return next(one.text for one in blocks(folder / "README.md") if one.language == language)


def test_go(environ: dict[str, str], tmp_path: Path) -> None:
    folder = ROOT / "clients/go"
    program = tmp_path / "first.go"
    program.write_text(first_program(folder, "go"))
    assert run(folder, ["go", "run", str(program)], environ) == GRANTED


def test_typescript(environ: dict[str, str]) -> None:
    folder = ROOT / "clients/typescript"
    # Below the package, whose own name leads to it.
    program = folder / "build/first.mjs"
    with exclusive(folder):
        run(folder, ["npm", "ci", "--silent"])
        run(folder, ["npm", "run", "--silent", "build"])
        program.parent.mkdir(exist_ok=True)
        program.write_text(first_program(folder, "ts"))
        assert run(folder, ["node", str(program)], environ) == GRANTED


def test_java(environ: dict[str, str], tmp_path: Path) -> None:
    folder = ROOT / "clients/java"
    program = tmp_path / "First.java"
    program.write_text(first_program(folder, "java"))
    with exclusive(folder):
        run(folder, ["mvn", "--quiet", "--batch-mode", "-DskipTests", "package"])
        said = run(folder, ["java", "-cp", "target/classes:target/lib/*", str(program)], environ)
    assert said == f"WELCOME {GRANTED}NO-SUCH-CODE is unknown\n"
