"""A tenant's back office and backend in the few words that a test about rules needs."""

from collections.abc import Awaitable
from datetime import datetime, timedelta
from typing import TYPE_CHECKING, Any, Self

import pytest

from phoenix_coupons import ApiKeyCredential, AsyncCouponsClient, CouponsError, TenantToken
from phoenix_coupons.v1 import (
    ArchiveCouponDefinitionRequest,
    Coupon,
    CouponConfig,
    CouponDefinition,
    CreateCouponDefinitionRequest,
    CreateRewardItemRequest,
    Event,
    EventResult,
    GenerateCouponsRequest,
    GenerateCouponsResponse,
    GetCouponDefinitionRequest,
    GetCouponDefinitionStatsRequest,
    GetCouponDefinitionStatsResponse,
    GetIssuedCouponRequest,
    GuessLimit,
    GuessPolicy,
    ListIssuedCouponsRequest,
    ListRedemptionsRequest,
    ListUserProgressRequest,
    PauseCouponDefinitionRequest,
    Progress,
    RedeemCouponRequest,
    RedeemCouponResponse,
    Redemption,
    ResumeCouponDefinitionRequest,
    ReverseRedemptionRequest,
    ReverseRedemptionResponse,
    RevokeCouponRequest,
    RewardItem,
    SendEventRequest,
    SetGuessPolicyRequest,
    UpdateCouponDefinitionRequest,
    UsageLimit,
    ValidateCouponRequest,
    ValidateCouponResponse,
)
from support.serving import Tenant

if TYPE_CHECKING:
    from phoenix_coupons.v1.coupon_admin_pb2_grpc import CouponAdminAsyncStub
    from phoenix_coupons.v1.coupon_jobs_pb2_grpc import CouponJobsAsyncStub
    from phoenix_coupons.v1.coupon_query_pb2_grpc import CouponQueryAsyncStub
    from phoenix_coupons.v1.event_ingest_pb2_grpc import EventIngestAsyncStub
    from phoenix_coupons.v1.grant_delivery_pb2_grpc import GrantDeliveryAsyncStub

# Tests move the server's clock far ahead of the real one.
TOKEN_LIFETIME = timedelta(days=20 * 365)


async def refused(call: Awaitable[object]) -> CouponsError:
    """The error of a call that has to fail."""
    with pytest.raises(CouponsError) as caught:
        await call
    return caught.value


async def reason(call: Awaitable[object]) -> str:
    """Why a call that has to fail was refused."""
    return (await refused(call)).reason


async def outcome(call: Awaitable[object]) -> str:
    """The reason of a call that may fail; empty when it succeeds."""
    try:
        await call
    except CouponsError as error:
        return error.reason
    return ""


def usage_limit(limit_type: str = "per_user", max_uses: int | None = None) -> UsageLimit:
    limit = UsageLimit(limit_type=UsageLimit.LimitType.Value(limit_type))
    if max_uses is not None:
        limit.max_uses.value = max_uses
    return limit


def config(
    *,
    limit: UsageLimit | None = None,
    starts_at: datetime | None = None,
    expires_at: datetime | None = None,
    valid_for: timedelta | None = None,
    max_uses_per_user: int | None = None,
    issue_limit: int | None = None,
    issue_limit_per_user: int | None = None,
    **fields: Any,
) -> CouponConfig:
    """A CouponConfig from Python's own values. A `custom_code` implies its code format."""
    made = CouponConfig(**fields)
    if made.custom_code:
        made.code_format = CouponConfig.CodeFormat.custom
    if limit is not None:
        made.usage_limit.CopyFrom(limit)
    if starts_at is not None:
        made.starts_at.FromDatetime(starts_at)
    if expires_at is not None:
        made.expires_at.FromDatetime(expires_at)
    if valid_for is not None:
        made.valid_for.FromTimedelta(valid_for)
    if max_uses_per_user is not None:
        made.max_uses_per_user.value = max_uses_per_user
    if issue_limit is not None:
        made.issue_limit.value = issue_limit
    if issue_limit_per_user is not None:
        made.issue_limit_per_user.value = issue_limit_per_user
    return made


