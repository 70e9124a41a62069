"""Immutable versions of definitions and reward items, kept in memory.

A definition's revision and a reward item's version never change once they are written,
so what was read once is true for ever, on every server.
"""

from collections.abc import Iterable
from typing import TypeVar
from uuid import UUID

from coupon_server.database import rows
from coupon_server.database.driver_pool import DriverConnection
from coupon_server.database.statements import statements
from coupon_server.database.transactions import RowsChanged
from coupon_server.domain.definition import CouponDefinition
from coupon_server.domain.rewards import RewardItem
from coupon_server.lru import LruCache

Key = TypeVar("Key")
Value = TypeVar("Value")

DefinitionRevision = tuple[UUID, UUID, int]
"""Tenant, definition, revision."""
ItemVersion = tuple[UUID, UUID, int]
"""Tenant, reward item, version."""

_SQL = statements(__name__, definition_columns=rows.DEFINITION_COLUMNS)
_DEFINITIONS = _SQL["definitions"]
_REWARD_ITEMS = _SQL["reward_items"]


class Snapshots:
    """The versions that redemptions need, at most `capacity` of each kind."""

    def __init__(self, capacity: int = 256) -> None:
        self._definitions = LruCache[DefinitionRevision, CouponDefinition](capacity)
        self._reward_items = LruCache[ItemVersion, RewardItem](capacity)

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
            records = await _DEFINITIONS.fetch(
                connection,
                tenant_ids=[tenant_id for tenant_id, _, _ in missing],
                ids=[definition_id for _, definition_id, _ in missing],
            )
            for definition in map(rows.definition, records):
                key = (definition.tenant_id, definition.id, definition.revision)
                definitions[key] = definition
                self._definitions.put(key, definition)
            if not keys <= definitions.keys():
                raise RowsChanged
        return definitions

    async def reward_items(
        self, connection: DriverConnection, versions: Iterable[ItemVersion]
    ) -> dict[ItemVersion, RewardItem]:
        """These versions of reward items."""
        keys = set(versions)
        items = _remembered(self._reward_items, keys)
        missing = keys - items.keys()
        if missing:
            records = await _REWARD_ITEMS.fetch(
                connection,
                tenant_ids=[tenant_id for tenant_id, _, _ in missing],
                item_ids=[item_id for _, item_id, _ in missing],
                versions=[version for _, _, version in missing],
            )
            for item in map(rows.reward_item, records):
                items[item.tenant_id, item.item_id, item.version] = item
                self._reward_items.put((item.tenant_id, item.item_id, item.version), item)
        return items


def _remembered(cache: LruCache[Key, Value], keys: Iterable[Key]) -> dict[Key, Value]:
    looked_up = ((key, cache.get(key)) for key in keys)
    return {key: value for key, value in looked_up if value is not None}
