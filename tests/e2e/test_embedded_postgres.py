"""The PostgreSQL of `coupons dev` survives what developers do to it."""

import os
import signal
import stat
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path
from urllib.parse import urlsplit

import psutil
import pytest

from coupon_server.embedded.postgres import (
    EmbeddedPostgres,
    EmbeddedPostgresError,
    Version,
    binaries,
)

START_AND_SLEEP = """
import sys, time
from pathlib import Path
from coupon_server.embedded.postgres import EmbeddedPostgres
postgres = EmbeddedPostgres(Path(sys.argv[1]), durable=False)
postgres.start()
print(postgres.poll(), flush=True)
time.sleep(60)
"""


def quick(directory: Path, *, max_connections: int = 20) -> EmbeddedPostgres:
    return EmbeddedPostgres(directory, durable=False, max_connections=max_connections)


def ask(postgres: EmbeddedPostgres, query: str) -> str:
    psql = [str(binaries() / "psql"), "--no-psqlrc", "-At", postgres.url("postgres")]
    said = subprocess.check_output([*psql, "-c", query], text=True, stderr=subprocess.STDOUT)
    return said.strip()


def servers_of(directory: Path) -> list[psutil.Process]:
    data = os.fsencode(directory)
    return [
        process
        for process in psutil.process_iter()
        if data in os.fsencode(" ".join(_command_line(process)))
    ]


def _command_line(process: psutil.Process) -> list[str]:
    try:
        return process.cmdline()
    except psutil.Error:
        return []


@pytest.fixture
def postgres(tmp_path: Path) -> Iterator[EmbeddedPostgres]:
    with quick(tmp_path / "postgres") as server:
        yield server


@pytest.mark.parametrize("version", [16, 18])
def test_both_versions_use_unicode_and_ask_for_a_password(tmp_path: Path, version: Version) -> None:
    with EmbeddedPostgres(tmp_path, version=version, durable=False) as postgres:
        assert ask(postgres, "show server_version").startswith(f"{version}.")
        assert ask(postgres, "show server_encoding") == "UTF8"
        password = urlsplit(postgres.url()).password
        assert password
        guess = postgres.url("postgres").replace(password, "guess")
        assert subprocess.run([binaries() / "psql", guess], stderr=subprocess.DEVNULL).returncode


def test_builtin_locale_of_version_18(postgres: EmbeddedPostgres) -> None:
    assert ask(postgres, "select lower('ÄÖ')") == "äö"
    provider = "select datlocprovider::text from pg_database where datname = 'postgres'"
    assert ask(postgres, provider) == "b"


def test_listens_on_the_loopback_address_only(postgres: EmbeddedPostgres) -> None:
    assert ask(postgres, "show listen_addresses") == "127.0.0.1"
    assert ask(postgres, "show unix_socket_directories") == ""


def test_never_runs_as_root(postgres: EmbeddedPostgres, tmp_path: Path) -> None:
    users = {process.uids().effective for process in servers_of(tmp_path)}
    assert users
    assert 0 not in users


def test_durability_and_connections_are_settings(tmp_path: Path) -> None:
    with EmbeddedPostgres(tmp_path, max_connections=7) as postgres:
        assert ask(postgres, "show fsync") == "on"
        assert ask(postgres, "show max_connections") == "7"
    with quick(tmp_path) as postgres:
        assert ask(postgres, "show fsync") == "off"


def test_secrets_are_private(postgres: EmbeddedPostgres, tmp_path: Path) -> None:
    directory = tmp_path / "postgres"
    for name, mode in {".": 0o700, "password-18": 0o600, "postgres.log": 0o600}.items():
        assert stat.S_IMODE((directory / name).stat().st_mode) == mode, name


def test_data_password_and_port_survive_a_restart(tmp_path: Path) -> None:
    with quick(tmp_path) as postgres:
        before = postgres.url()
        ask(postgres, "create table kept ()")
    with quick(tmp_path) as postgres:
        assert postgres.url() == before
        assert ask(postgres, "select count(*) from kept") == "0"


@pytest.mark.parametrize("name", ["with space", "käse-日本", "quote'\"$x;\\", "x" * 240])
def test_any_folder_name(tmp_path: Path, name: str) -> None:
    with quick(tmp_path / name) as postgres:
        assert ask(postgres, "select 1") == "1"


