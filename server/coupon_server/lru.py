"""A bounded mapping that evicts the least recently used entries."""

from collections import OrderedDict
from collections.abc import Callable
from typing import Any, Generic, TypeVar
from weakref import WeakSet

K = TypeVar("K")
V = TypeVar("V")


_caches: "WeakSet[LruCache[Any, Any]]" = WeakSet()


def clear_all() -> None:
    """Clear every cache of the process."""
    for cache in tuple(_caches):
        cache.clear()


class LruCache(Generic[K, V]):
    """Holds entries up to `capacity`. Unlike `functools.lru_cache` it can be filled later.

    An entry weighs 1, or what `weigh` returns for it, such as its bytes. An entry that exceeds the
    capacity by itself is not kept.
    """

    def __init__(self, capacity: int, weigh: Callable[[V], int] = lambda _: 1) -> None:
        self._capacity = capacity
        self._weigh = weigh
        self._weight = 0
        self._entries: OrderedDict[K, V] = OrderedDict()
        _caches.add(self)

    def get(self, key: K) -> V | None:
        """The entry, which counts as a use, or None."""
        value = self._entries.get(key)
        if value is not None:
            self._entries.move_to_end(key)
        return value

    def put(self, key: K, value: V) -> None:
        """Adds or replaces an entry, and drops the least recently used ones beyond capacity."""
        replaced = self._entries.pop(key, None)
        if replaced is not None:
            self._weight -= self._weigh(replaced)
        self._entries[key] = value
        self._weight += self._weigh(value)
        while self._weight > self._capacity:
            _, dropped = self._entries.popitem(last=False)
            self._weight -= self._weigh(dropped)

    def clear(self) -> None:
        """Forgets everything."""
        self._entries.clear()
        self._weight = 0
