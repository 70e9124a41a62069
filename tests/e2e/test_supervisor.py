"""The supervisor and its workers, as processes.

Most tests run a small program in the worker's place; `WORKER` is the real worker around a
service that does nothing but listen.
"""

import base64
import contextlib
import json
import os
import signal
import socket
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from datetime import datetime
from itertools import pairwise

import psutil
import pytest

OBEDIENT = """
import signal, sys, time
signal.signal(signal.SIGTERM, lambda *_: sys.exit(0))
print("ready", flush=True)
time.sleep(60)
"""
DEAF = OBEDIENT.replace("lambda *_: sys.exit(0)", "signal.SIG_IGN")
BROKEN = "import sys; sys.exit('no database')"
WORKER = """
import gc, socket, sys, types

async def serve(settings, *, ready, stop, waiting):
    with socket.socket() as listener:
        listener.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEPORT, 1)
        listener.bind((settings.grpc_host, settings.grpc_port))
        listener.listen()
        print("chatter", flush=True)
        ready()
        assert gc.get_freeze_count()
        await stop.wait()

sys.modules["coupon_server.assemblies.serving"] = types.SimpleNamespace(serve=serve)
from coupon_server.worker import main
sys.exit(main())
"""
SUPERVISOR = """
import asyncio, os, sys
from coupon_server.logs import configure_logs
from coupon_server.settings import Settings
from coupon_server.supervisor import Supervisor, SupervisorError
configure_logs()
supervisor = Supervisor(Settings.load(os.environ), command=[sys.executable, "-c", sys.argv[1]])
try:
    sys.exit(asyncio.run(supervisor.run(lambda port: print(port, flush=True))))
except SupervisorError as error:
    sys.exit(str(error))
"""


@dataclass(frozen=True)
class Server:
    process: subprocess.Popen[str]
    port: int

    def workers(self) -> list[psutil.Process]:
        children = psutil.Process(self.process.pid).children()
        return [child for child in children if child.status() != psutil.STATUS_ZOMBIE]

    def stop(self, number: signal.Signals = signal.SIGTERM) -> int:
        self.process.send_signal(number)
        return self.process.wait(60)

    def errors(self) -> str:
        assert self.process.stderr is not None
        return self.process.stderr.read()

    def wait_for(self, event: str) -> datetime:
        """Wait until it is logged; when that was."""
        assert self.process.stderr is not None
        for line in self.process.stderr:
            if event in line:
                return datetime.fromisoformat(json.loads(line)["timestamp"])
        pytest.fail(f"no {event} before the end")


def environ(**variables: object) -> dict[str, str]:
    given = {"grpc_port": 0, "workers": 2, "drain_seconds": 5, "background": "false"} | variables
    return os.environ | {
        "COUPONS_DATABASE_URL": "postgresql://h/d",
        "COUPONS_MASTER_KEYS": f"unused:{base64.b64encode(bytes(32)).decode()}",
        **{f"COUPONS_{name.upper()}": str(value) for name, value in given.items()},
    }


@contextlib.contextmanager
def serving(worker: str, **variables: object) -> Iterator[Server]:
    """A supervisor whose workers are ready; port 0 if they never were."""
    with subprocess.Popen(
        [sys.executable, "-c", SUPERVISOR, worker],
        env=environ(**variables),
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
    ) as process:
        assert process.stdout is not None
        try:
            yield Server(process, int(process.stdout.readline() or 0))
        finally:
            process.kill()


def until(condition: Callable[[], bool]) -> None:
    deadline = time.monotonic() + 60
    while not condition():
        assert time.monotonic() < deadline
        time.sleep(0.02)


def test_workers_share_a_port_and_stop_cleanly() -> None:
    with serving(WORKER, workers=3) as server:
        workers = server.workers()
        assert len(workers) == 3
        socket.create_connection(("127.0.0.1", server.port)).close()
        assert server.stop() == 0
        assert not any(worker.is_running() for worker in workers)
        assert "chatter" in server.errors()


def test_the_log_is_json_whatever_a_worker_writes() -> None:
    noisy = OBEDIENT.replace("import signal", "import os, signal").replace(
        'print("ready"',
        'os.write(2, b"E0000 core.cc:1] bad\\n\\xff second line\\n"); os.write(2, b"unended");'
        ' print("ready"',
    )
    with serving(noisy, workers=1) as server:
        [worker] = server.workers()
        assert server.stop() == 0
        events = [json.loads(line) for line in server.errors().splitlines()]
    texts = [one["text"] for one in events if one["event"] == "worker_stderr"]
    assert "\n".join(texts) == "E0000 core.cc:1] bad\n\ufffd second line\nunended"
    assert {one["worker"] for one in events if "text" in one} == {worker.pid}


