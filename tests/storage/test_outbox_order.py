"""Events are numbered in the order of cause and effect, whatever ids and transactions say."""

import asyncio
from collections.abc import AsyncIterator
from datetime import UTC, datetime
from uuid import UUID

import asyncpg
import pytest

from coupon_server.delivery.services.sequencer import Sequencer
from coupon_server.delivery.storage import streams
from coupon_server.domain.clock import utc_now
from support.app import App, open_app
from support.serving import settings_for

INSERT = """
INSERT INTO outbox (tenant_id, id, event_type, user_id, subject_id, occurred_at)
VALUES ($1, $2, 'coupon.redeemed', $3, $2, $4)
"""
SEQUENCES = "SELECT id, sequence, position, xmin::text FROM outbox ORDER BY sequence"


@pytest.fixture
async def app(database_url: str) -> AsyncIterator[App]:
    async with open_app(settings_for(database_url)) as opened:
        yield opened


@pytest.fixture
async def tenant_id(app: App) -> UUID:
    async with app.database.transaction() as transaction:
        return (await app.credentials.create_tenant(transaction, "One")).tenant.tenant_id


def event(number: int) -> UUID:
    return UUID(int=number)


async def connect(url: str) -> "asyncpg.Connection[asyncpg.Record]":
    return await asyncpg.connect(url)


async def write(
    connection: "asyncpg.Connection[asyncpg.Record]", tenant_id: UUID, number: int, user: str = "u"
) -> None:
    await connection.execute(INSERT, tenant_id, event(number), user, datetime.now(UTC))


async def relay_all(app: App) -> None:
    while await app.background.sequencer.run_once():
        pass


async def test_positions_hold_where_ids_and_transactions_do_not(
    app: App, database_url: str, tenant_id: UUID
) -> None:
    """Two servers, one row's lock: what it decides comes first, whoever began before.

    The second transaction has the lower transaction id and the lower event id, because its server
    began it, and looked at its clock, before it had to wait for the lock.
    """
    first, second = [await connect(database_url) for _ in range(2)]
    for connection in (first, second):
        await connection.execute("BEGIN")
    # Ids of transactions are given out here.
    second_xid = await second.fetchval("SELECT pg_current_xact_id()::text::bigint")
    first_xid = await first.fetchval("SELECT pg_current_xact_id()::text::bigint")
    assert second_xid < first_xid
    lock = "SELECT FROM tenants WHERE tenant_id = $1 FOR UPDATE"
    await first.execute(lock, tenant_id)
    waiting = asyncio.create_task(second.execute(lock, tenant_id))
    await write(first, tenant_id, 2)
    await first.execute("COMMIT")
    await waiting
    await write(second, tenant_id, 1)
    await second.execute("COMMIT")
    await relay_all(app)
    rows = await first.fetch(SEQUENCES)
    assert [row["id"] for row in rows] == [event(2), event(1)]
    assert [row["sequence"] for row in rows] == [1, 2]
    for connection in (first, second):
        await connection.close()


async def test_sequences_have_no_gaps_and_commit_in_order(
    app: App, database_url: str, tenant_id: UUID
) -> None:
    """Writers that commit in any order, several relays, and a reader that never goes back."""
    writers = [await connect(database_url) for _ in range(4)]
    relays = [Sequencer(app.database, utc_now) for _ in range(3)]
    written = 0
    done = asyncio.Event()

    async def write_some(connection: "asyncpg.Connection[asyncpg.Record]", base: int) -> None:
        nonlocal written
        for number in range(60):
            async with connection.transaction():
                await write(connection, tenant_id, base + number, f"user-{number % 3}")
                await asyncio.sleep(0.001 * (number % 5))
            written += 1

    async def keep_relaying(sequencer: Sequencer) -> None:
        while not done.is_set():
            await sequencer.run_once()
            await asyncio.sleep(0)

    async def read_on() -> list[UUID]:
        seen: list[UUID] = []
        connection = await connect(database_url)
        after = 0
        while len(seen) < 240:
            rows = await connection.fetch(
                "SELECT id, sequence FROM outbox WHERE tenant_id = $1 AND sequence > $2"
                " ORDER BY sequence",
                tenant_id,
                after,
            )
            for row in rows:
                assert row["sequence"] == after + 1
                after = row["sequence"]
                seen.append(row["id"])
            await asyncio.sleep(0.005)
        await connection.close()
        return seen

    async with asyncio.timeout(60):
        relaying = [asyncio.create_task(keep_relaying(one)) for one in relays]
        reading = asyncio.create_task(read_on())
        await asyncio.gather(
            *(write_some(one, 1000 * (index + 1)) for index, one in enumerate(writers))
        )
        seen = await reading
        done.set()
        await asyncio.gather(*relaying)
    assert len(set(seen)) == 240
    # Each writer's own events came one after the other.
    for base in (1000, 2000, 3000, 4000):
        own = [one for one in seen if base <= one.int < base + 1000]
        assert own == sorted(own)
    for connection in writers:
        await connection.close()


async def test_rows_of_the_release_before_come_first(
    app: App, database_url: str, tenant_id: UUID
) -> None:
    connection = await connect(database_url)
    for number in (4, 3, 2):
        await write(connection, tenant_id, number)
    await connection.execute("UPDATE outbox SET position = NULL WHERE id <> $1", event(4))
    await relay_all(app)
    rows = await connection.fetch(SEQUENCES)
    assert [row["id"].int for row in rows] == [2, 3, 4]
    await connection.close()


async def test_a_locked_stream_keeps_no_other_waiting(
    app: App, database_url: str, tenant_id: UUID
) -> None:
    async with app.database.transaction() as transaction:
        other = (await app.credentials.create_tenant(transaction, "Two")).tenant.tenant_id
    connection = await connect(database_url)
    for number, one in ((1, tenant_id), (2, other)):
        await write(connection, one, number)
    await relay_all(app)
    for number, one in ((3, tenant_id), (4, other)):
        await write(connection, one, number)
    async with app.database.transaction() as transaction:
        await streams.lock(transaction, tenant_id)
        async with asyncio.timeout(5):
            assert await app.background.sequencer.run_once() == 1
    assert await app.background.sequencer.run_once() == 1
    await connection.close()


async def test_every_tenant_gets_its_turn(app: App, database_url: str) -> None:
    """More tenants than one transaction takes, with more events than it takes."""
    connection = await connect(database_url)
    await connection.execute(
        """
        INSERT INTO tenants (tenant_id, name, created_at)
        SELECT gen_random_uuid(), 'T' || n, now() FROM generate_series(1, 150) n
        """
    )
    await connection.execute(
        """
        INSERT INTO outbox (tenant_id, id, event_type, user_id, subject_id, occurred_at)
        SELECT t.tenant_id, gen_random_uuid(), 'coupon.issued', 'u', gen_random_uuid(), now()
        FROM tenants t, generate_series(1, 3)
        """
    )
    rounds = 0
    while await app.background.sequencer.run_once():
        rounds += 1
    assert rounds == 3
    assert await connection.fetchval("SELECT count(*) FROM outbox WHERE sequence IS NULL") == 0
    assert await connection.fetchval("SELECT count(*) FROM outbox WHERE sequence > 3") == 0
    await connection.close()
