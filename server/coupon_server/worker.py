"""One worker process: `python -m coupon_server.worker`, which serves calls.

With the argument `--background` it is the background worker instead. `coupon_server.supervisor`
starts it, passes settings in the environment, and is tied to it by its standard streams;
`--log-descriptor=N` names the file descriptor of its log.
"""

import asyncio
import gc
import os
import resource
import signal
import sys
from collections.abc import Callable, Coroutine
from contextlib import suppress
from typing import Any

import structlog
import uvloop

from coupon_server.assemblies.core import explanation
from coupon_server.database.transactions import DatabaseNotReady
from coupon_server.logs import configure_logs
from coupon_server.settings import Settings, SettingsError
from coupon_server.supervisor import BACKGROUND, LOG_DESCRIPTOR, READY, WAITING

_STDIN, _STDOUT, _STDERR = 0, 1, 2

log = structlog.get_logger()


def main() -> int:
    """Runs until SIGTERM or the end of standard input, and returns the exit code."""
    supervisor = _take_stdout()
    try:
        settings = Settings.load(os.environ)
    except SettingsError as error:
        sys.stderr.write(f"{error}\n")
        return 1
    configure_logs(settings.log_level, _log_descriptor())
    _raise_open_files_limit()
    try:
        uvloop.run(_run(settings, supervisor))
    except DatabaseNotReady as error:
        os.write(supervisor, f"{explanation(error)}\n".encode())
        return 1
    except Exception:
        log.exception("worker_failed")
        return 1
    return 0


def _raise_open_files_limit() -> None:
    """Raise the soft limit RLIMIT_NOFILE to the hard one: a connection is an open file."""
    _, hard = resource.getrlimit(resource.RLIMIT_NOFILE)
    # Not every system accepts RLIM_INFINITY.
    with suppress(OSError, ValueError):
        resource.setrlimit(resource.RLIMIT_NOFILE, (hard, hard))


def _log_descriptor() -> int:
    """Where the log goes: standard error, unless the supervisor passed a descriptor."""
    for argument in sys.argv[1:]:
        if argument.startswith(LOG_DESCRIPTOR):
            return int(argument.removeprefix(LOG_DESCRIPTOR))
    return _STDERR


def _take_stdout() -> int:
    """Reserve standard output for the supervisor; prints go to standard error instead."""
    kept = os.dup(_STDOUT)
    os.dup2(_STDERR, _STDOUT)
    return kept


async def _run(settings: Settings, supervisor: int) -> None:
    stop = asyncio.Event()
    loop = asyncio.get_running_loop()
    loop.add_signal_handler(signal.SIGTERM, stop.set)
    loop.add_reader(_STDIN, _watch_lifeline, loop, stop)

    def ready() -> None:
        # Objects made at start-up live as long as the process: exempt them from collection.
        gc.collect()
        gc.freeze()
        # Calls make few reference cycles: collect rarely.
        gc.set_threshold(20_000, 20, 50)
        os.write(supervisor, READY)
        os.close(supervisor)

    def waiting() -> None:
        os.write(supervisor, WAITING)

    await _assembly()(settings, ready=ready, stop=stop, waiting=waiting)


def _assembly() -> Callable[..., Coroutine[Any, Any, None]]:
    """The assembly of this process, imported on demand so that the process loads no other."""
    if BACKGROUND in sys.argv[1:]:
        from coupon_server.assemblies.background import work

        return work
    from coupon_server.assemblies.serving import serve

    return serve


def _watch_lifeline(loop: asyncio.AbstractEventLoop, stop: asyncio.Event) -> None:
    if not os.read(_STDIN, 1024):
        loop.remove_reader(_STDIN)
        stop.set()


if __name__ == "__main__":
    sys.exit(main())
