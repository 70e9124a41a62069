"""Issuing coupons: the locks that it takes, the key spaces of codes, and the one way to store it.

Generations, imports, events and redemptions of a custom code decide under the locks, and store new
coupons by `issue`.
"""

from collections import Counter
from collections.abc import Collection, Sequence
from datetime import datetime
from typing import Any, NamedTuple, Self
from uuid import UUID

from sqlalchemy import func, select, update
from sqlalchemy.ext.asyncio import AsyncConnection

from coupon_server.database.arrays import columns
from coupon_server.database.statements import fragments, statements
from coupon_server.database.tables import coupons, key_spaces
from coupon_server.database.transactions import AnyConnection, driver_of
from coupon_server.delivery.domain.outbox import EventType, of_coupons
from coupon_server.delivery.storage import outbox
from coupon_server.domain.codes import KeySpaceUse, fold
from coupon_server.domain.coupon import Coupon, CouponSource
from coupon_server.domain.definition import CouponDefinition

LOCKS = fragments(__name__)
"""SQL for statements that lock the code spaces or key spaces of several tenants, and more."""

_SQL = statements(__name__)
_LOCK_CODE_SPACE = _SQL["lock_code_space"]
_LOCK_KEY_SPACE = _SQL["lock_key_space"]
_TAKEN_CODES = _SQL["taken_codes"]
_COUNT_ISSUED = _SQL["count_issued"]

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
    "revoke_reason",
)


class KeySpace(NamedTuple):
    """The random codes of one tenant, prefix and length, in the order in which they are locked."""

    tenant_id: UUID
    prefix_folded: str
    code_length: int

    @classmethod
    def of(cls, definition: CouponDefinition) -> Self | None:
        """Where the definition's codes come from; None for a custom code."""
        return None if definition.is_custom else cls.of_random(definition)

    @classmethod
    def of_random(cls, definition: CouponDefinition) -> Self:
        """The same of a definition with random codes."""
        config = definition.config
        return cls(definition.tenant_id, fold(config.code_prefix), config.code_length)

    def has(self, folded: str) -> bool:
        """Whether the code has this prefix and length, whatever its characters."""
        size = len(self.prefix_folded) + self.code_length
        return len(folded) == size and folded.startswith(self.prefix_folded)


class NewCoupon(NamedTuple):
    """A coupon to be stored, and the key space that its code counts in; None for a custom code."""

    coupon: Coupon
    space: KeySpace | None


async def lock_code_space(connection: AsyncConnection, tenant_id: UUID) -> None:
    """Lock the tenant's code space: serialises all transactions that take codes.

    No unique index can guarantee that an entered code has one meaning, because case-sensitive and
    case-insensitive codes share one space. A definition that starts to watch for events takes the
    lock, too, because no index can limit how many watch. The lock is exclusive, which prevents
    starvation: PostgreSQL grants shared locks past a waiting exclusive one.
    """
    await _LOCK_CODE_SPACE.execute(await driver_of(connection), tenant_id=tenant_id)


async def lock_key_space(connection: AsyncConnection, space: KeySpace) -> KeySpaceUse:
    """How much of the key space is used, locked against other generations."""
    await _LOCK_KEY_SPACE.execute(await driver_of(connection), **key_space_columns([space]))
    # A statement of its own: it sees what whoever held the lock has committed.
    return await fetch_key_space(connection, space)


async def fetch_key_space(connection: AsyncConnection, space: KeySpace) -> KeySpaceUse:
    """How much of the key space is used just now."""
    query = select(key_spaces.c.issued, key_spaces.c.unassigned).filter_by(**_key(space))
    row = (await connection.execute(query)).one_or_none()
    return KeySpaceUse(row.issued, row.unassigned) if row else KeySpaceUse(0, 0)


async def count_unassigned(connection: AsyncConnection, space: KeySpace) -> int:
    """The codes of the key space that nobody holds, counted one by one.

    A code with a longer prefix and the same total length counts, too: an overestimate is safe.
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


async def set_unassigned(connection: AsyncConnection, space: KeySpace, unassigned: int) -> None:
    """Correct how many codes of a locked key space nobody holds."""
    await connection.execute(
        update(key_spaces).filter_by(**_key(space)).values(unassigned=unassigned)
    )


async def taken_codes(
    connection: AnyConnection, codes: Collection[tuple[UUID, str]]
) -> set[tuple[UUID, str]]:
    """Which of these codes, by tenant and folded form, a coupon or a live definition has."""
    tenant_ids, folded_codes = columns(codes)
    records = await _TAKEN_CODES.fetch(
        await driver_of(connection), tenant_ids=tenant_ids, folded_codes=folded_codes
    )
    return {(record["tenant_id"], record["folded"]) for record in records}


async def issue(connection: AnyConnection, issued: Sequence[NewCoupon], now: datetime) -> None:
    """Store new coupons, by one COPY; count them in their definitions and key spaces; and write the
    events that tell of those that users were given.

    The caller has locked the code spaces, except for claims of a custom code.
    """
    driver = await driver_of(connection)
    await driver.copy_records_to_table(coupons.name, records=map(_record, issued), columns=_COLUMNS)
    codes = Counter(new.space for new in issued if new.space is not None)
    unassigned = Counter(new.space for new in issued if new.coupon.user_id is None)
    definitions = Counter((new.coupon.tenant_id, new.coupon.definition_id) for new in issued)
    await _COUNT_ISSUED.execute(
        driver,
        **key_space_columns(codes),
        codes=list(codes.values()),
        unassigned=[unassigned[space] for space in codes],
        tenant_ids=[tenant_id for tenant_id, _ in definitions],
        definition_ids=[definition_id for _, definition_id in definitions],
        coupons=list(definitions.values()),
    )
    given = [new.coupon for new in issued if new.coupon.source is not CouponSource.CLAIMED]
    await outbox.copy_events(driver, EventType.COUPON_ISSUED, of_coupons(given), now)


def _record(new: NewCoupon) -> tuple[Any, ...]:
    coupon = new.coupon
    return (
        coupon.tenant_id,
        coupon.id,
        coupon.definition_id,
        coupon.user_id,
        coupon.code,
        None if new.space is None else fold(coupon.code),
        coupon.source,
        coupon.generation_id,
        coupon.generated_at,
        coupon.valid_until,
        # A coupon that comes about by its redemption was used since; `save` counts that.
        0,
        "",
    )


def key_space_columns(spaces: Collection[KeySpace]) -> dict[str, list[Any]]:
    """The parameters by which statements take key spaces."""
    return {
        "space_tenant_ids": [space.tenant_id for space in spaces],
        "prefixes_folded": [space.prefix_folded for space in spaces],
        "code_lengths": [space.code_length for space in spaces],
    }


def _key(space: KeySpace) -> dict[str, Any]:
    return {
        "tenant_id": space.tenant_id,
        "prefix_folded": space.prefix_folded,
        "code_length": space.code_length,
    }
