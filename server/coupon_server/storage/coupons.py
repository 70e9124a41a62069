"""Issued coupons: lists, single ones, revocation, counts by status."""

from collections.abc import Iterable, Sequence
from datetime import datetime
from typing import Any
from uuid import UUID

from sqlalchemy import ColumnElement, Select, and_, any_, case, func, or_, select, update
from sqlalchemy.ext.asyncio import AsyncConnection

from coupon_server.database import rows
from coupon_server.database.arrays import is_among
from coupon_server.database.paging import fetch_page
from coupon_server.database.tables import coupon_definitions, coupons, user_counters
from coupon_server.domain.codes import TypedCode
from coupon_server.domain.coupon import Coupon, CouponFilter, CouponStatus
from coupon_server.domain.definition import LimitType
from coupon_server.domain.paging import Page, PageRequest

_with_definition = coupons.join(
    coupon_definitions,
    and_(
        coupon_definitions.c.tenant_id == coupons.c.tenant_id,
        coupon_definitions.c.id == coupons.c.definition_id,
    ),
)


def status_is(now: datetime) -> ColumnElement[str]:
    """`Coupon.status` as SQL."""
    spent = and_(
        coupon_definitions.c.limit_type == LimitType.PER_USER,
        coupons.c.used >= coupon_definitions.c.max_uses,
    )
    # least() passes over NULL, and a comparison with NULL is not true: never expired.
    expires_at = func.least(coupons.c.valid_until, coupon_definitions.c.expires_at)
    return case(
        (coupons.c.revoked_at.is_not(None), CouponStatus.REVOKED),
        (spent, CouponStatus.REDEEMED),
        (expires_at < now, CouponStatus.EXPIRED),
        else_=CouponStatus.ACTIVE,
    )


async def fetch_list(
    connection: AsyncConnection, coupon_filter: CouponFilter, page: PageRequest
) -> Page[Coupon]:
    query = select(coupons).select_from(_with_definition).where(*_conditions(coupon_filter))
    return await fetch_page(connection, query, coupons.c.id, page, rows.coupon)


def _conditions(coupon_filter: CouponFilter) -> list[ColumnElement[bool]]:
    conditions = [coupons.c.tenant_id == coupon_filter.tenant_id]
    if coupon_filter.definition_id is not None:
        conditions.append(coupons.c.definition_id == coupon_filter.definition_id)
    if coupon_filter.generation_id is not None:
        conditions.append(coupons.c.generation_id == coupon_filter.generation_id)
    if coupon_filter.user_id is not None:
        conditions.append(coupons.c.user_id == coupon_filter.user_id)
    if coupon_filter.status is not None:
        conditions.append(status_is(coupon_filter.now) == coupon_filter.status)
    if coupon_filter.code is not None:
        conditions.append(_has_code(coupon_filter.tenant_id, coupon_filter.code))
    if coupon_filter.source is not None:
        conditions.append(coupons.c.source == coupon_filter.source)
    return conditions


async def fetch_before(
    connection: AsyncConnection, coupon_filter: CouponFilter, before: UUID | None, limit: int
) -> list[Coupon]:
    """Up to `limit` coupons that match, newest first, older than the one with the id `before`."""
    query = select(coupons).select_from(_with_definition).where(*_conditions(coupon_filter))
    if before is not None:
        query = query.where(coupons.c.id < before)
    return await _fetch_many(connection, query.order_by(coupons.c.id.desc()).limit(limit))


async def newest_id(connection: AsyncConnection, coupon_filter: CouponFilter) -> UUID | None:
    """The id of the newest coupon that matches."""
    query = select(coupons.c.id).select_from(_with_definition).where(*_conditions(coupon_filter))
    newest: UUID | None = await connection.scalar(query.order_by(coupons.c.id.desc()).limit(1))
    return newest


async def scan(
    connection: AsyncConnection,
    coupon_filter: CouponFilter,
    after: UUID | None,
    last: UUID,
    limit: int,
) -> list[UUID]:
    """The ids of up to `limit` coupons that match, oldest first, after one and up to another."""
    query = (
        select(coupons.c.id)
        .select_from(_with_definition)
        .where(*_conditions(coupon_filter), coupons.c.id <= last)
        .order_by(coupons.c.id)
        .limit(limit)
    )
    if after is not None:
        query = query.where(coupons.c.id > after)
    return list(await connection.scalars(query))


async def lock_unrevoked(
    connection: AsyncConnection, coupon_filter: CouponFilter, coupon_ids: Sequence[UUID]
) -> list[Coupon]:
    """Those of the coupons that match and are not revoked, locked in key order."""
    query = (
        select(coupons)
        .select_from(_with_definition)
        .where(
            *_conditions(coupon_filter),
            is_among(coupons.c.id, coupon_ids),
            coupons.c.revoked_at.is_(None),
        )
        .order_by(coupons.c.id)
        .with_for_update(of=coupons)
    )
    return await _fetch_many(connection, query)


