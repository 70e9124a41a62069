"""CouponAdmin: reward items, definitions, issued coupons, the ledger."""

from dataclasses import dataclass, replace
from functools import partial
from uuid import UUID

from google.protobuf.field_mask_pb2 import FieldMask

from coupon_server.domain.clock import Clock
from coupon_server.domain.coupon import CouponStatus
from coupon_server.domain.definition import CouponDefinition, DefinitionStatus
from coupon_server.domain.rewards import RewardItem
from coupon_server.rpc import update_masks
from coupon_server.rpc.calls import Call
from coupon_server.rpc.conversion.coupons import (
    coupon_filter,
    coupon_message,
    generated_coupon_message,
)
from coupon_server.rpc.conversion.definitions import definition_message, parse_config
from coupon_server.rpc.conversion.fields import enum_member
from coupon_server.rpc.conversion.guess_policies import strength_message
from coupon_server.rpc.conversion.redemptions import ledger_entry_message, ledger_filter
from coupon_server.rpc.conversion.rewards import (
    RewardItemMessages,
    parse_payload,
    reward_item_message,
)
from coupon_server.rpc.mutations import mutation
from coupon_server.rpc.pages import Pages
from coupon_server.services.coupons import CouponService
from coupon_server.services.definitions import DefinitionService
from coupon_server.services.generation import Generation, GenerationService
from coupon_server.services.guessing import GuessProtection
from coupon_server.services.idempotency import Mutations
from coupon_server.services.rewards import RewardService
from coupon_server.services.unit_of_work import UnitOfWork
from phoenix_coupons.v1 import coupon_admin_pb2 as pb
from phoenix_coupons.v1 import definitions_pb2, rewards_pb2


