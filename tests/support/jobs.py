"""Long jobs of a shop, done one step after another by the test itself."""

from collections.abc import AsyncIterator, Iterable, Iterator
from typing import TYPE_CHECKING, Any, Self
from uuid import UUID

import phoenix_coupons.v1 as pb
from coupon_server.domain.ids import new_id
from coupon_server.domain.jobs import GenerationJob, JobState, RevocationFilter, RevocationJob
from coupon_server.services.job_steps import JobSteps
from coupon_server.storage import jobs
from phoenix_coupons import AdminToken
from support.app import App
from support.builders import TOKEN_LIFETIME, Shop
from support.serving import Tenant

if TYPE_CHECKING:
    from phoenix_coupons.v1.coupon_jobs_pb2_grpc import CouponJobsAsyncStub


class Jobs:
    """The calls of CouponJobs that most tests make, by an admin JWT."""

    def __init__(self, shop: Shop, stub: "CouponJobsAsyncStub", steps: JobSteps) -> None:
        self.shop = shop
        self.stub = stub
        self.steps = steps

    @classmethod
    async def of(cls, shop: Shop) -> Self:
        return cls(shop, await jobs_stub(shop.tenant), shop.tenant.server.app.background.job_steps)

    async def work_off(self) -> int:
        """Take turns until no job waits; how many."""
        turns = 0
        while await self.steps.run_step():
            turns += 1
        return turns

    # --- generations

    async def generate(
        self,
        definition: pb.CouponDefinition,
        *batches: Iterable[str],
        quantity: int = 0,
        request_id: str = "",
    ) -> pb.Generation:
        """Start a generation, for the users of all batches, a message each."""
        return await self.start(
            generation_messages(
                self.shop, definition, *batches, quantity=quantity, request_id=request_id
            )
        )

    async def start(
        self,
        messages: Iterator[pb.StartGenerationRequest] | AsyncIterator[pb.StartGenerationRequest],
    ) -> pb.Generation:
        return (await self.stub.StartGeneration(messages)).generation

    async def generation(self, generation_id: str) -> pb.Generation:
        request = pb.GetGenerationRequest(tenant_id=self.shop.id, generation_id=generation_id)
        return (await self.stub.GetGeneration(request)).generation

    async def generations(self, **filters: Any) -> list[pb.Generation]:
        request = pb.ListGenerationsRequest(tenant_id=self.shop.id, **filters)
        return list((await self.stub.ListGenerations(request)).generations)

    async def cancel(self, generation_id: str) -> pb.Generation:
        request = pb.CancelGenerationRequest(tenant_id=self.shop.id, generation_id=generation_id)
        return (await self.stub.CancelGeneration(request)).generation

    # --- revocations

    async def revoke(self, reason: str = "leaked", **filters: Any) -> pb.Revocation:
        request = pb.StartRevocationRequest(tenant_id=self.shop.id, reason=reason, **filters)
        return (await self.stub.StartRevocation(request)).revocation

    async def revocation(self, revocation_id: str) -> pb.Revocation:
        request = pb.GetRevocationRequest(tenant_id=self.shop.id, revocation_id=revocation_id)
        return (await self.stub.GetRevocation(request)).revocation

    async def cancel_revocation(self, revocation_id: str) -> pb.Revocation:
        request = pb.CancelRevocationRequest(tenant_id=self.shop.id, revocation_id=revocation_id)
        return (await self.stub.CancelRevocation(request)).revocation

    # --- imports and exports

    async def load(
        self,
        definition: pb.CouponDefinition,
        *messages: Iterable[pb.ImportedCoupon],
        validate_only: bool = False,
    ) -> list[pb.ImportCouponsResponse]:
        """Import the lines, some to a message; the answer to each message."""
        requests = (
            pb.ImportCouponsRequest(
                tenant_id=self.shop.id,
                definition_id=definition.id,
                coupons=lines,
                validate_only=validate_only,
            )
            for lines in messages
        )
        return [answer async for answer in self.stub.ImportCoupons(requests)]

    async def export(self, **filters: Any) -> bytes:
        request = pb.ExportCouponsRequest(tenant_id=self.shop.id, **filters)
        return b"".join([piece.data async for piece in self.stub.ExportCoupons(request)])

    async def export_ledger(self, **filters: Any) -> bytes:
        request = pb.ExportRedemptionsRequest(tenant_id=self.shop.id, **filters)
        return b"".join([piece.data async for piece in self.stub.ExportRedemptions(request)])


async def jobs_stub(tenant: Tenant, **options: Any) -> "CouponJobsAsyncStub":
    own = tenant.credentials
    token = AdminToken(str(own.api_key_id), own.api_key, lifetime=TOKEN_LIFETIME.total_seconds())
    return (await tenant.server.client(token, timeout=60, **options)).jobs


def generation_messages(
    shop: Shop,
    definition: pb.CouponDefinition,
    *batches: Iterable[str],
    quantity: int = 0,
    request_id: str = "",
) -> Iterator[pb.StartGenerationRequest]:
    yield pb.StartGenerationRequest(
        tenant_id=shop.id,
        definition_id=definition.id,
        quantity=quantity,
        request_id=request_id,
    )
    for batch in batches:
        yield pb.StartGenerationRequest(user_ids=batch)


def line(number: int, code: str, user_id: str = "", **times: Any) -> pb.ImportedCoupon:
    """A line of an import; `generated_at` and `expires_at` are datetimes."""
    return pb.ImportedCoupon(line=number, code=code, user_id=user_id, **times)


async def ended_jobs(app: App, tenant_id: UUID) -> tuple[str, str]:
    """A generation and a revocation that have ended, as records alone; their ids."""
    common: dict[str, Any] = {
        "tenant_id": tenant_id,
        "credential_id": new_id(),
        "created_at": app.clock(),
        "updated_at": app.clock(),
        "finished_at": app.clock(),
    }
    generation = GenerationJob(
        id=new_id(),
        state=JobState.SUCCEEDED,
        definition_id=new_id(),
        requested=7,
        for_users=False,
        processed=7,
        changed=7,
        **common,
    )
    revocation = RevocationJob(
        id=new_id(),
        state=JobState.CANCELLED,
        coupon_filter=RevocationFilter(user_id="alice"),
        reason="leaked",
        last_id=None,
        **common,
    )
    async with app.database.transaction() as transaction:
        await jobs.add(transaction, generation)
        await jobs.add(transaction, revocation)
    return str(generation.id), str(revocation.id)
