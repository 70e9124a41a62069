"""`coupons dev` from a fresh directory to a redeemed coupon, and after every kind of end."""

import json
import os
import pwd
import signal
import socket
import stat
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from pathlib import Path
from subprocess import CompletedProcess
from urllib.request import urlopen

import psutil
import pytest

from coupon_server.embedded import unprivileged
from support.certificates import Authority
from support.processes import CLEAN, PATIENCE, ServerProcess, coupons, started, until
from support.scale import LONG

FOLDER = 'a földer\'s "name" $x ünï'
SECOND_START_SECONDS = 5.0
USERS = ["root", "nobody"] if os.geteuid() == 0 else [pwd.getpwuid(os.geteuid()).pw_name]
"""Who runs it. Root alone can take the part of another."""


@dataclass(frozen=True)
class Developer:
    """A user in a directory."""

    name: str
    directory: Path

    @contextmanager
    def running(self, **settings: object) -> Iterator[ServerProcess]:
        """`coupons dev`, serving."""
        with self.starting(**settings) as server:
            until(lambda: server.process.poll() is not None or "Ctrl-C stops it" in said(server))
            assert server.process.poll() is None, said(server)
            yield server

    @contextmanager
    def starting(self, **settings: object) -> Iterator[ServerProcess]:
        fields = {"grpc_port": 0, "rest_port": 0, "webhook_port": 0, "workers": 1} | settings
        environ = {f"COUPONS_{name.upper()}": str(value) for name, value in fields.items()}
        with started(
            "dev",
            log=self.directory.with_name("log"),
            environ=CLEAN | environ,
            launcher=self._launcher(),
            cwd=self.directory,
            start_new_session=True,
        ) as server:
            yield server

    def coupons(self, *arguments: str) -> "CompletedProcess[str]":
        """Run a command below the directory."""
        below = self.directory / "below"
        below.mkdir(exist_ok=True)
        return coupons(*arguments, launcher=self._launcher(), cwd=below)

    def dev_env(self) -> dict[str, str]:
        lines = (self.directory / ".coupons/dev.env").read_text().splitlines()
        return dict(line.split("=", 1) for line in lines)

    def processes(self) -> list[psutil.Process]:
        """Everything that runs in the directory: the command, its workers, PostgreSQL's."""
        return [
            process
            for process in psutil.process_iter()
            if directory_of(process).is_relative_to(self.directory)
        ]

    def _launcher(self) -> list[str]:
        """Becomes the user. Python itself may lie where only root can go, as below /root."""
        user = pwd.getpwnam(self.name)
        if user.pw_uid == os.geteuid():
            return []
        identity = [user.pw_uid, user.pw_gid, os.getpid(), int(signal.SIGTERM)]
        return [sys.executable, "-I", "-S", unprivileged.__file__, *map(str, identity)]


def said(server: ServerProcess) -> str:
    return server.log.read_text()


def directory_of(process: psutil.Process) -> Path:
    """The working directory; none of ours for a process that has ended."""
    try:
        return Path(process.cwd())
    except psutil.Error:
        return Path("/")


@pytest.fixture(params=USERS)
def developer(request: pytest.FixtureRequest, tmp_path: Path) -> Developer:
    name = str(request.param)
    directory = tmp_path / FOLDER
    directory.mkdir()
    user = pwd.getpwnam(name)
    os.chown(directory, user.pw_uid, user.pw_gid)
    return Developer(name, directory)


@pytest.fixture
def me(tmp_path: Path) -> Developer:
    directory = tmp_path / FOLDER
    directory.mkdir()
    return Developer(USERS[0], directory)


def test_from_a_fresh_directory_to_a_redemption_and_again(developer: Developer) -> None:
    with developer.running() as server:
        assert set(developer.dev_env()) == {
            "COUPONS_GRPC_ADDRESS",
            "COUPONS_REST_URL",
            "COUPONS_DATABASE_URL",
            "COUPONS_TENANT_ID",
            "COUPONS_ADMIN_API_KEY_ID",
            "COUPONS_ADMIN_API_KEY",
            "COUPONS_TENANT_SECRET",
            "COUPONS_WEBHOOK_SECRET",
        }
        assert developer.dev_env()["COUPONS_GRPC_ADDRESS"] == server.address
        for name, mode in {"": 0o700, "dev.env": 0o600, "server.env": 0o600}.items():
            path = developer.directory / ".coupons" / name
            assert stat.S_IMODE(path.stat().st_mode) == mode, name
        assert developer.coupons("redeem", "WELCOME", "--user", "alice").returncode == 0
        assert rest_says(developer, "/ready") == {"status": "ok"}
        until(lambda: "webhook coupon.redeemed  alice  100 gems" in said(server))
        assert press_ctrl_c(server) == 0
        assert not developer.processes()

    before = developer.dev_env()
    with developer.running() as server:
        addresses = {"COUPONS_GRPC_ADDRESS", "COUPONS_REST_URL"}
        now = developer.dev_env()
        assert {name: now[name] for name in now.keys() - addresses} == {
            name: before[name] for name in before.keys() - addresses
        }
        assert now["COUPONS_GRPC_ADDRESS"] == server.address
        # On another port, and with the secret of before.
        assert developer.coupons("redeem", "WELCOME", "--user", "bob").returncode == 0
        until(lambda: "webhook coupon.redeemed  bob  100 gems" in said(server))
        assert "WELCOME" in developer.coupons("redemptions", "list").stdout


