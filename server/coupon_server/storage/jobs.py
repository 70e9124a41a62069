"""Long jobs: their records, whose turn it is, and the users that are still to be given a coupon."""

from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any, TypeVar, cast
from uuid import UUID

import asyncpg
from sqlalchemy import ColumnElement, delete, func, select, text, update
from sqlalchemy.dialects.postgresql import insert
from sqlalchemy.ext.asyncio import AsyncConnection

from coupon_server.domain.coupon import CouponSource, CouponStatus
from coupon_server.domain.jobs import (
    COUNTED,
    VISIBLE,
    WAITING,
    GenerationJob,
    Job,
    JobFailure,
    JobKind,
    JobState,
    RevocationFilter,
    RevocationJob,
)
from coupon_server.storage.database import driver_of
from coupon_server.storage.pages import Page, PageRequest, fetch_page
from coupon_server.storage.rows import Row
from coupon_server.storage.tables import job_queues, job_users, jobs

J = TypeVar("J", bound=Job)

JobKey = tuple[UUID, UUID]
"""Tenant and job."""

_KINDS: dict[type[Job], JobKind] = {
    GenerationJob: JobKind.GENERATION,
    RevocationJob: JobKind.REVOCATION,
}

# By the database's clock, of which there is one for all servers.
_NOW = func.clock_timestamp()

# A server that is gone without a word must not keep a turn for longer than this. And a step that
# waits for a lock takes a place from the jobs of other tenants; so much time is for those who
# queue before it.
_BOUND_STEP = text(
    "SELECT set_config('idle_in_transaction_session_timeout', '30s', true),"
    " set_config('lock_timeout', '1s', true)"
)

_NEXT_QUEUE = (
    select(job_queues.c.tenant_id)
    .where(job_queues.c.turn_at <= _NOW)
    .order_by(job_queues.c.turn_at)
    .limit(1)
    .with_for_update(skip_locked=True)
)


@dataclass(frozen=True, slots=True)
class JobFilter:
    """Which jobs of a tenant; what is None does not matter."""

    tenant_id: UUID
    state: JobState | None = None
    definition_id: UUID | None = None


class UserNamedTwice(Exception):
    """A user whom the job has already."""

    def __init__(self, user_id: str) -> None:
        super().__init__()
        self.user_id = user_id


# --- records -----------------------------------------------------------------------------


async def add(connection: AsyncConnection, job: GenerationJob | RevocationJob) -> None:
    """Store a new job; the caller holds its tenant's queue."""
    await connection.execute(
        insert(jobs).values(
            tenant_id=job.tenant_id,
            id=job.id,
            kind=_KINDS[type(job)],
            credential_id=job.credential_id,
            created_at=job.created_at,
            turn_at=_NOW,
            has_users=job.state is JobState.RECEIVING,
            **_kind_values(job),
            **_progress(job),
        )
    )


async def save(connection: AsyncConnection, job: Job) -> None:
    """Store how far a locked job is."""
    values = _progress(job)
    if isinstance(job, GenerationJob):
        values["requested"] = job.requested
    elif isinstance(job, RevocationJob):
        values["scanned_to"] = job.scanned_to
    await connection.execute(update(jobs).where(*_is(job.tenant_id, job.id)).values(**values))


async def fetch(
    connection: AsyncConnection,
    kind: type[J],
    tenant_id: UUID,
    job_id: UUID,
    *,
    locked: bool = False,
    states: Sequence[JobState] = VISIBLE,
) -> J | None:
    """The job of this kind, if it exists in one of these states."""
    query = select(jobs).where(
        *_is(tenant_id, job_id), jobs.c.kind == _KINDS[kind], jobs.c.state.in_(states)
    )
    if locked:
        query = query.with_for_update()
    row = (await connection.execute(query)).one_or_none()
    return None if row is None else _job(kind, row)


async def fetch_list(
    connection: AsyncConnection, kind: type[J], wanted: JobFilter, page: PageRequest
) -> Page[J]:
    query = select(jobs).where(
        jobs.c.tenant_id == wanted.tenant_id,
        jobs.c.kind == _KINDS[kind],
        jobs.c.state.in_([wanted.state] if wanted.state else VISIBLE),
    )
    if wanted.definition_id is not None:
        query = query.where(jobs.c.definition_id == wanted.definition_id)
    return await fetch_page(connection, query, jobs.c.id, page, lambda row: _job(kind, row))


# --- turns -------------------------------------------------------------------------------


async def lock_queue(connection: AsyncConnection, tenant_id: UUID) -> int:
    """Lock the tenant's queue against turns and new jobs; return how many jobs count."""
    await connection.execute(
        insert(job_queues).values(tenant_id=tenant_id).on_conflict_do_nothing()
    )
    await connection.execute(
        select(job_queues.c.tenant_id).where(job_queues.c.tenant_id == tenant_id).with_for_update()
    )
    counted = select(func.count()).where(jobs.c.tenant_id == tenant_id, jobs.c.state.in_(COUNTED))
    return await connection.scalar(counted) or 0


