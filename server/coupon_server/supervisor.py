"""The supervisor: starts, restarts and drains worker processes that share a port."""

import asyncio
import contextlib
import errno
import itertools
import os
import signal
import socket
import sys
from asyncio.subprocess import PIPE, Process
from collections.abc import Callable, Iterator, Sequence
from typing import TextIO, cast

import structlog

from coupon_server.captured_stderr import log_stderr
from coupon_server.settings import PREFIX, Settings

READY = b"ready\n"
WAITING = b"waiting\n"
"""What a worker writes that waits for a database which takes no writes."""

WORKER_COMMAND = (sys.executable, "-m", "coupon_server.worker")
BACKGROUND = "--background"
"""The argument of the worker that serves no calls."""
LOG_DESCRIPTOR = "--log-descriptor="
"""The argument that names the file descriptor of the log: standard error is a pipe."""

_MIN_BACKOFF = 0.2
_MAX_BACKOFF = 5.0
_STABLE_AFTER = 10.0
_READY_TIMEOUT = 60.0
# What a worker may need beyond `drain_seconds` to close its connections.
_GRACE = 5.0
_STDERR_TIMEOUT = 1.0

log = structlog.get_logger()


class SupervisorError(Exception):
    """The port is not available, or the workers can't be started."""


class Supervisor:
    """Runs the workers of one server.

    The kernel spreads connections over the workers, which listen on the same port
    (SO_REUSEPORT, socket(7)). Two pipes tie a worker to its supervisor: standard output, on
    which it writes `ready` once it serves, or a line that states why it can't; and standard input,
    whose end means that the supervisor has ended, by whatever signal. Standard error is a third,
    whose text becomes log events. A worker's own log does not pass through it.

    The supervisor restarts a worker that ends, with exponential backoff from 0.2 to 5 seconds while
    the worker keeps ending within 10 seconds.

    Args:
        settings: the supervisor uses `workers`, `background`, `grpc_host`, `grpc_port` and
            `drain_seconds`; the workers get all of them through their environment.
        command: the program of a worker. Its arguments are `LOG_DESCRIPTOR` and, for the
            background worker, `BACKGROUND`.
    """

    def __init__(self, settings: Settings, *, command: Sequence[str] = WORKER_COMMAND) -> None:
        self._settings = settings
        self._command = command
        self._processes: set[Process] = set()
        self._stderr: set[asyncio.Task[None]] = set()
        self._log_descriptor = -1
        self._stopping = asyncio.Event()

    async def run(self, on_ready: Callable[[int], None] | None = None) -> int:
        """Serves until `stop`, SIGTERM or SIGINT, then drains the workers.

        Args:
            on_ready: called with the port when every worker serves.

        Returns:
            The exit code: 0, or 1 if a worker had to be killed or failed while it drained.

        Raises:
            SupervisorError: the port is taken, or a worker ended before it served.
        """
        with (
            reserved_port(self._settings.grpc_host, self._settings.grpc_port) as port,
            _duplicated(sys.stderr) as self._log_descriptor,
        ):
            serving = asyncio.create_task(self._serve(port, on_ready))
            stopping = asyncio.create_task(self._stopping.wait())
            with self._signal_handlers():
                try:
                    await asyncio.wait({serving, stopping}, return_when=asyncio.FIRST_COMPLETED)
                    if serving.done():
                        serving.result()
                finally:
                    serving.cancel()
                    stopping.cancel()
                    clean = await self._drain()
        log.info("server_stopped", clean=clean)
        return 0 if clean else 1

    def stop(self) -> None:
        """Begins to drain the workers."""
        self._stopping.set()

    async def _serve(self, port: int, on_ready: Callable[[int], None] | None) -> None:
        commands = [self._command] * self._settings.workers
        if self._settings.background:
            commands.append((*self._command, BACKGROUND))
        workers = [await self._spawn(command, port) for command in commands]
        await asyncio.gather(*(self._require_ready(worker) for worker in workers))
        log.info(
            "server_ready",
            host=self._settings.grpc_host,
            port=port,
            workers=self._settings.workers,
            background=self._settings.background,
        )
        if on_ready is not None:
            on_ready(port)
        await asyncio.gather(*map(self._restart, workers, commands, itertools.repeat(port)))

    async def _restart(self, worker: Process, command: Sequence[str], port: int) -> None:
        loop = asyncio.get_running_loop()
        backoff = _MIN_BACKOFF
        while True:
            since = loop.time()
            await worker.wait()
            self._processes.discard(worker)
            log.warning("worker_ended", worker=worker.pid, exit_code=worker.returncode)
            if loop.time() - since >= _STABLE_AFTER:
                backoff = _MIN_BACKOFF
            await asyncio.sleep(backoff)
            backoff = min(2 * backoff, _MAX_BACKOFF)
            worker = await self._spawn_again(command, port)
            first_line = await self._first_line(worker)
            if first_line == READY:
                log.info("worker_restarted", worker=worker.pid)
            else:
                log.warning(
                    "worker_not_ready", worker=worker.pid, reason=first_line.decode().strip()
                )

    async def _spawn_again(self, command: Sequence[str], port: int) -> Process:
        """Retry to start a worker until the machine has the resources for it."""
        while True:
            try:
                return await self._spawn(command, port)
            except OSError as error:
                log.warning("worker_not_started", reason=error.strerror)
                await asyncio.sleep(_MAX_BACKOFF)

    async def _spawn(self, command: Sequence[str], port: int) -> Process:
        settings = self._settings.model_copy(update={"grpc_port": port})
        foreign = {name: text for name, text in os.environ.items() if not name.startswith(PREFIX)}
        # gRPC would log each failed handshake.
        foreign.setdefault("GRPC_VERBOSITY", "NONE")
        process = await asyncio.create_subprocess_exec(
            *command,
            f"{LOG_DESCRIPTOR}{self._log_descriptor}",
            stdin=PIPE,
            stdout=PIPE,
            stderr=PIPE,
            pass_fds=[self._log_descriptor],
            env=foreign | settings.to_environ(),
            # A terminal's Ctrl-C must reach the supervisor alone.
            start_new_session=True,
        )
        self._processes.add(process)
        reader = asyncio.create_task(log_stderr(process))
        self._stderr.add(reader)
        reader.add_done_callback(self._stderr.discard)
        return process

    async def _require_ready(self, worker: Process) -> None:
        first_line = await self._first_line(worker)
        if first_line == READY:
            return
        if first_line:
            raise SupervisorError(first_line.decode().strip())
        code = await worker.wait()
        raise SupervisorError(f"a worker ended with exit code {code} before it served")

    async def _first_line(self, worker: Process) -> bytes:
        """READY, or the reason why the worker ended or was killed, if it is known."""
        stdout = cast("asyncio.StreamReader", worker.stdout)
        line = WAITING
        try:
            while line == WAITING:
                async with asyncio.timeout(_READY_TIMEOUT):
                    line = await stdout.readline()
            return line  # noqa: TRY300
        except TimeoutError:
            worker.kill()
            return f"a worker was not ready within {_READY_TIMEOUT:g} seconds\n".encode()

    async def _drain(self) -> bool:
        """Drain the workers; returns whether every one exited cleanly in time."""
        self._signal_workers(signal.SIGTERM)
        waits = [asyncio.create_task(process.wait()) for process in self._processes]
        if waits:
            timeout = self._settings.drain_seconds + _GRACE
            _, late = await asyncio.wait(waits, timeout=timeout)
            if late:
                log.error("workers_killed", count=len(late), seconds=timeout)
                self._signal_workers(signal.SIGKILL)
                await asyncio.wait(late)
        if self._stderr:
            # A child of a worker may hold the pipe open for longer.
            await asyncio.wait(self._stderr, timeout=_STDERR_TIMEOUT)
        # A worker that did not serve yet has no handler for SIGTERM.
        return all(process.returncode in (0, -signal.SIGTERM) for process in self._processes)

    def _signal_workers(self, number: signal.Signals) -> None:
        for process in self._processes:
            with contextlib.suppress(ProcessLookupError):
                process.send_signal(number)

    @contextlib.contextmanager
    def _signal_handlers(self) -> Iterator[None]:
        loop = asyncio.get_running_loop()
        loop.add_signal_handler(signal.SIGTERM, self.stop)
        loop.add_signal_handler(signal.SIGINT, self._interrupt)
        try:
            yield
        finally:
            loop.remove_signal_handler(signal.SIGTERM)
            loop.remove_signal_handler(signal.SIGINT)

    def _interrupt(self) -> None:
        """The first Ctrl-C drains the workers, the second kills them."""
        if self._stopping.is_set():
            self._signal_workers(signal.SIGKILL)
        self.stop()


