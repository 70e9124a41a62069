"""Turns text that a worker writes to standard error, outside its log, into log events.

C libraries, a crashing interpreter, and errors before logs are configured write plain text there,
which would break a parser of the JSON log.
"""

from asyncio.subprocess import Process

import structlog

MAX_BYTES = 64 * 1024
"""The most text of one event."""

log = structlog.get_logger()


async def log_stderr(worker: Process) -> None:
    """Log complete lines until the end; lines that arrive together are one event."""
    assert worker.stderr is not None  # noqa: S101 - it was started with a pipe
    text = b""
    while chunk := await worker.stderr.read(MAX_BYTES):
        text += chunk
        lines, newline, text = text.rpartition(b"\n")
        if newline:
            _log(worker.pid, lines)
        if len(text) >= MAX_BYTES:
            _log(worker.pid, text)
            text = b""
    _log(worker.pid, text)


def _log(worker: int, text: bytes) -> None:
    if decoded := text.decode(errors="replace").strip():
        log.warning("worker_stderr", worker=worker, text=decoded)
