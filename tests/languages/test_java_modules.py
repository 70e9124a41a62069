"""A program on Java's module path requires the client's module, and no other."""

from pathlib import Path

import pytest

from support.documents import ROOT
from support.toolchains import PATIENCE, Builds, run

pytestmark = pytest.mark.timeout(3 * PATIENCE)

SOURCES = Path(__file__).parent / "modules"


def test_a_program_of_modules_mints_a_token_and_calls(builds: Builds, tmp_path: Path) -> None:
    folder = ROOT / "clients/java"
    with builds.of(folder):
        [jar] = folder.glob("target/phoenix-coupons-client-*.jar")
        path = f"{jar}:target/lib"
        sources = map(str, SOURCES.rglob("*.java"))
        run(folder, ["javac", "-d", str(tmp_path), "--module-path", path, *sources])
        command = ["java", "--module-path", f"{tmp_path}:{path}", "--module"]
        assert run(folder, [*command, "consumer/consumer.Main"]) == "UNAVAILABLE\n"