@contextlib.contextmanager
def _duplicated(stream: TextIO) -> Iterator[int]:
    """Another descriptor of the stream's file."""
    descriptor = os.dup(stream.fileno())
    try:
        yield descriptor
    finally:
        os.close(descriptor)


@contextlib.contextmanager
def reserved_port(host: str, port: int) -> Iterator[int]:
    """Holds a port that nobody listens on, for sockets with SO_REUSEPORT of this user.

    Without it a second server would silently share the port with the first.

    Args:
        host: an address or a name.
        port: the port, or 0 for a free one.

    Yields:
        The port.

    Raises:
        SupervisorError: another program listens there, or `host` is not of this machine.
    """
    with contextlib.ExitStack() as held:
        try:
            addresses = socket.getaddrinfo(host, None, type=socket.SOCK_STREAM)
            for family, _, _, _, (address, *_) in addresses:
                if port:
                    # Fails when anyone listens, as a socket with SO_REUSEPORT may not.
                    _bound(family, address, port, socket.SO_REUSEADDR).close()
                holder = _bound(family, address, port, socket.SO_REUSEADDR, socket.SO_REUSEPORT)
                port = held.enter_context(holder).getsockname()[1]
        except OSError as error:
            raise SupervisorError(_explain(error, host, port)) from error
        yield port


def _bound(family: int, address: object, port: int, *options: int) -> socket.socket:
    bound = socket.socket(family)
    for option in options:
        bound.setsockopt(socket.SOL_SOCKET, option, 1)
    try:
        bound.bind((address, port))
    except OSError:
        bound.close()
        raise
    return bound


def _explain(error: OSError, host: str, port: int) -> str:
    if isinstance(error, socket.gaierror):
        return f'COUPONS_GRPC_HOST: "{host}" can\'t be resolved: {error.strerror}'
    if error.errno == errno.EADDRINUSE:
        return (
            f"COUPONS_GRPC_PORT: another program listens on {host}:{port};"
            " stop it, or choose another port"
        )
    return f"COUPONS_GRPC_HOST, COUPONS_GRPC_PORT: can't listen on {host}:{port}: {error.strerror}"
