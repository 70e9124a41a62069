"""Coupon definitions and their counters."""

from collections.abc import Collection, Iterable
from typing import Any, TypedDict
from uuid import UUID

from sqlalchemy import (
    ColumnElement,
    exists,
    func,
    insert,
    literal_column,
    or_,
    select,
    true,
    update,
)
from sqlalchemy.ext.asyncio import AsyncConnection

from coupon_server.database import rows
from coupon_server.database.arrays import is_among
from coupon_server.database.paging import fetch_page
from coupon_server.database.statements import statements
from coupon_server.database.tables import (
    coupon_definitions,
    coupons,
    definition_counters,
)
from coupon_server.database.transactions import AnyConnection, driver_of
from coupon_server.domain.codes import fold
from coupon_server.domain.definition import (
    CouponDefinition,
    DefinitionStatus,
    LimitType,
    Usage,
)
from coupon_server.domain.errors import DomainError, Reason
from coupon_server.domain.paging import Page, PageRequest
from coupon_server.domain.triggers import AutoGenerate


class Locking(TypedDict, total=False):
    """A row lock in SQLAlchemy's words."""

    key_share: bool


FOR_NO_KEY_UPDATE = Locking(key_share=True)
FOR_UPDATE = Locking()

_SQL = statements(__name__, definition_columns=rows.DEFINITION_COLUMNS)
_FETCH_MANY = _SQL["fetch_many"]

DefinitionKey = tuple[UUID, UUID]
"""Tenant and definition."""

# As it is written in the condition of the indexes, which a bind is not.
_IS_WATCHING = (
    coupon_definitions.c.trigger_enabled,
    coupon_definitions.c.status == literal_column("'active'"),
)


async def fetch(
    connection: AsyncConnection, tenant_id: UUID, definition_id: UUID
) -> CouponDefinition:
    """The definition. Raises DEFINITION_NOT_FOUND."""
    return await _fetch(connection, tenant_id, definition_id)


async def lock_for_change(
    connection: AsyncConnection, tenant_id: UUID, definition_id: UUID
) -> CouponDefinition:
    """The definition, locked against other changes and against generation."""
    return await _fetch(connection, tenant_id, definition_id, FOR_NO_KEY_UPDATE)


async def lock_usage(connection: AsyncConnection, definition: CouponDefinition) -> None:
    """Lock the definition's usage; the caller has locked the definition for a change.

    Redemptions count under a lock of the counters, which is granted in order. Those limited per
    coupon of random codes do not lock the counters: locking the definition itself FOR UPDATE keeps
    them out, and a stream of redemptions may delay that lock.
    """
    if definition.config.usage_limit.limit_type is LimitType.PER_USER:
        await _fetch(connection, definition.tenant_id, definition.id, FOR_UPDATE)
    query = select(definition_counters.c.issued).where(
        *_counters(definition.tenant_id, definition.id)
    )
    await connection.execute(query.with_for_update())


async def lock_for_generation(
    connection: AsyncConnection, tenant_id: UUID, definition_id: UUID
) -> tuple[CouponDefinition, int]:
    """The definition and how many coupons it has issued, neither of which can change now.

    Redemptions go on meanwhile: they hold the definition's key alone. Those of a custom code
    can issue coupons, too, and wait.
    """
    definition = await _fetch(connection, tenant_id, definition_id, FOR_NO_KEY_UPDATE)
    query = select(definition_counters.c.issued).where(*_counters(tenant_id, definition_id))
    if definition.is_custom:
        query = query.with_for_update()
    return definition, await connection.scalar(query) or 0


async def fetch_issued(connection: AsyncConnection, tenant_id: UUID, definition_id: UUID) -> int:
    """How many coupons the definition has issued by now."""
    query = select(definition_counters.c.issued).where(*_counters(tenant_id, definition_id))
    return await connection.scalar(query) or 0


async def _fetch(
    connection: AsyncConnection,
    tenant_id: UUID,
    definition_id: UUID,
    locking: Locking | None = None,
) -> CouponDefinition:
    query = select(coupon_definitions).where(
        coupon_definitions.c.tenant_id == tenant_id, coupon_definitions.c.id == definition_id
    )
    if locking is not None:
        query = query.with_for_update(**locking)
    row = (await connection.execute(query)).mappings().one_or_none()
    if row is None:
        raise DomainError(Reason.DEFINITION_NOT_FOUND, "Coupon definition not found")
    return rows.definition(row)


async def fetch_many(
    connection: AnyConnection, keys: Collection[DefinitionKey]
) -> list[CouponDefinition]:
    """The definitions with these keys, in any order."""
    records = await _FETCH_MANY.fetch(
        await driver_of(connection),
        tenant_ids=[tenant_id for tenant_id, _ in keys],
        ids=[definition_id for _, definition_id in keys],
    )
    return [rows.definition(record) for record in records]


async def fetch_list(
    connection: AsyncConnection,
    tenant_id: UUID,
    status: DefinitionStatus | None,
    page: PageRequest,
) -> Page[CouponDefinition]:
    query = select(coupon_definitions).where(coupon_definitions.c.tenant_id == tenant_id)
    if status is not None:
        query = query.where(coupon_definitions.c.status == status)
    return await fetch_page(connection, query, coupon_definitions.c.id, page, rows.definition)


async def fetch_earnable(
    connection: AsyncConnection, tenant_id: UUID, page: PageRequest
) -> Page[CouponDefinition]:
    """Active definitions whose trigger is enabled."""
    query = select(coupon_definitions).where(
        coupon_definitions.c.tenant_id == tenant_id, *_IS_WATCHING
    )
    return await fetch_page(connection, query, coupon_definitions.c.id, page, rows.definition)


