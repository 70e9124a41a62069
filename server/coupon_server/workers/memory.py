"""Returns free heap memory to the system, after a burst of large messages."""

import asyncio
import ctypes
import resource
from collections.abc import Callable
from pathlib import Path

TRIM_SECONDS = 5.0
GROWTH_BYTES = 32 * 1024 * 1024
"""How much the resident set must have grown since the last trim to trim again."""


class FreeMemory:
    """The free memory that the C library keeps (malloc_trim(3)).

    By itself the C library returns only memory at the end of a heap: one small object retains
    everything freed below it. Does nothing where there is no such function, or no `/proc`.
    """

    def __init__(self) -> None:
        self._trim: Callable[[int], int] | None = getattr(ctypes.CDLL(None), "malloc_trim", None)
        # 0: the first call trims what start-up left.
        self._resident_after_trim = 0

    async def trim(self) -> None:
        """Return free memory to the system, if the process has grown since the last trim."""
        if self._trim is None or _resident_bytes() < self._resident_after_trim + GROWTH_BYTES:
            return
        # It takes milliseconds, and holds no lock of Python's.
        await asyncio.to_thread(self._trim, 0)
        self._resident_after_trim = _resident_bytes()


def _resident_bytes() -> int:
    try:
        # proc_pid_statm(5): the size, then the resident set, in pages.
        pages = int(Path("/proc/self/statm").read_text().split()[1])
    except OSError:
        return 0
    return pages * resource.getpagesize()
