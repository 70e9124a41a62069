"""Child processes that end with this one."""

import contextlib
import os
import signal
import socket
import subprocess
import sys
import time
from collections.abc import Callable, Mapping, Sequence
from pathlib import Path

from coupon_server.embedded import unprivileged

HOST = "127.0.0.1"
"""The one address that embedded servers listen on."""

_LAUNCHER = Path(unprivileged.__file__)


def launch(
    command: Sequence[str],
    owner: Path,
    log: Path,
    environ: Mapping[str, str],
    death_signal: signal.Signals,
) -> "subprocess.Popen[bytes]":
    """Start a program, as the user who owns the path `owner`, in the directory of its `log`.

    On Linux it gets `death_signal` when the thread that started it ends.
    """
    status = owner.stat()
    identity = [status.st_uid, status.st_gid, os.getpid(), int(death_signal)]
    launcher = [sys.executable, "-I", "-S", str(_LAUNCHER), *map(str, identity)]
    with open(log, "ab", opener=private_opener) as output:
        return subprocess.Popen(  # noqa: S603
            [*launcher, *command],
            stdin=subprocess.DEVNULL,
            stdout=output,
            stderr=subprocess.STDOUT,
            cwd=log.parent,
            env=environ,
            # A terminal's Ctrl-C is for the parent, which stops the program in its turn.
            start_new_session=True,
        )


def shut_down(
    pid: int, signals: Sequence[tuple[signal.Signals, float]], ended: Callable[[], bool]
) -> bool:
    """Send the signals one after another, each followed by its timeout in seconds.

    Returns whether the process has ended.
    """
    for number, timeout in signals:
        with contextlib.suppress(ProcessLookupError):
            os.kill(pid, number)
        deadline = time.monotonic() + timeout
        while time.monotonic() < deadline:
            if ended():
                return True
            time.sleep(0.01)
    return False


def free_port(port: int = 0) -> int:
    """The port, or for 0 some port, if nothing listens there; raises OSError."""
    with socket.socket() as candidate:
        candidate.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        candidate.bind((HOST, port))
        return int(candidate.getsockname()[1])


def private_opener(path: str, flags: int) -> int:
    """For `open`: a file that its owner alone can read."""
    return os.open(path, flags, 0o600)
