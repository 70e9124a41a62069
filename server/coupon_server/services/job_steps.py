"""The steps of long jobs."""

from dataclasses import replace
from datetime import datetime, timedelta
from time import monotonic
from typing import TypeVar

import structlog

from coupon_server.database.failures import TookTooLong
from coupon_server.database.transactions import Database, Transaction, savepoint
from coupon_server.domain.clock import Clock
from coupon_server.domain.errors import DomainError, Reason, cause_of
from coupon_server.domain.jobs import (
    WAITING,
    AnyJob,
    GenerationJob,
    Job,
    JobFailure,
    JobState,
    RevocationJob,
)
from coupon_server.services.coupons import revoke_locked
from coupon_server.services.generation import GenerationService
from coupon_server.services.jobs import STREAM_TIMEOUT, scan_filter
from coupon_server.storage import coupons, job_scheduler, job_users, jobs

STEP_SIZE = 2_000
"""Coupons of a full step, which holds its locks for some 50 ms. Larger steps are not faster."""

QUICK_SECONDS = 1.0
"""After a step that took less time, a job's reduced step size doubles."""

MAX_FAULTS = 5
"""Consecutive unexpected errors that fail a job."""

MIN_BACKOFF = timedelta(seconds=1)
MAX_BACKOFF = timedelta(minutes=1)
"""The bounds of a job's backoff after a step failed transiently, for example on a lock timeout."""

TRIM_ROWS = 5_000

J = TypeVar("J", bound=Job)

log = structlog.get_logger()


