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
from coupon_server.rpc import convert
from coupon_server.rpc.calls import Context, current_call
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
from phoenix_coupons.v1.coupon_query_pb2_grpc import CouponQueryServicer
from phoenix_coupons.v1.coupons_pb2 import Coupon

_NOT_THE_USERS = {Reason.COUPON_NOT_FOUND, Reason.COUPON_NOT_ASSIGNED}


@dataclass(frozen=True, slots=True)
class CouponQuery(CouponQueryServicer):
    definitions: DefinitionService
    coupons: CouponService
    redemptions: RedemptionService
    progress: ProgressService
    peers: Peers
    clock: Clock
    pages: Pages

    async def ListActiveDefinitions(
        self, request: pb.ListActiveDefinitionsRequest, context: Context
    ) -> pb.ListActiveDefinitionsResponse:
        shown = convert.redacted_definition if _is_user() else convert.definition_message
        return await self.pages.write(
            pb.ListActiveDefinitionsResponse(),
            request,
            partial(
                self.definitions.list_definitions, UUID(request.tenant_id), DefinitionStatus.ACTIVE
            ),
            shown,
        )

    async def ListUserCoupons(
        self, request: pb.ListUserCouponsRequest, context: Context
    ) -> pb.ListUserCouponsResponse:
        wanted = CouponFilter(
            tenant_id=UUID(request.tenant_id),
            now=self.clock(),
            user_id=request.user_id,
            status=convert.word(CouponStatus, Coupon.Status.Name(request.status)),
        )
        return await self.pages.write(
            pb.ListUserCouponsResponse(),
            request,
            partial(self.coupons.list_coupons, wanted),
            convert.coupon_view_message,
        )

    async def ValidateCoupon(
        self, request: pb.ValidateCouponRequest, context: Context
    ) -> pb.ValidateCouponResponse:
        user_id = request.user_id or None
        attempt = Attempt(
            current_call().principal.tenant_id, TypedCode.parse(request.code), user_id
        )
        command = ValidateCommand(attempt, self._guesser(user_id))
        return _validation_response(await self.redemptions.validate(command))

    async def RedeemCoupon(
        self, request: pb.RedeemCouponRequest, context: Context
    ) -> pb.RedeemCouponResponse:
        call = current_call()
        principal = call.principal
        command = RedeemCommand(
            tenant_id=principal.tenant_id,
            account=call.account,
            code=TypedCode.parse(request.code),
            user_id=request.user_id,
            guesser=self._guesser(request.user_id),
            provenance=Provenance(
                principal.credential_id, request.reference, dict(request.metadata)
            ),
            request=idempotent_request(request),
            respond=_redeem_response,
        )
        try:
            answer = await self.redemptions.redeem(command)
        except DomainError as error:
            raise _told(error) from None
        if isinstance(answer, Replay):
            return pb.RedeemCouponResponse.FromString(answer.answer)
        return cast("pb.RedeemCouponResponse", answer)

    async def ListUserRedemptions(
        self, request: pb.ListUserRedemptionsRequest, context: Context
    ) -> pb.ListUserRedemptionsResponse:
        wanted = LedgerFilter(
            tenant_id=UUID(request.tenant_id),
            kind=RedemptionKind.REDEMPTION,
            user_id=request.user_id,
        )
        return await self.pages.write(
            pb.ListUserRedemptionsResponse(),
            request,
            partial(self.coupons.list_ledger, wanted),
            convert.ledger_entry_message,
        )

    async def ListUserProgress(
        self, request: pb.ListUserProgressRequest, context: Context
    ) -> pb.ListUserProgressResponse:
        shown = convert.redacted_progress if _is_user() else convert.progress_message
        return await self.pages.write(
            pb.ListUserProgressResponse(),
            request,
            partial(self.progress.list_progress, UUID(request.tenant_id), request.user_id),
            shown,
        )

    def _guesser(self, user_id: str | None) -> Guesser:
        """Whose failure it is if the attempt fails.

        A user is behind the token and the address of a user's token alone: those of a backend are
        its users' together, who must not block one another.
        """
        call = current_call()
        principal = call.principal
        if not principal.token:
            return Guesser(principal.tenant_id, user_id)
        peer = self.peers.read(call.metadata)
        return Guesser(principal.tenant_id, user_id, principal.token, peer)


def _is_user() -> bool:
    """Whether the caller is confined to one user, who must not learn of others."""
    return current_call().principal.user_id is not None


def _told(error: DomainError) -> DomainError:
    """What the caller may know: a user can't tell another's code from none, by time either."""
    if error.reason in _NOT_THE_USERS and _is_user():
        return coupon_refused(Reason.COUPON_NOT_FOUND)
    return error


def _redeem_response(receipt: Receipt) -> pb.RedeemCouponResponse:
    response = pb.RedeemCouponResponse()
    item = receipt.reward_item
    convert.write_redemption(response.redemption, receipt.redemption)
    convert.write_coupon(response.coupon, receipt.coupon, receipt.definition, item, receipt.now)
    response.reward_item.CopyFrom(convert.reward_item_message(item))
    return response


def _validation_response(validation: Validation) -> pb.ValidateCouponResponse:
    response = pb.ValidateCouponResponse(
        remaining_uses=convert.count_message(validation.remaining_uses)
    )
    reason = validation.refusal
    if reason is Reason.COUPON_NOT_ASSIGNED and _is_user():
        reason = Reason.COUPON_NOT_FOUND
    if reason is None:
        response.valid = True
    else:
        response.reason, response.message = reason, COUPON_MESSAGES[reason]
    item, coupon, definition = validation.reward_item, validation.coupon, validation.definition
    if item is not None:
        response.reward_item.CopyFrom(convert.reward_item_message(item))
    if coupon is not None and definition is not None and item is not None:
        convert.write_coupon(response.coupon, coupon, definition, item, validation.now)
    return response
