"""A tenant has one current secret, whoever rotates it at the same time.

Servers of the release before lock the tenant's row, and those of this one the rows of its secrets.
"""

import asyncio
from collections.abc import AsyncIterator
from datetime import timedelta
from uuid import UUID, uuid4

import asyncpg
import pytest

from coupon_server.database.driver import DriverConnection
from coupon_server.domain.errors import Unavailable
from support.serving import Served, serving, settings_for

LOCK_BEFORE = "SELECT FROM tenants WHERE tenant_id = $1 FOR NO KEY UPDATE"
CURRENT = "SELECT secret_id FROM tenant_secrets WHERE tenant_id = $1 AND expires_at IS NULL"
EXPIRE = "UPDATE tenant_secrets SET expires_at = now() WHERE secret_id = $1"
ADD = """
INSERT INTO tenant_secrets (tenant_id, secret_id, ciphertext, created_at)
VALUES ($1, $2, '', now())
"""
WAITS = """
SELECT count(*) > 0 FROM pg_stat_activity
WHERE datname = current_database() AND $1 = ANY (pg_blocking_pids(pid))
"""


@pytest.fixture
async def server(database_url: str) -> AsyncIterator[Served]:
    settings = settings_for(
        database_url, database_lock_timeout_ms=120_000, database_statement_timeout_ms=120_000
    )
    async with serving(settings) as server:
        yield server


async def rotate(server: Served, tenant_id: UUID) -> None:
    async with server.app.database.transaction() as transaction:
        await server.app.credentials.rotate_secret(transaction, tenant_id, timedelta())


async def replace_before(old: DriverConnection, tenant_id: UUID, current: UUID) -> None:
    """What the release before does once it has its lock and has read the current secret."""
    await old.execute(EXPIRE, current)
    await old.execute(ADD, tenant_id, uuid4())


async def until_waiting(
    connection: "asyncpg.Connection[asyncpg.Record]",
    rotation: asyncio.Task[None],
    blocker: DriverConnection,
) -> None:
    while not await connection.fetchval(WAITS, blocker.get_server_pid()):
        assert not rotation.done()
        await asyncio.sleep(0.01)


async def test_the_release_before_adds_no_second_current_secret(
    server: Served, connection: "asyncpg.Connection[asyncpg.Record]"
) -> None:
    tenant_id = (await server.new_tenant()).uuid
    async with connection.transaction():
        await connection.execute(LOCK_BEFORE, tenant_id)
        current = await connection.fetchval(CURRENT, tenant_id)
        await rotate(server, tenant_id)
        with pytest.raises(asyncpg.UniqueViolationError):
            await replace_before(connection, tenant_id, current)
    assert len(await connection.fetch(CURRENT, tenant_id)) == 1


async def test_a_rotation_that_another_overtakes_is_unavailable(
    server: Served, database_url: str, connection: "asyncpg.Connection[asyncpg.Record]"
) -> None:
    tenant_id = (await server.new_tenant()).uuid
    oldest = await connection.fetchval(CURRENT, tenant_id)
    await rotate(server, tenant_id)
    holder, old = [await asyncpg.connect(database_url) for _ in range(2)]
    async with old.transaction():
        async with holder.transaction():
            await holder.execute(
                "SELECT FROM tenant_secrets WHERE secret_id = $1 FOR UPDATE", oldest
            )
            rotation = asyncio.create_task(rotate(server, tenant_id))
            await until_waiting(connection, rotation, holder)
            # It has not locked what is added from here on.
            current = await connection.fetchval(CURRENT, tenant_id)
            await replace_before(connection, tenant_id, current)
            current = await connection.fetchval(CURRENT, tenant_id)
            await replace_before(old, tenant_id, current)
        # It finds the row that `old` has expired, and waits for it.
        await until_waiting(connection, rotation, old)
    with pytest.raises(Unavailable):
        await rotation
    assert len(await connection.fetch(CURRENT, tenant_id)) == 1
    await rotate(server, tenant_id)
    await holder.close()
    await old.close()
