"""What is done of a long job in one turn."""

from dataclasses import replace
from datetime import datetime, timedelta
from time import monotonic
from typing import TypeVar

import structlog

from coupon_server.database.transactions import Database, TookTooLong, Transaction, savepoint
from coupon_server.domain.clock import Clock
from coupon_server.domain.errors import DomainError, Reason
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
from coupon_server.services.jobs import SILENCE, looked_at
from coupon_server.storage import coupons, job_turns, job_users, jobs

STEP = 2_000
"""Coupons of a step. Its locks are held for some 50 ms; larger steps make no more a second."""

QUICK_SECONDS = 1.0
"""After a step that took less, those of a job whose steps were halved grow again."""

MAX_FAULTS = 5
"""So many unexpected errors in a row fail a job."""

MIN_PAUSE = timedelta(seconds=1)
MAX_PAUSE = timedelta(minutes=1)
"""Of a job whose step could not be done, such as for a lock that others kept."""

TRIM_ROWS = 5_000

J = TypeVar("J", bound=Job)

log = structlog.get_logger()


class JobSteps:
    """Does jobs in steps, one transaction each: how far a job is commits with what was done.

    The lock on the tenant's queue is the lease on its turn, and ends with the transaction. So a
    crash undoes a step as a whole and frees the job at once, and no step is done twice.
    """

    def __init__(self, database: Database, generation: GenerationService, clock: Clock) -> None:
        self._database = database
        self._generation = generation
        self._clock = clock

    async def take_turn(self) -> bool:
        """Do one step of the job whose turn it is; False when no job waits.

        What passes by itself postpones the job; a step that took too long is half as large the
        next time. An unexpected error postpones the job, too. It is logged, and fails the job when
        it has come MAX_FAULTS times in a row.

        Raises SERVICE_UNAVAILABLE while the database can't even tell whose turn it is.
        """
        job: AnyJob | None = None
        try:
            async with self._database.transaction() as transaction:
                job = await job_turns.claim(transaction)
                if job is None:
                    return False
                await self._try_step(transaction, job)
                await job_turns.finish_turn(transaction, job.tenant_id)
        except Exception as error:
            if job is None:
                raise
            await self._put_off(job, error)
        return True

    async def trim(self) -> None:
        """Delete the users whom ended jobs and broken streams have left behind."""
        async with self._database.transaction() as transaction:
            await job_users.abandon_silent(transaction, self._clock() - SILENCE)
        left = True
        while left:
            async with self._database.transaction() as transaction:
                left = await job_users.trim(transaction, TRIM_ROWS)

    async def _try_step(self, transaction: Transaction, job: AnyJob) -> None:
        """Do a step, or note why it could not be done.

        The tenant keeps its turn meanwhile, or another process would try the same again.
        """
        try:
            async with savepoint(transaction):
                stepped = await self._step(transaction, job)
        except Exception as error:
            if transaction.invalidated:
                raise
            await self._note(transaction, job, error)
        else:
            await jobs.save(transaction, stepped)

    async def _put_off(self, job: AnyJob, error: Exception) -> None:
        """Note of a job why its turn could not be ended: mostly the connection was lost."""
        async with self._database.transaction() as transaction:
            await job_turns.lock_queue(transaction, job.tenant_id)
            current = await jobs.fetch(
                transaction, type(job), job.tenant_id, job.id, locked=True, states=WAITING
            )
            if current is not None:
                await self._note(transaction, current, error)
                await job_turns.finish_turn(transaction, job.tenant_id)

    async def _note(self, transaction: Transaction, job: AnyJob, error: Exception) -> None:
        """Note of a locked job why a step failed, and when it may have its next turn."""
        now = self._clock()
        names = {"tenant_id": str(job.tenant_id), "job_id": str(job.id)}
        pause = timedelta()
        if not isinstance(error, DomainError):
            log.error("job_fault", **names, exc_info=error)
            pause = timedelta(seconds=2**job.faults)
            noted = _faulted(job, now)
        elif error.reason is Reason.SERVICE_UNAVAILABLE:
            log.warning("job_postponed", **names, cause=type(error.__cause__ or error).__name__)
            pause = _pause(job, now)
            noted = _halved(job) if isinstance(error, TookTooLong) else job
        else:
            noted = _failed(_begun(job, now), error, now)
        await jobs.save(transaction, noted)
        await job_turns.pass_turn(transaction, job, pause)

    async def _step(self, transaction: Transaction, job: AnyJob) -> AnyJob:
        """The job after a step."""
        began = monotonic()
        job = replace(_begun(job, self._clock()), faults=0)
        stepped: AnyJob
        if isinstance(job, GenerationJob):
            stepped = await self._generate(transaction, job)
        else:
            stepped = await self._revoke(transaction, job)
        if monotonic() - began < QUICK_SECONDS:
            stepped = replace(stepped, halvings=max(job.halvings - 1, 0))
        return stepped

    async def _generate(self, transaction: Transaction, job: GenerationJob) -> GenerationJob:
        count = min(_size(job), job.left)
        user_ids = await job_users.take(transaction, job, count) if job.for_users else []
        made = await self._generation.generate(
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
            changed=job.changed + sum(one.created for one in made.coupons),
        )
        return job if job.left else _succeeded(job, self._clock())

    async def _revoke(self, transaction: Transaction, job: RevocationJob) -> RevocationJob:
        if job.last_id is None:
            return _succeeded(job, self._clock())
        size = _size(job)
        scanned = looked_at(job.tenant_id, job.wanted, self._clock())
        page = await coupons.scan(transaction, scanned, job.scanned_to, job.last_id, size)
        matching = replace(scanned, status=job.wanted.status, source=job.wanted.source)
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
    """How many coupons the job's next step is of."""
    return max(STEP >> job.halvings, 1)


def _halved(job: J) -> J:
    """The job with steps half as large."""
    return replace(job, halvings=job.halvings + 1) if _size(job) > 1 else job


def _pause(job: Job, now: datetime) -> timedelta:
    """As long again as the job has gone without a step, so each pause doubles the wait."""
    return min(max(now - job.updated_at, MIN_PAUSE), MAX_PAUSE)


def _begun(job: J, now: datetime) -> J:
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