async def enqueue(connection: AsyncConnection, tenant_id: UUID) -> None:
    """Give the tenant a turn now, unless it has one already."""
    await connection.execute(
        update(job_queues)
        .where(job_queues.c.tenant_id == tenant_id)
        # NULL is passed over.
        .values(turn_at=func.least(job_queues.c.turn_at, _NOW))
    )


async def claim(connection: AsyncConnection) -> GenerationJob | RevocationJob | None:
    """The job whose turn it is, locked until the transaction ends; None if there is none.

    Tenants take turns, and within a tenant its jobs. A tenant whose turn is being taken by
    another transaction is passed over, so its jobs never hold locks beside one another.
    """
    await connection.execute(_BOUND_STEP)
    while (tenant_id := await connection.scalar(_NEXT_QUEUE)) is not None:
        job = await _next_job(connection, tenant_id)
        if job is not None:
            await pass_turn(connection, job)
            return job
        # All were cancelled since the queue was told of them, or pause; the next tenant has its
        # turn.
        await finish_turn(connection, tenant_id)
    return None


async def _next_job(
    connection: AsyncConnection, tenant_id: UUID
) -> GenerationJob | RevocationJob | None:
    query = (
        select(jobs)
        .where(*_waits(tenant_id), jobs.c.turn_at <= _NOW)
        .order_by(jobs.c.turn_at)
        .limit(1)
        .with_for_update()
    )
    row = (await connection.execute(query)).one_or_none()
    return None if row is None else _READ[row.kind](row)


async def pass_turn(connection: AsyncConnection, job: Job, pause: timedelta = timedelta()) -> None:
    """Put the job behind the others of its tenant; it gets no turn before the pause is over."""
    await connection.execute(
        update(jobs).where(*_is(job.tenant_id, job.id)).values(turn_at=_NOW + pause)
    )


async def halve_steps(connection: AsyncConnection, job: Job) -> None:
    """Make the job's steps half as large as they were."""
    await connection.execute(
        update(jobs).where(*_is(job.tenant_id, job.id)).values(halvings=jobs.c.halvings + 1)
    )


async def finish_turn(connection: AsyncConnection, tenant_id: UUID) -> None:
    """End the tenant's turn. The next one comes when a job waits that does not pause."""
    next_turn = (
        select(func.greatest(_NOW, jobs.c.turn_at))
        .where(*_waits(tenant_id))
        .order_by(jobs.c.turn_at)
        .limit(1)
    )
    await connection.execute(
        update(job_queues)
        .where(job_queues.c.tenant_id == tenant_id)
        .values(turn_at=next_turn.scalar_subquery())
    )


# --- users -------------------------------------------------------------------------------


async def add_users(
    connection: AsyncConnection, job: GenerationJob, user_ids: Sequence[str], now: datetime
) -> bool:
    """Add users to a job that receives them, after the `requested` there are.

    False when the job does not receive any more. Raises UserNamedTwice, and the transaction
    is of no use then.
    """
    touched = await connection.execute(
        update(jobs)
        .where(*_is(job.tenant_id, job.id), jobs.c.state == JobState.RECEIVING)
        .values(requested=job.requested + len(user_ids), updated_at=now)
    )
    if not touched.rowcount:
        return False
    driver = await driver_of(connection)
    try:
        async with connection.begin_nested():
            await driver.copy_records_to_table(
                job_users.name,
                records=(
                    (job.tenant_id, job.id, position, user_id)
                    for position, user_id in enumerate(user_ids, start=job.requested)
                ),
                columns=("tenant_id", "job_id", "position", "user_id"),
            )
    except asyncpg.UniqueViolationError:
        raise UserNamedTwice(await _named_before(connection, job, user_ids)) from None
    return True


async def _named_before(
    connection: AsyncConnection, job: GenerationJob, user_ids: Iterable[str]
) -> str:
    """The first of these users that is there already, or among those before it."""
    driver = await driver_of(connection)
    found = await driver.fetch(
        "SELECT user_id FROM job_users"
        " WHERE tenant_id = $1 AND job_id = $2 AND user_id = ANY($3::text[])",
        job.tenant_id,
        job.id,
        user_ids,
    )
    known = {record["user_id"] for record in found}
    for user_id in user_ids:
        if user_id in known:
            return user_id
        known.add(user_id)
    raise AssertionError("no user is named twice")


async def take_users(connection: AsyncConnection, job: GenerationJob, count: int) -> list[str]:
    """Take the job's next users out of the table, in their order."""
    driver = await driver_of(connection)
    taken = await driver.fetch(
        "DELETE FROM job_users WHERE tenant_id = $1 AND job_id = $2"
        " AND position >= $3 AND position < $4 RETURNING position, user_id",
        job.tenant_id,
        job.id,
        job.processed,
        job.processed + count,
    )
    return [user_id for _, user_id in sorted(map(tuple, taken))]


