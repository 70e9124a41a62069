"""CouponQuery: show coupons, check a code, redeem it."""

from dataclasses import dataclass
from functools import partial
from typing import cast
from uuid import UUID

from coupon_server.auth.peers import Peers
from coupon_server.domain.clock import Clock
from coupon_server.domain.codes import TypedCode
from coupon_server.domain.coupon import CouponFilter, CouponStatus
from coupon_server.domain.definition import DefinitionStatus
from coupon_server.domain.errors import COUPON_MESSAGES, DomainError, Reason, coupon_refused
from coupon_server.domain.guessing import Guesser
from coupon_server.domain.redemption import Attempt, LedgerFilter, Provenance, RedemptionKind
from coupon_server.rpc.calls import Call
from coupon_server.rpc.conversion.coupons import coupon_message, write_coupon
from coupon_server.rpc.conversion.definitions import definition_message, redacted_definition
from coupon_server.rpc.conversion.events import progress_message, redacted_progress
from coupon_server.rpc.conversion.fields import count_message, enum_member
from coupon_server.rpc.conversion.redemptions import ledger_entry_message, write_redemption
from coupon_server.rpc.conversion.rewards import RewardItemMessages
from coupon_server.rpc.mutations import idempotent_request
from coupon_server.rpc.pages import Pages
from coupon_server.services.coupons import CouponService
from coupon_server.services.definitions import DefinitionService
from coupon_server.services.idempotency import Replay
from coupon_server.services.progress import ProgressService
from coupon_server.services.redemption import (
    Receipt,
    RedeemCommand,
    RedemptionService,
    ValidateCommand,
    Validation,
)
from phoenix_coupons.v1 import coupon_query_pb2 as pb
from phoenix_coupons.v1.coupons_pb2 import Coupon


@dataclass(frozen=True, slots=True)
class CouponQuery:
    definitions: DefinitionService
    coupons: CouponService
    redemptions: RedemptionService
    progress: ProgressService
    peers: Peers
    clock: Clock
    pages: Pages
    reward_items: RewardItemMessages

    async def ListActiveDefinitions(
        self, request: pb.ListActiveDefinitionsRequest, call: Call
    ) -> pb.ListActiveDefinitionsResponse:
        shown = redacted_definition if _is_user(call) else definition_message
        return await self.pages.write(
            pb.ListActiveDefinitionsResponse(),
            request,
            partial(
                self.definitions.list_definitions, UUID(request.tenant_id), DefinitionStatus.ACTIVE
            ),
            shown,
        )

    async def ListUserCoupons(
        self, request: pb.ListUserCouponsRequest, call: Call
    ) -> pb.ListUserCouponsResponse:
        user_filter = CouponFilter(
            tenant_id=UUID(request.tenant_id),
            now=self.clock(),
            user_id=request.user_id,
            status=enum_member(CouponStatus, Coupon.Status.Name(request.status)),
        )
        return await self.pages.write(
            pb.ListUserCouponsResponse(),
            request,
            partial(self.coupons.list_coupons, user_filter),
            partial(coupon_message, items=self.reward_items),
        )

    async def ValidateCoupon(
        self, request: pb.ValidateCouponRequest, call: Call
    ) -> pb.ValidateCouponResponse:
        user_id = request.user_id or None
        attempt = Attempt(call.principal.tenant_id, TypedCode.parse(request.code), user_id)
        command = ValidateCommand(attempt, self._guesser(call, user_id))
        validation = await self.redemptions.validate(command)
        refusal = validation.refusal
        if _is_hidden(call, refusal):
            refusal = Reason.COUPON_NOT_FOUND
        return self._validation_response(validation, refusal)

    async def RedeemCoupon(
        self, request: pb.RedeemCouponRequest, call: Call
    ) -> pb.RedeemCouponResponse:
        principal = call.principal
        command = RedeemCommand(
            tenant_id=principal.tenant_id,
            account=call.account,
            code=TypedCode.parse(request.code),
            user_id=request.user_id,
            guesser=self._guesser(call, request.user_id),
            provenance=Provenance(
                principal.credential_id, request.reference, dict(request.metadata)
            ),
            request=idempotent_request(call, request),
            respond=self._redeem_response,
        )
        try:
            answer = await self.redemptions.redeem(command)
        except DomainError as error:
            if _is_hidden(call, error.reason):
                raise coupon_refused(Reason.COUPON_NOT_FOUND) from None
            raise
        if isinstance(answer, Replay):
            return pb.RedeemCouponResponse.FromString(answer.answer)
        return cast("pb.RedeemCouponResponse", answer)

    async def ListUserRedemptions(
        self, request: pb.ListUserRedemptionsRequest, call: Call
    ) -> pb.ListUserRedemptionsResponse:
        user_filter = LedgerFilter(
            tenant_id=UUID(request.tenant_id),
            kind=RedemptionKind.REDEMPTION,
            user_id=request.user_id,
        )
        return await self.pages.write(
            pb.ListUserRedemptionsResponse(),
            request,
            partial(self.coupons.list_ledger, user_filter),
            partial(ledger_entry_message, items=self.reward_items),
        )

    async def ListUserProgress(
        self, request: pb.ListUserProgressRequest, call: Call
    ) -> pb.ListUserProgressResponse:
        shown = redacted_progress if _is_user(call) else progress_message
        return await self.pages.write(
            pb.ListUserProgressResponse(),
            request,
            partial(self.progress.list_progress, UUID(request.tenant_id), request.user_id),
            partial(shown, items=self.reward_items),
        )

    def _guesser(self, call: Call, user_id: str | None) -> Guesser:
        """Whose failure it is if the attempt fails.

        A user is behind the token and the address of a user's token alone: those of a backend are
        its users' together, who must not block one another.
        """
        principal = call.principal
        if not principal.token:
            return Guesser(principal.tenant_id, user_id)
        peer = self.peers.read(call.metadata)
        return Guesser(principal.tenant_id, user_id, principal.token, peer)

    def _redeem_response(self, receipt: Receipt) -> pb.RedeemCouponResponse:
        response = pb.RedeemCouponResponse()
        item = self.reward_items.of(receipt.reward_item)
        write_redemption(response.redemption, receipt.redemption)
        write_coupon(response.coupon, receipt.coupon, receipt.definition, item, receipt.now)
        response.reward_item.CopyFrom(item)
        return response

    def _validation_response(
        self, validation: Validation, refusal: Reason | None
    ) -> pb.ValidateCouponResponse:
        response = pb.ValidateCouponResponse(
            remaining_uses=count_message(validation.remaining_uses)
        )
        if refusal is None:
            response.valid = True
        else:
            response.reason, response.message = refusal, COUPON_MESSAGES[refusal]
        if validation.reward_item is None:
            return response
        item = self.reward_items.of(validation.reward_item)
        response.reward_item.CopyFrom(item)
        coupon, definition = validation.coupon, validation.definition
        if coupon is not None and definition is not None:
            write_coupon(response.coupon, coupon, definition, item, validation.now)
        return response


def _is_user(call: Call) -> bool:
    """Whether the caller is confined to one user, who must not learn of others."""
    return call.principal.user_id is not None


def _is_hidden(call: Call, refusal: Reason | None) -> bool:
    """Whether the caller must take it for COUPON_NOT_FOUND: a user can't tell another's code from
    none, by time either."""
    return refusal is Reason.COUPON_NOT_ASSIGNED and _is_user(call)
