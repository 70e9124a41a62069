"""Long jobs, as a tenant starts, lists, follows and cancels them."""

from collections.abc import Sequence
from contextlib import suppress
from dataclasses import replace
from datetime import datetime, timedelta
from typing import TypeVar
from uuid import UUID

from coupon_server.database.transactions import Database, Transaction
from coupon_server.domain.clock import Clock
from coupon_server.domain.coupon import CouponFilter
from coupon_server.domain.errors import DomainError, InvalidField, Reason
from coupon_server.domain.ids import new_id
from coupon_server.domain.jobs import (
    MAX_COUPONS,
    GenerationJob,
    Job,
    JobFilter,
    JobState,
    RevocationFilter,
    RevocationJob,
    too_many_jobs,
)
from coupon_server.domain.paging import Page, PageRequest
from coupon_server.services.generation import GenerationService
from coupon_server.services.limits import TenantLimits
from coupon_server.storage import coupons, job_scheduler, job_users, jobs
from coupon_server.storage.job_users import UserNamedTwice

STREAM_TIMEOUT = timedelta(minutes=10)
"""A stream without a message for so long is abandoned."""

J = TypeVar("J", bound=Job)

_NOT_FOUND: dict[type[Job], tuple[Reason, str]] = {
    GenerationJob: (Reason.GENERATION_NOT_FOUND, "Generation not found"),
    RevocationJob: (Reason.REVOCATION_NOT_FOUND, "Revocation not found"),
}


class JobService:
    """Mutations run in the transaction they are given. The background worker runs the jobs."""

    def __init__(
        self,
        database: Database,
        generation: GenerationService,
        clock: Clock,
        tenant_limits: TenantLimits,
    ) -> None:
        self._database = database
        self._generation = generation
        self._clock = clock
        self._limits = tenant_limits

    async def list_jobs(self, kind: type[J], job_filter: JobFilter, page: PageRequest) -> Page[J]:
        async with self._database.transaction() as transaction:
            return await jobs.fetch_list(transaction, kind, job_filter, page)

    async def get(self, kind: type[J], tenant_id: UUID, job_id: UUID) -> J:
        """Raises GENERATION_NOT_FOUND or REVOCATION_NOT_FOUND."""
        async with self._database.transaction() as transaction:
            return _found(kind, await jobs.fetch(transaction, kind, tenant_id, job_id))

    async def cancel(
        self, transaction: Transaction, kind: type[J], tenant_id: UUID, job_id: UUID
    ) -> J:
        """End the job after the step in progress; one that has ended stays as it is.

        Raises GENERATION_NOT_FOUND or REVOCATION_NOT_FOUND.
        """
        job = _found(kind, await jobs.fetch(transaction, kind, tenant_id, job_id, locked=True))
        if job.state.ended:
            return job
        now = self._clock()
        job = replace(job, state=JobState.CANCELLED, updated_at=now, finished_at=now)
        await jobs.save(transaction, job)
        return job

    async def start_revocation(
        self,
        transaction: Transaction,
        tenant_id: UUID,
        credential_id: UUID,
        revocation_filter: RevocationFilter,
        reason: str,
    ) -> RevocationJob:
        """Start to revoke the coupons that match and exist now. Raises TOO_MANY_JOBS."""
        await _reserve(transaction, tenant_id, self._limits)
        now = self._clock()
        newest = await coupons.newest_id(
            transaction, scan_filter(tenant_id, revocation_filter, now)
        )
        job = RevocationJob(
            tenant_id=tenant_id,
            id=new_id(),
            state=JobState.PENDING,
            credential_id=credential_id,
            created_at=now,
            updated_at=now,
            coupon_filter=revocation_filter,
            reason=reason,
            last_id=newest,
        )
        await jobs.add(transaction, job)
        await job_scheduler.enqueue(transaction, tenant_id)
        return job

    async def start_generation(
        self,
        transaction: Transaction,
        tenant_id: UUID,
        credential_id: UUID,
        definition_id: UUID,
        quantity: int,
    ) -> GenerationJob:
        """Start to make `quantity` unclaimed coupons.

        Raises TOO_MANY_JOBS, and what GenerationService.check raises.
        """
        await _reserve(transaction, tenant_id, self._limits)
        await self._generation.check(
            transaction, tenant_id, definition_id, quantity, for_users=False
        )
        job = self._new_generation(
            tenant_id, credential_id, definition_id, JobState.PENDING, quantity
        )
        await jobs.add(transaction, job)
        await job_scheduler.enqueue(transaction, tenant_id)
        return job

    def receive(self, tenant_id: UUID, credential_id: UUID, definition_id: UUID) -> "UserIntake":
        """A generation whose users a stream will bring."""
        job = self._new_generation(tenant_id, credential_id, definition_id, JobState.RECEIVING, 0)
        return UserIntake(self._database, self._generation, self._clock, self._limits, job)

    def _new_generation(
        self,
        tenant_id: UUID,
        credential_id: UUID,
        definition_id: UUID,
        state: JobState,
        requested: int,
    ) -> GenerationJob:
        now = self._clock()
        return GenerationJob(
            tenant_id=tenant_id,
            id=new_id(),
            state=state,
            credential_id=credential_id,
            created_at=now,
            updated_at=now,
            definition_id=definition_id,
            requested=requested,
            for_users=state is JobState.RECEIVING,
        )


