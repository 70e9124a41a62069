"""Makes log events of what a worker writes to standard error by other ways than its log.

Libraries in C, the interpreter when it crashes, and what fails before logs are configured write
plain text there. Among lines of JSON it would break whoever reads the log.
"""

from asyncio.subprocess import Process

import structlog

MOST_BYTES = 64 * 1024
"""So much text is one event at most."""

log = structlog.get_logger()


async def log_stderr(worker: Process) -> None:
    """Log whole lines as they come, those that come together as one event, until the end."""
    assert worker.stderr is not None  # noqa: S101 - it was started with a pipe
    text = b""
    while chunk := await worker.stderr.read(MOST_BYTES):
        text += chunk
        lines, newline, text = text.rpartition(b"\n")
        if newline:
            _log(worker.pid, lines)
        if len(text) >= MOST_BYTES:
            _log(worker.pid, text)
            text = b""
    _log(worker.pid, text)


def _log(worker: int, text: bytes) -> None:
    if decoded := text.decode(errors="replace").strip():
        log.warning("worker_stderr", worker=worker, text=decoded)