class JobSteps:
    """Runs jobs in steps, one transaction each: a step's progress commits with its effects.

    The row lock on the tenant's queue is the lease, and ends with the transaction. So a crash rolls
    the step back and frees the job at once, and no step is done twice.
    """

    def __init__(self, database: Database, generation: GenerationService, clock: Clock) -> None:
        self._database = database
        self._generation = generation
        self._clock = clock

    async def run_step(self) -> bool:
        """Run one step of the job that the fair scheduler picks; False when no job is due.

        A transient error postpones the job; a statement timeout also halves the size of its steps.
        An unexpected error is logged and postpones the job; after MAX_FAULTS in a row the job
        fails.

        Raises SERVICE_UNAVAILABLE while the database cannot pick a job.
        """
        job: AnyJob | None = None
        try:
            async with self._database.transaction() as transaction:
                job = await job_scheduler.lease_next(transaction)
                if job is None:
                    return False
                await self._try_step(transaction, job)
                await job_scheduler.release(transaction, job.tenant_id)
        except Exception as error:
            if job is None:
                raise
            await self._postpone(job, error)
        return True

    async def trim(self) -> None:
        """Delete the users that ended jobs and broken streams left behind."""
        async with self._database.transaction() as transaction:
            await job_users.abandon_idle(transaction, self._clock() - STREAM_TIMEOUT)
        left = True
        while left:
            async with self._database.transaction() as transaction:
                left = await job_users.trim(transaction, TRIM_ROWS)

    async def _try_step(self, transaction: Transaction, job: AnyJob) -> None:
        """Run a step in a savepoint, or record its failure.

        The lease is held until the failure is recorded: otherwise another process would retry the
        step at once.
        """
        try:
            async with savepoint(transaction):
                stepped = await self._step(transaction, job)
        except Exception as error:
            if transaction.invalidated:
                raise
            await self._record_failure(transaction, job, error)
        else:
            await jobs.save(transaction, stepped)

    async def _postpone(self, job: AnyJob, error: Exception) -> None:
        """Record a failure after the lease was lost, mostly with the connection."""
        async with self._database.transaction() as transaction:
            await job_scheduler.lock_queue(transaction, job.tenant_id)
            current = await jobs.fetch(
                transaction, type(job), job.tenant_id, job.id, locked=True, states=WAITING
            )
            if current is not None:
                await self._record_failure(transaction, current, error)
                await job_scheduler.release(transaction, job.tenant_id)

    async def _record_failure(
        self, transaction: Transaction, job: AnyJob, error: Exception
    ) -> None:
        """Record the failure of a locked job's step, and schedule its next one."""
        now = self._clock()
        context = {"tenant_id": str(job.tenant_id), "job_id": str(job.id)}
        backoff = timedelta()
        if not isinstance(error, DomainError):
            log.error("job_fault", **context, exc_info=error)
            backoff = timedelta(seconds=2**job.faults)
            updated = _faulted(job, now)
        elif error.reason is Reason.SERVICE_UNAVAILABLE:
            log.warning("job_postponed", **context, cause=cause_of(error))
            backoff = _backoff(job, now)
            updated = _with_smaller_steps(job) if isinstance(error, TookTooLong) else job
        else:
            updated = _failed(_running(job, now), error, now)
        await jobs.save(transaction, updated)
        await job_scheduler.requeue(transaction, job, backoff)

    async def _step(self, transaction: Transaction, job: AnyJob) -> AnyJob:
        """Run a step; return the job after it."""
        started = monotonic()
        job = replace(_running(job, self._clock()), faults=0)
        stepped: AnyJob
        if isinstance(job, GenerationJob):
            stepped = await self._generate(transaction, job)
        else:
            stepped = await self._revoke(transaction, job)
        if monotonic() - started < QUICK_SECONDS:
            stepped = replace(stepped, step_size_exponent=max(job.step_size_exponent - 1, 0))
        return stepped

    async def _generate(self, transaction: Transaction, job: GenerationJob) -> GenerationJob:
        count = min(_size(job), job.left)
        user_ids = await job_users.take(transaction, job, count) if job.for_users else []
        generation = await self._generation.generate(
            transaction,
            job.tenant_id,
            job.definition_id,
            user_ids=user_ids,
            quantity=0 if job.for_users else count,
            generation_id=job.id,
        )
        job = replace(
            job,
            processed=job.processed + count,
            changed=job.changed + sum(coupon.created for coupon in generation.coupons),
        )
        return job if job.left else _succeeded(job, self._clock())

    async def _revoke(self, transaction: Transaction, job: RevocationJob) -> RevocationJob:
        if job.last_id is None:
            return _succeeded(job, self._clock())
        size = _size(job)
        scanned = scan_filter(job.tenant_id, job.coupon_filter, self._clock())
        page = await coupons.scan(transaction, scanned, job.scanned_to, job.last_id, size)
        matching = replace(
            scanned, status=job.coupon_filter.status, source=job.coupon_filter.source
        )
        fresh = await coupons.lock_unrevoked(transaction, matching, page)
        await revoke_locked(transaction, job.tenant_id, fresh, job.reason, self._clock())
        job = replace(
            job,
            processed=job.processed + len(page),
            changed=job.changed + len(fresh),
            scanned_to=page[-1] if page else job.scanned_to,
        )
        return job if len(page) == size else _succeeded(job, self._clock())


def _size(job: Job) -> int:
    """The number of coupons of the job's next step."""
    return max(STEP_SIZE >> job.step_size_exponent, 1)


def _with_smaller_steps(job: J) -> J:
    """The job with steps half as large."""
    if _size(job) == 1:
        return job
    return replace(job, step_size_exponent=job.step_size_exponent + 1)


def _backoff(job: Job, now: datetime) -> timedelta:
    """Exponential backoff: as long again as the time since the job's last step."""
    return min(max(now - job.updated_at, MIN_BACKOFF), MAX_BACKOFF)


def _running(job: J, now: datetime) -> J:
    started_at = job.started_at or now
    return replace(job, state=JobState.RUNNING, started_at=started_at, updated_at=now)


def _succeeded(job: J, now: datetime) -> J:
    return replace(job, state=JobState.SUCCEEDED, updated_at=now, finished_at=now)


def _failed(job: J, error: DomainError, now: datetime) -> J:
    return replace(
        job,
        state=JobState.FAILED,
        updated_at=now,
        finished_at=now,
        failure=JobFailure.of(error),
    )


def _faulted(job: J, now: datetime) -> J:
    faults = job.faults + 1
    if faults < MAX_FAULTS:
        return replace(job, faults=faults)
    error = DomainError(Reason.INTERNAL_FAULT, "An unexpected fault occurred")
    return replace(_failed(job, error, now), faults=faults)
