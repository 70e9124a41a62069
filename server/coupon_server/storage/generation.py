"""Bulk writing of new coupons, and the key spaces their codes come from."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Self
from uuid import UUID

from sqlalchemy import func, select, update
from sqlalchemy.dialects.postgresql import insert
from sqlalchemy.ext.asyncio import AsyncConnection

from coupon_server.database.driver_pool import DriverConnection
from coupon_server.database.tables import code_spaces, coupons
from coupon_server.database.transactions import driver_of
from coupon_server.domain.codes import KeySpaceUse, fold
from coupon_server.domain.coupon import Coupon
from coupon_server.domain.definition import CouponDefinition

_COLUMNS = (
    "tenant_id",
    "id",
    "definition_id",
    "user_id",
    "code",
    "code_folded",
    "source",
    "generation_id",
    "generated_at",
    "valid_until",
    "used",
    "redeemed_at",
    "revoked_at",
    "revoke_reason",
)


@dataclass(frozen=True, slots=True, order=True)
class KeySpace:
    """The random codes of one tenant, prefix and length, in the order in which they are locked."""

    tenant_id: UUID
    prefix_folded: str
    code_length: int

    @classmethod
    def of(cls, definition: CouponDefinition) -> Self | None:
        """Where the definition's codes come from; None for a custom code."""
        config = definition.config
        if definition.is_custom:
            return None
        return cls(definition.tenant_id, fold(config.code_prefix), config.code_length)

    def has(self, folded: str) -> bool:
        """Whether the code has this prefix and length, whatever its characters."""
        size = len(self.prefix_folded) + self.code_length
        return len(folded) == size and folded.startswith(self.prefix_folded)


async def lock_space(connection: AsyncConnection, space: KeySpace) -> KeySpaceUse:
    """How much of the key space is used, locked against other generations."""
    await connection.execute(
        insert(code_spaces).values(**_key(space), issued=0, unassigned=0).on_conflict_do_nothing()
    )
    query = select(code_spaces.c.issued, code_spaces.c.unassigned).filter_by(**_key(space))
    row = (await connection.execute(query.with_for_update())).one()
    return KeySpaceUse(row.issued, row.unassigned)


async def fetch_space(connection: AsyncConnection, space: KeySpace) -> KeySpaceUse:
    """How much of the key space is used just now."""
    query = select(code_spaces.c.issued, code_spaces.c.unassigned).filter_by(**_key(space))
    row = (await connection.execute(query)).one_or_none()
    return KeySpaceUse(row.issued, row.unassigned) if row else KeySpaceUse(0, 0)


async def count_unassigned(connection: AsyncConnection, space: KeySpace) -> int:
    """The codes of the key space that nobody holds, counted one by one.

    A code of a longer prefix and as many characters in all counts, too: rather one too many.
    """
    size = len(space.prefix_folded) + space.code_length
    counted = await connection.scalar(
        select(func.count()).where(
            coupons.c.tenant_id == space.tenant_id,
            coupons.c.code_folded.startswith(space.prefix_folded, autoescape=True),
            func.length(coupons.c.code_folded) == size,
            coupons.c.user_id.is_(None),
        )
    )
    return counted or 0


async def set_use(connection: AsyncConnection, space: KeySpace, use: KeySpaceUse) -> None:
    await connection.execute(
        update(code_spaces)
        .filter_by(**_key(space))
        .values(issued=use.issued, unassigned=use.unassigned)
    )


async def add_use(connection: AsyncConnection, more: Mapping[KeySpace, KeySpaceUse]) -> None:
    """Count more codes, which were not drawn, in each of these key spaces."""
    query = insert(code_spaces).values(
        [
            {**_key(space), "issued": use.issued, "unassigned": use.unassigned}
            for space, use in sorted(more.items())
        ]
    )
    counted = {
        name: code_spaces.c[name] + query.excluded[name] for name in ("issued", "unassigned")
    }
    await connection.execute(
        query.on_conflict_do_update(index_elements=code_spaces.primary_key, set_=counted)
    )


async def taken_codes(
    connection: AsyncConnection, tenant_id: UUID, folded: Sequence[str]
) -> set[str]:
    """Which of these folded codes a coupon of the tenant has already."""
    driver = await driver_of(connection)
    found = await driver.fetch(
        "SELECT code_folded FROM coupons WHERE tenant_id = $1 AND code_folded = ANY($2::text[])",
        tenant_id,
        folded,
    )
    return {record["code_folded"] for record in found}


async def add_coupons(connection: AsyncConnection, made: Iterable[Coupon], *, custom: bool) -> None:
    """Write new coupons by one COPY, under the lock of the tenant's code space."""
    driver = await driver_of(connection)
    await copy_coupons(driver, ((coupon, custom) for coupon in made))


async def copy_coupons(driver: DriverConnection, made: Iterable[tuple[Coupon, bool]]) -> None:
    """The same on the driver's connection, of coupons that come with whether they are custom."""
    await driver.copy_records_to_table(
        coupons.name, records=(_record(*one) for one in made), columns=_COLUMNS
    )


def _record(coupon: Coupon, custom: bool) -> tuple[Any, ...]:
    return (
        coupon.tenant_id,
        coupon.id,
        coupon.definition_id,
        coupon.user_id,
        coupon.code,
        None if custom else fold(coupon.code),
        coupon.source,
        coupon.generation_id,
        coupon.generated_at,
        coupon.valid_until,
        coupon.used,
        coupon.redeemed_at,
        coupon.revoked_at,
        coupon.revoke_reason,
    )


def _key(space: KeySpace) -> dict[str, Any]:
    return {
        "tenant_id": space.tenant_id,
        "prefix_folded": space.prefix_folded,
        "code_length": space.code_length,
    }
