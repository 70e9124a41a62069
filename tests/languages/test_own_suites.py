"""The tests and checks that the parts in other languages have of their own."""

import os
from dataclasses import dataclass

import pytest

from support.documents import ROOT
from support.toolchains import PATIENCE, Builds, run

pytestmark = pytest.mark.timeout(3 * PATIENCE)


@dataclass(frozen=True, slots=True)
class Part:
    """A folder, and commands that succeed in it."""

    folder: str
    commands: tuple[tuple[str, ...], ...]

    def __str__(self) -> str:
        return self.folder


GO = (("go", "vet", "./..."), ("go", "mod", "tidy", "-diff"), ("go", "test", "./..."))
PARTS = [
    Part("gateway", (("gofmt", "-l", "cmd", "internal"), *GO)),
    Part("clients/go", (("gofmt", "-l", "chaos", "conformance", "coupons", "internal"), *GO)),
    Part(
        "clients/typescript",
        (
            ("npm", "run", "--silent", "check"),
            ("npm", "run", "--silent", "test:built"),
        ),
    ),
    # Of what was built: `package` would compile it all anew.
    Part("clients/java", (("mvn", "--quiet", "--batch-mode", "surefire:test"),)),
]


@pytest.mark.parametrize("part", PARTS, ids=str)
def test_the_tests_of_a_part_pass(part: Part, builds: Builds) -> None:
    folder = ROOT / part.folder
    with builds.of(folder):
        for command in part.commands:
            said = run(folder, command, os.environ)
            if command[0] == "gofmt":
                assert not said, f"not formatted: {said}"
