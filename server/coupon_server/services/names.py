"""Resolving host names, in threads of their own: a name that hangs holds up nothing else."""

import asyncio
import socket
from collections.abc import Callable, Sequence
from contextlib import suppress
from threading import Thread
from typing import Any

MAX_LOOKUPS = 256
"""So many names can be waited for at once; a name takes one thread, however many wait for it.
Further names fail at once."""

Lookup = Callable[[str, int, int], Sequence[tuple[Any, ...]]]
"""Resolves host, port and address family, as `socket.getaddrinfo` does."""

_Question = tuple[str, int, int]
_Answer = asyncio.Future[Sequence[tuple[Any, ...]]]


class Names:
    """The system's resolver, or another one."""

    def __init__(self, lookup: Lookup | None = None) -> None:
        self._lookup = lookup or _system_lookup
        self._running: dict[_Question, _Answer] = {}

    async def resolve(
        self, host: str, port: int = 0, family: int = socket.AF_UNSPEC
    ) -> list[tuple[socket.AddressFamily, str]]:
        """The host's addresses, with their families; raises OSError."""
        # Whoever gives up leaves the lookup to the others: a thread can't be stopped anyway.
        found = await asyncio.shield(self._shared_lookup((host, port, family)))
        return [(found_family, name[0]) for found_family, _, _, _, name in found]

    def _shared_lookup(self, question: _Question) -> _Answer:
        if question not in self._running:
            if len(self._running) >= MAX_LOOKUPS:
                raise OSError("too many names are being resolved")
            answer: _Answer = asyncio.get_running_loop().create_future()
            self._running[question] = answer
            answer.add_done_callback(lambda _: self._running.pop(question))
            # A daemon: a name that hangs does not keep the process from ending.
            arguments = (self._lookup, question, answer, asyncio.get_running_loop())
            Thread(target=_answer, args=arguments, name="resolver", daemon=True).start()
        return self._running[question]


def _answer(
    lookup: Lookup, question: _Question, answer: _Answer, loop: asyncio.AbstractEventLoop
) -> None:
    try:
        found = lookup(*question)
    except Exception as error:
        failure: Exception | None = error
    else:
        failure = None

    def settle() -> None:
        if answer.done():
            return
        if failure is None:
            answer.set_result(found)
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
