"""PostgreSQL servers, PgBouncer and other programs as this machine has them."""

import asyncio
import os
import pwd
import shutil
import socket
import subprocess
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from urllib.parse import urlsplit

import asyncpg
import pytest

from coupon_server.embedded import postgres
from coupon_server.embedded.postgres import EmbeddedPostgres, Version

PROJECT = Path(__file__).resolve().parents[2]
EMBEDDED: tuple[Version, ...] = (16, 18)


def _debian(version: int) -> Path:
    return Path(f"/usr/lib/postgresql/{version}/bin")


BINARIES = {14: PROJECT / ".ci-cache/postgresql-14/postgresql/bin"} | {
    version: _debian(version) for version in (15, 17) if version == 15 or _debian(version).exists()
}
"""Where `.ci/install` and Debian put the versions that come with no wheel of the project."""


def require(program: Path | None, name: str) -> Path:
    """The program; without it the test is skipped, but never where CI promises to have it."""
    if program is not None and program.exists():
        return program
    message = f"{name} is not installed; .ci/install installs it"
    if os.environ.get("CI") == "true":
        pytest.fail(message)
    pytest.skip(message)


def on_path(program: str) -> Path:
    """The program of this name, or what `require` does without it."""
    found = shutil.which(program)
    return require(Path(found) if found else None, program)


@contextmanager
def running(version: int, directory: Path) -> Iterator[EmbeddedPostgres]:
    """PostgreSQL of any version that is installed."""
    if version in EMBEDDED:
        embedded: Version = 16 if version == 16 else 18
        with EmbeddedPostgres(directory, version=embedded, durable=False) as server:
            yield server
        return
    require(BINARIES[version] / "postgres", f"PostgreSQL {version}")
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(postgres, "binaries", lambda _: BINARIES[version])
        # The versions before 17 know no built-in locale: what 16 is told suits them.
        with EmbeddedPostgres(directory, version=16, durable=False) as server:
            yield server


@contextmanager
def pgbouncer(server_url: str, directory: Path, connections: int = 2) -> Iterator[str]:
    """The server's URL through PgBouncer, which shares so many connections among transactions."""
    found = shutil.which("pgbouncer", path=f"{os.environ['PATH']}{os.pathsep}/usr/sbin")
    program = require(Path(found) if found else None, "PgBouncer")
    to = urlsplit(server_url)
    with socket.create_server(("127.0.0.1", 0)) as free:
        port = free.getsockname()[1]
    users, config = directory / "users", directory / "pgbouncer.ini"
    users.write_text(f'"{to.username}" "{to.password}"\n')
    # It refuses to run as root.
    user = f"user = {pwd.getpwnam('nobody').pw_name}" if os.geteuid() == 0 else ""
    config.write_text(f"""
        [databases]
        * = host={to.hostname} port={to.port}
        [pgbouncer]
        listen_addr = 127.0.0.1
        listen_port = {port}
        unix_socket_dir =
        auth_type = scram-sha-256
        auth_file = {users}
        pool_mode = transaction
        default_pool_size = {connections}
        {user}
    """)
    with subprocess.Popen([program, "--quiet", config]) as process:
        try:
            url = to._replace(netloc=f"{to.username}:{to.password}@127.0.0.1:{port}").geturl()
            _wait(url)
            yield url
        finally:
            process.terminate()


def _wait(url: str) -> None:
    deadline = time.monotonic() + 30
    while True:
        try:
            asyncio.run(_connect(url))
        except OSError:
            assert time.monotonic() < deadline
            time.sleep(0.05)
        else:
            return


async def _connect(url: str) -> None:
    await (await asyncpg.connect(url, statement_cache_size=0)).close()
