"""What each client's README shows works: a first program, which redeems a coupon, and a stream."""

import json
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

from support.documents import ROOT, blocks
from support.processes import CLEAN, developing
from support.toolchains import PATIENCE, Builds, run

pytestmark = pytest.mark.timeout(3 * PATIENCE)

GRANTED = "granted: 100 gems\n"
STREAMED = "durable: e1\nrefused: event.user_id: must be at least 1 characters\ndurable: e2\n"


@pytest.fixture(scope="module")
def environ(tmp_path_factory: pytest.TempPathFactory) -> Iterator[dict[str, str]]:
    """The environment in which a reader of a README works."""
    with developing(tmp_path_factory.mktemp("dev")) as demo:
        yield CLEAN | demo


def first_program(folder: Path, language: str) -> str:
    return next(one.text for one in blocks(folder / "README.md") if one.language == language)


def stream_program(folder: Path, language: str) -> str:
    """The stream of a README, in a program that has what it works with."""
    [shown] = [
        one.text
        for one in blocks(folder / "README.md")
        if one.language == language and "durable:" in one.text
    ]
    around = Path(__file__).parent / "streams" / f"{folder.name}.txt"
    return around.read_text().replace("SHOWN\n", shown)


def json_program(folder: Path) -> str:
    """What a README shows of JSON, with a client around it."""
    [shown] = [
        one.text
        for one in blocks(folder / "README.md")
        if one.language == "ts" and "toJson" in one.text
    ]
    around = (Path(__file__).parent / "json" / f"{folder.name}.txt").read_text()
    imports, body = shown.split("\n\n", 1)
    return imports + "\n" + around.replace("SHOWN\n", body)


def test_go(environ: dict[str, str], tmp_path: Path) -> None:
    folder = ROOT / "clients/go"
    for write, said in ((first_program, GRANTED), (stream_program, STREAMED)):
        program = tmp_path / "program.go"
        program.write_text(write(folder, "go"))
        assert run(folder, ["go", "run", str(program)], environ) == said


def test_python(environ: dict[str, str]) -> None:
    folder = ROOT / "clients/python"
    command = [sys.executable, "-c", stream_program(folder, "python")]
    assert run(folder, command, environ) == STREAMED


def test_typescript(environ: dict[str, str], builds: Builds) -> None:
    folder = ROOT / "clients/typescript"
    # Below the package, whose own name leads to it.
    program = folder / "build/program.mjs"
    with builds.of(folder):
        for write, said in ((first_program, GRANTED), (stream_program, STREAMED)):
            program.write_text(write(folder, "ts"))
            assert run(folder, ["node", str(program)], environ) == said
        program.write_text(json_program(folder))
        printed = run(folder, ["node", str(program)], environ).removeprefix("printed: ")
        definitions = json.loads(printed)["definitions"]
        assert definitions[0]["config"]["custom_code"] == "WELCOME"


def test_java(environ: dict[str, str], builds: Builds, tmp_path: Path) -> None:
    folder = ROOT / "clients/java"
    granted = f"WELCOME {GRANTED}NO-SUCH-CODE is unknown\n"
    with builds.of(folder):
        for write, said in ((first_program, granted), (stream_program, STREAMED)):
            program = tmp_path / "Program.java"
            program.write_text(write(folder, "java"))
            command = ["java", "-cp", "target/classes:target/lib/*", str(program)]
            assert run(folder, command, environ) == said
