"""Commands of other languages' tools, in the folders of what is written in those languages."""

import fcntl
import os
import subprocess
import sys
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

from support.installed import PROJECT, on_path
from support.processes import CLEAN

PATIENCE = 900
"""Seconds for a command. Long, because the first one may have to fetch what it needs."""


BUILDS: Mapping[str, Sequence[Sequence[str]]] = {
    "go": [("go", "build", "-o", "build/", "./chaos", "./conformance")],
    "java": [("mvn", "--quiet", "--batch-mode", "-DskipTests", "package")],
    "typescript": [
        ("npm", "ci", "--silent"),
        ("npm", "run", "--silent", "compile"),
        ("npm", "run", "--silent", "build"),
    ],
}
"""What builds a client, by the name of its folder."""


@contextmanager
def locked(folder: Path, operation: int) -> Iterator[int]:
    """Hold a lock of flock(2) on the folder; its descriptor."""
    descriptor = os.open(folder, os.O_RDONLY)
    try:
        fcntl.flock(descriptor, operation)
        yield descriptor
    finally:
        os.close(descriptor)


@dataclass(frozen=True, slots=True)
class Builds:
    """Builds once in a run of the tests, in whichever of its processes needs it first."""

    done: Path
    """A folder that all processes of the run share."""

    @contextmanager
    def of(self, client: Path) -> Iterator[None]:
        """The client is built, and stays so: nobody builds in its folder meanwhile."""
        with locked(client, fcntl.LOCK_EX) as descriptor:
            stamp = self.done / f"built-{client.name}"
            if not stamp.exists():
                for command in BUILDS.get(client.name, ()):
                    run(client, command)
                stamp.touch()
            fcntl.flock(descriptor, fcntl.LOCK_SH)
            yield

    def gateway(self) -> Path:
        """The Go gateway's program."""
        program = self.done / "coupons-gateway"
        command = ["go", "build", "-trimpath", "-o", str(program), "./cmd/coupons-gateway"]
        with locked(self.done, fcntl.LOCK_EX):
            if not program.exists():
                run(PROJECT / "gateway", command, os.environ | {"CGO_ENABLED": "0"})
        return program


def run(folder: Path, command: Sequence[str], environ: Mapping[str, str] = CLEAN) -> str:
    """What a command prints. Without its tool the test is skipped, but never in CI."""
    if command[0] != sys.executable and "/" not in command[0]:
        on_path(command[0])
    ran = subprocess.run(
        command,
        cwd=folder,
        env=environ,
        capture_output=True,
        encoding="utf-8",
        timeout=PATIENCE,
        check=False,
    )
    assert ran.returncode == 0, f"{' '.join(command)}\n{ran.stdout}\n{ran.stderr}"
    return ran.stdout
