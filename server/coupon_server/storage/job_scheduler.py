"""The fair scheduler of job steps: round robin over tenants, and over the jobs of each.

The row lock on a tenant's queue is the lease on its next step; it ends with the transaction.
`due_at` is when the next step of a tenant or job is due.
"""

from datetime import timedelta
from uuid import UUID

from sqlalchemy import ColumnElement, func, select, update
from sqlalchemy.dialects.postgresql import insert
from sqlalchemy.ext.asyncio import AsyncConnection

from coupon_server.database.driver import DriverConnection
from coupon_server.database.statements import statements
from coupon_server.database.tables import job_queues, jobs
from coupon_server.database.transactions import driver_of
from coupon_server.domain.jobs import COUNTED, WAITING, AnyJob, Job
from coupon_server.storage.jobs import NOW, is_job, read

_SQL = statements(__name__, due_at=job_queues.c.due_at.name)
_BOUND_STEP = _SQL["bound_step"]
_MEASURE_BACKLOG = _SQL["measure_backlog"]

_NEXT_QUEUE = (
    select(job_queues.c.tenant_id)
    .where(job_queues.c.due_at <= NOW)
    .order_by(job_queues.c.due_at)
    .limit(1)
    .with_for_update(skip_locked=True)
)


async def lock_queue(connection: AsyncConnection, tenant_id: UUID) -> int:
    """Lock the tenant's queue against steps and new jobs; return how many jobs are open."""
    await connection.execute(
        insert(job_queues).values(tenant_id=tenant_id).on_conflict_do_nothing()
    )
    await connection.execute(
        select(job_queues.c.tenant_id).where(job_queues.c.tenant_id == tenant_id).with_for_update()
    )
    return await count_open(connection, tenant_id)


async def count_open(connection: AsyncConnection, tenant_id: UUID) -> int:
    """How many jobs of the tenant count towards the limit `open_jobs`."""
    counted = select(func.count()).where(jobs.c.tenant_id == tenant_id, jobs.c.state.in_(COUNTED))
    return await connection.scalar(counted) or 0


async def measure_backlog(connection: DriverConnection) -> tuple[int, float]:
    """How many jobs of all tenants are open, and the age in seconds of the oldest step due."""
    [row] = await _MEASURE_BACKLOG.fetch(connection)
    return row["open"], row["oldest_due_seconds"]


async def enqueue(connection: AsyncConnection, tenant_id: UUID) -> None:
    """Make the tenant's next step due now, unless it is already."""
    await connection.execute(
        update(job_queues)
        .where(job_queues.c.tenant_id == tenant_id)
        # least() ignores NULL.
        .values(due_at=func.least(job_queues.c.due_at, NOW))
    )


async def lease_next(connection: AsyncConnection) -> AnyJob | None:
    """The job whose step is due, leased until the transaction ends; None if there is none.

    Skips a tenant that another transaction has leased, so steps of one tenant never run
    concurrently.
    """
    await _BOUND_STEP.execute(await driver_of(connection))
    while (tenant_id := await connection.scalar(_NEXT_QUEUE)) is not None:
        job = await _next_job(connection, tenant_id)
        if job is not None:
            await requeue(connection, job)
            return job
        # All its jobs were cancelled, or back off: try the next tenant.
        await release(connection, tenant_id)
    return None


async def _next_job(connection: AsyncConnection, tenant_id: UUID) -> AnyJob | None:
    query = (
        select(jobs)
        .where(*_waits(tenant_id), jobs.c.due_at <= NOW)
        .order_by(jobs.c.due_at)
        .limit(1)
        .with_for_update()
    )
    row = (await connection.execute(query)).mappings().one_or_none()
    return None if row is None else read(row)


async def requeue(connection: AsyncConnection, job: Job, backoff: timedelta = timedelta()) -> None:
    """Put the job behind the others of its tenant; its next step is due after the backoff."""
    await connection.execute(
        update(jobs).where(*is_job(job.tenant_id, job.id)).values(due_at=NOW + backoff)
    )


async def release(connection: AsyncConnection, tenant_id: UUID) -> None:
    """Set when the tenant's next step is due: when the first of its jobs is; NULL without jobs."""
    next_due = (
        select(func.greatest(NOW, jobs.c.due_at))
        .where(*_waits(tenant_id))
        .order_by(jobs.c.due_at)
        .limit(1)
    )
    await connection.execute(
        update(job_queues)
        .where(job_queues.c.tenant_id == tenant_id)
        .values(due_at=next_due.scalar_subquery())
    )


def _waits(tenant_id: UUID) -> tuple[ColumnElement[bool], ...]:
    return jobs.c.tenant_id == tenant_id, jobs.c.state.in_(WAITING)
