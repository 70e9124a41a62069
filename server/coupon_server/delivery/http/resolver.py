"""Resolves host names, each in a thread of its own, so that a slow name blocks no other."""

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
"""The most lookups in flight; concurrent requests for one name share a lookup. Further names fail
at once."""

MAX_TENANT_LOOKUPS = 32
"""The most lookups of one tenant, which controls how long its names take to resolve."""

MAX_ADDRESSES = 8
"""The most addresses of a name that are used. A response can hold thousands."""

Lookup = Callable[[str, int, int], Sequence[tuple[Any, ...]]]
"""Resolves host, port and address family, as `socket.getaddrinfo` does."""

Addresses = list[tuple[socket.AddressFamily, str]]

_Answer = asyncio.Future[Addresses]


class TooManyLookups(OSError):
    """The tenant, or all tenants together, have reached the limit of lookups in flight."""


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
        # A cancelled caller does not cancel the lookup: others share it, and a thread can't be
        # stopped.
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
        # A daemon thread, so that a lookup that hangs does not keep the process from exiting.
        arguments = (self._lookup, host, answer, loop)
        Thread(target=_answer, args=arguments, name="resolver", daemon=True).start()
        return answer


def _answer(lookup: Lookup, host: str, answer: _Answer, loop: asyncio.AbstractEventLoop) -> None:
    try:
        records = islice(lookup(host, 0, socket.AF_UNSPEC), MAX_ADDRESSES)
        addresses = [(family, name[0]) for family, _, _, _, name in records]
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
            # The caller may be cancelled: mark the exception as retrieved.
            answer.exception()

    # The loop may have ended meanwhile.
    with suppress(RuntimeError):
        loop.call_soon_threadsafe(settle)


def _system_lookup(host: str, port: int, family: int) -> Sequence[tuple[Any, ...]]:
    return socket.getaddrinfo(
        host, port, family=family, type=socket.SOCK_STREAM, flags=socket.AI_ADDRCONFIG
    )
