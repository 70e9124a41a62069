"""The events that are written to the outbox."""

from collections.abc import Iterable
from dataclasses import dataclass
from enum import StrEnum
from uuid import UUID

from coupon_server.domain.coupon import Coupon
from coupon_server.domain.ids import new_id
from coupon_server.domain.redemption import Redemption


class EventType(StrEnum):
    """The type of an event, as receivers see it."""

    COUPON_ISSUED = "coupon.issued"
    """A user was given a coupon. Not written for a coupon that its own redemption creates."""
    COUPON_REDEEMED = "coupon.redeemed"
    """The grant: a reward is to be delivered."""
    COUPON_REVOKED = "coupon.revoked"
    """A coupon that a user held was revoked."""
    REDEMPTION_REVERSED = "redemption.reversed"
    """A grant is taken back."""
    GUESSING_SUSPECTED = "security.guessing_suspected"
    """The tenant's failed attempts reached the threshold. Concerns no single user."""


@dataclass(frozen=True, slots=True)
class OutboxEvent:
    """An event to deliver.

    `id` is the idempotency key by which a receiver recognises a repeat; the event of a ledger row
    has that row's id. `user_id` is empty if the event concerns no single user. `subject_id` is
    the id of the coupon, ledger row or alert.
    """

    tenant_id: UUID
    id: UUID
    user_id: str
    subject_id: UUID


def of_coupons(coupons: Iterable[Coupon]) -> list[OutboxEvent]:
    """An event for each of the coupons that a user holds."""
    return [
        OutboxEvent(coupon.tenant_id, new_id(), coupon.user_id, coupon.id)
        for coupon in coupons
        if coupon.user_id is not None
    ]


def of_ledger_row(row: Redemption) -> OutboxEvent:
    """The event of a ledger row."""
    return OutboxEvent(row.tenant_id, row.id, row.user_id, row.id)
