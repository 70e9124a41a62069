"""The records of long jobs."""

from collections.abc import Callable, Sequence
from typing import Any, TypeVar, cast
from uuid import UUID

from sqlalchemy import ColumnElement, func, select, update
from sqlalchemy.dialects.postgresql import insert
from sqlalchemy.ext.asyncio import AsyncConnection

from coupon_server.database.paging import fetch_page
from coupon_server.database.rows import Row
from coupon_server.database.tables import jobs
from coupon_server.domain.coupon import CouponSource, CouponStatus
from coupon_server.domain.jobs import (
    VISIBLE,
    AnyJob,
    GenerationJob,
    Job,
    JobFailure,
    JobFilter,
    JobKind,
    JobState,
    RevocationFilter,
    RevocationJob,
)
from coupon_server.domain.paging import Page, PageRequest

J = TypeVar("J", bound=Job)

_KINDS: dict[type[Job], JobKind] = {
    GenerationJob: JobKind.GENERATION,
    RevocationJob: JobKind.REVOCATION,
}

NOW = func.clock_timestamp()
"""By the database's clock, of which there is one for all servers."""


def is_job(tenant_id: UUID, job_id: UUID) -> tuple[ColumnElement[bool], ...]:
    """The condition that a row is this job's."""
    return jobs.c.tenant_id == tenant_id, jobs.c.id == job_id


async def add(connection: AsyncConnection, job: AnyJob) -> None:
    """Store a new job; the caller has locked its tenant's queue."""
    await connection.execute(
        insert(jobs).values(
            tenant_id=job.tenant_id,
            id=job.id,
            kind=_KINDS[type(job)],
            credential_id=job.credential_id,
            created_at=job.created_at,
            due_at=NOW,
            has_users=job.state is JobState.RECEIVING,
            **_kind_values(job),
            **_progress(job),
        )
    )


async def save(connection: AsyncConnection, job: Job) -> None:
    """Store the progress of a locked job."""
    values = _progress(job)
    if isinstance(job, GenerationJob):
        values["requested"] = job.requested
    elif isinstance(job, RevocationJob):
        values["scanned_to"] = job.scanned_to
    await connection.execute(update(jobs).where(*is_job(job.tenant_id, job.id)).values(**values))


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
        *is_job(tenant_id, job_id), jobs.c.kind == _KINDS[kind], jobs.c.state.in_(states)
    )
    if locked:
        query = query.with_for_update()
    row = (await connection.execute(query)).mappings().one_or_none()
    return None if row is None else cast("J", read(row))


async def fetch_list(
    connection: AsyncConnection, kind: type[J], job_filter: JobFilter, page: PageRequest
) -> Page[J]:
    query = select(jobs).where(
        jobs.c.tenant_id == job_filter.tenant_id,
        jobs.c.kind == _KINDS[kind],
        jobs.c.state.in_([job_filter.state] if job_filter.state else VISIBLE),
    )
    if job_filter.definition_id is not None:
        query = query.where(jobs.c.definition_id == job_filter.definition_id)
    return await fetch_page(connection, query, jobs.c.id, page, lambda row: cast("J", read(row)))


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
        "step_size_exponent": job.step_size_exponent,
        "failure": failure
        and {
            "reason": failure.reason,
            "message": failure.message,
            "metadata": dict(failure.metadata),
        },
    }


def _kind_values(job: AnyJob) -> dict[str, Any]:
    if isinstance(job, GenerationJob):
        return {
            "definition_id": job.definition_id,
            "requested": job.requested,
            "for_users": job.for_users,
        }
    return {
        "definition_id": job.coupon_filter.definition_id,
        "generation_id": job.coupon_filter.generation_id,
        "user_id": job.coupon_filter.user_id,
        "coupon_status": job.coupon_filter.status,
        "coupon_source": job.coupon_filter.source,
        "reason": job.reason,
        "scanned_to": job.scanned_to,
        "last_id": job.last_id,
    }


def read(row: Row) -> AnyJob:
    """The job of a row of `jobs`."""
    return _READ[row["kind"]](row)


def _common(row: Row) -> dict[str, Any]:
    return {
        "tenant_id": row["tenant_id"],
        "id": row["id"],
        "state": JobState(row["state"]),
        "credential_id": row["credential_id"],
        "created_at": row["created_at"],
        "updated_at": row["updated_at"],
        "started_at": row["started_at"],
        "finished_at": row["finished_at"],
        "failure": row["failure"] and JobFailure(**row["failure"]),
        "processed": row["processed"],
        "changed": row["changed"],
        "faults": row["faults"],
        "step_size_exponent": row["step_size_exponent"],
    }


def _generation(row: Row) -> GenerationJob:
    return GenerationJob(
        **_common(row),
        definition_id=row["definition_id"],
        requested=row["requested"],
        for_users=row["for_users"],
    )


def _revocation(row: Row) -> RevocationJob:
    return RevocationJob(
        **_common(row),
        coupon_filter=RevocationFilter(
            definition_id=row["definition_id"],
            generation_id=row["generation_id"],
            user_id=row["user_id"],
            status=CouponStatus(row["coupon_status"]) if row["coupon_status"] else None,
            source=CouponSource(row["coupon_source"]) if row["coupon_source"] else None,
        ),
        reason=row["reason"],
        last_id=row["last_id"],
        scanned_to=row["scanned_to"],
    )


_READ: dict[str, Callable[[Row], AnyJob]] = {
    JobKind.GENERATION: _generation,
    JobKind.REVOCATION: _revocation,
}