def rest_says(developer: Developer, path: str) -> object:
    with urlopen(developer.dev_env()["COUPONS_REST_URL"] + path, timeout=PATIENCE) as response:
        return json.load(response)


def press_ctrl_c(server: ServerProcess) -> int:
    """As a terminal does it: the whole foreground group is told."""
    os.killpg(server.process.pid, signal.SIGINT)
    return server.process.wait(PATIENCE)


@pytest.mark.skipif(not LONG, reason="wants a machine of its own: COUPONS_TEST_LONG=1")
def test_the_second_start_is_quick(me: Developer) -> None:
    def seconds_to_start() -> float:
        began = time.monotonic()
        with me.running(workers=2):
            return time.monotonic() - began

    seconds_to_start()
    # The machine may be busy with other tests once, hardly every time.
    assert any(seconds_to_start() < SECOND_START_SECONDS for _ in range(5))


def test_everything_killed_twice_in_a_row(me: Developer) -> None:
    for times in (1, 2, 3):
        with me.running() as server:
            assert me.coupons("redeem", "WELCOME", "--user", "alice").returncode == 0
            assert (
                len(me.coupons("redemptions", "list", "--json").stdout.split('"id"')) == times + 1
            )
            running = me.processes()
            assert {process.name() for process in running} >= {"postgres", "envoy"}
            for process in running:
                # Some end with their parent.
                with suppress(psutil.NoSuchProcess):
                    process.kill()
            psutil.wait_procs(running, timeout=PATIENCE)
            server.process.wait()


def test_the_service_ends_with_its_rest_edge(me: Developer) -> None:
    with me.running() as server:
        [envoy] = [one for one in me.processes() if one.name() == "envoy"]
        envoy.kill()
        assert server.process.wait(PATIENCE) == 1
    assert not me.processes()


def test_a_rest_edge_that_cannot_start_ends_the_service_too(me: Developer) -> None:
    state = me.directory / ".coupons"
    state.mkdir(mode=0o700)
    (state / "envoy").write_text("in the way")
    with me.starting() as server:
        assert server.process.wait(PATIENCE) == 1
        assert "envoy" in said(server).splitlines()[-1]
    assert not me.processes()


def test_the_rest_edge_reaches_a_service_that_wants_tls(me: Developer) -> None:
    server = Authority(me.directory.with_name("authority")).issue("server")
    with me.running(
        tls_certificate_file=server.certificate, tls_private_key_file=server.private_key
    ):
        assert rest_says(me, "/ready") == {"status": "ok"}


def test_lost_credentials_and_a_lost_master_key_are_replaced(me: Developer) -> None:
    with me.running():
        first = me.dev_env()
    for lost in ("dev.env", "server.env"):
        (me.directory / ".coupons" / lost).unlink()
        with me.running():
            now = me.dev_env()
            assert now["COUPONS_TENANT_ID"] == first["COUPONS_TENANT_ID"]
            assert now["COUPONS_ADMIN_API_KEY"] != first["COUPONS_ADMIN_API_KEY"]
            assert me.coupons("redeem", "WELCOME", "--user", "alice").returncode == 0
            assert "WELCOME" in me.coupons("definitions", "list").stdout
        first = now


@pytest.mark.parametrize(
    ("setting", "message"),
    [
        ("grpc_port", "another program listens on 127.0.0.1:"),
        ("rest_port", "COUPONS_REST_PORT: can't listen on 127.0.0.1:"),
        ("webhook_port", "COUPONS_WEBHOOK_PORT: can't listen on 127.0.0.1:"),
        ("log_level", "COUPONS_LOG_LEVEL: must be one of debug, info, warning, error"),
    ],
)
def test_what_prevents_a_start_is_named_and_nothing_stays_behind(
    me: Developer, setting: str, message: str
) -> None:
    with (
        socket.create_server(("127.0.0.1", 0)) as other,
        me.starting(**{setting: other.getsockname()[1]}) as server,
    ):
        assert server.process.wait(PATIENCE) == 1
        assert message in said(server).splitlines()[-1]
    assert not me.processes()
