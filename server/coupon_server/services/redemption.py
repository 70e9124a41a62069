"""Redeems and validates codes, batch by batch: lock, load, decide, store."""

from collections import Counter
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from operator import attrgetter
from uuid import UUID

from coupon_server.database.connection_budget import REDEMPTIONS, VALIDATIONS
from coupon_server.database.driver import DriverConnection
from coupon_server.database.driver_pool import roll_back
from coupon_server.database.transactions import Database, RowsChanged
from coupon_server.domain import redemption as rules
from coupon_server.domain.clock import Clock
from coupon_server.domain.codes import TypedCode
from coupon_server.domain.coupon import Coupon
from coupon_server.domain.definition import CouponDefinition
from coupon_server.domain.errors import DomainError, Reason, coupon_refused
from coupon_server.domain.guessing import Guesser
from coupon_server.domain.idempotency import RequestKey
from coupon_server.domain.redemption import Attempt, Changes, Match, Provenance, Redemption
from coupon_server.domain.rewards import RewardItem
from coupon_server.services.admission import Account
from coupon_server.services.batches import MAX_TRIES, Batches, contended
from coupon_server.services.coalescer import Coalescer
from coupon_server.services.guessing import GuessGuard
from coupon_server.services.idempotency import Answer, Replay, Request, replayed
from coupon_server.storage import redemption_batch, request_answers
from coupon_server.storage.redemption_batch import Found, LoadedMatch
from coupon_server.storage.request_answers import KeptAnswer, NewAnswer
from coupon_server.storage.rewards import Version
from coupon_server.storage.snapshots import DefinitionRevision, Snapshots


@dataclass(frozen=True, slots=True)
class Receipt:
    """The result of a redemption. `now` is the instant it happened."""

    redemption: Redemption
    coupon: Coupon
    definition: CouponDefinition
    reward_item: RewardItem
    now: datetime


@dataclass(frozen=True, slots=True)
class RedeemCommand:
    """A redemption to make; `respond` words the answer, which is kept for `request`.

    `account` is the tenant's.
    """

    tenant_id: UUID
    account: Account
    code: TypedCode
    user_id: str
    guesser: Guesser
    provenance: Provenance
    request: Request | None
    respond: Callable[[Receipt], Answer]


@dataclass(frozen=True, slots=True)
class ValidateCommand:
    """A validation to make, and its caller as a guesser."""

    attempt: Attempt
    guesser: Guesser


@dataclass(frozen=True, slots=True)
class Validation:
    """Whether an attempt would succeed: `refusal` is None, or why not.

    The rest is None where there is nothing to show the user.
    """

    refusal: Reason | None
    coupon: Coupon | None
    definition: CouponDefinition | None
    reward_item: RewardItem | None
    remaining_uses: int | None
    now: datetime


_Matched = tuple[Match, RewardItem] | Reason
"""The rows that decide an attempt, or the reason why there are none."""


class RedemptionService:
    """Redeems and validates codes. `max_batch` calls share a transaction at most.

    The guess guard checks an attempt before the batch, and again when the batch decides it: earlier
    failures of the batch may have reached the limit.
    """

    def __init__(
        self,
        database: Database,
        guard: GuessGuard,
        clock: Clock,
        *,
        max_batch: int,
        max_queue: int,
    ) -> None:
        self._database = database
        self._guard = guard
        self._clock = clock
        self._snapshots = Snapshots()
        self._batches = Batches[RedeemCommand, Answer | Replay](
            database, REDEMPTIONS, self._redeem_in
        )
        self._redemptions = Coalescer[RedeemCommand, Answer | Replay](
            self._redeem_batch,
            tenant_of=attrgetter("account"),
            max_batch=max_batch,
            max_queue=max_queue,
        )
        self._validations = Coalescer[ValidateCommand, Validation](
            self._validate_batch,
            tenant_of=attrgetter("attempt.tenant_id"),
            max_batch=max_batch,
            max_queue=max_queue,
        )

    async def redeem(self, command: RedeemCommand) -> Answer | Replay:
        """Use a coupon once. Returns after the redemption is durable.

        Raises TOO_MANY_ATTEMPTS, or the DomainError of the first published reason that holds;
        QUOTA_EXCEEDED for what would succeed but for the tenant's quotas.
        """
        self._guard.check(command.guesser)
        if not command.code.matchable:
            self._guard.record(command.guesser, Reason.COUPON_NOT_FOUND)
            raise coupon_refused(Reason.COUPON_NOT_FOUND)
        return await self._redemptions.submit(command)

    async def validate(self, command: ValidateCommand) -> Validation:
        """Whether the attempt would succeed now. Changes no coupon. Raises TOO_MANY_ATTEMPTS."""
        self._guard.check(command.guesser)
        if not command.attempt.code.matchable:
            self._guard.record(command.guesser, Reason.COUPON_NOT_FOUND)
            return _unmatched(Reason.COUPON_NOT_FOUND, self._clock())
        return await self._validations.submit(command)

    async def close(self) -> None:
        """Finish what was submitted."""
        await self._redemptions.close()
        await self._validations.close()

    async def _redeem_batch(
        self, commands: Sequence[RedeemCommand]
    ) -> Sequence[Answer | Replay | Exception]:
        results = await self._batches.run(commands)
        redeemed = Counter(
            command.account
            for command, result in zip(commands, results, strict=True)
            if not isinstance(result, Replay | Exception)
        )
        for account, count in redeemed.items():
            account.count_redemptions(count)
        return results

    async def _redeem_in(
        self, connection: DriverConnection, commands: Sequence[RedeemCommand]
    ) -> list[Answer | Replay | Exception]:
        attempts = [
            Attempt(command.tenant_id, command.code, command.user_id) for command in commands
        ]
        loaded = await redemption_batch.lock_and_load(connection, attempts)
        matches = await self._complete(connection, loaded)
        keys = [key for command in commands if command.request for key in command.request.rows()]
        kept = await request_answers.load_many(connection, keys) if keys else {}
        batch = _Batch(self._guard, self._clock(), kept)
        results: list[Answer | Replay | Exception] = [
            batch.decide(command, matched)
            for command, matched in zip(commands, matches, strict=True)
        ]
        if not batch.changes.redemptions and not batch.new_answers:
            # Not even the rows that were made to be locked are worth a write.
            await roll_back(connection)
            return results
        if batch.changes.redemptions:
            await redemption_batch.save(connection, batch.changes, batch.now)
        if batch.new_answers:
            await request_answers.save_many(connection, batch.new_answers, batch.now)
        return results

    async def _validate_batch(
        self, commands: Sequence[ValidateCommand]
    ) -> Sequence[Validation | Exception]:
        attempts = [command.attempt for command in commands]
        for _ in range(MAX_TRIES):
            try:
                async with self._database.driver_connection(VALIDATIONS) as connection:
                    loaded = await redemption_batch.load(connection, attempts)
                    matches = await self._complete(connection, loaded)
            except RowsChanged:
                continue
            now = self._clock()
            return [
                self._decided(command, matched, now)
                for command, matched in zip(commands, matches, strict=True)
            ]
        raise contended()

    def _decided(
        self, command: ValidateCommand, matched: _Matched, now: datetime
    ) -> Validation | DomainError:
        try:
            self._guard.check(command.guesser)
        except DomainError as refused:
            return refused
        validation = _validation(command.attempt, matched, now)
        self._guard.record(command.guesser, validation.refusal)
        return validation

    async def _complete(
        self, connection: DriverConnection, loaded: Sequence[Found]
    ) -> list[_Matched]:
        rows = [row for row in loaded if isinstance(row, LoadedMatch)]
        definitions = await self._snapshots.definitions(
            connection, [row.definition for row in rows]
        )
        items = await self._snapshots.reward_items(
            connection, [_item_version(row, definitions[row.definition]) for row in rows]
        )
        return [_matched(row, definitions, items) for row in loaded]