@dataclass(frozen=True, slots=True)
class CouponAdmin:
    mutations: Mutations
    rewards: RewardService
    definitions: DefinitionService
    generation: GenerationService
    coupons: CouponService
    guessing: GuessProtection
    clock: Clock
    pages: Pages
    reward_items: RewardItemMessages

    # --- reward items

    async def ListRewardItems(
        self, request: pb.ListRewardItemsRequest, call: Call
    ) -> pb.ListRewardItemsResponse:
        return await self.pages.write(
            pb.ListRewardItemsResponse(),
            request,
            partial(self.rewards.list_items, UUID(request.tenant_id)),
            reward_item_message,
        )

    async def GetRewardItem(
        self, request: pb.GetRewardItemRequest, call: Call
    ) -> pb.GetRewardItemResponse:
        item = await self.rewards.get(UUID(request.tenant_id), UUID(request.item_id))
        return pb.GetRewardItemResponse(reward_item=reward_item_message(item))

    @mutation
    async def CreateRewardItem(
        self, request: pb.CreateRewardItemRequest, call: Call, unit: UnitOfWork
    ) -> pb.CreateRewardItemResponse:
        item = await self.rewards.create(
            unit,
            UUID(request.tenant_id),
            name=request.name,
            description=request.description,
            reward_type=request.reward_type,
            payload=parse_payload(request),
        )
        return pb.CreateRewardItemResponse(reward_item=reward_item_message(item))

    @mutation
    async def UpdateRewardItem(
        self, request: pb.UpdateRewardItemRequest, call: Call, unit: UnitOfWork
    ) -> pb.UpdateRewardItemResponse:
        with update_masks.fields_of("reward_item"):
            item = await self.rewards.update(
                unit,
                UUID(request.tenant_id),
                UUID(request.item_id),
                request.reward_item.etag,
                lambda before: _changed_item(before, request.reward_item, request.update_mask),
            )
        return pb.UpdateRewardItemResponse(reward_item=reward_item_message(item))

    @mutation
    async def DeleteRewardItem(
        self, request: pb.DeleteRewardItemRequest, call: Call, unit: UnitOfWork
    ) -> pb.DeleteRewardItemResponse:
        await self.rewards.delete(
            unit, UUID(request.tenant_id), UUID(request.item_id), request.etag
        )
        return pb.DeleteRewardItemResponse()

    # --- definitions

    async def ListCouponDefinitions(
        self, request: pb.ListCouponDefinitionsRequest, call: Call
    ) -> pb.ListCouponDefinitionsResponse:
        status = definitions_pb2.CouponDefinition.Status.Name(request.status)
        return await self.pages.write(
            pb.ListCouponDefinitionsResponse(),
            request,
            partial(
                self.definitions.list_definitions,
                UUID(request.tenant_id),
                enum_member(DefinitionStatus, status),
            ),
            definition_message,
        )

    async def GetCouponDefinition(
        self, request: pb.GetCouponDefinitionRequest, call: Call
    ) -> pb.GetCouponDefinitionResponse:
        definition = await self.definitions.get(UUID(request.tenant_id), UUID(request.id))
        return pb.GetCouponDefinitionResponse(definition=definition_message(definition))

    @mutation
    async def CreateCouponDefinition(
        self, request: pb.CreateCouponDefinitionRequest, call: Call, unit: UnitOfWork
    ) -> pb.CreateCouponDefinitionResponse:
        definition = await self.definitions.create(
            unit,
            UUID(request.tenant_id),
            name=request.name,
            description=request.description,
            config=parse_config(request.config),
        )
        return pb.CreateCouponDefinitionResponse(definition=definition_message(definition))

    @mutation
    async def UpdateCouponDefinition(
        self, request: pb.UpdateCouponDefinitionRequest, call: Call, unit: UnitOfWork
    ) -> pb.UpdateCouponDefinitionResponse:
        with update_masks.fields_of("definition"):
            definition = await self.definitions.update(
                unit,
                UUID(request.tenant_id),
                UUID(request.id),
                request.definition.etag,
                lambda before: _changed_definition(before, request.definition, request.update_mask),
            )
        return pb.UpdateCouponDefinitionResponse(definition=definition_message(definition))

    @mutation
    async def PauseCouponDefinition(
        self, request: pb.PauseCouponDefinitionRequest, call: Call, unit: UnitOfWork
    ) -> pb.PauseCouponDefinitionResponse:
        message = await self._set_status(unit, request, DefinitionStatus.PAUSED)
        return pb.PauseCouponDefinitionResponse(definition=message)

    @mutation
    async def ResumeCouponDefinition(
        self, request: pb.ResumeCouponDefinitionRequest, call: Call, unit: UnitOfWork
    ) -> pb.ResumeCouponDefinitionResponse:
        message = await self._set_status(unit, request, DefinitionStatus.ACTIVE)
        return pb.ResumeCouponDefinitionResponse(definition=message)

    @mutation
    async def ArchiveCouponDefinition(
        self, request: pb.ArchiveCouponDefinitionRequest, call: Call, unit: UnitOfWork
    ) -> pb.ArchiveCouponDefinitionResponse:
        message = await self._set_status(unit, request, DefinitionStatus.ARCHIVED, request.etag)
        return pb.ArchiveCouponDefinitionResponse(definition=message)

    async def _set_status(
        self,
        unit: UnitOfWork,
        request: pb.PauseCouponDefinitionRequest
        | pb.ResumeCouponDefinitionRequest
        | pb.ArchiveCouponDefinitionRequest,
        status: DefinitionStatus,
        etag: str = "",
    ) -> definitions_pb2.CouponDefinition:
        definition = await self.definitions.set_status(
            unit, UUID(request.tenant_id), UUID(request.id), status, etag
        )
        return definition_message(definition)

    async def GetCouponDefinitionStats(
        self, request: pb.GetCouponDefinitionStatsRequest, call: Call
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
        self, request: pb.GetCodeStrengthRequest, call: Call
    ) -> pb.GetCodeStrengthResponse:
        strength = await self.guessing.code_strength(UUID(request.tenant_id), UUID(request.id))
        return strength_message(strength, request.users or 1)

    @mutation
    async def GenerateCoupons(
        self, request: pb.GenerateCouponsRequest, call: Call, unit: UnitOfWork
    ) -> pb.GenerateCouponsResponse:
        return _generation_message(
            await self.generation.generate(
                unit,
                UUID(request.tenant_id),
                UUID(request.id),
                user_ids=list(request.user_ids),
                quantity=request.quantity,
            )
        )

    # --- issued coupons

    async def ListIssuedCoupons(
        self, request: pb.ListIssuedCouponsRequest, call: Call
    ) -> pb.ListIssuedCouponsResponse:
        return await self.pages.write(
            pb.ListIssuedCouponsResponse(),
            request,
            partial(self.coupons.list_coupons, coupon_filter(request, self.clock())),
            partial(coupon_message, items=self.reward_items),
        )

    async def GetIssuedCoupon(
        self, request: pb.GetIssuedCouponRequest, call: Call
    ) -> pb.GetIssuedCouponResponse:
        view = await self.coupons.get(UUID(request.tenant_id), UUID(request.coupon_id))
        return pb.GetIssuedCouponResponse(coupon=coupon_message(view, self.reward_items))

    @mutation
    async def RevokeCoupon(
        self, request: pb.RevokeCouponRequest, call: Call, unit: UnitOfWork
    ) -> pb.RevokeCouponResponse:
        view = await self.coupons.revoke(
            unit, UUID(request.tenant_id), UUID(request.coupon_id), request.reason
        )
        return pb.RevokeCouponResponse(coupon=coupon_message(view, self.reward_items))

    @mutation
    async def RevokeCoupons(
        self, request: pb.RevokeCouponsRequest, call: Call, unit: UnitOfWork
    ) -> pb.RevokeCouponsResponse:
        revoked = await self.coupons.revoke_many(
            unit,
            UUID(request.tenant_id),
            [UUID(coupon_id) for coupon_id in request.coupon_ids],
            request.reason,
        )
        return pb.RevokeCouponsResponse(revoked=revoked)

    # --- the ledger

    async def ListRedemptions(
        self, request: pb.ListRedemptionsRequest, call: Call
    ) -> pb.ListRedemptionsResponse:
        return await self.pages.write(
            pb.ListRedemptionsResponse(),
            request,
            partial(self.coupons.list_ledger, ledger_filter(request)),
            partial(ledger_entry_message, items=self.reward_items),
        )

    async def GetRedemption(
        self, request: pb.GetRedemptionRequest, call: Call
    ) -> pb.GetRedemptionResponse:
        entry = await self.coupons.get_redemption(
            UUID(request.tenant_id), UUID(request.redemption_id)
        )
        return pb.GetRedemptionResponse(redemption=ledger_entry_message(entry, self.reward_items))

    @mutation
    async def ReverseRedemption(
        self, request: pb.ReverseRedemptionRequest, call: Call, unit: UnitOfWork
    ) -> pb.ReverseRedemptionResponse:
        entry, view = await self.coupons.reverse(
            unit,
            UUID(request.tenant_id),
            UUID(request.redemption_id),
            credential_id=call.principal.credential_id,
            reason=request.reason,
        )
        return pb.ReverseRedemptionResponse(
            reversal=ledger_entry_message(entry, self.reward_items),
            coupon=coupon_message(view, self.reward_items),
        )


def _changed_item(before: RewardItem, given: rewards_pb2.RewardItem, mask: FieldMask) -> RewardItem:
    current = reward_item_message(before)
    merged = update_masks.merged(current, given, mask, update_masks.REWARD_ITEM_FIELDS)
    return replace(
        before,
        name=merged.name,
        description=merged.description,
        reward_type=merged.reward_type,
        payload=parse_payload(merged),
    )


def _changed_definition(
    before: CouponDefinition, given: definitions_pb2.CouponDefinition, mask: FieldMask
) -> CouponDefinition:
    current = definition_message(before)
    merged = update_masks.merged(current, given, mask, update_masks.DEFINITION_FIELDS)
    return replace(
        before,
        name=merged.name,
        description=merged.description,
        config=parse_config(merged.config),
    )


def _generation_message(generation: Generation) -> pb.GenerateCouponsResponse:
    expires_at = generation.definition.config.expires_at
    return pb.GenerateCouponsResponse(
        generated=sum(generated.created for generated in generation.coupons),
        generation_id=str(generation.generation_id or ""),
        coupons=[
            generated_coupon_message(generated.coupon, generated.created, expires_at)
            for generated in generation.coupons
        ],
    )
