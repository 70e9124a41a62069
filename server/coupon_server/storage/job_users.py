"""The users of a long generation who have no coupon yet."""

from collections.abc import Iterable, Sequence
from datetime import datetime
from uuid import UUID

import asyncpg
from sqlalchemy import delete, func, select, update
from sqlalchemy.ext.asyncio import AsyncConnection

from coupon_server.database.statements import statements
from coupon_server.database.tables import job_users, jobs
from coupon_server.database.transactions import driver_of, savepoint
from coupon_server.domain.jobs import COUNTED, GenerationJob, JobState
from coupon_server.storage.jobs import is_job

_SQL = statements(__name__)
_KNOWN_USERS = _SQL["known_users"]
_TAKE = _SQL["take"]


class UserNamedTwice(Exception):
    """A user whom the job has already."""

    def __init__(self, user_id: str) -> None:
        super().__init__()
        self.user_id = user_id


async def add(
    connection: AsyncConnection, job: GenerationJob, user_ids: Sequence[str], now: datetime
) -> bool:
    """Add users to a job that receives them, after the `requested` there are.

    False when the job does not receive any more. Raises UserNamedTwice, and the transaction
    is of no use then.
    """
    touched = await connection.execute(
        update(jobs)
        .where(*is_job(job.tenant_id, job.id), jobs.c.state == JobState.RECEIVING)
        .values(requested=job.requested + len(user_ids), updated_at=now)
    )
    if not touched.rowcount:
        return False
    driver = await driver_of(connection)
    try:
        async with savepoint(connection):
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
    records = await _KNOWN_USERS.fetch(
        await driver_of(connection), tenant_id=job.tenant_id, job_id=job.id, user_ids=user_ids
    )
    known = {record["user_id"] for record in records}
    for user_id in user_ids:
        if user_id in known:
            return user_id
        known.add(user_id)
    raise AssertionError("no user is named twice")


async def take(connection: AsyncConnection, job: GenerationJob, count: int) -> list[str]:
    """Take the job's next users out of the table, in their order."""
    taken = await _TAKE.fetch(
        await driver_of(connection),
        tenant_id=job.tenant_id,
        job_id=job.id,
        first=job.processed,
        end=job.processed + count,
    )
    return [record["user_id"] for record in taken]


async def abandon(connection: AsyncConnection, tenant_id: UUID, job_id: UUID) -> None:
    """Abandon a job whose stream has broken off; its rows are trimmed."""
    await connection.execute(
        update(jobs)
        .where(*is_job(tenant_id, job_id), jobs.c.state == JobState.RECEIVING)
        .values(state=JobState.ABANDONED)
    )


async def abandon_idle(connection: AsyncConnection, before: datetime) -> None:
    """Abandon jobs that have received no user since, because their server has ended."""
    await connection.execute(
        update(jobs)
        .where(
            jobs.c.has_users,
            jobs.c.state == JobState.RECEIVING,
            jobs.c.updated_at < before,
        )
        .values(state=JobState.ABANDONED)
    )


async def trim(connection: AsyncConnection, limit: int) -> bool:
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
            await connection.execute(delete(jobs).where(*is_job(job.tenant_id, job.id)))
        else:
            await connection.execute(
                update(jobs).where(*is_job(job.tenant_id, job.id)).values(has_users=False)
            )
    return True
