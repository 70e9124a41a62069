"""Claims: fenced, shared, and as cheap with a backlog as without."""

import asyncio
import json
from collections.abc import AsyncIterator
from datetime import datetime, timedelta
from types import SimpleNamespace
from typing import Any
from uuid import UUID

import pytest

from coupon_server.database.statements import Statement
from coupon_server.delivery.domain.retries import RETRY_DELAYS, RETRY_SPAN
from coupon_server.delivery.domain.webhooks import AttemptResult, DeliveryError, EndpointStatus
from coupon_server.delivery.http.sender import TIMEOUT_SECONDS
from coupon_server.delivery.services import webhook_delivery
from coupon_server.delivery.services import webhook_endpoints as webhook_service
from coupon_server.delivery.storage import outbox_events, webhook_lanes
from coupon_server.delivery.storage import webhook_endpoints as webhooks
from coupon_server.delivery.storage.outbox_events import UnreadableEvent
from coupon_server.delivery.storage.webhook_lanes import LeasedLane
from coupon_server.domain.clock import utc_now
from coupon_server.domain.errors import DomainError, Reason
from coupon_server.domain.ids import new_id
from support.app import TESTS, App, open_app
from support.serving import settings_for

LANES = """
INSERT INTO webhook_lanes (tenant_id, endpoint_id, user_id, next_sequence, last_sequence,
    waiting_since, claimed, attempts, next_attempt_at)
SELECT $1, $2, 'user-' || n, n, n, now(), false, 0, $4 FROM generate_series(1, $3::int) n
"""
LEASE = timedelta(seconds=30)


@pytest.fixture
async def app(database_url: str) -> AsyncIterator[App]:
    settings = settings_for(
        database_url,
        webhook_allow_private=True,
        # A deadlock is found within a second; a busy machine is none.
        database_lock_timeout_ms=60_000,
        database_statement_timeout_ms=60_000,
    )
    async with open_app(settings) as opened:
        yield opened


Connection = Any


async def new_endpoint(app: App, tenant_id: UUID | None = None) -> tuple[UUID, UUID]:
    async with app.database.transaction() as transaction:
        if tenant_id is None:
            tenant_id = (await app.credentials.create_tenant(transaction, "One")).tenant.tenant_id
        made = await app.webhooks.create(
            transaction, tenant_id, url="http://127.0.0.1:1025/", description="", event_types=()
        )
    return tenant_id, made.endpoint.endpoint_id


async def claim(app: App, key: tuple[UUID, UUID], count: int, now: datetime) -> list[LeasedLane]:
    async with app.database.driver_transaction(TESTS) as connection:
        return await webhook_lanes.lease(connection, {key: count}, now, now + LEASE)


async def redeemed(app: App, connection: Connection, tenant_id: UUID, event_id: UUID) -> None:
    """An event of alice's that has its place."""
    await connection.execute(
        """
        INSERT INTO outbox (tenant_id, id, event_type, user_id, subject_id, occurred_at)
        VALUES ($1, $2, 'coupon.redeemed', 'alice', $2, now())
        """,
        tenant_id,
        event_id,
    )
    await app.background.sequencer.run_once()


async def test_a_lane_is_claimed_by_one(app: App, connection: Connection) -> None:
    key, now = await new_endpoint(app), utc_now()
    await connection.execute(LANES, *key, 50, now)
    claims = await asyncio.gather(*(claim(app, key, 20, now) for _ in range(3)))
    claimed = [lane.user_id for lanes in claims for lane in lanes]
    assert len(claimed) == len(set(claimed)) == 50
    assert await claim(app, key, 50, now) == []
    again = await claim(app, key, 50, now + LEASE)
    assert {lane.attempts for lane in again} == {2}


