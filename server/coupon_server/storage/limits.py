"""What tenants may use, and what they have used of it."""

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from typing import Any
from uuid import UUID

from sqlalchemy import delete, func, select
from sqlalchemy.dialects.postgresql import insert
from sqlalchemy.ext.asyncio import AsyncConnection

from coupon_server.database.driver import DriverConnection
from coupon_server.database.statements import statements
from coupon_server.database.tables import api_keys, coupon_definitions, tenant_limits
from coupon_server.database.transactions import driver_of
from coupon_server.domain.definition import DefinitionStatus
from coupon_server.domain.limits import CallClass

_NOT_ARCHIVED = [DefinitionStatus.ACTIVE, DefinitionStatus.PAUSED]

RATE_LIFETIME = timedelta(seconds=3)
"""A worker's count of calls a second counts for so long; workers count anew every second."""

_SQL = statements(__name__)
_OWN_LIMITS = _SQL["own_limits"]
_SHARE_RATES = _SQL["share_rates"]
_RATES_OF_OTHERS = _SQL["rates_of_others"]
_ADD_DAY_USE = _SQL["add_day_use"]
_DAY_USE = _SQL["day_use"]
_LIVE_COUPONS = _SQL["live_coupons"]
_TRIM_DAYS = _SQL["trim_days"]
_TRIM_RATES = _SQL["trim_rates"]


@dataclass(frozen=True, slots=True)
class Rate:
    """Calls a second of one class that a worker had of a tenant."""

    tenant_id: UUID
    call_class: CallClass
    calls: int


@dataclass(frozen=True, slots=True)
class OtherRates:
    """What the other workers had of a class: calls a second, and how many workers had some."""

    calls: int
    workers: int


@dataclass(frozen=True, slots=True)
class DayUse:
    """What a tenant uses of the quotas of a day."""

    redemptions: int = 0
    stored_bytes: int = 0


async def fetch_own(connection: DriverConnection) -> dict[UUID, dict[str, int]]:
    """The limits that tenants have of their own, by tenant and name."""
    own: dict[UUID, dict[str, int]] = {}
    for row in await _OWN_LIMITS.fetch(connection):
        own.setdefault(row["tenant_id"], {})[row["name"]] = row["value"]
    return own


async def fetch_own_of(connection: AsyncConnection, tenant_id: UUID) -> dict[str, int]:
    """The limits that a tenant has of its own, by name."""
    query = select(tenant_limits.c.name, tenant_limits.c.value)
    result = await connection.execute(query.where(tenant_limits.c.tenant_id == tenant_id))
    return {row.name: row.value for row in result}


async def set_own(
    connection: AsyncConnection, tenant_id: UUID, values: Mapping[str, int], now: datetime
) -> None:
    """Give a tenant limits of its own."""
    query = insert(tenant_limits).values(
        [
            {"tenant_id": tenant_id, "name": name, "value": value, "updated_at": now}
            for name, value in values.items()
        ]
    )
    changed = {name: query.excluded[name] for name in ("value", "updated_at")}
    await connection.execute(
        query.on_conflict_do_update(index_elements=tenant_limits.primary_key, set_=changed)
    )


async def unset_own(connection: AsyncConnection, tenant_id: UUID, names: Collection[str]) -> None:
    """Give a tenant these limits as every tenant has them."""
    await connection.execute(
        delete(tenant_limits).where(
            tenant_limits.c.tenant_id == tenant_id, tenant_limits.c.name.in_(names)
        )
    )


async def share_rates(
    connection: DriverConnection, worker_id: UUID, rates: Sequence[Rate]
) -> dict[tuple[UUID, CallClass], OtherRates]:
    """Note a worker's calls, and tell those that the others had of the same tenants and classes."""
    rows = await _SHARE_RATES.fetch(
        connection,
        worker_id=worker_id,
        tenant_ids=[rate.tenant_id for rate in rates],
        call_classes=[rate.call_class for rate in rates],
        calls=[rate.calls for rate in rates],
        kept=RATE_LIFETIME,
    )
    return {
        (row["tenant_id"], CallClass(row["call_class"])): OtherRates(row["calls"], row["workers"])
        for row in rows
    }


async def rates_of_others(
    connection: DriverConnection, worker_id: UUID, tenant_id: UUID
) -> dict[CallClass, int]:
    """The calls a second that the other workers had of a tenant."""
    rows = await _RATES_OF_OTHERS.fetch(
        connection, tenant_id=tenant_id, worker_id=worker_id, kept=RATE_LIFETIME
    )
    return {CallClass(row["call_class"]): row["calls"] for row in rows}


async def add_day_use(
    connection: DriverConnection, day: date, uses: Sequence[tuple[UUID, DayUse]]
) -> dict[UUID, DayUse]:
    """Count what tenants used on a day; return the whole of it, of each."""
    rows = await _ADD_DAY_USE.fetch(
        connection,
        day=day,
        tenant_ids=[tenant_id for tenant_id, _ in uses],
        redemptions=[use.redemptions for _, use in uses],
        stored_bytes=[use.stored_bytes for _, use in uses],
    )
    return {row["tenant_id"]: DayUse(row["redemptions"], row["stored_bytes"]) for row in rows}


async def fetch_day_use(connection: DriverConnection, tenant_id: UUID, day: date) -> DayUse:
    """What all workers have counted of a tenant on a day."""
    row = await _DAY_USE.fetch_row(connection, tenant_id=tenant_id, day=day)
    return DayUse() if row is None else DayUse(row["redemptions"], row["stored_bytes"])


async def live_coupons(
    connection: DriverConnection, tenant_ids: Collection[UUID]
) -> dict[UUID, int]:
    """Coupons issued of definitions that are not archived, of each tenant.

    Stands still while the caller holds the tenant's code space, but for coupons that redemptions
    of a custom code make.
    """
    rows = await _LIVE_COUPONS.fetch(connection, tenant_ids=tenant_ids)
    return {row["tenant_id"]: row["coupons"] for row in rows}


async def count_live_coupons(connection: AsyncConnection, tenant_id: UUID) -> int:
    """The same of one tenant."""
    by_tenant = await live_coupons(await driver_of(connection), [tenant_id])
    return by_tenant[tenant_id]


async def count_definitions(connection: AsyncConnection, tenant_id: UUID) -> int:
    """Definitions that are not archived."""
    return await _count(
        connection,
        coupon_definitions.c.tenant_id == tenant_id,
        coupon_definitions.c.status.in_(_NOT_ARCHIVED),
    )


async def count_api_keys(connection: AsyncConnection, tenant_id: UUID, now: datetime) -> int:
    """API keys that are neither revoked nor expired."""
    return await _count(
        connection,
        api_keys.c.tenant_id == tenant_id,
        api_keys.c.revoked_at.is_(None),
        func.coalesce(api_keys.c.expires_at > now, True),
    )


async def _count(connection: AsyncConnection, *conditions: Any) -> int:
    counted = await connection.scalar(select(func.count()).where(*conditions))
    return counted or 0


async def trim_days(connection: DriverConnection, before: date) -> None:
    """Forget what was used before a day."""
    await _TRIM_DAYS.execute(connection, before=before)


async def trim_rates(connection: DriverConnection) -> None:
    """Forget the calls of workers that count no more."""
    await _TRIM_RATES.execute(connection)
