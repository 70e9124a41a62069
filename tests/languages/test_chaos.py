"""No event of a connection ends or wedges a client: the calls that follow it succeed.

Each client has a small program that makes ValidateCoupon calls against the server of `chaos/`: one
after another to each target, to all targets at the same time. It gets one argument, which is JSON:

    {"targets": [{"address": "127.0.0.1:1", "authority": "/path/ca.pem" or null, "calls": 25}],
     "pause_ms": [0, 5], "timeout_ms": 30000, "keepalive_ms": 300, "keepalive_timeout_ms": 300}

and prints a line for each call: `{"target": 0, "code": "OK"}`, or the code of the client's error.
It ends with 0 when it has made them all, and with something else after any other error.

With `COUPONS_TEST_LONG=1` each client meets more than a thousand events, and each test prints a
row of the table in `clients/README.md`.
"""

import json
import os
import shutil
import subprocess
import sys
from collections import Counter
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

import pytest

from support.certificates import Authority, Issued
from support.documents import ROOT
from support.processes import CLEAN, until
from support.scale import LONG, sized
from support.toolchains import PATIENCE, Builds, run

EVENTS = sized(5, 60)
SILENCES = sized(1, 10)
"""How many silences there are of each moment, which take a second or, in Go and Java, fifteen."""

pytestmark = pytest.mark.timeout(3 * PATIENCE)

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
    keepalive_ms: int = 300
    """How long until it pings; gRPC for Go and Java take no less than ten seconds."""

    def __str__(self) -> str:
        return self.language

    @property
    def folder(self) -> Path:
        return ROOT / "clients" / self.language


def events_of(kind: str) -> int:
    """How many there are on one port."""
    return SILENCES if kind == "silence" else EVENTS


@dataclass(frozen=True, slots=True)
class Scenario:
    """What happens to the connections of one target of a client."""

    moment: str
    kind: str
    secure: bool

    def __str__(self) -> str:
        return f"{self.moment}, {self.kind}, {'TLS' if self.secure else 'plaintext'}"


SCENARIOS = [
    Scenario(moment, kind, secure)
    for secure in (False, True)
    for moment, kinds in MOMENTS.items()
    for kind in kinds
]

CLIENTS = [
    Client(
        "typescript",
        program=("node", "build/conformance/chaos.js"),
        tool="npm",
    ),
    Client("python", program=(sys.executable, "chaos.py")),
    Client(
        "go",
        program=("build/chaos",),
        tool="go",
        keepalive_ms=10_000,
    ),
    Client(
        "java",
        program=(
            *("java", "-cp", "target/test-classes:target/classes:target/lib/*"),
            "com.phoenixcoupons.ChaosRunner",
        ),
        tool="mvn",
        keepalive_ms=10_000,
    ),
]


@pytest.fixture(scope="module")
def authority(tmp_path_factory: pytest.TempPathFactory) -> Authority:
    return Authority(tmp_path_factory.mktemp("chaos") / "authority")


@pytest.fixture(scope="module")
def issued(authority: Authority) -> Issued:
    return authority.issue("server")


@pytest.fixture(params=CLIENTS, ids=str)
def client(request: pytest.FixtureRequest, builds: Builds) -> Iterator[Client]:
    client: Client = request.param
    if shutil.which(client.tool) is None and not os.environ.get("CI"):
        pytest.skip(f"not found: {client.tool}")
    with builds.of(client.folder):
        yield client


def test_calls_succeed_after_every_event(
    client: Client, authority: Authority, issued: Issued, tmp_path: Path
) -> None:
    outcomes, happened = outcomes_of(client, authority, issued, tmp_path)
    for number, scenario in enumerate(SCENARIOS):
        counts = Counter(outcomes[number])
        assert happened[number] >= events_of(scenario.kind), (str(scenario), counts)
        assert set(counts) == {"OK"}, (str(scenario), counts)
    if LONG:
        assert happened.total() >= 1000
        sys.stdout.write("\n" + row(client, outcomes, happened))


def outcomes_of(
    client: Client, authority: Authority, issued: Issued, folder: Path
) -> tuple[dict[int, list[str]], Counter[int]]:
    """The codes of the calls, and how many events there were, by the scenario's number."""
    record = folder / "record"
    with serving(record, issued) as ports:
        targets = [
            {
                "address": f"{'localhost' if scenario.secure else '127.0.0.1'}:{port}",
                "authority": str(authority.certificate) if scenario.secure else None,
                # Every other request is hit, unless its connection has ended meanwhile; and after
                # the last event there are some more.
                "calls": 3 * events_of(scenario.kind) + 10,
            }
            for scenario, port in zip(SCENARIOS, ports, strict=True)
        ]
        given = {
            "targets": targets,
            "pause_ms": [0, 5],
            "timeout_ms": 4 * (client.keepalive_ms + 5000),
            "keepalive_ms": client.keepalive_ms,
            "keepalive_timeout_ms": min(client.keepalive_ms, 5000),
        }
        printed = run(client.folder, [*client.program, json.dumps(given)])
    outcomes: dict[int, list[str]] = {}
    for line in map(json.loads, printed.splitlines()):
        outcomes.setdefault(line["target"], []).append(line["code"])
    counts = [len(codes) for _, codes in sorted(outcomes.items())]
    assert counts == [target["calls"] for target in targets]
    events = map(json.loads, record.read_text().splitlines()[1:])
    return outcomes, Counter(event["scenario"] for event in events if "scenario" in event)


@contextmanager
def serving(record: Path, issued: Issued) -> Iterator[list[int]]:
    """The ports of a server, one a scenario. It records its events in a file."""
    command = [sys.executable, str(SERVER), "--seed", str(EVENTS)]
    command += ["--certificate", str(issued.certificate)]
    command += ["--private-key", str(issued.private_key)]
    for each in SCENARIOS:
        tls = ":tls" if each.secure else ""
        scenario = f"{each.kind}:{each.moment}:{events_of(each.kind)}{tls}"
        command += ["--scenario", scenario]
    with record.open("w") as file, subprocess.Popen(command, stdout=file, env=CLEAN) as server:
        try:
            until(lambda: "\n" in record.read_text())
            yield json.loads(record.read_text().split("\n")[0])["ports"]
        finally:
            server.terminate()


def row(client: Client, outcomes: Mapping[int, list[str]], happened: Counter[int]) -> str:
    """The client's row of the table: its events by their kind, and what became of its calls."""
    kinds = dict.fromkeys(scenario.kind for scenario in SCENARIOS)
    events = Counter[str]()
    for number, count in happened.items():
        events[SCENARIOS[number].kind] += count
    codes = Counter(code for each in outcomes.values() for code in each)
    shown = ", ".join(f"{count:,} {code}" for code, count in sorted(codes.items()))
    cells = [str(client), *(f"{events[kind]:,}" for kind in kinds), f"{events.total():,}", shown]
    return f"| {' | '.join(cells)} |\n"
