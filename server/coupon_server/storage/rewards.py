"""Reward items and their versions."""

from collections.abc import Collection, Iterable
from datetime import datetime
from typing import Any
from uuid import UUID

from sqlalchemy import Select, Text, and_, cast, exists, insert, select, tuple_, update
from sqlalchemy.ext.asyncio import AsyncConnection

from coupon_server.database import rows
from coupon_server.database.paging import converted, fetch_page
from coupon_server.database.statements import statements
from coupon_server.database.tables import coupon_definitions, reward_item_versions, reward_items
from coupon_server.database.transactions import AnyConnection, driver_of
from coupon_server.domain.definition import DefinitionStatus
from coupon_server.domain.errors import DomainError, Reason
from coupon_server.domain.paging import Page, PageRequest
from coupon_server.domain.rewards import RewardItem

Version = tuple[UUID, UUID, int]
"""A version's key: tenant, item, version."""

_SQL = statements(__name__)
_FETCH_VERSIONS = _SQL["fetch_versions"]

# As text, which `rows.reward_item` parses row by row.
_PAYLOAD = cast(reward_item_versions.c.payload, Text).label("payload")
_COLUMNS = [column for column in reward_item_versions.c if column.name != "payload"]


def _current(tenant_id: UUID) -> Select[Any]:
    return (
        select(*_COLUMNS, _PAYLOAD, reward_items.c.created_at)
        .join(
            reward_items,
            and_(
                reward_items.c.tenant_id == reward_item_versions.c.tenant_id,
                reward_items.c.item_id == reward_item_versions.c.item_id,
                reward_items.c.version == reward_item_versions.c.version,
            ),
        )
        .where(reward_items.c.tenant_id == tenant_id, reward_items.c.deleted_at.is_(None))
    )


async def fetch(connection: AsyncConnection, tenant_id: UUID, item_id: UUID) -> RewardItem:
    """The item as it is now. Raises REWARD_ITEM_NOT_FOUND."""
    query = _current(tenant_id).where(reward_items.c.item_id == item_id)
    row = (await connection.execute(query)).mappings().one_or_none()
    if row is None:
        raise not_found()
    return rows.reward_item(row)


async def lock(
    connection: AsyncConnection, tenant_id: UUID, item_id: UUID, *, share: bool = False
) -> RewardItem:
    """The item, locked against changes; shared by those who only need it to stay."""
    query = (
        select(reward_items.c.item_id)
        .where(reward_items.c.tenant_id == tenant_id, reward_items.c.item_id == item_id)
        .with_for_update(read=share)
    )
    await connection.execute(query)
    return await fetch(connection, tenant_id, item_id)


async def fetch_versions(
    connection: AnyConnection, versions: Collection[Version]
) -> list[RewardItem]:
    """These versions, of deleted items too, in any order."""
    records = await _FETCH_VERSIONS.fetch(
        await driver_of(connection),
        tenant_ids=[tenant_id for tenant_id, _, _ in versions],
        item_ids=[item_id for _, item_id, _ in versions],
        versions=[version for _, _, version in versions],
    )
    return await converted(records, rows.reward_item)


async def fetch_names(
    connection: AsyncConnection, versions: Iterable[Version]
) -> dict[Version, str]:
    """What these versions are called, without what they grant."""
    table = reward_item_versions.c
    key = tuple_(table.tenant_id, table.item_id, table.version)
    result = await connection.execute(
        select(table.tenant_id, table.item_id, table.version, table.name).where(
            key.in_(list(versions))
        )
    )
    return {(row.tenant_id, row.item_id, row.version): row.name for row in result}


async def current_versions(
    connection: AsyncConnection, tenant_id: UUID, item_ids: Iterable[UUID]
) -> dict[UUID, int]:
    """The items' current versions, those of deleted items too."""
    result = await connection.execute(
        select(reward_items.c.item_id, reward_items.c.version).where(
            reward_items.c.tenant_id == tenant_id, reward_items.c.item_id.in_(list(item_ids))
        )
    )
    return {row.item_id: row.version for row in result}


async def fetch_list(
    connection: AsyncConnection, tenant_id: UUID, page: PageRequest
) -> Page[RewardItem]:
    return await fetch_page(
        connection, _current(tenant_id), reward_items.c.item_id, page, rows.reward_item
    )


async def add(connection: AsyncConnection, item: RewardItem) -> None:
    await connection.execute(
        insert(reward_items).values(
            tenant_id=item.tenant_id,
            item_id=item.item_id,
            version=item.version,
            created_at=item.created_at,
        )
    )
    await _add_version(connection, item)


async def change(connection: AsyncConnection, item: RewardItem) -> None:
    """Store the next version; the caller holds the item's lock."""
    await connection.execute(
        update(reward_items)
        .where(reward_items.c.tenant_id == item.tenant_id, reward_items.c.item_id == item.item_id)
        .values(version=item.version)
    )
    await _add_version(connection, item)


async def _add_version(connection: AsyncConnection, item: RewardItem) -> None:
    await connection.execute(
        insert(reward_item_versions).values(
            tenant_id=item.tenant_id,
            item_id=item.item_id,
            version=item.version,
            name=item.name,
            description=item.description,
            reward_type=item.reward_type,
            payload=item.payload,
            updated_at=item.updated_at,
        )
    )


async def is_used(connection: AsyncConnection, tenant_id: UUID, item_id: UUID) -> bool:
    """Whether a definition that is not archived grants the item."""
    query = exists().where(
        coupon_definitions.c.tenant_id == tenant_id,
        coupon_definitions.c.reward_item_id == item_id,
        coupon_definitions.c.status != DefinitionStatus.ARCHIVED,
    )
    return bool(await connection.scalar(select(query)))


async def delete(
    connection: AsyncConnection, tenant_id: UUID, item_id: UUID, now: datetime
) -> None:
    """Mark the item deleted; its versions stay for the ledger."""
    await connection.execute(
        update(reward_items)
        .where(reward_items.c.tenant_id == tenant_id, reward_items.c.item_id == item_id)
        .values(deleted_at=now)
    )


def not_found() -> DomainError:
    return DomainError(Reason.REWARD_ITEM_NOT_FOUND, "Reward item not found")
