"""A primary and its standby, which can change places."""

import asyncio
import os
import pwd
import shutil
import subprocess
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from urllib.parse import urlsplit

from coupon_server.embedded.postgres import EmbeddedPostgres, binaries
from support.databases import ask


@dataclass
class Pair:
    """Two servers of one database. `primary` takes writes; `standby` follows it."""

    primary: EmbeddedPostgres
    standby: EmbeddedPostgres
    folders: dict[int, Path]

    async def fail_over(self) -> None:
        """The primary stops, and the standby takes its place."""
        await asyncio.to_thread(self.primary.stop)
        await ask(self.standby.url("postgres"), "SELECT pg_promote()")
        self.primary, self.standby = self.standby, self.primary

    async def return_as_standby(self) -> None:
        """The server that was the primary is back, at its old address."""
        signal = self.folders[id(self.standby)] / "data-18/standby.signal"
        signal.touch()
        _give(signal)
        await asyncio.to_thread(self.standby.start)


@contextmanager
def replicated(folder: Path) -> Iterator[Pair]:
    """A primary and a standby that has followed it from the beginning."""
    first, second = folder / "first", folder / "second"
    with EmbeddedPostgres(first, durable=False) as primary:
        _copy(primary.url("postgres"), first, second)
        with EmbeddedPostgres(second, durable=False) as standby:
            yield Pair(primary, standby, {id(primary): first, id(standby): second})


def _copy(url: str, first: Path, second: Path) -> None:
    second.mkdir(mode=0o700)
    shutil.copy(first / "password-18", second)
    data = second / "data-18"
    program = binaries() / "pg_basebackup"
    subprocess.run(
        [program, "--dbname", url, "--pgdata", data, "--write-recovery-conf", "--checkpoint=fast"],
        check=True,
        env={"PATH": os.defpath},
    )
    for path in (data, *data.rglob("*")):
        _give(path)


def _give(path: Path) -> None:
    """PostgreSQL does not run as root."""
    if os.geteuid() == 0:
        nobody = pwd.getpwnam("nobody")
        os.chown(path, nobody.pw_uid, nobody.pw_gid)


def address(server: EmbeddedPostgres) -> tuple[str, int]:
    parts = urlsplit(server.url())
    return parts.hostname or "", parts.port or 0
