"""The redemption ledger, and the reversal of one of its rows."""

from typing import Any
from uuid import UUID

from sqlalchemy import (
    ColumnElement,
    ScalarSelect,
    Select,
    and_,
    func,
    insert,
    select,
    update,
)
from sqlalchemy.ext.asyncio import AsyncConnection

from coupon_server.database import rows
from coupon_server.database.paging import fetch_page
from coupon_server.database.tables import (
    coupon_definitions,
    coupons,
    definition_counters,
    redemptions,
    user_counters,
)
from coupon_server.delivery.storage.outbox import grant_state
from coupon_server.domain.definition import LimitType
from coupon_server.domain.errors import DomainError, Reason
from coupon_server.domain.ids import id_range
from coupon_server.domain.paging import Page, PageRequest
from coupon_server.domain.redemption import LedgerFilter, Redemption, RedemptionKind

_reversals = redemptions.alias("reversals")
_reverses = and_(
    _reversals.c.tenant_id == redemptions.c.tenant_id,
    _reversals.c.reverses_id == redemptions.c.id,
)


def _with_reversals() -> Select[Any]:
    return select(
        redemptions,
        _reversals.c.id.label("reversal_id"),
        _reversals.c.redeemed_at.label("reversed_at"),
        grant_state(redemptions.c.tenant_id, redemptions.c.id).label("grant_state"),
    ).outerjoin(_reversals, _reverses)


async def fetch(connection: AsyncConnection, tenant_id: UUID, redemption_id: UUID) -> Redemption:
    """The row. Raises REDEMPTION_NOT_FOUND."""
    query = _with_reversals().where(
        redemptions.c.tenant_id == tenant_id, redemptions.c.id == redemption_id
    )
    row = (await connection.execute(query)).mappings().one_or_none()
    if row is None:
        raise DomainError(Reason.REDEMPTION_NOT_FOUND, "Redemption not found")
    return rows.redemption(row)


async def fetch_list(
    connection: AsyncConnection, ledger_filter: LedgerFilter, page: PageRequest
) -> Page[Redemption]:
    return await fetch_page(
        connection, _matching(ledger_filter), redemptions.c.id, page, rows.redemption
    )


async def fetch_before(
    connection: AsyncConnection, ledger_filter: LedgerFilter, before: UUID | None, limit: int
) -> list[Redemption]:
    """Up to `limit` rows that match, newest first, older than the one with the id `before`."""
    query = _matching(ledger_filter)
    if before is not None:
        query = query.where(redemptions.c.id < before)
    result = await connection.execute(query.order_by(redemptions.c.id.desc()).limit(limit))
    return [rows.redemption(row) for row in result.mappings()]


def _matching(ledger_filter: LedgerFilter) -> Select[Any]:
    query = _with_reversals().where(redemptions.c.tenant_id == ledger_filter.tenant_id)
    if ledger_filter.kind is not None:
        query = query.where(redemptions.c.kind == ledger_filter.kind)
    if ledger_filter.user_id is not None:
        query = query.where(redemptions.c.user_id == ledger_filter.user_id)
    if ledger_filter.definition_id is not None:
        query = query.where(redemptions.c.definition_id == ledger_filter.definition_id)
    if ledger_filter.start is not None or ledger_filter.end is not None:
        query = query.where(
            redemptions.c.id.between(*id_range(ledger_filter.start, ledger_filter.end))
        )
    if ledger_filter.start is not None:
        query = query.where(redemptions.c.redeemed_at >= ledger_filter.start)
    if ledger_filter.end is not None:
        query = query.where(redemptions.c.redeemed_at < ledger_filter.end)
    return query


async def lock_for_reversal(connection: AsyncConnection, original: Redemption) -> None:
    """Lock the rows that count the redemption, in the order in which a redemption does."""
    for query in (
        select(coupon_definitions.c.id)
        .where(*_definition_row(original))
        .with_for_update(read=True, key_share=True),
        select(definition_counters.c.used).where(*_counter_row(original)).with_for_update(),
        select(user_counters.c.used).where(*_user_counter_row(original)).with_for_update(),
        select(coupons.c.used).where(*_coupon_row(original)).with_for_update(),
    ):
        await connection.execute(query)


async def append(connection: AsyncConnection, row: Redemption) -> None:
    """Write a row to the ledger."""
    await connection.execute(
        insert(redemptions).values(
            tenant_id=row.tenant_id,
            id=row.id,
            kind=row.kind,
            coupon_id=row.coupon_id,
            definition_id=row.definition_id,
            user_id=row.user_id,
            code=row.code,
            redeemed_at=row.redeemed_at,
            reference=row.reference,
            metadata=dict(row.metadata) or None,
            credential_id=row.credential_id,
            reward_item_id=row.reward_item_id,
            reward_item_version=row.reward_item_version,
            reverses_id=row.reverses_id,
        )
    )


async def return_use(connection: AsyncConnection, original: Redemption) -> None:
    """Return the use to the coupon's, the user's and a global limit's counter.

    The caller holds the locks and has appended the reversal.
    """
    await connection.execute(
        update(coupons)
        .where(*_coupon_row(original))
        .values(used=coupons.c.used - 1, redeemed_at=_last_use(original))
    )
    await connection.execute(
        update(user_counters)
        .where(*_user_counter_row(original))
        .values(used=user_counters.c.used - 1)
    )
    limit_type = (
        select(coupon_definitions.c.limit_type).where(*_definition_row(original)).scalar_subquery()
    )
    await connection.execute(
        update(definition_counters)
        .where(*_counter_row(original), limit_type == LimitType.GLOBAL)
        .values(used=definition_counters.c.used - 1)
    )


def _last_use(original: Redemption) -> ScalarSelect[Any]:
    """When the coupon was last redeemed and the redemption not reversed."""
    return (
        select(func.max(redemptions.c.redeemed_at))
        .outerjoin(_reversals, _reverses)
        .where(
            redemptions.c.tenant_id == original.tenant_id,
            # The same for all of the coupon's rows, and what they are indexed by.
            redemptions.c.user_id == original.user_id,
            redemptions.c.coupon_id == original.coupon_id,
            redemptions.c.kind == RedemptionKind.REDEMPTION,
            _reversals.c.id.is_(None),
        )
        .scalar_subquery()
    )


Conditions = tuple[ColumnElement[bool], ...]


def _definition_row(row: Redemption) -> Conditions:
    columns = coupon_definitions.c
    return columns.tenant_id == row.tenant_id, columns.id == row.definition_id


def _counter_row(row: Redemption) -> Conditions:
    columns = definition_counters.c
    return columns.tenant_id == row.tenant_id, columns.definition_id == row.definition_id


def _user_counter_row(row: Redemption) -> Conditions:
    columns = user_counters.c
    return (
        columns.tenant_id == row.tenant_id,
        columns.definition_id == row.definition_id,
        columns.user_id == row.user_id,
    )


def _coupon_row(row: Redemption) -> Conditions:
    return coupons.c.tenant_id == row.tenant_id, coupons.c.id == row.coupon_id
