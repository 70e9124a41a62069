"""Events in the database: what matching costs, and progress that does not depend on order."""

import uuid
from collections.abc import AsyncIterator, Iterator
from contextlib import asynccontextmanager
from datetime import UTC, datetime, timedelta
from typing import Any

import asyncpg
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from coupon_server.database.driver import DriverConnection
from coupon_server.database.transactions import Database
from coupon_server.domain.events import (
    MAX_OCCURRENCES,
    Event,
    ProgressKey,
    Reached,
    progress_of,
)
from coupon_server.domain.triggers import TriggerKind, met_thresholds
from coupon_server.storage import event_batch
from support.app import TESTS

TENANT = uuid.UUID(int=1)
START = datetime(2026, 1, 1, tzinfo=UTC)

DEFINITIONS = """
INSERT INTO coupon_definitions (tenant_id, id, revision, name, description, status, created_at,
    updated_at, reward_item_id, code_format, code_prefix, code_length, case_sensitive, limit_type,
    max_uses, assigned_only, trigger_kind, trigger_enabled, trigger_target, trigger_threshold)
SELECT $1, gen_random_uuid(), 1, 'Campaign', '', $2, now(), now(), $1, 'random', '', 8, false,
    'per_user', 1, false, 'streak_milestone', true, $3::text || (n % $5), $4 + n
FROM generate_series(1, $6::int) n
"""


async def add_definitions(
    connection: "asyncpg.Connection[asyncpg.Record]",
    count: int,
    *,
    target: str,
    threshold: int,
    targets: int = 1,
    status: str = "active",
) -> None:
    """So many definitions with thresholds above `threshold`, spread over some targets."""
    await connection.execute(DEFINITIONS, TENANT, status, target, threshold, targets, count)


@pytest.fixture
async def tenant(connection: "asyncpg.Connection[asyncpg.Record]") -> None:
    await connection.execute("INSERT INTO tenants VALUES ($1, 'Test', now())", TENANT)
    await connection.execute(
        "INSERT INTO reward_items (tenant_id, item_id, version, created_at)"
        " VALUES ($1, $1, 1, now())",
        TENANT,
    )


def streak(milestone: int, **changes: Any) -> Event:
    fields: dict[str, Any] = {
        "tenant_id": TENANT,
        "event_id": "e1",
        "user_id": "ada",
        "occurred_at": START,
        "kind": TriggerKind.STREAK_MILESTONE,
        "target": "watched0",
        "occurrence": "",
        "value": milestone,
    }
    return Event(**fields | changes)


async def buffers(connection: DriverConnection, prepared: str) -> int:
    """How many pages the prepared statement reads."""
    event = streak(7)
    thresholds = met_thresholds(event.kind, event.value)
    arguments = ", ".join(
        f"'{{\"{value}\"}}'"
        for value in (
            event.tenant_id,
            event.user_id,
            event.kind,
            event.target,
            event.occurrence,
            thresholds.start,
            thresholds.stop - 1,
        )
    )
    plan = await connection.fetchval(
        f"EXPLAIN (ANALYZE, BUFFERS, FORMAT JSON) EXECUTE {prepared} ({arguments})"
    )
    root = plan[0]["Plan"]
    return int(root["Shared Hit Blocks"]) + int(root["Shared Read Blocks"])


async def test_matching_costs_the_same_however_many_definitions_there_are(
    database: Database,
    connection: "asyncpg.Connection[asyncpg.Record]",
    tenant: None,
) -> None:
    async with database.driver_connection(TESTS) as serving:
        # Planned while the tables are empty, as on a new server.
        await serving.execute(f"PREPARE matching AS {event_batch._MATCH.text}")
        await add_definitions(connection, 3, target="watched", threshold=4)
        await add_definitions(connection, 7, target="other", threshold=1, targets=7)
        await connection.execute("VACUUM ANALYZE coupon_definitions")
        [met] = await event_batch.match(serving, [streak(7)])
        assert met is not None
        assert len(met) == 3
        few = await buffers(serving, "matching")

        # More of other targets, of thresholds that are not met, and of those that are over.
        await add_definitions(connection, 50_000, target="other", threshold=1, targets=9_000)
        await add_definitions(connection, 25_000, target="watched", threshold=100)
        await add_definitions(connection, 25_000, target="watched", threshold=1, status="archived")
        await connection.execute("VACUUM ANALYZE coupon_definitions")
        assert await event_batch.match(serving, [streak(7)]) == [met]
        many = await buffers(serving, "matching")
        await serving.execute("DEALLOCATE matching")
    # A level or two more of the index, for each of the ways in which it is entered.
    assert many <= few + 8, (few, many)


