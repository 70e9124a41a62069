"""No event of a connection ends or wedges a client: the calls that follow it succeed.

Each client has a small program that makes ValidateCoupon calls one after another against the server
of `chaos/`. It gets one argument, which is JSON:

    {"address": "127.0.0.1:1", "authority": "/path/ca.pem" or null, "calls": 25, "pause_ms": [0, 5],
     "timeout_ms": 30000, "keepalive_ms": 300, "keepalive_timeout_ms": 300}

and prints a line for each call: `{"code": "OK"}`, or the code of the client's error. It ends with 0
when it has made them all, and with something else after any other error.

`COUPONS_TEST_CHAOS=1000` makes as many events of each kind, and prints a table; a hundredth of the
silences where each takes 15 seconds.
"""

import json
import os
import shutil
import subprocess
import sys
from collections import Counter
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from itertools import pairwise
from pathlib import Path

import pytest

from support.certificates import Authority, Issued
from support.documents import ROOT
from support.processes import CLEAN, until
from support.toolchains import PATIENCE, Builds, run

SCALE = int(os.environ.get("COUPONS_TEST_CHAOS", "0"))
EVENTS = SCALE or 8

pytestmark = pytest.mark.timeout(3 * PATIENCE + 60 * SCALE)

SERVER = Path(__file__).parent / "chaos/server.py"
MOMENTS = {
    "idle": ("goaway", "rst", "fin", "silence"),
    "start": ("goaway", "rst", "fin", "silence", "rst-stream"),
    "middle": ("goaway", "rst", "fin", "silence", "rst-stream"),
}


@dataclass(frozen=True, slots=True)
class Client:
    """A client's program. Commands run in the client's folder."""

    language: str
    program: tuple[str, ...]
    tool: str = sys.executable
    """The program that has to be installed."""
    repeats_begun_answers: bool = False
    """Whether a call is attempted again though its answer had begun; gRPC's own libraries don't."""
    keepalive_ms: int = 300
    """How long until it pings; gRPC for Go and Java take no less than ten seconds."""

    def __str__(self) -> str:
        return self.language

    @property
    def folder(self) -> Path:
        return ROOT / "clients" / self.language

    def events(self, kind: str) -> int:
        """How many there are; each silence takes the client's keepalive."""
        if kind != "silence":
            return EVENTS
        return SCALE or 2 if self.keepalive_ms < 1000 else max(1, SCALE // 100)


CLIENTS = [
    Client(
        "typescript",
        program=("node", "build/conformance/chaos.js"),
        tool="npm",
        repeats_begun_answers=True,
    ),
    Client("python", program=(sys.executable, "chaos.py"), repeats_begun_answers=True),
    Client(
        "go",
        program=("build/chaos",),
        tool="go",
        repeats_begun_answers=True,
        keepalive_ms=10_000,
    ),
    Client(
        "java",
        program=(
            *("java", "-cp", "target/test-classes:target/classes:target/lib/*"),
            "com.phoenixcoupons.ChaosRunner",
        ),
        tool="mvn",
        repeats_begun_answers=True,
        keepalive_ms=10_000,
    ),
]


@pytest.fixture(scope="module")
def authority(tmp_path_factory: pytest.TempPathFactory) -> Authority:
    return Authority(tmp_path_factory.mktemp("chaos") / "authority")


@pytest.fixture(scope="module")
def issued(authority: Authority) -> Issued:
    return authority.issue("server")


@pytest.fixture(scope="module")
def table() -> Iterator[list[str]]:
    rows: list[str] = []
    yield rows
    if SCALE:
        head = "| client | connection | moment | event | events | outcomes of calls |\n"
        sys.stdout.write("\n" + head + "|---|---|---|---|---|---|\n" + "".join(rows))


@pytest.fixture(scope="module", params=CLIENTS, ids=str)
def client(request: pytest.FixtureRequest, builds: Builds) -> Iterator[Client]:
    client: Client = request.param
    if shutil.which(client.tool) is None and not os.environ.get("CI"):
        pytest.skip(f"not found: {client.tool}")
    with builds.of(client.folder):
        yield client


@contextmanager
def serving(
    record: Path, kind: str, moment: str, events: int, issued: Issued | None
) -> Iterator[int]:
    """The port of a server, which records its events in a file."""
    command = [sys.executable, str(SERVER), "--kind", kind, "--moment", moment]
    command += ["--events", str(events), "--seed", str(events)]
    if issued:
        command += ["--certificate", str(issued.certificate)]
        command += ["--private-key", str(issued.private_key)]
    with record.open("w") as file, subprocess.Popen(command, stdout=file, env=CLEAN) as server:
        try:
            until(lambda: "\n" in record.read_text())
            yield json.loads(record.read_text().split("\n")[0])["port"]
        finally:
            server.terminate()


@pytest.mark.parametrize("secure", [False, True], ids=["plaintext", "tls"])
@pytest.mark.parametrize("moment", MOMENTS)
def test_calls_succeed_after_every_event(
    client: Client,
    moment: str,
    secure: bool,
    authority: Authority,
    issued: Issued,
    table: list[str],
    tmp_path: Path,
) -> None:
    for kind in MOMENTS[moment]:
        events = client.events(kind)
        outcomes, happened = outcomes_of(
            client, kind, moment, events, (authority, issued) if secure else None, tmp_path
        )
        counts = Counter(outcomes)
        connection = "TLS" if secure else "plaintext"
        shown = ", ".join(f"{count} {code}" for code, count in sorted(counts.items()))
        table.append(f"| {client} | {connection} | {moment} | {kind} | {happened} | {shown} |\n")
        assert happened >= events
        allowed = {"OK"}
        if moment == "middle" and kind != "goaway" and not client.repeats_begun_answers:
            allowed.add("UNAVAILABLE")
        assert set(outcomes) <= allowed, (kind, counts)
        in_a_row = [pair for pair in pairwise(outcomes) if "OK" not in pair]
        assert not in_a_row, (kind, counts)


def outcomes_of(
    client: Client,
    kind: str,
    moment: str,
    events: int,
    tls: tuple[Authority, Issued] | None,
    folder: Path,
) -> tuple[list[str], int]:
    """The codes of the calls, and how many events there were."""
    authority, issued = tls or (None, None)
    record = folder / "record"
    with serving(record, kind, moment, events, issued) as port:
        given = {
            "address": f"localhost:{port}" if tls else f"127.0.0.1:{port}",
            "authority": str(authority.certificate) if authority else None,
            # Every other request is hit, unless its connection has ended meanwhile; and after the
            # last event there are some more.
            "calls": 3 * events + 10,
            "pause_ms": [0, 5],
            "timeout_ms": 4 * (client.keepalive_ms + 5000),
            "keepalive_ms": client.keepalive_ms,
            "keepalive_timeout_ms": min(client.keepalive_ms, 5000),
        }
        printed = run(client.folder, [*client.program, json.dumps(given)])
    outcomes = [json.loads(line)["code"] for line in printed.splitlines()]
    assert len(outcomes) == given["calls"]
    return outcomes, record.read_text().count('"kind"')
