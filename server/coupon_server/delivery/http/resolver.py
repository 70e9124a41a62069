"""Resolving host names, in threads of their own: a name that hangs holds up nothing else."""

import asyncio
import socket
from collections import Counter
from collections.abc import Callable, Sequence
from contextlib import suppress
from itertools import islice
from threading import Thread
from typing import Any
from uuid import UUID

MAX_LOOKUPS = 256
"""So many names can be waited for at once; a name takes one thread, however many wait for it.
Further names fail at once."""

MAX_TENANT_LOOKUPS = 32
"""So many of them can be one tenant's, whose names may be made to hang."""

MAX_ADDRESSES = 8
"""The most addresses of a name that count. A name can have thousands, in one answer."""

Lookup = Callable[[str, int, int], Sequence[tuple[Any, ...]]]
"""Resolves host, port and address family, as `socket.getaddrinfo` does."""

Addresses = list[tuple[socket.AddressFamily, str]]

_Answer = asyncio.Future[Addresses]


class TooManyLookups(OSError):
    """The tenant, or all together, wait for as many names as they may."""


class Names:
    """The system's resolver, or another one."""

    def __init__(self, lookup: Lookup | None = None) -> None:
        self._lookup = lookup or _system_lookup
        self._running: dict[str, _Answer] = {}
        self._started: Counter[UUID] = Counter()

    async def resolve(self, tenant_id: UUID, host: str) -> Addresses:
        """The host's first `MAX_ADDRESSES` addresses, with their families, for a tenant.

        Raises OSError, and UnicodeError for what can be no host.
        """
        # Whoever gives up leaves the lookup to the others: a thread can't be stopped anyway.
        return await asyncio.shield(self._running.get(host) or self._start(tenant_id, host))

    def _start(self, tenant_id: UUID, host: str) -> _Answer:
        if len(self._running) >= MAX_LOOKUPS or self._started[tenant_id] >= MAX_TENANT_LOOKUPS:
            raise TooManyLookups("too many names are being resolved")
        loop = asyncio.get_running_loop()
        answer: _Answer = loop.create_future()
        self._running[host] = answer
        self._started[tenant_id] += 1

        def done(_: object) -> None:
            del self._running[host]
            self._started[tenant_id] -= 1
            if not self._started[tenant_id]:
                del self._started[tenant_id]

        answer.add_done_callback(done)
        # A daemon: a name that hangs does not keep the process from ending.
        arguments = (self._lookup, host, answer, loop)
        Thread(target=_answer, args=arguments, name="resolver", daemon=True).start()
        return answer


def _answer(lookup: Lookup, host: str, answer: _Answer, loop: asyncio.AbstractEventLoop) -> None:
    try:
        found = islice(lookup(host, 0, socket.AF_UNSPEC), MAX_ADDRESSES)
        addresses = [(family, name[0]) for family, _, _, _, name in found]
    except Exception as error:
        failure: Exception | None = error
    else:
        failure = None

    def settle() -> None:
        if answer.done():
            return
        if failure is None:
            answer.set_result(addresses)
        else:
            answer.set_exception(failure)
            # Whoever asked may have given up.
            answer.exception()

    # The loop may have ended meanwhile.
    with suppress(RuntimeError):
        loop.call_soon_threadsafe(settle)


def _system_lookup(host: str, port: int, family: int) -> Sequence[tuple[Any, ...]]:
    return socket.getaddrinfo(
        host, port, family=family, type=socket.SOCK_STREAM, flags=socket.AI_ADDRCONFIG
    )
