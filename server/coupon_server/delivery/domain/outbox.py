"""What the tenant's systems are told of."""

from collections.abc import Iterable
from dataclasses import dataclass
from enum import StrEnum
from uuid import UUID

from coupon_server.domain.coupon import Coupon
from coupon_server.domain.ids import new_id
from coupon_server.domain.redemption import Redemption


class EventType(StrEnum):
    """The types of events, by which receivers tell them apart."""

    COUPON_ISSUED = "coupon.issued"
    """A user was given a coupon. Not one that comes about by its own redemption."""
    COUPON_REDEEMED = "coupon.redeemed"
    """The grant: a reward is to be delivered."""
    COUPON_REVOKED = "coupon.revoked"
    """A coupon that a user held was revoked."""
    REDEMPTION_REVERSED = "redemption.reversed"
    """A grant is taken back."""
    GUESSING_SUSPECTED = "security.guessing_suspected"
    """So many attempts of the tenant failed that somebody may be guessing codes. About no user."""


@dataclass(frozen=True, slots=True)
class OutboxEvent:
    """An event to be told.

    `id` is what a receiver knows a repeat by; a ledger row's event has the row's own.
    `user_id` is empty if it is about no user. `subject_id` is the coupon's id, or that of the row
    of the ledger or of the alert.
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
    """The event that tells of a row of the ledger."""
    return OutboxEvent(row.tenant_id, row.id, row.user_id, row.id)
