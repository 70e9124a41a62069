"""The first answers of mutations, by which retries are answered."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import select, update
from sqlalchemy.dialects.postgresql import insert
from sqlalchemy.ext.asyncio import AsyncConnection

from coupon_server.database.driver import DriverConnection
from coupon_server.database.statements import statements
from coupon_server.database.tables import request_answers
from coupon_server.database.transactions import Database, RowsChanged
from coupon_server.database.trimming import trim_older
from coupon_server.domain.errors import DomainError, Reason
from coupon_server.domain.idempotency import RequestKey


@dataclass(frozen=True, slots=True)
class KeptAnswer:
    """The answer given to a request, when, and the fingerprint of that request."""

    fingerprint: bytes
    answer: bytes
    answered_at: datetime


@dataclass(frozen=True, slots=True)
class NewAnswer:
    key: RequestKey
    kept: KeptAnswer


class AlreadyAnswered(RowsChanged):
    """Another transaction answered one of the requests in the meantime."""


_SQL = statements(__name__)
_LOAD = _SQL["load"]
_SAVE = _SQL["save"]


async def claim(
    connection: AsyncConnection, key: RequestKey, fingerprint: bytes, now: datetime
) -> KeptAnswer | None:
    """Claim the request for this transaction; or return the answer it got before.

    A concurrent call with the same key waits here until this transaction ends.
    """
    claimed = await connection.execute(
        insert(request_answers)
        .values(**_values(key), fingerprint=fingerprint, answered_at=now)
        .on_conflict_do_nothing()
        .returning(request_answers.c.request_id)
    )
    if claimed.one_or_none() is not None:
        return None
    kept = await find(connection, key)
    if kept is None:
        # Trimmed this very moment; the next try has the request to itself.
        raise DomainError(Reason.SERVICE_UNAVAILABLE, "The request id has just expired; try again")
    return kept


async def find(connection: AsyncConnection, key: RequestKey) -> KeptAnswer | None:
    """The answer that the request got before, if there is one."""
    query = select(
        request_answers.c.fingerprint, request_answers.c.answer, request_answers.c.answered_at
    )
    row = (await connection.execute(query.filter_by(**_values(key)))).one_or_none()
    return None if row is None else KeptAnswer(row.fingerprint, row.answer, row.answered_at)


async def keep(connection: AsyncConnection, key: RequestKey, answer: bytes) -> None:
    """Keep the answer to a request that this transaction has claimed."""
    await connection.execute(
        update(request_answers).filter_by(**_values(key)).values(answer=answer)
    )


def _values(key: RequestKey) -> dict[str, object]:
    return {
        "tenant_id": key.tenant_id,
        "caller": key.caller,
        "method": key.method,
        "request_id": key.request_id,
    }


async def load_many(
    connection: DriverConnection, keys: Sequence[RequestKey]
) -> dict[RequestKey, KeptAnswer]:
    """The answers that were kept for these requests."""
    records = await _LOAD.fetch(connection, **_columns(keys))
    return {
        keys[record["position"] - 1]: KeptAnswer(
            record["fingerprint"], record["answer"], record["answered_at"]
        )
        for record in records
    }


async def save_many(
    connection: DriverConnection, answers: Sequence[NewAnswer], now: datetime
) -> None:
    """Keep new answers. Raises AlreadyAnswered when one of them exists by now."""
    saved = await _SAVE.fetch_value(
        connection,
        **_columns([answer.key for answer in answers]),
        fingerprints=[answer.kept.fingerprint for answer in answers],
        answers=[answer.kept.answer for answer in answers],
        now=now,
    )
    if saved != len(answers):
        raise AlreadyAnswered


def _columns(keys: Sequence[RequestKey]) -> dict[str, list[object]]:
    return {
        "tenant_ids": [key.tenant_id for key in keys],
        "callers": [key.caller for key in keys],
        "methods": [key.method for key in keys],
        "request_ids": [key.request_id for key in keys],
    }


async def trim(database: Database, before: datetime, limit: int) -> int:
    """Delete up to `limit` answers given before this instant; return how many."""
    return await trim_older(database, request_answers.c.answered_at, before, limit)
