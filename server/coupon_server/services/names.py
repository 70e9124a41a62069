"""Resolving host names, in threads of their own: a name that hangs holds up nothing else."""

import asyncio
import socket
from collections.abc import Callable, Sequence
from concurrent.futures import ThreadPoolExecutor
from typing import Any

THREADS = 32
"""So many names that do not resolve can be waited for at once without delaying others."""

Lookup = Callable[[str, int, int], Sequence[tuple[Any, ...]]]
"""Resolves host, port and address family, as `socket.getaddrinfo` does."""


class Names:
    """The system's resolver, or another one."""

    def __init__(self, lookup: Lookup | None = None) -> None:
        self._lookup = lookup or _system_lookup
        self._threads = ThreadPoolExecutor(THREADS, thread_name_prefix="resolver")

    async def resolve(
        self, host: str, port: int = 0, family: int = socket.AF_UNSPEC
    ) -> list[tuple[socket.AddressFamily, str]]:
        """The host's addresses, with their families; raises OSError."""
        loop = asyncio.get_running_loop()
        found = await loop.run_in_executor(self._threads, self._lookup, host, port, family)
        return [(found_family, name[0]) for found_family, _, _, _, name in found]

    def close(self) -> None:
        self._threads.shutdown(wait=False, cancel_futures=True)


def _system_lookup(host: str, port: int, family: int) -> Sequence[tuple[Any, ...]]:
    return socket.getaddrinfo(
        host, port, family=family, type=socket.SOCK_STREAM, flags=socket.AI_ADDRCONFIG
    )