def test_taken_port_is_replaced(tmp_path: Path) -> None:
    with quick(tmp_path / "one") as one, quick(tmp_path / "two") as two:
        two.stop()
        (tmp_path / "two/port").write_bytes((tmp_path / "one/port").read_bytes())
        two.start()
        assert ask(two, "select 1") == "1"
        assert two.url() != one.url()


def test_half_finished_initialisation_is_thrown_away(tmp_path: Path) -> None:
    (tmp_path / "initialising").mkdir()
    (tmp_path / "initialising/PG_VERSION").write_text("1")
    with quick(tmp_path) as postgres:
        assert ask(postgres, "select 1") == "1"


def test_restart_after_the_server_was_killed(tmp_path: Path) -> None:
    with quick(tmp_path) as postgres:
        for process in servers_of(tmp_path):
            process.kill()
        assert postgres.wait(10) == -signal.SIGKILL
        postgres.stop()
        postgres.start()
        assert postgres.poll() is None
        assert ask(postgres, "select 1") == "1"


def test_restart_after_the_parent_was_killed(tmp_path: Path) -> None:
    command = [sys.executable, "-c", START_AND_SLEEP, str(tmp_path)]
    with subprocess.Popen(command, stdout=subprocess.PIPE, text=True) as parent:
        assert parent.stdout is not None
        assert parent.stdout.readline() == "None\n"
        parent.kill()
        parent.wait()
        with quick(tmp_path) as postgres:
            assert ask(postgres, "select 1") == "1"
    assert not servers_of(tmp_path)


@pytest.mark.skipif(sys.platform != "linux", reason="only Linux tells a child of the death")
def test_ends_with_its_parent(tmp_path: Path) -> None:
    command = [sys.executable, "-c", START_AND_SLEEP, str(tmp_path)]
    with subprocess.Popen(command, stdout=subprocess.PIPE, text=True) as parent:
        assert parent.stdout is not None
        parent.stdout.readline()
        servers = servers_of(tmp_path / "data-18")
        assert servers
        parent.kill()
    assert not psutil.wait_procs(servers, timeout=10)[1]


def test_orphan_on_the_same_data_is_replaced(tmp_path: Path) -> None:
    orphaned = quick(tmp_path)
    orphaned.start()
    process, orphaned._process = orphaned._process, None
    orphaned.stop()
    with quick(tmp_path) as postgres:
        assert process is not None
        assert process.wait(10) == 0
        assert ask(postgres, "select 1") == "1"


@pytest.mark.parametrize("pid_file", ["", "{pid}\n/elsewhere\n"])
def test_stale_pid_file(tmp_path: Path, pid_file: str) -> None:
    quick(tmp_path).__enter__().stop()
    # An ordinary process of the user who owns the data: PostgreSQL alone would refuse to start.
    owner = (tmp_path / "data-18").stat().st_uid
    with subprocess.Popen(["/bin/sleep", "60"], user=owner) as bystander:
        text = pid_file.format(pid=bystander.pid)
        (tmp_path / "data-18/postmaster.pid").write_text(text)
        with quick(tmp_path) as postgres:
            assert ask(postgres, "select 1") == "1"
        assert bystander.poll() is None
        bystander.kill()


def test_path_beyond_the_limit_of_postgresql(tmp_path: Path) -> None:
    with pytest.raises(EmbeddedPostgresError, match="longer than 900 bytes"):
        quick(tmp_path / "/".join(["x" * 200] * 5)).start()


def test_one_instance_at_a_time(postgres: EmbeddedPostgres, tmp_path: Path) -> None:
    with pytest.raises(EmbeddedPostgresError, match="in use by another running process"):
        quick(tmp_path / "postgres").start()
    assert postgres.poll() is None


def test_failure_tells_what_postgresql_said(tmp_path: Path) -> None:
    with pytest.raises(EmbeddedPostgresError, match="max_connections"):
        quick(tmp_path, max_connections=-1).start()
    with quick(tmp_path) as postgres:
        assert postgres.poll() is None


@pytest.mark.parametrize("program", ["psql", "pgbench"])
def test_client_programs(program: str) -> None:
    said = subprocess.check_output([binaries(18) / program, "--version"], text=True)
    assert "(PostgreSQL) 18." in said