async def test_what_nobody_watches_and_what_is_earned_is_told_apart(
    database: Database,
    connection: "asyncpg.Connection[asyncpg.Record]",
    tenant: None,
) -> None:
    await add_definitions(connection, 1, target="watched", threshold=6)
    definition_id = await connection.fetchval("SELECT id FROM coupon_definitions")
    await connection.execute(
        "INSERT INTO earned_coupons VALUES ($1, $2, 'ada', 'run 1', $1)", TENANT, definition_id
    )
    events = [
        streak(7),
        streak(6),
        streak(7, target="other"),
        streak(7, occurrence="run 1"),
        streak(7, occurrence="run 1", user_id="bob"),
        streak(7, kind=TriggerKind.LEADERBOARD_RANK),
    ]
    async with database.driver_connection(TESTS) as serving:
        matched = await event_batch.match(serving, events)
    assert matched == [[definition_id], [], None, [], [definition_id], None]


# --- progress ------------------------------------------------------------------------------

REPORTS = st.lists(
    st.builds(
        streak,
        st.integers(1, 5),
        user_id=st.sampled_from(["ada", "bob"]),
        kind=st.sampled_from([TriggerKind.STREAK_MILESTONE, TriggerKind.LEADERBOARD_RANK]),
        occurrence=st.sampled_from([f"run {number}" for number in range(6)]),
        occurred_at=st.integers(0, 8).map(lambda hours: START + timedelta(hours=hours)),
    ),
    min_size=1,
    max_size=20,
)


@asynccontextmanager
async def scratch(database: Database) -> AsyncIterator[DriverConnection]:
    """A transaction of which nothing stays."""
    async with database.driver_transaction(TESTS) as connection:
        yield connection
        await connection.execute("ROLLBACK")


def batches(events: list[Event], sizes: Iterator[int]) -> Iterator[list[Event]]:
    while events:
        size = next(sizes)
        yield events[:size]
        events = events[size:]


async def stored(connection: DriverConnection) -> dict[ProgressKey, Reached]:
    rows = await connection.fetch("SELECT * FROM progress")
    return {
        ProgressKey(
            row["tenant_id"],
            row["user_id"],
            TriggerKind(row["trigger_kind"]),
            row["target"],
            row["occurrence"],
        ): Reached(row["value"], row["occurred_at"])
        for row in rows
    }


@settings(
    max_examples=60, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture]
)
@given(events=REPORTS.flatmap(st.permutations), sizes=st.lists(st.integers(1, 4), min_size=1))
async def test_progress_is_what_events_come_to_in_whatever_order_and_batches(
    database: Database, events: list[Event], sizes: list[int]
) -> None:
    async with scratch(database) as connection:
        for batch in batches(events, iter(sizes * len(events))):
            await event_batch.report(connection, progress_of(batch))
        assert await stored(connection) == progress_of(events)


@settings(
    max_examples=20, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture]
)
@given(order=st.permutations(range(MAX_OCCURRENCES + 4)))
async def test_the_latest_occurrences_stay_in_whatever_order_they_come(
    database: Database, order: list[int]
) -> None:
    events = [
        streak(1 + number, occurrence=f"{number:02}", occurred_at=START + timedelta(hours=number))
        for number in order
    ]
    latest = sorted(events, key=lambda event: event.occurred_at)[-MAX_OCCURRENCES:]
    async with scratch(database) as connection:
        for event in events:
            await event_batch.report(connection, progress_of([event]))
        assert await stored(connection) == progress_of(latest)
