"""Events as the service delivers them, and the read position of a tenant's systems."""

from dataclasses import dataclass
from datetime import datetime, timedelta
from uuid import UUID

from coupon_server.delivery.domain.outbox import EventType
from coupon_server.domain.coupon import Coupon
from coupon_server.domain.redemption import Redemption
from coupon_server.domain.rewards import RewardItem


@dataclass(frozen=True, slots=True)
class Grant:
    """A ledger row, and the reward item as it was at the redemption."""

    redemption: Redemption
    reward_item: RewardItem


@dataclass(frozen=True, slots=True)
class GuessingAlert:
    """A tenant's failed attempts reached the threshold within a window."""

    failures: int
    threshold: int
    window: timedelta


@dataclass(frozen=True, slots=True)
class DeliverableEvent:
    """An event of a tenant's stream. Its content never changes, however often it is delivered.

    `subject` is a Grant for `coupon.redeemed` and `redemption.reversed`, a GuessingAlert for
    `security.guessing_suspected`, whose `user_id` is empty, and a Coupon for the others.
    """

    tenant_id: UUID
    id: UUID
    type: EventType
    sequence: int
    user_id: str
    occurred_at: datetime
    subject: Grant | Coupon | GuessingAlert


@dataclass(frozen=True, slots=True)
class StreamPosition:
    """The last sequence of a tenant's stream, and the acknowledged one, if there is one."""

    last: int
    acknowledged: int | None
