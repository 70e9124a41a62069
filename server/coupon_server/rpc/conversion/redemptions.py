"""Rows of the redemption ledger, written as coupons are."""

from uuid import UUID

from coupon_server.domain.redemption import GrantState, LedgerFilter, Redemption, RedemptionKind
from coupon_server.rpc.conversion.fields import (
    enum_member,
    optional_uuid,
    timestamp,
    write_timestamp,
)
from coupon_server.rpc.conversion.rewards import RewardItemMessages
from coupon_server.services.coupons import LedgerEntry
from phoenix_coupons.v1 import (
    ExportRedemptionsRequest,
    ListRedemptionsRequest,
    coupons_pb2,
)

_REDEMPTION_KIND = {one: coupons_pb2.Redemption.Kind.Value(one) for one in RedemptionKind}

_GRANT_STATE = {one: coupons_pb2.Redemption.GrantState.Value(one) for one in GrantState}


def ledger_filter(request: ListRedemptionsRequest | ExportRedemptionsRequest) -> LedgerFilter:
    return LedgerFilter(
        tenant_id=UUID(request.tenant_id),
        kind=enum_member(RedemptionKind, coupons_pb2.Redemption.Kind.Name(request.kind)),
        user_id=request.user_id or None,
        definition_id=optional_uuid(request.definition_id),
        start=timestamp(request, "start_time", "start_time"),
        end=timestamp(request, "end_time", "end_time"),
    )


def write_redemption(message: coupons_pb2.Redemption, redemption: Redemption) -> None:
    """Write the ledger row into an empty message, without its reward item."""
    message.id = str(redemption.id)
    message.coupon_id = str(redemption.coupon_id)
    message.definition_id = str(redemption.definition_id)
    message.user_id = redemption.user_id
    message.code = redemption.code
    write_timestamp(message.redeemed_at, redemption.redeemed_at)
    message.tenant_id = str(redemption.tenant_id)
    message.kind = _REDEMPTION_KIND[redemption.kind]
    message.reference = redemption.reference
    message.metadata.update(redemption.metadata)
    message.credential_id = str(redemption.credential_id)
    write_timestamp(message.reversed_at, redemption.reversed_at)
    message.reversal_id = str(redemption.reversal_id or "")
    message.reverses_id = str(redemption.reverses_id or "")
    if redemption.grant_state is not None:
        message.grant_state = _GRANT_STATE[redemption.grant_state]


def ledger_entry_message(entry: LedgerEntry, items: RewardItemMessages) -> coupons_pb2.Redemption:
    message = coupons_pb2.Redemption()
    write_redemption(message, entry.redemption)
    message.reward_item.CopyFrom(items.of(entry.reward_item))
    return message
