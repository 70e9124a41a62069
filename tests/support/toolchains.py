"""Commands of other languages' tools, in the folders of what is written in those languages."""

import fcntl
import os
import subprocess
import sys
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from pathlib import Path

from support.installed import on_path
from support.processes import CLEAN

PATIENCE = 900
"""Seconds for a command. Long, because the first one may have to fetch what it needs."""


@contextmanager
def exclusive(folder: Path) -> Iterator[None]:
    """Keep the folder's build products from tests in other processes."""
    descriptor = os.open(folder, os.O_RDONLY)
    try:
        fcntl.flock(descriptor, fcntl.LOCK_EX)
        yield
    finally:
        os.close(descriptor)


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
