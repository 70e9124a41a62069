"""Immutable versions of definitions and reward items, kept in memory.

A definition's revision and a reward item's version never change once they are written,
so what was read once is true for ever, on every server.
"""

from collections.abc import Iterable
from typing import TypeVar
from uuid import UUID

from coupon_server.database import rows
from coupon_server.database.driver_pool import DriverConnection
from coupon_server.database.rows import DriverRow
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

_DEFINITIONS = """
SELECT d.* FROM coupon_definitions d
WHERE (d.tenant_id, d.id) IN (SELECT * FROM unnest($1::uuid[], $2::uuid[]))
"""

_REWARD_ITEMS = """
SELECT v.*, i.created_at
FROM reward_item_versions v
JOIN reward_items i ON i.tenant_id = v.tenant_id AND i.item_id = v.item_id
WHERE (v.tenant_id, v.item_id, v.version)
    IN (SELECT * FROM unnest($1::uuid[], $2::uuid[], $3::int[]))
"""


class Snapshots:
    """The versions that redemptions need, at most `capacity` of each kind."""

    def __init__(self, capacity: int = 256) -> None:
        self._definitions = LruCache[DefinitionRevision, CouponDefinition](capacity)
        self._reward_items = LruCache[ItemVersion, RewardItem](capacity)

    async def definitions(
        self, connection: DriverConnection, wanted: Iterable[DefinitionRevision]
    ) -> dict[DefinitionRevision, CouponDefinition]:
        """These revisions of definitions.

        Raises RowsChanged when one has been replaced since it was read.
        """
        keys = set(wanted)
        found = _remembered(self._definitions, keys)
        missing = keys - found.keys()
        if missing:
            tenants, ids, _ = zip(*missing, strict=True)
            records = await connection.fetch(_DEFINITIONS, tenants, ids, record_class=DriverRow)
            for definition in map(rows.definition, records):
                key = (definition.tenant_id, definition.id, definition.revision)
                found[key] = definition
                self._definitions.put(key, definition)
            if not keys <= found.keys():
                raise RowsChanged
        return found

    async def reward_items(
        self, connection: DriverConnection, wanted: Iterable[ItemVersion]
    ) -> dict[ItemVersion, RewardItem]:
        """These versions of reward items."""
        keys = set(wanted)
        found = _remembered(self._reward_items, keys)
        missing = keys - found.keys()
        if missing:
            columns = zip(*missing, strict=True)
            records = await connection.fetch(_REWARD_ITEMS, *columns, record_class=DriverRow)
            for item in map(rows.reward_item, records):
                found[item.tenant_id, item.item_id, item.version] = item
                self._reward_items.put((item.tenant_id, item.item_id, item.version), item)
        return found


def _remembered(cache: LruCache[Key, Value], keys: Iterable[Key]) -> dict[Key, Value]:
    looked_up = ((key, cache.get(key)) for key in keys)
    return {key: value for key, value in looked_up if value is not None}
