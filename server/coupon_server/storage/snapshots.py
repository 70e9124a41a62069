"""Immutable versions of definitions and reward items, kept in memory.

A definition's revision and a reward item's version never change once they are written,
so what was read once is true for ever, on every server.
"""

from collections.abc import Iterable
from typing import TypeVar
from uuid import UUID

from coupon_server.database.driver import DriverConnection
from coupon_server.database.transactions import RowsChanged
from coupon_server.domain.definition import CouponDefinition
from coupon_server.domain.rewards import RewardItem
from coupon_server.lru import LruCache
from coupon_server.storage.definitions import fetch_many
from coupon_server.storage.rewards import Version, fetch_versions

Key = TypeVar("Key")
Value = TypeVar("Value")

DefinitionRevision = tuple[UUID, UUID, int]
"""Tenant, definition, revision."""


class Snapshots:
    """The versions that redemptions need, at most `capacity` of each kind."""

    def __init__(self, capacity: int = 256) -> None:
        self._definitions = LruCache[DefinitionRevision, CouponDefinition](capacity)
        self._reward_items = LruCache[Version, RewardItem](capacity)

    async def definitions(
        self, connection: DriverConnection, revisions: Iterable[DefinitionRevision]
    ) -> dict[DefinitionRevision, CouponDefinition]:
        """These revisions of definitions.

        Raises RowsChanged when one has been replaced since it was read.
        """
        keys = set(revisions)
        definitions = _remembered(self._definitions, keys)
        missing = keys - definitions.keys()
        if missing:
            current = [(tenant_id, definition_id) for tenant_id, definition_id, _ in missing]
            for definition in await fetch_many(connection, current):
                key = (definition.tenant_id, definition.id, definition.revision)
                definitions[key] = definition
                self._definitions.put(key, definition)
            if not keys <= definitions.keys():
                raise RowsChanged
        return definitions

    async def reward_items(
        self, connection: DriverConnection, versions: Iterable[Version]
    ) -> dict[Version, RewardItem]:
        """These versions of reward items."""
        keys = set(versions)
        items = _remembered(self._reward_items, keys)
        missing = keys - items.keys()
        if missing:
            for item in await fetch_versions(connection, missing):
                items[item.tenant_id, item.item_id, item.version] = item
                self._reward_items.put((item.tenant_id, item.item_id, item.version), item)
        return items


def _remembered(cache: LruCache[Key, Value], keys: Iterable[Key]) -> dict[Key, Value]:
    looked_up = ((key, cache.get(key)) for key in keys)
    return {key: value for key, value in looked_up if value is not None}