async def abandon(connection: AsyncConnection, tenant_id: UUID, job_id: UUID) -> None:
    """Give up a job whose stream has broken off; its rows are trimmed."""
    await connection.execute(
        update(jobs)
        .where(*_is(tenant_id, job_id), jobs.c.state == JobState.RECEIVING)
        .values(state=JobState.ABANDONED)
    )


async def abandon_silent(connection: AsyncConnection, before: datetime) -> None:
    """Give up the jobs that have received no user since, as their server is gone."""
    await connection.execute(
        update(jobs)
        .where(
            jobs.c.has_users,
            jobs.c.state == JobState.RECEIVING,
            jobs.c.updated_at < before,
        )
        .values(state=JobState.ABANDONED)
    )


async def trim_users(connection: AsyncConnection, limit: int) -> bool:
    """Delete up to `limit` users that a job has left behind; False when there are none.

    A job that was abandoned goes with its last user.
    """
    query = (
        select(jobs.c.tenant_id, jobs.c.id, jobs.c.state)
        .where(jobs.c.has_users, jobs.c.state.not_in(COUNTED))
        .limit(1)
        .with_for_update(skip_locked=True)
    )
    job = (await connection.execute(query)).one_or_none()
    if job is None:
        return False
    of_job = job_users.c.tenant_id == job.tenant_id, job_users.c.job_id == job.id
    last = (
        select(job_users.c.position)
        .where(*of_job)
        .order_by(job_users.c.position)
        .limit(limit)
        .subquery()
    )
    deleted = await connection.execute(
        delete(job_users).where(
            *of_job, job_users.c.position <= select(func.max(last.c.position)).scalar_subquery()
        )
    )
    if deleted.rowcount < limit:
        if job.state == JobState.ABANDONED:
            await connection.execute(delete(jobs).where(*_is(job.tenant_id, job.id)))
        else:
            await connection.execute(
                update(jobs).where(*_is(job.tenant_id, job.id)).values(has_users=False)
            )
    return True


# --- rows --------------------------------------------------------------------------------


def _is(tenant_id: UUID, job_id: UUID) -> tuple[ColumnElement[bool], ...]:
    return jobs.c.tenant_id == tenant_id, jobs.c.id == job_id


def _waits(tenant_id: UUID) -> tuple[ColumnElement[bool], ...]:
    return jobs.c.tenant_id == tenant_id, jobs.c.state.in_(WAITING)


def _progress(job: Job) -> dict[str, Any]:
    failure = job.failure
    return {
        "state": job.state,
        "updated_at": job.updated_at,
        "started_at": job.started_at,
        "finished_at": job.finished_at,
        "processed": job.processed,
        "changed": job.changed,
        "faults": job.faults,
        "halvings": job.halvings,
        "failure": failure
        and {
            "reason": failure.reason,
            "message": failure.message,
            "metadata": dict(failure.metadata),
        },
    }


def _kind_values(job: GenerationJob | RevocationJob) -> dict[str, Any]:
    if isinstance(job, GenerationJob):
        return {
            "definition_id": job.definition_id,
            "requested": job.requested,
            "for_users": job.for_users,
        }
    return {
        "definition_id": job.wanted.definition_id,
        "generation_id": job.wanted.generation_id,
        "user_id": job.wanted.user_id,
        "coupon_status": job.wanted.status,
        "coupon_source": job.wanted.source,
        "reason": job.reason,
        "scanned_to": job.scanned_to,
        "last_id": job.last_id,
    }


def _job(kind: type[J], row: Row) -> J:
    return cast("J", _READ[_KINDS[kind]](row))


def _common(row: Row) -> dict[str, Any]:
    return {
        "tenant_id": row.tenant_id,
        "id": row.id,
        "state": JobState(row.state),
        "credential_id": row.credential_id,
        "created_at": row.created_at,
        "updated_at": row.updated_at,
        "started_at": row.started_at,
        "finished_at": row.finished_at,
        "failure": row.failure and JobFailure(**row.failure),
        "processed": row.processed,
        "changed": row.changed,
        "faults": row.faults,
        "halvings": row.halvings,
    }


def _generation(row: Row) -> GenerationJob:
    return GenerationJob(
        **_common(row),
        definition_id=row.definition_id,
        requested=row.requested,
        for_users=row.for_users,
    )


def _revocation(row: Row) -> RevocationJob:
    return RevocationJob(
        **_common(row),
        wanted=RevocationFilter(
            definition_id=row.definition_id,
            generation_id=row.generation_id,
            user_id=row.user_id,
            status=CouponStatus(row.coupon_status) if row.coupon_status else None,
            source=CouponSource(row.coupon_source) if row.coupon_source else None,
        ),
        reason=row.reason,
        last_id=row.last_id,
        scanned_to=row.scanned_to,
    )


_READ: dict[str, Callable[[Row], GenerationJob | RevocationJob]] = {
    JobKind.GENERATION: _generation,
    JobKind.REVOCATION: _revocation,
}
