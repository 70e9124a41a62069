"""How far a user is towards the coupons that can be earned."""

from collections.abc import Sequence
from dataclasses import dataclass
from uuid import UUID

from sqlalchemy import text
from sqlalchemy.ext.asyncio import AsyncConnection

from coupon_server.database import rows
from coupon_server.domain.events import Reached
from coupon_server.domain.triggers import TriggerKind

_CURRENT = text("""
SELECT w.position, p.occurrence, p.value, p.occurred_at
FROM unnest(CAST(:kinds AS text[]), CAST(:targets AS text[]))
    WITH ORDINALITY AS w(kind, target, position)
CROSS JOIN LATERAL (
    SELECT * FROM progress p
    WHERE p.tenant_id = :tenant_id AND p.user_id = :user_id AND p.trigger_kind = w.kind
        AND p.target = w.target
    ORDER BY p.occurred_at DESC, p.occurrence DESC
    LIMIT 1
) p
""")

_EARNED = text("""
SELECT e.definition_id, e.coupon_id
FROM unnest(CAST(:definition_ids AS uuid[]), CAST(:occurrences AS text[]))
    AS w(definition_id, occurrence)
JOIN earned_coupons e ON e.tenant_id = :tenant_id AND e.definition_id = w.definition_id
    AND e.user_id = :user_id AND e.occurrence = w.occurrence
""")


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
    found: list[Current | None] = [None] * len(targets)
    arguments = {
        "tenant_id": tenant_id,
        "user_id": user_id,
        "kinds": [kind for kind, _ in targets],
        "targets": [target for _, target in targets],
    }
    for row in await connection.execute(_CURRENT, arguments):
        reached = Reached(row.value, rows.instant(row.occurred_at))
        found[row.position - 1] = Current(row.occurrence, reached)
    return found


async def fetch_earned(
    connection: AsyncConnection,
    tenant_id: UUID,
    user_id: str,
    occurrences: Sequence[tuple[UUID, str]],
) -> dict[UUID, UUID]:
    """The coupons that the user has earned of definitions, in one occurrence of each."""
    result = await connection.execute(
        _EARNED,
        {
            "tenant_id": tenant_id,
            "user_id": user_id,
            "definition_ids": [definition_id for definition_id, _ in occurrences],
            "occurrences": [occurrence for _, occurrence in occurrences],
        },
    )
    return {row.definition_id: row.coupon_id for row in result}