def _has_code(tenant_id: UUID, code: TypedCode) -> ColumnElement[bool]:
    by_coupon = coupons.c.code_folded == code.folded
    # By key, not by the joined definition's code, so that each side has an index to use.
    with_code = select(coupon_definitions.c.id).where(
        coupon_definitions.c.tenant_id == tenant_id,
        coupon_definitions.c.custom_code_folded == code.folded,
    )
    by_definition = and_(
        coupons.c.code_folded.is_(None),
        coupons.c.definition_id == any_(func.array(with_code.scalar_subquery())),
    )
    return and_(
        or_(by_coupon, by_definition),
        or_(~coupon_definitions.c.case_sensitive, coupons.c.code == code.exact),
    )


async def fetch(connection: AsyncConnection, tenant_id: UUID, coupon_id: UUID) -> Coupon | None:
    coupons_of_id = await _fetch_many(connection, _by_id(tenant_id, [coupon_id]))
    return next(iter(coupons_of_id), None)


async def fetch_many(
    connection: AsyncConnection, tenant_id: UUID, coupon_ids: Iterable[UUID]
) -> list[Coupon]:
    """Those of the coupons that exist, in any order."""
    return await _fetch_many(connection, _by_id(tenant_id, coupon_ids))


async def lock(
    connection: AsyncConnection, tenant_id: UUID, coupon_ids: Sequence[UUID]
) -> list[Coupon]:
    """Those of the coupons that exist, locked against redemption, in key order."""
    query = _by_id(tenant_id, coupon_ids).order_by(coupons.c.id).with_for_update()
    return await _fetch_many(connection, query)


def _by_id(tenant_id: UUID, coupon_ids: Iterable[UUID]) -> Select[Any]:
    return select(coupons).where(
        coupons.c.tenant_id == tenant_id, is_among(coupons.c.id, coupon_ids)
    )


async def _fetch_many(connection: AsyncConnection, query: Select[Any]) -> list[Coupon]:
    return [rows.coupon(row) for row in (await connection.execute(query)).mappings()]


async def fetch_by_code(
    connection: AsyncConnection, tenant_id: UUID, folded: Iterable[str]
) -> dict[str, Coupon]:
    """The coupons that have these codes as their own, by folded code."""
    query = select(coupons).where(
        coupons.c.tenant_id == tenant_id, is_among(coupons.c.code_folded, folded)
    )
    result = await connection.execute(query)
    return {row["code_folded"]: rows.coupon(row) for row in result.mappings()}


async def fetch_held(
    connection: AsyncConnection, tenant_id: UUID, definition_id: UUID, user_ids: Iterable[str]
) -> dict[str, Coupon]:
    """The coupons of a custom definition that these users hold."""
    query = select(coupons).where(
        coupons.c.tenant_id == tenant_id,
        coupons.c.definition_id == definition_id,
        is_among(coupons.c.user_id, user_ids),
        coupons.c.code_folded.is_(None),
    )
    held = await _fetch_many(connection, query)
    return {coupon.user_id: coupon for coupon in held if coupon.user_id is not None}


async def count_by_user(
    connection: AsyncConnection, tenant_id: UUID, definition_id: UUID, user_ids: Iterable[str]
) -> dict[str, int]:
    """How many coupons of the definition each of these users was given."""
    result = await connection.execute(
        select(coupons.c.user_id, func.count().label("coupons"))
        .where(
            coupons.c.tenant_id == tenant_id,
            coupons.c.definition_id == definition_id,
            is_among(coupons.c.user_id, user_ids),
        )
        .group_by(coupons.c.user_id)
    )
    return {row.user_id: row.coupons for row in result}


async def revoke(
    connection: AsyncConnection,
    tenant_id: UUID,
    coupon_ids: Sequence[UUID],
    reason: str,
    now: datetime,
) -> None:
    """Revoke coupons that the caller has locked."""
    await connection.execute(
        update(coupons)
        .where(coupons.c.tenant_id == tenant_id, is_among(coupons.c.id, coupon_ids))
        .values(revoked_at=now, revoke_reason=reason)
    )


async def count_by_status(
    connection: AsyncConnection, tenant_id: UUID, definition_id: UUID, now: datetime
) -> dict[CouponStatus, int]:
    status = status_is(now).label("status")
    result = await connection.execute(
        select(status, func.count().label("coupons"))
        .select_from(_with_definition)
        .where(coupons.c.tenant_id == tenant_id, coupons.c.definition_id == definition_id)
        .group_by(status)
    )
    return {CouponStatus(row.status): row.coupons for row in result}


async def count_uses(
    connection: AsyncConnection, tenant_id: UUID, definition_id: UUID
) -> tuple[int, int]:
    """Redemptions less reversals of the definition, and users with at least one."""
    row = (
        await connection.execute(
            select(
                func.coalesce(func.sum(user_counters.c.used), 0).label("uses"),
                func.count().filter(user_counters.c.used > 0).label("users"),
            ).where(
                user_counters.c.tenant_id == tenant_id,
                user_counters.c.definition_id == definition_id,
            )
        )
    ).one()
    return row.uses, row.users
