"""What operators are told of waiting."""

from collections.abc import AsyncIterator

import asyncpg
import pytest

from coupon_server.services import backlog
from support.builders import Shop
from support.jobs import Jobs
from support.serving import Served, serving, settings_for


@pytest.fixture
async def server(database_url: str) -> AsyncIterator[Served]:
    async with serving(settings_for(database_url)) as served:
        yield served


async def test_the_backlog_counts_jobs_of_all_tenants_and_the_longest_wait(
    server: Served, connection: "asyncpg.Connection[asyncpg.Record]"
) -> None:
    shops = [await Shop.open(await server.new_tenant()) for _ in range(2)]
    for shop in shops:
        jobs = await Jobs.of(shop)
        for _ in range(2):
            await jobs.generate(await shop.define(code_length=12), quantity=1)
    await connection.execute(
        "UPDATE job_queues SET turn_at = now() - interval '1 hour' WHERE tenant_id = $1",
        shops[0].tenant.uuid,
    )
    app = server.app
    measured = await backlog.measure(app.database, app.clock())
    assert measured.jobs == 4
    assert 3600 <= measured.oldest_due_job_seconds < 4000
    await jobs.work_off()
    measured = await backlog.measure(app.database, app.clock())
    assert (measured.jobs, measured.oldest_due_job_seconds) == (0, 0)
