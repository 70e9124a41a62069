"""How far a user is towards the coupons that can be earned."""

from collections.abc import Sequence
from dataclasses import dataclass
from uuid import UUID

from sqlalchemy.ext.asyncio import AsyncConnection

from coupon_server.database import rows
from coupon_server.database.statements import statements
from coupon_server.database.transactions import driver_of
from coupon_server.domain.events import Reached
from coupon_server.domain.triggers import TriggerKind

_SQL = statements(__name__)
_CURRENT = _SQL["current"]
_EARNED = _SQL["earned"]


@dataclass(frozen=True, slots=True)
class Current:
    """Where a user is in the current occurrence of a target."""

    occurrence: str
    reached: Reached


async def fetch_current(
    connection: AsyncConnection,
    tenant_id: UUID,
    user_id: str,
    targets: Sequence[tuple[TriggerKind, str]],
) -> list[Current | None]:
    """The user's current occurrence of each target: that of the latest event, of two at the same
    instant the greater one. None: no event has told of the target."""
    current: list[Current | None] = [None] * len(targets)
    records = await _CURRENT.fetch(
        await driver_of(connection),
        tenant_id=tenant_id,
        user_id=user_id,
        kinds=[kind for kind, _ in targets],
        targets=[target for _, target in targets],
    )
    for row in records:
        reached = Reached(row["value"], rows.instant(row["occurred_at"]))
        current[row["position"] - 1] = Current(row["occurrence"], reached)
    return current


async def fetch_earned(
    connection: AsyncConnection,
    tenant_id: UUID,
    user_id: str,
    occurrences: Sequence[tuple[UUID, str]],
) -> dict[UUID, UUID]:
    """The coupons that the user has earned of definitions, in one occurrence of each."""
    records = await _EARNED.fetch(
        await driver_of(connection),
        tenant_id=tenant_id,
        user_id=user_id,
        definition_ids=[definition_id for definition_id, _ in occurrences],
        occurrences=[occurrence for _, occurrence in occurrences],
    )
    return {row["definition_id"]: row["coupon_id"] for row in records}