class Shop:
    """A tenant with a reward item, and the calls that most tests make.

    `admin`, `jobs`, `tenants`, `query`, `events` and `grants` are the clients' stubs, for all the
    other calls.
    """

    def __init__(self, tenant: Tenant, admin: AsyncCouponsClient, backend: AsyncCouponsClient):
        self.tenant = tenant
        self.tenants = admin.tenants
        self.admin: CouponAdminAsyncStub = admin.admin
        self.jobs: CouponJobsAsyncStub = admin.jobs
        self.query: CouponQueryAsyncStub = backend.query
        self.events: EventIngestAsyncStub = backend.events
        self.grants: GrantDeliveryAsyncStub = backend.grants
        self.item = RewardItem()

    @classmethod
    async def open(cls, tenant: Tenant) -> Self:
        token = TenantToken(
            tenant.id,
            tenant.credentials.tenant_secret,
            lifetime=TOKEN_LIFETIME.total_seconds(),
        )
        key = ApiKeyCredential(tenant.credentials.api_key)
        # A busy machine is no failure.
        admin = await tenant.server.client(key, timeout=60)
        backend = await tenant.server.client(token, timeout=60)
        shop = cls(tenant, admin, backend)
        shop.item = await shop.reward_item()
        return shop

    @property
    def id(self) -> str:
        """The tenant's id."""
        return self.tenant.id

    async def allow_failures(self) -> None:
        """Let users fail a thousand times: every worker knows of it within a second.

        No more often, so that codes of the default length stay long enough.
        """
        most = GuessLimit(failures=1_000)
        most.window.FromSeconds(86_400)
        most.block.FromSeconds(60)
        most.max_block.FromSeconds(86_400)
        policy = GuessPolicy(user_token=most, user=most, peer=most)
        await self.tenants.SetGuessPolicy(SetGuessPolicyRequest(tenant_id=self.id, policy=policy))

    async def reward_item(self, name: str = "Gems") -> RewardItem:
        created = await self.admin.CreateRewardItem(
            CreateRewardItemRequest(tenant_id=self.id, name=name, reward_type="currency")
        )
        return created.reward_item

    # --- definitions

    async def define(self, **fields: Any) -> CouponDefinition:
        """A definition of `config(**fields)`; it grants the shop's own item by default."""
        name = fields.pop("name", "Campaign")
        wanted = config(**{"reward_item_id": self.item.item_id} | fields)
        created = await self.admin.CreateCouponDefinition(
            CreateCouponDefinitionRequest(tenant_id=self.id, name=name, config=wanted)
        )
        return created.definition

    async def change(
        self, definition: CouponDefinition, *paths: str, etag: str = "", **fields: Any
    ) -> CouponDefinition:
        """Update the masked paths of the config from `config(**fields)`.

        No path: the fields that are given. A path without its field clears it.
        """
        given = CouponDefinition(config=config(**fields), etag=etag)
        request = UpdateCouponDefinitionRequest(
            tenant_id=self.id, id=definition.id, definition=given
        )
        request.update_mask.paths.extend(f"config.{path}" for path in paths)
        return (await self.admin.UpdateCouponDefinition(request)).definition

    async def definition(self, definition_id: str) -> CouponDefinition:
        request = GetCouponDefinitionRequest(tenant_id=self.id, id=definition_id)
        return (await self.admin.GetCouponDefinition(request)).definition

    async def pause(self, definition: CouponDefinition) -> CouponDefinition:
        request = PauseCouponDefinitionRequest(tenant_id=self.id, id=definition.id)
        return (await self.admin.PauseCouponDefinition(request)).definition

    async def resume(self, definition: CouponDefinition) -> CouponDefinition:
        request = ResumeCouponDefinitionRequest(tenant_id=self.id, id=definition.id)
        return (await self.admin.ResumeCouponDefinition(request)).definition

    async def archive(self, definition: CouponDefinition) -> CouponDefinition:
        request = ArchiveCouponDefinitionRequest(tenant_id=self.id, id=definition.id)
        return (await self.admin.ArchiveCouponDefinition(request)).definition

    async def stats(self, definition: CouponDefinition) -> GetCouponDefinitionStatsResponse:
        return await self.admin.GetCouponDefinitionStats(
            GetCouponDefinitionStatsRequest(tenant_id=self.id, id=definition.id)
        )

    # --- coupons

    async def generate(
        self,
        definition: CouponDefinition,
        *user_ids: str,
        quantity: int = 0,
        request_id: str = "",
    ) -> GenerateCouponsResponse:
        return await self.admin.GenerateCoupons(
            GenerateCouponsRequest(
                tenant_id=self.id,
                id=definition.id,
                user_ids=user_ids,
                quantity=quantity,
                request_id=request_id,
            )
        )

    async def code_for(self, definition: CouponDefinition, user_id: str) -> str:
        """The code of a coupon made for the user."""
        return (await self.generate(definition, user_id)).coupons[0].code

    async def unclaimed_code(self, definition: CouponDefinition) -> str:
        """The code of a coupon made for nobody yet."""
        return (await self.generate(definition, quantity=1)).coupons[0].code

    async def coupon(self, coupon_id: str) -> Coupon:
        request = GetIssuedCouponRequest(tenant_id=self.id, coupon_id=coupon_id)
        return (await self.admin.GetIssuedCoupon(request)).coupon

    async def coupons(self, **filters: Any) -> list[Coupon]:
        """All coupons that match, newest first."""
        request = ListIssuedCouponsRequest(tenant_id=self.id, page_size=1_000, **filters)
        return list((await self.admin.ListIssuedCoupons(request)).coupons)

    async def revoke(self, coupon_id: str, why: str = "fraud", request_id: str = "") -> Coupon:
        request = RevokeCouponRequest(
            tenant_id=self.id, coupon_id=coupon_id, reason=why, request_id=request_id
        )
        return (await self.admin.RevokeCoupon(request)).coupon

    async def validate(self, code: str, user_id: str = "") -> ValidateCouponResponse:
        return await self.query.ValidateCoupon(
            ValidateCouponRequest(tenant_id=self.id, code=code, user_id=user_id)
        )

    # --- redemptions

    async def redeem(self, code: str, user_id: str, **fields: Any) -> RedeemCouponResponse:
        return await self.query.RedeemCoupon(
            RedeemCouponRequest(tenant_id=self.id, code=code, user_id=user_id, **fields)
        )

    async def reverse(
        self, redemption_id: str, why: str = "returned", request_id: str = ""
    ) -> ReverseRedemptionResponse:
        return await self.admin.ReverseRedemption(
            ReverseRedemptionRequest(
                tenant_id=self.id, redemption_id=redemption_id, reason=why, request_id=request_id
            )
        )

    async def ledger(self, **filters: Any) -> list[Redemption]:
        """All rows that match, newest first."""
        request = ListRedemptionsRequest(tenant_id=self.id, page_size=1_000, **filters)
        return list((await self.admin.ListRedemptions(request)).redemptions)

    # --- events

    async def send(self, event: Event) -> EventResult:
        request = SendEventRequest(tenant_id=self.id, event=event)
        return (await self.events.SendEvent(request)).result

    async def progress(self, user_id: str) -> list[Progress]:
        """The user's progress for every definition, newest first."""
        request = ListUserProgressRequest(tenant_id=self.id, user_id=user_id, page_size=1_000)
        return list((await self.query.ListUserProgress(request)).progress)