async def count_watching(connection: AsyncConnection, definition: CouponDefinition) -> int:
    """How many other active definitions watch what this one does, if it watches anything.

    Stands still while the caller holds the code space alone.
    """
    if (trigger := definition.watching) is None:
        return 0
    query = (
        select(func.count())
        .select_from(coupon_definitions)
        .where(
            coupon_definitions.c.tenant_id == definition.tenant_id,
            coupon_definitions.c.trigger_kind == trigger.kind,
            coupon_definitions.c.trigger_target == trigger.target,
            coupon_definitions.c.id != definition.id,
            *_IS_WATCHING,
        )
    )
    return await connection.scalar(query) or 0


async def add(connection: AsyncConnection, definition: CouponDefinition) -> None:
    await connection.execute(
        insert(coupon_definitions).values(
            tenant_id=definition.tenant_id,
            id=definition.id,
            created_at=definition.created_at,
            **_values(definition),
        )
    )
    await connection.execute(
        insert(definition_counters).values(
            tenant_id=definition.tenant_id, definition_id=definition.id, issued=0, used=0
        )
    )


async def change(connection: AsyncConnection, definition: CouponDefinition) -> None:
    """Store the definition; the caller holds its lock."""
    await connection.execute(
        update(coupon_definitions)
        .where(
            coupon_definitions.c.tenant_id == definition.tenant_id,
            coupon_definitions.c.id == definition.id,
        )
        .values(**_values(definition))
    )


def _values(definition: CouponDefinition) -> dict[str, Any]:
    config = definition.config
    custom = definition.is_custom
    return {
        "revision": definition.revision,
        "name": definition.name,
        "description": definition.description,
        "status": definition.status,
        "updated_at": definition.updated_at,
        "archived_at": definition.archived_at,
        "reward_item_id": config.reward_item_id,
        "code_format": config.code_format,
        "code_prefix": config.code_prefix,
        "code_length": config.code_length,
        "custom_code": config.custom_code if custom else None,
        "custom_code_folded": fold(config.custom_code) if custom else None,
        "case_sensitive": config.case_sensitive,
        "starts_at": config.starts_at,
        "expires_at": config.expires_at,
        "valid_for": config.valid_for,
        "limit_type": config.usage_limit.limit_type,
        "max_uses": config.usage_limit.max_uses,
        "max_uses_per_user": config.max_uses_per_user,
        "issue_limit": config.issue_limit,
        "issue_limit_per_user": config.issue_limit_per_user,
        "assigned_only": config.assigned_only,
        **_trigger_values(config.auto_generate),
    }


def _trigger_values(auto_generate: AutoGenerate | None) -> dict[str, Any]:
    return {
        "trigger_kind": auto_generate.kind if auto_generate else None,
        "trigger_enabled": auto_generate.enabled if auto_generate else False,
        "trigger_target": auto_generate.target if auto_generate else None,
        "trigger_threshold": auto_generate.threshold if auto_generate else None,
    }


def _counters(tenant_id: UUID, definition_id: UUID) -> tuple[ColumnElement[bool], ...]:
    """The row of the definition's counters."""
    columns = definition_counters.c
    return columns.tenant_id == tenant_id, columns.definition_id == definition_id


async def usage(connection: AsyncConnection, definition: CouponDefinition) -> Usage:
    """What is issued and used; stands still under `lock_usage` alone."""
    counters = (
        await connection.execute(
            select(definition_counters.c.issued, definition_counters.c.used).where(
                *_counters(definition.tenant_id, definition.id)
            )
        )
    ).one()
    match definition.config.usage_limit.limit_type:
        case LimitType.GLOBAL:
            used = counters.used
        case LimitType.PER_USER:
            used = await connection.scalar(
                select(func.coalesce(func.max(coupons.c.used), 0)).where(
                    coupons.c.tenant_id == definition.tenant_id,
                    coupons.c.definition_id == definition.id,
                )
            )
        case LimitType.UNLIMITED:
            used = 0
    return Usage(issued=counters.issued, used=used)


async def check_custom_code_free(connection: AsyncConnection, definition: CouponDefinition) -> None:
    """Raise CODE_TAKEN when the custom code could be taken for another of the tenant's.

    The caller holds the code space. Codes of archived definitions are free.
    """
    code = definition.config.custom_code
    folded = fold(code)
    other = coupon_definitions
    ambiguous = (
        or_(~other.c.case_sensitive, other.c.custom_code == code)
        if definition.config.case_sensitive
        else true()
    )
    by_definition = exists().where(
        other.c.tenant_id == definition.tenant_id,
        other.c.custom_code_folded == folded,
        other.c.status != DefinitionStatus.ARCHIVED,
        other.c.id != definition.id,
        ambiguous,
    )
    by_coupon = exists().where(
        coupons.c.tenant_id == definition.tenant_id, coupons.c.code_folded == folded
    )
    if await connection.scalar(select(or_(by_definition, by_coupon))):
        raise DomainError(
            Reason.CODE_TAKEN, "config.custom_code is in use", field="config.custom_code"
        )


async def taken_custom_codes(
    connection: AsyncConnection, tenant_id: UUID, folded: Iterable[str]
) -> set[str]:
    """Which of these folded codes are custom codes of the tenant's live definitions."""
    result = await connection.scalars(
        select(coupon_definitions.c.custom_code_folded).where(
            coupon_definitions.c.tenant_id == tenant_id,
            coupon_definitions.c.status != DefinitionStatus.ARCHIVED,
            is_among(coupon_definitions.c.custom_code_folded, folded),
        )
    )
    return set(result)
