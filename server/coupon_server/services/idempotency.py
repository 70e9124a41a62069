"""One effect for each request id."""

from collections.abc import Awaitable, Callable, Mapping
from dataclasses import dataclass
from datetime import datetime
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

_NO_KEY = b""


@dataclass(frozen=True, slots=True)
class Request:
    """A request that is to have one effect: its key, and a hash of all it asks for."""

    key: RequestKey
    fingerprint: bytes
    signature: RequestKey | None = None
    """Of a signed request whose signature does not cover the key: what the signature itself is
    known by. It is the `key` of a request that has no other."""

    def rows(self) -> dict[RequestKey, bytes]:
        """What its answer is kept under, in the order of locks, each with a fingerprint."""
        if self.signature is None:
            return {self.key: self.fingerprint}
        if self.signature == self.key:
            return {self.key: _NO_KEY}
        # The message of a signature never changes; the key that comes along can.
        rows = {self.key: self.fingerprint, self.signature: self.key.request_id.encode()}
        return dict(sorted(rows.items(), key=lambda row: row[0].request_id))


@dataclass(frozen=True, slots=True)
class Replay:
    """The first answer to the request, as it was kept, and when it was given."""

    answer: bytes
    answered_at: datetime


def replayed(request: Request, kept: Mapping[RequestKey, KeptAnswer]) -> Replay | None:
    """The request's answer, if it is among those that were kept.

    REQUEST_ID_REUSED when the key has answered another request, or when the signature has come with
    another key.
    """
    replay = None
    for key, fingerprint in request.rows().items():
        if (answer := kept.get(key)) is not None:
            # Without a key the signature alone decides, whatever came with it before.
            # The release before kept the message's hash under the signature.
            known = (answer.fingerprint, _NO_KEY)
            if fingerprint not in known and answer.fingerprint != request.fingerprint:
                raise _reused(of_signature=key == request.signature)
            if replay is None or answer.answered_at < replay.answered_at:
                replay = Replay(answer.answer, answer.answered_at)
    return replay


def _reused(*, of_signature: bool) -> DomainError:
    message = (
        "The signature was used with another Idempotency-Key; sign the key along, or sign anew"
        if of_signature
        else "The request id was used for another request"
    )
    return DomainError(Reason.REQUEST_ID_REUSED, message)


class Mutations:
    """Runs mutations in a transaction each, and each request at most once."""

    def __init__(self, database: Database, clock: Clock) -> None:
        self._database = database
        self._clock = clock

    def now(self) -> datetime:
        """The present, by the clock that answers are kept with."""
        return self._clock()

    async def is_answered(self, key: RequestKey) -> bool:
        """Whether an answer is kept for the request with this key."""
        async with self._database.transaction() as transaction:
            return await request_answers.find(transaction, key) is not None

    async def run(
        self,
        tenant_id: UUID,
        request: Request | None,
        work: Callable[[Transaction], Awaitable[A]],
        kept_form: Callable[[A], Answer] | None = None,
    ) -> A | Replay:
        """Do `work` and keep its answer, or replay the answer kept before.

        A failure keeps nothing. `kept_form` takes secrets out of what is kept; None: there are
        none.
        """
        async with self._database.tenant_transaction(tenant_id) as transaction:
            if request is None:
                return await work(transaction)
            claimed, kept = [], {}
            for key, fingerprint in request.rows().items():
                before = await request_answers.claim(transaction, key, fingerprint, self._clock())
                if before is None:
                    claimed.append(key)
                else:
                    kept[key] = before
            answer = replayed(request, kept) or await work(transaction)
            if isinstance(answer, Replay):
                form = answer.answer
            else:
                form = (kept_form(answer) if kept_form else answer).SerializeToString()
            for key in claimed:
                await request_answers.keep(transaction, key, form)
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
            kept = {}
            async with self._database.transaction() as transaction:
                for key in request.rows():
                    if (answer := await request_answers.find(transaction, key)) is not None:
                        kept[key] = answer
            if (replay := replayed(request, kept)) is not None:
                return replay
        prepared = await prepare()
        return await self.run(tenant_id, request, lambda transaction: work(transaction, prepared))