def _item_version(row: LoadedMatch, definition: CouponDefinition) -> Version:
    return definition.tenant_id, definition.config.reward_item_id, row.reward_item_version


def _matched(
    row: Found,
    definitions: Mapping[DefinitionRevision, CouponDefinition],
    items: Mapping[Version, RewardItem],
) -> _Matched:
    if isinstance(row, Reason):
        return row
    definition = definitions[row.definition]
    match = Match(definition, row.reward_item_version, row.slot, row.counter, row.user_counter)
    return match, items[_item_version(row, definition)]


class _Batch:
    """Decides the commands of a batch in order, each on the rows as the one before left them."""

    def __init__(
        self, guard: GuessGuard, now: datetime, kept: Mapping[RequestKey, KeptAnswer]
    ) -> None:
        self._guard = guard
        self.now = now
        self.changes = Changes()
        self.new_answers: list[NewAnswer] = []
        self._kept = dict(kept)

    def decide(self, command: RedeemCommand, matched: _Matched) -> Answer | Replay | DomainError:
        try:
            return self._decide(command, matched)
        except DomainError as refused:
            self._guard.record(command.guesser, refused.reason)
            return refused

    def _decide(self, command: RedeemCommand, matched: _Matched) -> Answer | Replay:
        request = command.request
        if request is not None and (replay := replayed(request, self._kept)) is not None:
            # A retry that is signed anew has a signature that is not known yet.
            self._keep(request, replay.answer)
            return replay
        self._guard.check(command.guesser)
        if isinstance(matched, Reason):
            raise coupon_refused(matched)
        match, item = matched
        self._check_quotas(command, match)
        redemption, coupon = rules.redeem(
            match, command.user_id, command.provenance, self.now, self.changes
        )
        # Worded at once: the next command may use the same coupon.
        answer = command.respond(Receipt(redemption, coupon, match.definition, item, self.now))
        if request is not None:
            self._keep(request, answer.SerializeToString())
        return answer

    def _check_quotas(self, command: RedeemCommand, match: Match) -> None:
        """Raises QUOTA_EXCEEDED, unless there is a published reason to refuse.

        An attempt that is refused uses no quota.
        """
        account = command.account
        try:
            account.check_redemption()
            if (
                match.slot.coupon is None
                and rules.refusal(match, command.user_id, self.now) is None
            ):
                account.claim()
        except DomainError:
            if reason := rules.refusal(match, command.user_id, self.now):
                raise coupon_refused(reason) from None
            raise

    def _keep(self, request: Request, answer: bytes) -> None:
        for key, fingerprint in request.rows().items():
            if key not in self._kept:
                self._kept[key] = KeptAnswer(fingerprint, answer, self.now)
                self.new_answers.append(NewAnswer(key, self._kept[key]))


def _validation(attempt: Attempt, matched: _Matched, now: datetime) -> Validation:
    if isinstance(matched, Reason):
        return _unmatched(matched, now)
    match, item = matched
    reason = rules.refusal(match, attempt.user_id, now)
    if reason is Reason.COUPON_NOT_ASSIGNED:
        # Another user's coupon must not be shown.
        return _unmatched(reason, now)
    remaining = rules.remaining_uses(match, attempt.user_id)
    return Validation(reason, match.slot.coupon, match.definition, item, remaining, now)


def _unmatched(reason: Reason, now: datetime) -> Validation:
    return Validation(reason, None, None, None, None, now)
