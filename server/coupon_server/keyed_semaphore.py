"""Whose turn it is, where callers of one kind must not crowd out the others."""

import asyncio
from collections.abc import Hashable
from typing import Generic, TypeVar
from weakref import WeakValueDictionary

Key = TypeVar("Key", bound=Hashable)


class Turns(Generic[Key]):
    """Lets `most` callers of a key go on at a time; the others wait, first come first served."""

    def __init__(self, most: int) -> None:
        self._most = most
        # Kept for as long as a key has callers.
        self._turns: WeakValueDictionary[Key, asyncio.Semaphore] = WeakValueDictionary()

    def of(self, key: Key) -> asyncio.Semaphore:
        """What a caller holds (`async with`) during its turn."""
        turn = self._turns.get(key)
        if turn is None:
            turn = self._turns[key] = asyncio.Semaphore(self._most)
        return turn
