"""The README's lines, pasted as they stand, do what it promises."""

import signal
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

from phoenix_coupons_cli import env_files
from support.documents import ROOT, blocks
from support.pasting import assert_does_as_shown
from support.processes import CLEAN

README = ROOT / "README.md"
CLIENT_README = ROOT / "clients/python/README.md"


@pytest.fixture
def clone(tmp_path: Path) -> Iterator[Path]:
    """A folder as `make run` leaves it to a second terminal."""
    (tmp_path / ".venv").symlink_to(sys.prefix)
    command = [".venv/bin/coupons", "dev", "--workers", "1"]
    ports = ("COUPONS_GRPC_PORT", "COUPONS_REST_PORT", "COUPONS_WEBHOOK_PORT")
    environ = CLEAN | dict.fromkeys(ports, "0")
    with (
        (tmp_path / "log").open("wb") as log,
        subprocess.Popen(
            command, cwd=tmp_path, env=environ, stdout=subprocess.PIPE, stderr=log, text=True
        ) as server,
    ):
        try:
            assert server.stdout is not None
            said = iter(server.stdout.readline, "")
            assert any("Ctrl-C stops it" in line for line in said), (tmp_path / "log").read_text()
            yield tmp_path
        finally:
            server.send_signal(signal.SIGINT)
            exit_code = server.wait(30)
    assert exit_code == 0


@pytest.mark.timeout(600)
def test_pasted_lines_do_what_is_promised(clone: Path) -> None:
    shown = [block for block in blocks(README) if not block.text.startswith("make ")]
    [program] = [block.text for block in shown if block.language == "python"]
    (clone / "first.py").write_text(program)
    assert_does_as_shown(shown, clone)
    assert run_the_clients_example(clone) == "granted: 100 gems\n"


def run_the_clients_example(clone: Path) -> str:
    program, _ = [block.text for block in blocks(CLIENT_README) if block.language == "python"]
    env = env_files.read(clone / ".coupons/dev.env")
    variables = (
        f"tenant_id = {env['COUPONS_TENANT_ID']!r}\n"
        f"tenant_secret = {env['COUPONS_TENANT_SECRET']!r}\n"
    )
    program = program.replace("127.0.0.1:50051", env["COUPONS_GRPC_ADDRESS"])
    return subprocess.check_output([sys.executable, "-c", variables + program], text=True)


def test_make_has_the_targets_that_are_shown() -> None:
    makefile = (ROOT / "Makefile").read_text()
    shown = [block.text.split()[1] for block in blocks(README) if block.text.startswith("make ")]
    assert shown == ["run", "test"]
    for target in shown:
        assert f"\n{target}: " in makefile
