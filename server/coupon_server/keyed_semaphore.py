"""Semaphores by key, so that callers of one kind don't crowd out the others."""

import asyncio
from collections.abc import Hashable
from typing import Generic, TypeVar
from weakref import WeakValueDictionary

Key = TypeVar("Key", bound=Hashable)


class KeyedSemaphore(Generic[Key]):
    """Admits `limit` holders of a key at a time; the others wait, first come, first served."""

    def __init__(self, limit: int) -> None:
        self._limit = limit
        # Kept for as long as a key has callers.
        self._semaphores: WeakValueDictionary[Key, asyncio.Semaphore] = WeakValueDictionary()

    def of(self, key: Key) -> asyncio.Semaphore:
        """The semaphore of a key, to be held (`async with`)."""
        semaphore = self._semaphores.get(key)
        if semaphore is None:
            semaphore = self._semaphores[key] = asyncio.Semaphore(self._limit)
        return semaphore
