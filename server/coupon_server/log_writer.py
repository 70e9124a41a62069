"""Writes log lines to a file descriptor, so that whoever logs neither waits nor fails.

A log is a file on a disk that fills up, or a pipe whose reader is slow, stuck or gone. None of this
may reach a call, a periodic task or a signal handler.
"""

import atexit
import json
import os
import select
import stat
import threading
from collections import deque
from contextlib import suppress
from datetime import UTC, datetime

MAX_PENDING_BYTES = 4 * 1024 * 1024
"""How much may wait to be written. Beyond it lines are dropped."""

RETRY_SECONDS = 0.5
"""How often a writer that has dropped lines tries to report them."""

EXIT_SECONDS = 1.0
"""How long the end of the process waits for lines that are not written yet."""

_FILE_BYTES = 64 * 1024


class LogWriter:
    """Writes lines in a thread of its own. What can't be written is dropped, and counted.

    The count is reported in a line `log_lines_dropped`, as soon as a line can be written again.
    """

    def __init__(self, descriptor: int) -> None:
        self._descriptor = descriptor
        self._lines: deque[bytes] = deque()
        self._pending_bytes = 0
        # Reentrant: a destructor or a signal handler may log while its thread is logging.
        self._condition = threading.Condition(threading.RLock())
        self._thread: threading.Thread | None = None
        self._writing = False
        self._torn = False
        self._dropped = 0
        self._reported = 0
        self._batch_bytes = _batch_bytes(descriptor)
        atexit.register(self.flush, EXIT_SECONDS)

    @property
    def dropped(self) -> int:
        """How many lines were not written."""
        return self._dropped

    def write(self, line: str) -> None:
        """Hand over a line, without its end. Never waits for the file, never raises."""
        # A lone surrogate becomes an escape, which JSON reads as the same character.
        encoded = line.encode(errors="backslashreplace") + b"\n"
        with self._condition:
            if self._pending_bytes + len(encoded) > MAX_PENDING_BYTES:
                self._dropped += 1
            else:
                self._lines.append(encoded)
                self._pending_bytes += len(encoded)
            self._start()
            self._condition.notify_all()

    def flush(self, seconds: float) -> bool:
        """Wait until all lines are written or dropped; returns whether they were in time."""
        with self._condition:
            return self._condition.wait_for(self._is_idle, seconds)

    def _is_idle(self) -> bool:
        return not self._lines and not self._writing

    def _start(self) -> None:
        if self._thread is None:
            thread = threading.Thread(target=self._run, name="log", daemon=True)
            # Without room for a thread lines wait for the next one that is logged.
            with suppress(RuntimeError):
                thread.start()
                self._thread = thread

    def _run(self) -> None:
        while True:
            batch = self._take()
            if self._report_drops():
                self._write_batch(batch)
            else:
                self._count(batch)
            with self._condition:
                self._writing = False
                self._condition.notify_all()

    def _take(self) -> list[bytes]:
        """The next lines; none if only drops are to be reported."""
        with self._condition:
            unreported = self._dropped > self._reported
            self._condition.wait_for(lambda: self._lines, RETRY_SECONDS if unreported else None)
            batch: list[bytes] = []
            size = 0
            while self._lines and (not batch or size + len(self._lines[0]) <= self._batch_bytes):
                batch.append(self._lines.popleft())
                size += len(batch[-1])
            self._pending_bytes -= size
            self._writing = True
            return batch

    def _report_drops(self) -> bool:
        """Report what was dropped since the last report; returns whether the file takes lines."""
        dropped = self._dropped
        if dropped == self._reported:
            return True
        notice = plain_line("log_lines_dropped", "warning", count=dropped - self._reported)
        if not self._write(notice.encode() + b"\n"):
            return False
        self._reported = dropped
        return True

    def _write_batch(self, batch: list[bytes]) -> None:
        if batch and not self._write(b"".join(batch)):
            self._count(batch)

    def _count(self, batch: list[bytes]) -> None:
        with self._condition:
            self._dropped += len(batch)

    def _write(self, text: bytes) -> bool:
        """Whether all of it was written."""
        # What was written of a line that failed ends here, so that the next one can be parsed.
        rest = memoryview(b"\n" + text if self._torn else text)
        while rest:
            try:
                written = os.write(self._descriptor, rest)
            except BlockingIOError:
                # Whoever shares the descriptor made it non-blocking.
                ready = select.poll()
                ready.register(self._descriptor, select.POLLOUT)
                ready.poll()
            except OSError:
                return False
            else:
                self._torn = bytes(rest[written - 1 : written]) != b"\n"
                rest = rest[written:]
        return True


def _batch_bytes(descriptor: int) -> int:
    """How much one write may have: lines of several processes must not mix in a pipe (pipe(7))."""
    with suppress(OSError):
        if stat.S_ISREG(os.fstat(descriptor).st_mode):
            return _FILE_BYTES
    return select.PIPE_BUF


def plain_line(event: str, level: str, **fields: object) -> str:
    """A line made without structlog, of fields that JSON knows."""
    now = datetime.now(UTC).isoformat().replace("+00:00", "Z")
    return json.dumps({"event": event, "level": level, "timestamp": now, **fields})