def test_the_trace_of_a_worker_that_crashes_is_logged() -> None:
    crashing = "import faulthandler, os; faulthandler.enable(); os.abort()"
    with serving(crashing, workers=1) as server:
        assert server.process.wait(20) == 1
        events = [json.loads(line) for line in server.errors().splitlines() if line[0] == "{"]
    # A trace that is written in parts may be an event for each.
    trace = "\n".join(one["text"] for one in events if one["event"] == "worker_stderr")
    assert "Fatal Python error: Aborted" in trace


def test_first_interrupt_drains() -> None:
    with serving(WORKER) as server:
        assert server.stop(signal.SIGINT) == 0


def test_a_worker_that_cannot_be_started_is_tried_again_and_the_others_serve_on() -> None:
    with serving(OBEDIENT) as server:
        supervisor = psutil.Process(server.process.pid)
        files = supervisor.rlimit(psutil.RLIMIT_NOFILE)
        supervisor.rlimit(psutil.RLIMIT_NOFILE, (4, files[1]))
        killed, other = server.workers()
        killed.kill()
        server.wait_for("worker_not_started")
        assert server.workers() == [other]
        supervisor.rlimit(psutil.RLIMIT_NOFILE, files)
        server.wait_for("worker_restarted")
        assert server.stop() == 0


def test_second_interrupt_kills() -> None:
    with serving(DEAF, drain_seconds=60) as server:
        server.process.send_signal(signal.SIGINT)
        time.sleep(0.5)
        assert len(server.workers()) == 2
        assert server.stop(signal.SIGINT) == 1


def test_worker_that_does_not_drain_is_killed() -> None:
    with serving(DEAF, drain_seconds=0) as server:
        began = time.monotonic()
        assert server.stop() == 1
        assert time.monotonic() - began > 4
        assert "workers_killed" in server.errors()


def test_dead_worker_is_replaced() -> None:
    with serving(OBEDIENT) as server:
        victim, survivor = server.workers()
        victim.kill()
        server.wait_for("worker_restarted")
        assert survivor in server.workers()
        assert len(server.workers()) == 2
        assert server.stop() == 0


def test_restarts_slow_down() -> None:
    dying = 'import sys; print("ready", flush=True); sys.exit(3)'
    with serving(dying, workers=1) as server:
        ended = [server.wait_for("worker_ended") for _ in range(4)]
        pauses = [(later - earlier).total_seconds() for earlier, later in pairwise(ended)]
        assert all(pause >= least for pause, least in zip(pauses, (0.2, 0.4, 0.8), strict=True))


def test_failure_at_the_first_start_is_final() -> None:
    with serving(BROKEN) as server:
        assert server.process.wait(10) == 1
        errors = server.errors()
        assert "no database" in errors
        assert "a worker ended with exit code 1 before it served" in errors


def test_stop_while_starting() -> None:
    slow = "import time; time.sleep(60)"
    with subprocess.Popen([sys.executable, "-c", SUPERVISOR, slow], env=environ()) as process:
        until(lambda: len(psutil.Process(process.pid).children()) == 2)
        process.terminate()
        assert process.wait(10) == 0


def test_workers_end_with_a_supervisor_that_was_killed() -> None:
    with serving(WORKER) as server:
        workers = server.workers()
        server.process.kill()
        assert not psutil.wait_procs(workers, timeout=10)[1]


def test_workers_are_out_of_reach_of_the_terminal() -> None:
    with serving(OBEDIENT) as server:
        assert all(os.getpgid(worker.pid) == worker.pid for worker in server.workers())


@pytest.mark.parametrize("shared", [False, True])
def test_port_of_another_program_is_refused(shared: bool) -> None:
    with socket.socket() as other:
        if shared:
            other.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEPORT, 1)
        other.bind(("127.0.0.1", 0))
        other.listen()
        port = other.getsockname()[1]
        with serving(WORKER, grpc_port=port) as server:
            assert server.process.wait(10) == 1
            message = f"COUPONS_GRPC_PORT: another program listens on 127.0.0.1:{port}"
            assert message in server.errors()


@pytest.mark.parametrize(
    ("host", "message"),
    [
        ("nowhere.invalid", 'COUPONS_GRPC_HOST: "nowhere.invalid" can\'t be resolved'),
        ("192.0.2.1", "can't listen on 192.0.2.1:0"),
    ],
)
def test_host_of_another_machine_is_refused(host: str, message: str) -> None:
    with serving(WORKER, grpc_host=host) as server:
        assert server.process.wait(10) == 1
        assert message in server.errors()


def test_port_is_free_again_at_once() -> None:
    with serving(WORKER) as server:
        with socket.create_connection(("127.0.0.1", server.port)):
            assert server.stop() == 0
        with serving(WORKER, grpc_port=server.port) as again:
            assert again.port == server.port


def test_worker_names_wrong_settings() -> None:
    command = [sys.executable, "-c", WORKER]
    worker = subprocess.run(
        command, env=environ(workers=0), capture_output=True, text=True, check=False
    )
    assert worker.returncode == 1
    assert 'COUPONS_WORKERS: must be between 1 and 64, is "0"' in worker.stderr