async def test_who_comes_back_late_moves_nothing(app: App, connection: Connection) -> None:
    key, now = await new_endpoint(app), utc_now()
    await connection.execute(LANES, *key, 1, now)
    [late] = await claim(app, key, 1, now)
    [mine] = await claim(app, key, 1, now + LEASE)
    async with app.database.driver_transaction(TESTS) as transaction:
        assert await webhook_lanes.lock_leased(transaction, late) is None
        assert await webhook_lanes.lock_leased(transaction, mine) == 1
        await webhook_lanes.postpone(transaction, mine, now)
    [third] = await claim(app, key, 1, now)
    for old in (late, mine):
        async with app.database.driver_transaction(TESTS) as transaction:
            assert await webhook_lanes.lock_leased(transaction, old) is None
    assert third.attempts == 3


async def test_what_was_claimed_too_long_ago_is_left_to_others(
    app: App, connection: Connection, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Sent late, it could arrive after what another process sends of the same user."""
    key = await new_endpoint(app)
    await connection.execute(LANES, *key, 1, utc_now())
    sent = []

    class Sender:
        async def send(self, *args: Any) -> AttemptResult:
            sent.append(args)
            return AttemptResult(DeliveryError.NONE, 204, timedelta(0))

    async def fetch_slowly(*_: Any) -> Any:
        await asyncio.sleep(0.2)
        return {(key[0], 1): SimpleNamespace(id=new_id(), type="coupon.redeemed")}

    delivery = app.background.webhook_delivery
    monkeypatch.setattr(delivery, "_sender", Sender())
    monkeypatch.setattr(delivery, "_render", lambda _: "{}")
    monkeypatch.setattr(outbox_events, "fetch_events", fetch_slowly)
    almost = timedelta(seconds=TIMEOUT_SECONDS + 0.1)
    monkeypatch.setattr(webhook_delivery, "LEASE", almost)
    assert await delivery.start_due() == 1
    await delivery.finish(5)
    assert sent == []
    [lane] = await claim(app, key, 1, utc_now() + almost)
    assert lane.attempts == 2


async def test_an_event_that_cannot_be_read_keeps_no_other_endpoint_waiting(
    app: App, connection: Connection
) -> None:
    """A newer release wrote it; it is tried again, by a process of that release perhaps."""
    unreadable, other = await new_endpoint(app), await new_endpoint(app)
    await connection.execute(
        """
        INSERT INTO outbox (tenant_id, id, event_type, user_id, subject_id, occurred_at)
        VALUES ($1, $2, 'coupon.polished', 'alice', $2, now())
        """,
        unreadable[0],
        new_id(),
    )
    await app.background.sequencer.run_once()
    # Its event is not kept any more, so that dealing with the lane closes it.
    await connection.execute(LANES, *other, 1, utc_now())
    assert await app.background.webhook_delivery.start_due() == 2
    await app.background.webhook_delivery.finish(5)
    rows = await connection.fetch("SELECT endpoint_id, attempts FROM webhook_lanes")
    assert [tuple(row) for row in rows] == [(unreadable[1], 1)]


@pytest.mark.parametrize("broken", ["event", "secret", "rendering"])
async def test_a_webhook_that_cannot_be_made_is_logged_and_given_up_in_time(
    app: App, connection: Connection, monkeypatch: pytest.MonkeyPatch, broken: str
) -> None:
    key, event_id = await new_endpoint(app), new_id()
    await connection.execute(LANES, *key, 1, utc_now())
    event: object = SimpleNamespace(id=event_id, type="coupon.redeemed")
    if broken == "event":
        event = UnreadableEvent(event_id, "coupon.polished", ValueError("coupon.polished"))
    if broken == "secret":
        await connection.execute("UPDATE webhook_endpoints SET ciphertext = '\\x00'")

    async def fetch(*_: Any) -> Any:
        return {(key[0], 1): event}

    delivery = app.background.webhook_delivery
    # What is no event cannot be rendered.
    monkeypatch.setattr(outbox_events, "fetch_events", fetch)
    if broken == "secret":
        monkeypatch.setattr(delivery, "_render", lambda _: "{}")
    began = utc_now()
    assert await delivery.start_due() == 1
    await delivery.finish(5)
    [attempt] = await connection.fetch("SELECT * FROM webhook_attempts")
    assert (attempt["event_id"], attempt["attempt"]) == (event_id, 1)
    assert (attempt["delivered"], attempt["error"]) == (False, "internal")
    [lane] = await connection.fetch("SELECT * FROM webhook_lanes")
    assert lane["next_attempt_at"] >= began + RETRY_DELAYS[0]
    assert not lane["claimed"]
    # It is not the endpoint's failure.
    assert await connection.fetchval("SELECT failures FROM webhook_endpoints") == 0
    await connection.execute(
        "UPDATE webhook_lanes SET attempts = 10, first_attempt_at = $1, next_attempt_at = $2",
        began - RETRY_SPAN,
        began,
    )
    assert await delivery.start_due() == 1
    await delivery.finish(5)
    [letter] = await connection.fetch("SELECT * FROM webhook_dead_letters")
    assert (letter["event_id"], letter["attempts"], letter["error"]) == (event_id, 11, "internal")
    assert await connection.fetchval("SELECT count(*) FROM webhook_lanes") == 0


async def test_an_event_that_comes_while_the_last_is_sent_is_not_lost(
    app: App, connection: Connection
) -> None:
    """The relay adds to a lane while the lane is being closed."""
    key, now = await new_endpoint(app), utc_now()
    insert = """
        INSERT INTO outbox (tenant_id, id, event_type, user_id, subject_id, occurred_at)
        VALUES ($1, $2, 'coupon.redeemed', 'alice', $2, now())
    """
    for _ in range(50):
        await connection.execute(insert, key[0], new_id())
        while not (lanes := await claim(app, key, 1, utc_now())):
            await app.background.sequencer.run_once()
        [lane] = lanes
        await connection.execute(insert, key[0], new_id())

        async def finish(lane: LeasedLane = lane) -> None:
            async with app.database.driver_transaction(TESTS) as transaction:
                last = await webhook_lanes.lock_leased(transaction, lane)
                assert last is not None
                await webhook_lanes.advance(transaction, lane, last, utc_now())

        await asyncio.gather(finish(), app.background.sequencer.run_once())
        [again] = await claim(app, key, 1, utc_now())
        assert again.sequence == lane.sequence + 1
        await finish(again)
    assert await connection.fetchval("SELECT count(*) FROM webhook_lanes") == 0
    assert now


async def test_waking_lanes_and_adding_to_them_do_not_lock_each_other_out(
    app: App, connection: Connection
) -> None:
    """Both lock many lanes, which are due in the opposite order of their users."""
    key = await new_endpoint(app)
    users = 2_000
    happen = """
        INSERT INTO outbox (tenant_id, id, event_type, user_id, subject_id, occurred_at)
        SELECT $1, gen_random_uuid(), 'coupon.redeemed', 'user-' || n, gen_random_uuid(), now()
        FROM generate_series(10001, 10000 + $2::int) n
    """
    fail = """
        UPDATE webhook_lanes SET next_attempt_at = now() + interval '1 day'
            - right(user_id, 5)::int * interval '1 second'
    """
    await connection.execute(happen, key[0], users)
    await app.background.sequencer.run_once()
    for _ in range(5):
        await connection.execute(fail)
        await connection.execute(happen, key[0], users)

        async def wake() -> None:
            async with app.database.transaction() as transaction:
                await webhooks.reschedule(transaction, *key, utc_now())

        await asyncio.gather(wake(), app.background.sequencer.run_once())
    late = "SELECT count(*) FROM webhook_lanes WHERE next_attempt_at > now()"
    assert await connection.fetchval(late) == 0


async def test_dead_letters_that_wait_are_sent_at_once(
    app: App, connection: Connection, monkeypatch: pytest.MonkeyPatch
) -> None:
    """They may wait for half a day; what is sent at this moment, or due, is left as it is."""
    key, now = await new_endpoint(app), utc_now()
    later = now + timedelta(hours=12)
    lanes = {"waiting": (later, False), "sent now": (now + LEASE, True), "due": (now, False)}
    for number, user in enumerate(("idle", *lanes)):
        event_id = new_id()
        await connection.execute(
            """
            INSERT INTO webhook_dead_letters (tenant_id, endpoint_id, event_id, sequence,
                event_type, user_id, attempts, error, died_at)
            VALUES ($1, $2, $3, $4, 'coupon.redeemed', $5, 11, 'status', $6)
            """,
            *key,
            event_id,
            number,
            user,
            now,
        )
        if user in lanes:
            await connection.execute(
                """
                INSERT INTO webhook_lanes (tenant_id, endpoint_id, user_id, redelivers,
                    next_sequence, last_sequence, waiting_since, next_attempt_at, claimed, attempts)
                VALUES ($1, $2, $3, $4, $5, $5, $6, $7, $8, 3)
                """,
                *key,
                user,
                event_id,
                number,
                now,
                *lanes[user],
            )
    monkeypatch.setattr(app.webhooks, "_clock", lambda: now)

    async def redeliver() -> int:
        async with app.database.transaction() as transaction:
            return await app.webhooks.redeliver(transaction, *key, None)

    assert await redeliver() == 2
    rows = await connection.fetch("SELECT * FROM webhook_lanes")
    assert {row["user_id"]: (row["next_attempt_at"], row["attempts"]) for row in rows} == {
        "idle": (now, 0),
        "waiting": (now, 3),
        "sent now": (now + LEASE, 3),
        "due": (now, 3),
    }
    assert await redeliver() == 0


async def test_an_endpoint_that_rests_is_tried_when_an_admin_asks_for_it(
    app: App, connection: Connection
) -> None:
    key, event_id, now = await new_endpoint(app), new_id(), utc_now()
    await redeemed(app, connection, key[0], event_id)

    async def due() -> list[int]:
        async with app.database.driver_connection(TESTS) as driver:
            return [one.failures for one in await webhook_lanes.due_endpoints(driver, utc_now())]

    for wanted in (event_id, None):
        async with app.database.driver_transaction(TESTS) as driver:
            await webhook_lanes.count_failure(driver, key)
            await webhook_lanes.back_off(driver, key, now + timedelta(minutes=5))
        assert await due() == []
        async with app.database.transaction() as transaction:
            await app.webhooks.redeliver(transaction, *key, wanted)
        assert await due() == [0]


async def test_a_call_sends_so_many_dead_letters_again_the_oldest_first(
    app: App, connection: Connection, monkeypatch: pytest.MonkeyPatch
) -> None:
    key = await new_endpoint(app)
    await connection.execute(
        """
        INSERT INTO webhook_dead_letters (tenant_id, endpoint_id, event_id, sequence, event_type,
            user_id, attempts, error, died_at)
        SELECT $1, $2, lpad(n::text, 32, '0')::uuid, n, 'coupon.redeemed', 'user-' || 9 - n, 11,
            'status', now() FROM generate_series(1, 5) n
        """,
        *key,
    )
    monkeypatch.setattr(webhook_service, "MAX_REDELIVERIES", 2)
    queued = []
    for _ in range(4):
        async with app.database.transaction() as transaction:
            count = await app.webhooks.redeliver(transaction, *key, None)
        rows = await connection.fetch("SELECT next_sequence FROM webhook_lanes ORDER BY 1")
        queued.append((count, [row["next_sequence"] for row in rows]))
    assert queued == [(2, [1, 2]), (2, [1, 2, 3, 4]), (1, [1, 2, 3, 4, 5]), (0, [1, 2, 3, 4, 5])]


async def test_what_is_sent_again_to_an_endpoint_that_is_being_deleted_is_refused(
    app: App, connection: Connection
) -> None:
    key, event_id = await new_endpoint(app), new_id()
    await redeemed(app, connection, key[0], event_id)

    async def redeliver() -> None:
        async with app.database.transaction() as transaction:
            await app.webhooks.redeliver(transaction, *key, event_id)

    async with app.database.transaction() as transaction:
        await app.webhooks.delete(transaction, *key, etag="")
        redelivering = asyncio.create_task(redeliver())
        waiting = """
            SELECT count(*) FROM pg_stat_activity
            WHERE datname = current_database() AND wait_event_type = 'Lock'
        """
        while not await connection.fetchval(waiting):
            pass
    with pytest.raises(DomainError) as caught:
        await redelivering
    assert caught.value.reason is Reason.WEBHOOK_ENDPOINT_NOT_FOUND


async def explain(connection: Connection, statement: Statement, **values: Any) -> tuple[int, str]:
    """How many pages a statement reads, and its plan, on a connection like the server's own."""
    for setting in (
        "plan_cache_mode = force_generic_plan",
        "enable_seqscan = off",
        "enable_hashjoin = off",
        "enable_mergejoin = off",
        "jit = off",
    ):
        await connection.execute(f"SET {setting}")
    text = await connection.fetchval(
        f"EXPLAIN (ANALYZE, BUFFERS, FORMAT JSON) {statement.text}", *statement._arguments(values)
    )
    plan = json.loads(text)[0]["Plan"]
    return plan["Shared Hit Blocks"] + plan["Shared Read Blocks"], text


async def test_a_lease_costs_the_same_with_a_backlog(app: App, connection: Connection) -> None:
    dead, now = await new_endpoint(app), utc_now()
    alive = await new_endpoint(app, dead[0])
    other = await new_endpoint(app)
    for key in (alive, other):
        await connection.execute(LANES, *key, 20, now)
    costs = []
    for backlog in (20, 100_000):
        await connection.execute("DELETE FROM webhook_lanes WHERE endpoint_id = $1", dead[1])
        await connection.execute(LANES, *dead, backlog, now - timedelta(hours=1))
        await connection.execute("VACUUM ANALYZE webhook_lanes")
        await connection.execute("ANALYZE webhook_endpoints")
        due, plan = await explain(connection, webhook_lanes._DUE_ENDPOINTS, now=now)
        assert "Seq Scan" not in plan
        # In a transaction that leaves the lanes as they are.
        await connection.execute("BEGIN")
        tenants, endpoints = zip(dead, alive, strict=True)
        leased, plan = await explain(
            connection,
            webhook_lanes._LEASE,
            tenant_ids=tenants,
            endpoint_ids=endpoints,
            lanes=[8, 8],
            now=now,
            until=now + LEASE,
        )
        assert "Seq Scan" not in plan
        await connection.execute("ROLLBACK")
        costs.append((due, leased))
    (few_due, few_leased), (many_due, many_leased) = costs
    # A level more of the index.
    assert many_due <= few_due + 20, costs
    assert many_leased <= few_leased * 2, costs


async def test_a_paused_or_backed_off_endpoint_is_not_due(app: App, connection: Connection) -> None:
    key, now = await new_endpoint(app), utc_now()
    await connection.execute(LANES, *key, 5, now)

    async def due() -> list[object]:
        async with app.database.driver_connection(TESTS) as driver:
            return list(await webhook_lanes.due_endpoints(driver, now))

    assert len(await due()) == 1
    async with app.database.driver_transaction(TESTS) as driver:
        await webhook_lanes.back_off(driver, key, now + timedelta(seconds=1))
    assert await due() == []
    async with app.database.transaction() as transaction:
        await app.webhooks.set_status(transaction, *key, EndpointStatus.PAUSED)
        await app.webhooks.set_status(transaction, *key, EndpointStatus.ACTIVE)
    assert len(await due()) == 1
    async with app.database.driver_transaction(TESTS) as driver:
        await webhook_lanes.disable(driver, key, now)
    assert await due() == []
    result = AttemptResult(DeliveryError.TIMEOUT, None, timedelta(seconds=15))
    assert result.latency_ms == 15_000