class UserIntake:
    """Stores the users of one generation, one transaction per message of the stream.

    A single transaction would last as long as the stream is slow, and keep autovacuum from
    cleaning up.
    """

    def __init__(
        self,
        database: Database,
        generation: GenerationService,
        clock: Clock,
        tenant_limits: TenantLimits,
        job: GenerationJob,
    ) -> None:
        self._database = database
        self._generation = generation
        self._clock = clock
        self._limits = tenant_limits
        self._job = job

    async def open(self) -> None:
        """Reserve one of the tenant's open jobs.

        Raises TOO_MANY_JOBS, and what GenerationService.check raises whatever the number.
        """
        job = self._job
        async with self._database.tenant_transaction(job.tenant_id) as transaction:
            await _reserve(transaction, job.tenant_id, self._limits)
            await self._check(transaction)
            await jobs.add(transaction, job)

    async def add(self, user_ids: Sequence[str]) -> None:
        """Store more users. Raises InvalidField when one is named twice, or there are too many."""
        job = self._job
        if job.requested + len(user_ids) > MAX_COUPONS:
            raise InvalidField("user_ids", f"must be at most {MAX_COUPONS:,} in all")
        try:
            async with self._database.tenant_transaction(job.tenant_id) as transaction:
                stored = await job_users.add(transaction, job, user_ids, self._clock())
        except UserNamedTwice as error:
            raise InvalidField("user_ids", f"{error.user_id!r} is named twice") from None
        if not stored:
            raise DomainError(Reason.SERVICE_UNAVAILABLE, "The stream was silent for too long")
        self._job = replace(job, requested=job.requested + len(user_ids))

    async def finish(self, transaction: Transaction) -> GenerationJob:
        """Start the generation for the users received.

        Raises what GenerationService.check raises, and InvalidField when there are none.
        """
        job = self._job
        if not job.requested:
            raise InvalidField("user_ids", "must name a user, or quantity be set")
        await job_scheduler.lock_queue(transaction, job.tenant_id)
        await self._check(transaction)
        receiving = await jobs.fetch(
            transaction,
            GenerationJob,
            job.tenant_id,
            job.id,
            locked=True,
            states=[JobState.RECEIVING],
        )
        if receiving is None:
            raise DomainError(Reason.SERVICE_UNAVAILABLE, "The stream was silent for too long")
        job = replace(receiving, state=JobState.PENDING, updated_at=self._clock())
        await jobs.save(transaction, job)
        await job_scheduler.enqueue(transaction, job.tenant_id)
        return job

    async def abandon(self) -> None:
        """Abandon the generation, unless it has started."""
        # If the database does not answer, STREAM_TIMEOUT abandons it.
        with suppress(DomainError):
            await self._abandon()

    async def _abandon(self) -> None:
        async with self._database.transaction() as transaction:
            await job_users.abandon(transaction, self._job.tenant_id, self._job.id)

    async def _check(self, transaction: Transaction) -> None:
        job = self._job
        await self._generation.check(
            transaction, job.tenant_id, job.definition_id, job.requested, for_users=True
        )


def scan_filter(
    tenant_id: UUID, revocation_filter: RevocationFilter, now: datetime
) -> CouponFilter:
    """The coupons that a revocation scans; status and source are checked under each one's lock."""
    return CouponFilter(
        tenant_id=tenant_id,
        now=now,
        definition_id=revocation_filter.definition_id,
        generation_id=revocation_filter.generation_id,
        user_id=revocation_filter.user_id,
    )


async def _reserve(transaction: Transaction, tenant_id: UUID, limits: TenantLimits) -> None:
    """Lock the tenant's queue for one more job. Raises TOO_MANY_JOBS."""
    limit = limits.of(tenant_id).open_jobs
    if await job_scheduler.lock_queue(transaction, tenant_id) >= limit:
        raise too_many_jobs(limit)


def _found(kind: type[J], job: J | None) -> J:
    if job is None:
        raise DomainError(*_NOT_FOUND[kind])
    return job
