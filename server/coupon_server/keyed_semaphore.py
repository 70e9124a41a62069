"""A keyed semaphore: a limit per key, so that one key's callers don't starve the others."""

import asyncio
from collections.abc import Hashable
from typing import Generic, TypeVar
from weakref import WeakValueDictionary

Key = TypeVar("Key", bound=Hashable)


class KeyedSemaphore(Generic[Key]):
    """Admits `limit` concurrent callers of each key; the others wait in order of arrival."""

    def __init__(self, limit: int) -> None:
        self._limit = limit
        # A semaphore exists for as long as its key has callers.
        self._semaphores: WeakValueDictionary[Key, asyncio.Semaphore] = WeakValueDictionary()

    def of(self, key: Key) -> asyncio.Semaphore:
        """The semaphore of a key, to be held (`async with`)."""
        semaphore = self._semaphores.get(key)
        if semaphore is None:
            semaphore = self._semaphores[key] = asyncio.Semaphore(self._limit)
        return semaphore
