"""CouponAdmin: reward items, definitions, issued coupons, the ledger."""

from dataclasses import dataclass, replace
from functools import partial
from uuid import UUID

from google.protobuf.field_mask_pb2 import FieldMask

from coupon_server.domain.clock import Clock
from coupon_server.domain.coupon import CouponStatus
from coupon_server.domain.definition import CouponDefinition, DefinitionStatus
from coupon_server.domain.rewards import RewardItem
from coupon_server.rpc import convert, update_masks
from coupon_server.rpc.calls import Context, current_call
from coupon_server.rpc.guess_policies import strength_message
from coupon_server.rpc.mutations import run_once
from coupon_server.rpc.pages import Pages
from coupon_server.services.coupons import CouponService
from coupon_server.services.definitions import DefinitionService
from coupon_server.services.generation import Generation, GenerationService
from coupon_server.services.guessing import GuessProtection
from coupon_server.services.idempotency import Mutations
from coupon_server.services.rewards import RewardService
from coupon_server.storage.database import Transaction
from phoenix_coupons.v1 import coupon_admin_pb2 as pb
from phoenix_coupons.v1 import definitions_pb2, rewards_pb2
from phoenix_coupons.v1.coupon_admin_pb2_grpc import CouponAdminServicer


@dataclass(frozen=True, slots=True)
class CouponAdmin(CouponAdminServicer):
    mutations: Mutations
    rewards: RewardService
    definitions: DefinitionService
    generation: GenerationService
    coupons: CouponService
    guessing: GuessProtection
    clock: Clock
    pages: Pages

    # --- reward items

    async def ListRewardItems(
        self, request: pb.ListRewardItemsRequest, context: Context
    ) -> pb.ListRewardItemsResponse:
        return await self.pages.write(
            pb.ListRewardItemsResponse(),
            request,
            partial(self.rewards.list_items, UUID(request.tenant_id)),
            convert.reward_item_message,
        )

    async def GetRewardItem(
        self, request: pb.GetRewardItemRequest, context: Context
    ) -> pb.GetRewardItemResponse:
        item = await self.rewards.get(UUID(request.tenant_id), UUID(request.item_id))
        return pb.GetRewardItemResponse(reward_item=convert.reward_item_message(item))

    async def CreateRewardItem(
        self, request: pb.CreateRewardItemRequest, context: Context
    ) -> pb.CreateRewardItemResponse:
        async def create(transaction: Transaction) -> pb.CreateRewardItemResponse:
            item = await self.rewards.create(
                transaction,
                UUID(request.tenant_id),
                name=request.name,
                description=request.description,
                reward_type=request.reward_type,
                payload=convert.payload(request),
            )
            return pb.CreateRewardItemResponse(reward_item=convert.reward_item_message(item))

        return await run_once(self.mutations, request, pb.CreateRewardItemResponse, create)

    async def UpdateRewardItem(
        self, request: pb.UpdateRewardItemRequest, context: Context
    ) -> pb.UpdateRewardItemResponse:
        async def update(transaction: Transaction) -> pb.UpdateRewardItemResponse:
            with update_masks.fields_of("reward_item"):
                item = await self.rewards.update(
                    transaction,
                    UUID(request.tenant_id),
                    UUID(request.item_id),
                    request.reward_item.etag,
                    lambda before: _changed_item(before, request.reward_item, request.update_mask),
                )
            return pb.UpdateRewardItemResponse(reward_item=convert.reward_item_message(item))

        return await run_once(self.mutations, request, pb.UpdateRewardItemResponse, update)

    async def DeleteRewardItem(
        self, request: pb.DeleteRewardItemRequest, context: Context
    ) -> pb.DeleteRewardItemResponse:
        async def delete(transaction: Transaction) -> pb.DeleteRewardItemResponse:
            await self.rewards.delete(
                transaction, UUID(request.tenant_id), UUID(request.item_id), request.etag
            )
            return pb.DeleteRewardItemResponse()

        return await run_once(self.mutations, request, pb.DeleteRewardItemResponse, delete)

    # --- definitions

    async def ListCouponDefinitions(
        self, request: pb.ListCouponDefinitionsRequest, context: Context
    ) -> pb.ListCouponDefinitionsResponse:
        status = definitions_pb2.CouponDefinition.Status.Name(request.status)
        return await self.pages.write(
            pb.ListCouponDefinitionsResponse(),
            request,
            partial(
                self.definitions.list_definitions,
                UUID(request.tenant_id),
                convert.word(DefinitionStatus, status),
            ),
            convert.definition_message,
        )

    async def GetCouponDefinition(
        self, request: pb.GetCouponDefinitionRequest, context: Context
    ) -> pb.GetCouponDefinitionResponse:
        definition = await self.definitions.get(UUID(request.tenant_id), UUID(request.id))
        return pb.GetCouponDefinitionResponse(definition=convert.definition_message(definition))

    async def CreateCouponDefinition(
        self, request: pb.CreateCouponDefinitionRequest, context: Context
    ) -> pb.CreateCouponDefinitionResponse:
        async def create(transaction: Transaction) -> pb.CreateCouponDefinitionResponse:
            definition = await self.definitions.create(
                transaction,
                UUID(request.tenant_id),
                name=request.name,
                description=request.description,
                config=convert.config(request.config),
            )
            return pb.CreateCouponDefinitionResponse(
                definition=convert.definition_message(definition)
            )

        return await run_once(self.mutations, request, pb.CreateCouponDefinitionResponse, create)

    async def UpdateCouponDefinition(
        self, request: pb.UpdateCouponDefinitionRequest, context: Context
    ) -> pb.UpdateCouponDefinitionResponse:
        async def update(transaction: Transaction) -> pb.UpdateCouponDefinitionResponse:
            with update_masks.fields_of("definition"):
                definition = await self.definitions.update(
                    transaction,
                    UUID(request.tenant_id),
                    UUID(request.id),
                    request.definition.etag,
                    lambda before: _changed_definition(
                        before, request.definition, request.update_mask
                    ),
                )
            return pb.UpdateCouponDefinitionResponse(
                definition=convert.definition_message(definition)
            )

        return await run_once(self.mutations, request, pb.UpdateCouponDefinitionResponse, update)

    async def PauseCouponDefinition(
        self, request: pb.PauseCouponDefinitionRequest, context: Context
    ) -> pb.PauseCouponDefinitionResponse:
        async def pause(transaction: Transaction) -> pb.PauseCouponDefinitionResponse:
            message = await self._set_status(transaction, request, DefinitionStatus.PAUSED)
            return pb.PauseCouponDefinitionResponse(definition=message)

        return await run_once(self.mutations, request, pb.PauseCouponDefinitionResponse, pause)

    async def ResumeCouponDefinition(
        self, request: pb.ResumeCouponDefinitionRequest, context: Context
    ) -> pb.ResumeCouponDefinitionResponse:
        async def resume(transaction: Transaction) -> pb.ResumeCouponDefinitionResponse:
            message = await self._set_status(transaction, request, DefinitionStatus.ACTIVE)
            return pb.ResumeCouponDefinitionResponse(definition=message)

        return await run_once(self.mutations, request, pb.ResumeCouponDefinitionResponse, resume)

    async def ArchiveCouponDefinition(
        self, request: pb.ArchiveCouponDefinitionRequest, context: Context
    ) -> pb.ArchiveCouponDefinitionResponse:
        async def archive(transaction: Transaction) -> pb.ArchiveCouponDefinitionResponse:
            message = await self._set_status(
                transaction, request, DefinitionStatus.ARCHIVED, request.etag
            )
            return pb.ArchiveCouponDefinitionResponse(definition=message)

        return await run_once(self.mutations, request, pb.ArchiveCouponDefinitionResponse, archive)

    async def _set_status(
        self,
        transaction: Transaction,
        request: pb.PauseCouponDefinitionRequest
        | pb.ResumeCouponDefinitionRequest
        | pb.ArchiveCouponDefinitionRequest,
        status: DefinitionStatus,
        etag: str = "",
    ) -> definitions_pb2.CouponDefinition:
        definition = await self.definitions.set_status(
            transaction, UUID(request.tenant_id), UUID(request.id), status, etag
        )
        return convert.definition_message(definition)

    async def GetCouponDefinitionStats(
        self, request: pb.GetCouponDefinitionStatsRequest, context: Context
    ) -> pb.GetCouponDefinitionStatsResponse:
        stats = await self.definitions.stats(UUID(request.tenant_id), UUID(request.id))
        counts = {status.value: stats.by_status.get(status, 0) for status in CouponStatus}
        return pb.GetCouponDefinitionStatsResponse(
            issued=sum(counts.values()),
            **counts,
            redemptions=stats.redemptions,
            distinct_users=stats.distinct_users,
        )

    async def GetCodeStrength(
        self, request: pb.GetCodeStrengthRequest, context: Context
    ) -> pb.GetCodeStrengthResponse:
        strength = await self.guessing.code_strength(UUID(request.tenant_id), UUID(request.id))
        return strength_message(strength, request.users or 1)

    async def GenerateCoupons(
        self, request: pb.GenerateCouponsRequest, context: Context
    ) -> pb.GenerateCouponsResponse:
        async def generate(transaction: Transaction) -> pb.GenerateCouponsResponse:
            return _generation_message(
                await self.generation.generate(
                    transaction,
                    UUID(request.tenant_id),
                    UUID(request.id),
                    user_ids=list(request.user_ids),
                    quantity=request.quantity,
                )
            )

        return await run_once(self.mutations, request, pb.GenerateCouponsResponse, generate)

    # --- issued coupons

    async def ListIssuedCoupons(
        self, request: pb.ListIssuedCouponsRequest, context: Context
    ) -> pb.ListIssuedCouponsResponse:
        wanted = convert.coupon_filter(request, self.clock())
        return await self.pages.write(
            pb.ListIssuedCouponsResponse(),
            request,
            partial(self.coupons.list_coupons, wanted),
            convert.coupon_view_message,
        )

    async def GetIssuedCoupon(
        self, request: pb.GetIssuedCouponRequest, context: Context
    ) -> pb.GetIssuedCouponResponse:
        view = await self.coupons.get(UUID(request.tenant_id), UUID(request.coupon_id))
        return pb.GetIssuedCouponResponse(coupon=convert.coupon_view_message(view))

    async def RevokeCoupon(
        self, request: pb.RevokeCouponRequest, context: Context
    ) -> pb.RevokeCouponResponse:
        async def revoke(transaction: Transaction) -> pb.RevokeCouponResponse:
            view = await self.coupons.revoke(
                transaction, UUID(request.tenant_id), UUID(request.coupon_id), request.reason
            )
            return pb.RevokeCouponResponse(coupon=convert.coupon_view_message(view))

        return await run_once(self.mutations, request, pb.RevokeCouponResponse, revoke)

    async def RevokeCoupons(
        self, request: pb.RevokeCouponsRequest, context: Context
    ) -> pb.RevokeCouponsResponse:
        async def revoke(transaction: Transaction) -> pb.RevokeCouponsResponse:
            revoked = await self.coupons.revoke_many(
                transaction,
                UUID(request.tenant_id),
                [UUID(coupon_id) for coupon_id in request.coupon_ids],
                request.reason,
            )
            return pb.RevokeCouponsResponse(revoked=revoked)

        return await run_once(self.mutations, request, pb.RevokeCouponsResponse, revoke)

    # --- the ledger

    async def ListRedemptions(
        self, request: pb.ListRedemptionsRequest, context: Context
    ) -> pb.ListRedemptionsResponse:
        wanted = convert.ledger_filter(request)
        return await self.pages.write(
            pb.ListRedemptionsResponse(),
            request,
            partial(self.coupons.list_ledger, wanted),
            convert.ledger_entry_message,
        )

    async def GetRedemption(
        self, request: pb.GetRedemptionRequest, context: Context
    ) -> pb.GetRedemptionResponse:
        entry = await self.coupons.get_redemption(
            UUID(request.tenant_id), UUID(request.redemption_id)
        )
        return pb.GetRedemptionResponse(redemption=convert.ledger_entry_message(entry))

    async def ReverseRedemption(
        self, request: pb.ReverseRedemptionRequest, context: Context
    ) -> pb.ReverseRedemptionResponse:
        async def reverse(transaction: Transaction) -> pb.ReverseRedemptionResponse:
            entry, view = await self.coupons.reverse(
                transaction,
                UUID(request.tenant_id),
                UUID(request.redemption_id),
                credential_id=current_call().principal.credential_id,
                reason=request.reason,
            )
            return pb.ReverseRedemptionResponse(
                reversal=convert.ledger_entry_message(entry),
                coupon=convert.coupon_view_message(view),
            )

        return await run_once(self.mutations, request, pb.ReverseRedemptionResponse, reverse)


def _changed_item(before: RewardItem, given: rewards_pb2.RewardItem, mask: FieldMask) -> RewardItem:
    current = convert.reward_item_message(before)
    merged = update_masks.merged(current, given, mask, update_masks.REWARD_ITEM_FIELDS)
    return replace(
        before,
        name=merged.name,
        description=merged.description,
        reward_type=merged.reward_type,
        payload=convert.payload(merged),
    )


def _changed_definition(
    before: CouponDefinition, given: definitions_pb2.CouponDefinition, mask: FieldMask
) -> CouponDefinition:
    current = convert.definition_message(before)
    merged = update_masks.merged(current, given, mask, update_masks.DEFINITION_FIELDS)
    return replace(
        before,
        name=merged.name,
        description=merged.description,
        config=convert.config(merged.config),
    )


def _generation_message(generation: Generation) -> pb.GenerateCouponsResponse:
    expires_at = generation.definition.config.expires_at
    return pb.GenerateCouponsResponse(
        generated=sum(one.created for one in generation.coupons),
        generation_id=str(generation.generation_id or ""),
        coupons=[
            convert.generated_coupon_message(one.coupon, one.created, expires_at)
            for one in generation.coupons
        ],
    )
