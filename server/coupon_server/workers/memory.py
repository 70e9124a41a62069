"""Gives back to the system what a burst of large messages has left behind."""

import asyncio
import ctypes
import resource
from collections.abc import Callable
from pathlib import Path

TRIM_SECONDS = 5.0
GROWTH_BYTES = 32 * 1024 * 1024
"""So much more in memory than after the last time is worth a look for what is free."""


class FreeMemory:
    """The free memory that the C library keeps (malloc_trim(3)).

    It gives back by itself only what lies at the end of its heaps, so that one small object keeps
    all that was freed below it. Does nothing where there is no such function, or no `/proc`.
    """

    def __init__(self) -> None:
        self._trim: Callable[[int], int] | None = getattr(ctypes.CDLL(None), "malloc_trim", None)
        # What the start leaves behind is given back as well.
        self._settled = 0

    async def trim(self) -> None:
        """Give it back, if the process has grown since the last time."""
        if self._trim is None or _resident_bytes() < self._settled + GROWTH_BYTES:
            return
        # It takes milliseconds, and holds no lock of Python's.
        await asyncio.to_thread(self._trim, 0)
        self._settled = _resident_bytes()


def _resident_bytes() -> int:
    try:
        # proc_pid_statm(5): the size, then the resident set, in pages.
        pages = int(Path("/proc/self/statm").read_text().split()[1])
    except OSError:
        return 0
    return pages * resource.getpagesize()
