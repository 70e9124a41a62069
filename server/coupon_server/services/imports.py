"""Taking over coupons whose codes exist already."""

from collections import Counter
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from uuid import UUID

from coupon_server.domain.clock import Clock
from coupon_server.domain.definition import CouponDefinition
from coupon_server.domain.errors import DomainError, InvalidField, Reason
from coupon_server.domain.ids import new_id
from coupon_server.domain.imports import ImportLine, LineError, check_imports, code_taken
from coupon_server.domain.outbox import EventType, of_coupons
from coupon_server.storage import coupons, definitions, generation, outbox
from coupon_server.storage.database import Database, Transaction
from coupon_server.storage.generation import CodeCollision

MAX_TRIES = 5


@dataclass(frozen=True, slots=True)
class Import:
    """One stream of lines; `id` is the `generation_id` of its coupons."""

    tenant_id: UUID
    definition_id: UUID
    id: UUID = field(default_factory=new_id)


@dataclass(slots=True)
class Imported:
    """What became of some lines; errors are in the order of the lines."""

    imported: int = 0
    already_imported: int = 0
    errors: list[LineError] = field(default_factory=list)


class ImportService:
    """Stores the good lines of each call, in a transaction of its own."""

    def __init__(self, database: Database, clock: Clock) -> None:
        self._database = database
        self._clock = clock

    async def store(
        self, stream: Import, lines: Sequence[ImportLine], errors: Iterable[LineError] = ()
    ) -> Imported:
        """Make coupons of the lines that break no rule.

        `errors` are those of lines that were left out before.

        Raises DEFINITION_NOT_FOUND, DEFINITION_ARCHIVED, DEFINITION_PAUSED, DEFINITION_EXPIRED;
        InvalidField for a definition with a custom code.
        """
        async with self._database.transaction() as transaction:
            await definitions.lock_code_space(transaction, stream.tenant_id, share=True)
            definition, issued = await definitions.lock_for_generation(
                transaction, stream.tenant_id, stream.definition_id
            )
            now = self._clock()
            check_imports(definition, now)
            for _ in range(MAX_TRIES):
                selection = _Selection(transaction, stream, definition, issued, now)
                selection.outcome.errors += errors
                await selection.choose(lines)
                try:
                    async with transaction.begin_nested():
                        return await selection.store()
                except CodeCollision:
                    # Another transaction took a code just now; the next look shows it.
                    continue
            raise DomainError(Reason.SERVICE_UNAVAILABLE, "Too many codes collide; try again")


class _Selection:
    """The lines of one message, and which of them become coupons."""

    def __init__(
        self,
        transaction: Transaction,
        stream: Import,
        definition: CouponDefinition,
        issued: int,
        now: datetime,
    ) -> None:
        self._transaction = transaction
        self._stream = stream
        self._definition = definition
        self._issued = issued
        self._now = now
        self._good: dict[str, ImportLine] = {}
        """By folded code."""
        self.outcome = Imported()

    async def choose(self, lines: Sequence[ImportLine]) -> None:
        for line in lines:
            self._check(line)
        await self._drop_taken()
        await self._drop_beyond_limits()

    async def store(self) -> Imported:
        """Make coupons of the good lines. Raises CodeCollision."""
        # In one order, so that two imports of the same codes don't wait for each other.
        made = [
            line.coupon(self._definition, self._stream.id, self._now)
            for _, line in sorted(self._good.items())
        ]
        if made:
            definition = self._definition
            # `code_spaces` does not count them: they are not drawn. Those that look drawn are
            # counted with the others before a generation is refused.
            await generation.add_coupons(self._transaction, made, custom=False)
            await outbox.add(
                self._transaction, EventType.COUPON_ISSUED, of_coupons(made), self._now
            )
            await definitions.add_issued(
                self._transaction, definition.tenant_id, definition.id, len(made)
            )
        self.outcome.imported = len(made)
        self.outcome.errors.sort(key=lambda error: error.number)
        return self.outcome

    def _check(self, line: ImportLine) -> None:
        try:
            checked = line.checked(self._now)
        except InvalidField as error:
            self.outcome.errors.append(LineError.of(line.number, error))
            return
        if checked.folded in self._good:
            self.outcome.errors.append(code_taken(line.number))
        else:
            self._good[checked.folded] = checked

    async def _drop_taken(self) -> None:
        tenant_id = self._definition.tenant_id
        existing = await coupons.fetch_by_code(self._transaction, tenant_id, self._good)
        for folded, coupon in existing.items():
            line = self._good.pop(folded)
            if line.is_repeated_by(coupon, self._definition.id, self._stream.id):
                self.outcome.already_imported += 1
            else:
                self.outcome.errors.append(code_taken(line.number))
        for folded in await definitions.taken_custom_codes(
            self._transaction, tenant_id, self._good
        ):
            self.outcome.errors.append(code_taken(self._good.pop(folded).number))

    async def _drop_beyond_limits(self) -> None:
        """Keep as many lines as the limits leave, in the order of the lines."""
        config = self._definition.config
        given = await self._given_by_user() if config.issue_limit_per_user else Counter()
        made = self._issued
        for folded, line in list(self._good.items()):
            if (
                config.issue_limit_per_user is not None
                and line.user_id is not None
                and given[line.user_id] >= config.issue_limit_per_user
            ):
                self._refuse(folded, "issue_limit_per_user")
            elif config.issue_limit is not None and made >= config.issue_limit:
                self._refuse(folded, "issue_limit")
            else:
                made += 1
                given[line.user_id] += 1

    async def _given_by_user(self) -> Counter[str | None]:
        users = {line.user_id for line in self._good.values() if line.user_id is not None}
        definition = self._definition
        given: Counter[str | None] = Counter()
        given.update(
            await coupons.count_by_user(
                self._transaction, definition.tenant_id, definition.id, users
            )
        )
        return given

    def _refuse(self, folded: str, limit: str) -> None:
        number = self._good.pop(folded).number
        self.outcome.errors.append(
            LineError(number, Reason.ISSUE_LIMIT_REACHED, f"config.{limit} is reached")
        )
