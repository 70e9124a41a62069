"""Kept answers are kept long enough, and not for ever."""

from datetime import UTC, datetime, timedelta
from uuid import UUID

from coupon_server.database.transactions import Database
from coupon_server.domain.idempotency import RequestKey
from coupon_server.services import retention
from coupon_server.storage import request_answers
from coupon_server.storage.request_answers import KeptAnswer, NewAnswer
from support.app import TESTS

NOW = datetime(2026, 1, 1, tzinfo=UTC)
KEPT = KeptAnswer(b"fingerprint", b"answer", NOW)


def key(name: str, tenant: int = 1) -> RequestKey:
    return RequestKey(UUID(int=tenant), "", "/Method", name)


async def keep(database: Database, names: list[str], answered_at: datetime) -> None:
    async with database.driver_transaction(TESTS) as connection:
        answers = [NewAnswer(key(name), KEPT) for name in names]
        await request_answers.save_many(connection, answers, answered_at)


async def kept(database: Database, names: list[str]) -> set[str]:
    async with database.driver_connection(TESTS) as connection:
        found = await request_answers.load_many(connection, [key(name) for name in names])
    assert all(
        (one.fingerprint, one.answer) == (b"fingerprint", b"answer") for one in found.values()
    )
    return {one.request_id for one in found}


def test_answers_are_kept_for_at_least_a_day() -> None:
    assert timedelta(hours=24) <= retention.ANSWERS_KEPT


async def test_only_answers_from_before_the_given_instant_are_trimmed(database: Database) -> None:
    await keep(database, ["old"], NOW - timedelta(microseconds=1))
    await keep(database, ["at"], NOW)
    await keep(database, ["new"], NOW + timedelta(days=1))
    assert await request_answers.trim(database, NOW, 100) == 1
    assert await kept(database, ["old", "at", "new"]) == {"at", "new"}
    assert await request_answers.trim(database, NOW, 100) == 0


async def test_trimming_stops_at_its_limit(database: Database) -> None:
    names = [f"old {i}" for i in range(25)]
    await keep(database, names, NOW - timedelta(days=2))
    trimmed = [await request_answers.trim(database, NOW, 10) for _ in range(4)]
    assert trimmed == [10, 10, 5, 0]
    assert await kept(database, names) == set()


async def test_what_is_being_answered_just_now_is_not_waited_for(database: Database) -> None:
    await keep(database, ["free", "locked"], NOW - timedelta(days=2))
    async with database.driver_transaction(TESTS) as connection:
        await connection.execute(
            "SELECT 1 FROM request_answers WHERE request_id = 'locked' FOR UPDATE"
        )
        assert await request_answers.trim(database, NOW, 100) == 1
    assert await request_answers.trim(database, NOW, 100) == 1


async def test_keys_differ_by_tenant_caller_method_and_id(database: Database) -> None:
    one = key("r1")
    others = [
        key("r1", tenant=2),
        RequestKey(one.tenant_id, "alice", one.method, one.request_id),
        RequestKey(one.tenant_id, one.caller, "/Other", one.request_id),
        key("R1"),
        key("r2"),
    ]
    await keep(database, ["r1"], NOW)
    async with database.driver_connection(TESTS) as connection:
        assert await request_answers.load_many(connection, others) == {}
        assert (await request_answers.load_many(connection, [*others, one])).keys() == {one}
