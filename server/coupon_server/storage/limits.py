"""What tenants may use, and what they have used of it."""

from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any
from uuid import UUID

from sqlalchemy import and_, delete, func, select
from sqlalchemy.dialects.postgresql import insert
from sqlalchemy.ext.asyncio import AsyncConnection

from coupon_server.database.arrays import columns
from coupon_server.database.driver_pool import DriverConnection
from coupon_server.database.tables import (
    api_keys,
    coupon_definitions,
    definition_counters,
    tenant_limits,
)
from coupon_server.domain.definition import DefinitionStatus
from coupon_server.domain.limits import CallClass

_NOT_ARCHIVED = [DefinitionStatus.ACTIVE, DefinitionStatus.PAUSED]

RATE_SECONDS = 3
"""A worker's count of calls a second counts for so long; workers count anew every second."""

# Other workers' calls a second, beside those that this worker notes.
_SHARE_RATES = f"""
WITH mine AS MATERIALIZED (
    SELECT * FROM unnest($2::uuid[], $3::text[], $4::int[]) AS n(tenant_id, call_class, calls)
    ORDER BY 1, 2
), noted AS (
    INSERT INTO tenant_rates AS r (tenant_id, call_class, worker_id, calls, counted_at)
    SELECT tenant_id, call_class, $1, calls, now() FROM mine
    ON CONFLICT (tenant_id, call_class, worker_id)
        DO UPDATE SET calls = excluded.calls, counted_at = excluded.counted_at
)
SELECT m.tenant_id, m.call_class, coalesce(sum(r.calls), 0) AS calls, count(r.calls) AS workers
FROM mine m
LEFT JOIN LATERAL (
    SELECT r.calls FROM tenant_rates r
    WHERE r.tenant_id = m.tenant_id AND r.call_class = m.call_class AND r.worker_id <> $1
        AND r.counted_at > now() - interval '{RATE_SECONDS} seconds'
) r ON true
GROUP BY 1, 2
"""  # noqa: S608 - made of constants alone

_RATES_OF_OTHERS = f"""
SELECT call_class, sum(calls) AS calls FROM tenant_rates
WHERE tenant_id = $1 AND worker_id <> $2 AND counted_at > now() - interval '{RATE_SECONDS} seconds'
GROUP BY 1
"""  # noqa: S608 - made of constants alone

_ADD_USE = """
INSERT INTO tenant_days AS d (tenant_id, day, redemptions, stored_bytes)
SELECT tenant_id, $1, redemptions, stored_bytes
FROM unnest($2::uuid[], $3::bigint[], $4::bigint[]) AS n(tenant_id, redemptions, stored_bytes)
ORDER BY 1
ON CONFLICT (tenant_id, day) DO UPDATE SET redemptions = d.redemptions + excluded.redemptions,
    stored_bytes = d.stored_bytes + excluded.stored_bytes
RETURNING tenant_id, redemptions, stored_bytes
"""

_LIVE_COUPONS = """
SELECT w.tenant_id, c.issued
FROM unnest($1::uuid[]) AS w(tenant_id)
CROSS JOIN LATERAL (
    SELECT coalesce(sum(k.issued), 0)::bigint AS issued
    FROM coupon_definitions d
    JOIN definition_counters k ON k.tenant_id = d.tenant_id AND k.definition_id = d.id
    WHERE d.tenant_id = w.tenant_id AND d.status IN ('active', 'paused')
) c
"""


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
    for row in await connection.fetch("SELECT tenant_id, name, value FROM tenant_limits"):
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
    rows = columns([(rate.tenant_id, rate.call_class, rate.calls) for rate in rates])
    return {
        (row["tenant_id"], CallClass(row["call_class"])): OtherRates(row["calls"], row["workers"])
        for row in await connection.fetch(_SHARE_RATES, worker_id, *rows)
    }


async def rates_of_others(
    connection: DriverConnection, worker_id: UUID, tenant_id: UUID
) -> dict[CallClass, int]:
    """The calls a second that the other workers had of a tenant."""
    rows = await connection.fetch(_RATES_OF_OTHERS, tenant_id, worker_id)
    return {CallClass(row["call_class"]): row["calls"] for row in rows}


async def add_day_use(
    connection: DriverConnection, day: date, uses: Iterable[tuple[UUID, DayUse]]
) -> dict[UUID, DayUse]:
    """Count what tenants used on a day; return the whole of it, of each."""
    rows = columns([(tenant, use.redemptions, use.stored_bytes) for tenant, use in uses])
    return {
        row["tenant_id"]: DayUse(row["redemptions"], row["stored_bytes"])
        for row in await connection.fetch(_ADD_USE, day, *rows)
    }


async def fetch_day_use(connection: DriverConnection, tenant_id: UUID, day: date) -> DayUse:
    """What all workers have counted of a tenant on a day."""
    row = await connection.fetchrow(
        "SELECT redemptions, stored_bytes FROM tenant_days WHERE tenant_id = $1 AND day = $2",
        tenant_id,
        day,
    )
    return DayUse() if row is None else DayUse(row["redemptions"], row["stored_bytes"])


async def live_coupons(
    connection: DriverConnection, tenant_ids: Collection[UUID]
) -> dict[UUID, int]:
    """Coupons issued of definitions that are not archived, of each tenant.

    Stands still while the caller holds the tenant's code space, but for coupons that redemptions
    of a custom code make.
    """
    rows = await connection.fetch(_LIVE_COUPONS, list(tenant_ids))
    return {row["tenant_id"]: row["issued"] for row in rows}


async def count_live_coupons(connection: AsyncConnection, tenant_id: UUID) -> int:
    """The same of one tenant."""
    definitions, counters = coupon_definitions.c, definition_counters.c
    issued = await connection.scalar(
        select(func.sum(counters.issued))
        .join_from(
            coupon_definitions,
            definition_counters,
            and_(
                counters.tenant_id == definitions.tenant_id,
                counters.definition_id == definitions.id,
            ),
        )
        .where(definitions.tenant_id == tenant_id, definitions.status.in_(_NOT_ARCHIVED))
    )
    return issued or 0


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
    await connection.execute("DELETE FROM tenant_days WHERE day < $1", before)


async def trim_rates(connection: DriverConnection) -> None:
    """Forget the calls of workers that count no more."""
    await connection.execute(
        "DELETE FROM tenant_rates WHERE counted_at < now() - interval '1 hour'"
    )
