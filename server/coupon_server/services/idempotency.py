"""One effect for each request id."""

from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from typing import Protocol, TypeVar
from uuid import UUID

from coupon_server.database.transactions import Database, Transaction
from coupon_server.domain.clock import Clock
from coupon_server.domain.errors import DomainError, Reason
from coupon_server.domain.idempotency import RequestKey
from coupon_server.storage import request_answers
from coupon_server.storage.request_answers import KeptAnswer


class Answer(Protocol):
    """An answer that can be kept."""

    def SerializeToString(self) -> bytes: ...


A = TypeVar("A", bound=Answer)
P = TypeVar("P")


@dataclass(frozen=True, slots=True)
class Request:
    """A request that is to have one effect: its key, and a hash of all it asks for."""

    key: RequestKey
    fingerprint: bytes


@dataclass(frozen=True, slots=True)
class Replay:
    """The first answer to the request, as it was kept."""

    answer: bytes


def replayed(request: Request, kept: KeptAnswer) -> Replay:
    """The kept answer; REQUEST_ID_REUSED when it answered another request."""
    if kept.fingerprint != request.fingerprint:
        raise DomainError(Reason.REQUEST_ID_REUSED, "The request id was used for another request")
    return Replay(kept.answer)


class Mutations:
    """Runs mutations in a transaction each, and each request at most once."""

    def __init__(self, database: Database, clock: Clock) -> None:
        self._database = database
        self._clock = clock

    async def is_answered(self, key: RequestKey) -> bool:
        """Whether an answer is kept for the request with this key."""
        async with self._database.transaction() as transaction:
            return await request_answers.find(transaction, key) is not None

    async def run(
        self,
        tenant_id: UUID,
        request: Request | None,
        work: Callable[[Transaction], Awaitable[A]],
        kept_form: Callable[[A], Answer] = lambda answer: answer,
    ) -> A | Replay:
        """Do `work` and keep its answer, or replay the answer kept before.

        A failure keeps nothing. `kept_form` takes secrets out of what is kept.
        """
        async with self._database.tenant_transaction(tenant_id) as transaction:
            if request is None:
                return await work(transaction)
            kept = await request_answers.claim(
                transaction, request.key, request.fingerprint, self._clock()
            )
            if kept is not None:
                return replayed(request, kept)
            answer = await work(transaction)
            kept_answer = kept_form(answer).SerializeToString()
            await request_answers.keep(transaction, request.key, kept_answer)
            return answer

    async def run_prepared(
        self,
        tenant_id: UUID,
        request: Request | None,
        prepare: Callable[[], Awaitable[P]],
        work: Callable[[Transaction, P], Awaitable[A]],
    ) -> A | Replay:
        """As `run`, with what takes long done first: nothing is locked, and no connection held.

        If two calls make the same request at once, both prepare it; one answer is kept.
        """
        if request is not None:
            async with self._database.transaction() as transaction:
                kept = await request_answers.find(transaction, request.key)
            if kept is not None:
                return replayed(request, kept)
        prepared = await prepare()
        return await self.run(tenant_id, request, lambda transaction: work(transaction, prepared))
