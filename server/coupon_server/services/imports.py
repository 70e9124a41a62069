"""Imports coupons whose codes exist already."""

import asyncio
from collections import Counter
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from uuid import UUID

from coupon_server.database.transactions import Database, Transaction
from coupon_server.domain.clock import Clock
from coupon_server.domain.coupon import Coupon
from coupon_server.domain.definition import CouponDefinition
from coupon_server.domain.errors import InvalidField
from coupon_server.domain.ids import new_id
from coupon_server.domain.imports import (
    ImportLine,
    LineError,
    check_imports,
    code_taken,
    limit_reached,
    revoked_since,
)
from coupon_server.domain.issuing import has_room
from coupon_server.services.limits import TenantLimits
from coupon_server.storage import coupons, definitions, issuing
from coupon_server.storage.issuing import KeySpace, NewCoupon

LINES_AT_A_TIME = 20
"""Lines to check before yielding to the event loop: a line takes up to 0.3 ms, if NFKC (UAX #15)
expands each character of its code to 18."""


@dataclass(frozen=True, slots=True)
class Import:
    """One stream of lines; `id` is the `generation_id` of its coupons."""

    tenant_id: UUID
    definition_id: UUID
    validate_only: bool = False
    """Whether to store nothing."""
    id: UUID = field(default_factory=new_id)


@dataclass(slots=True)
class Imported:
    """The outcome of some lines; errors are in the order of the lines."""

    imported: int = 0
    already_imported: int = 0
    errors: list[LineError] = field(default_factory=list)


class ImportService:
    """Stores the valid lines of each message, in a transaction of its own."""

    def __init__(self, database: Database, clock: Clock, tenant_limits: TenantLimits) -> None:
        self._database = database
        self._clock = clock
        self._limits = tenant_limits

    async def store(
        self, stream: Import, lines: Sequence[ImportLine], errors: Iterable[LineError] = ()
    ) -> Imported:
        """Make coupons of the lines that break no rule.

        `errors` are those of lines that were left out before.

        Raises DEFINITION_NOT_FOUND, DEFINITION_ARCHIVED, DEFINITION_PAUSED, DEFINITION_EXPIRED;
        InvalidField for a definition with a custom code; QUOTA_EXCEEDED, and stores nothing, when
        there would be too many live coupons.
        """
        async with self._database.tenant_transaction(stream.tenant_id) as transaction:
            await issuing.lock_code_space(transaction, stream.tenant_id)
            definition, issued = await definitions.lock_for_generation(
                transaction, stream.tenant_id, stream.definition_id
            )
            now = self._clock()
            check_imports(definition, now)
            selection = _Selection(transaction, stream, definition, issued, now)
            selection.outcome.errors += errors
            await selection.decide(lines)
            await self._limits.check_live_coupons(transaction, stream.tenant_id, selection.size)
            imported = await selection.store()
            if stream.validate_only:
                await transaction.rollback()
            return imported


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
        # By folded code: existing coupons, and those of valid lines so far.
        self._existing: dict[str, Coupon] = {}
        self._custom: set[str] = set()
        self._valid: dict[str, ImportLine] = {}
        self._repeated: set[str] = set()
        self._given: Counter[str | None] = Counter()
        """Coupons of the definition, by user."""
        self.outcome = Imported()

    async def decide(self, lines: Sequence[ImportLine]) -> None:
        checked = []
        for number, line in enumerate(lines, 1):
            if (valid := self._checked(line)) is not None:
                checked.append(valid)
            if number % LINES_AT_A_TIME == 0:
                await asyncio.sleep(0)
        await self._look_up(checked)
        for line in checked:
            self._decide(line)

    @property
    def size(self) -> int:
        """How many coupons the valid lines make."""
        return len(self._valid)

    async def store(self) -> Imported:
        """Make coupons of the valid lines."""
        issued = [
            NewCoupon(
                line.coupon(self._definition, self._stream.id, self._now), self._key_space(folded)
            )
            for folded, line in self._valid.items()
        ]
        if issued:
            await issuing.issue(self._transaction, issued, self._now)
        self.outcome.imported = len(issued)
        self.outcome.errors.sort(key=lambda error: error.number)
        return self.outcome

    def _key_space(self, folded: str) -> KeySpace:
        """The definition's own if the code has its form; else the one of its length alone."""
        own = KeySpace.of(self._definition)
        if own is not None and own.has(folded):
            return own
        return KeySpace(self._definition.tenant_id, "", len(folded))

    def _checked(self, line: ImportLine) -> ImportLine | None:
        try:
            return line.checked(self._now)
        except InvalidField as error:
            self.outcome.errors.append(LineError.of(line.number, error))
            return None

    async def _look_up(self, lines: Sequence[ImportLine]) -> None:
        definition = self._definition
        tenant_id = definition.tenant_id
        codes = {line.folded for line in lines}
        self._existing = await coupons.fetch_by_code(self._transaction, tenant_id, codes)
        self._custom = await definitions.taken_custom_codes(self._transaction, tenant_id, codes)
        if definition.config.issue_limit_per_user is not None:
            users = {line.user_id for line in lines if line.user_id is not None}
            self._given.update(
                await coupons.count_by_user(self._transaction, tenant_id, definition.id, users)
            )

    def _decide(self, line: ImportLine) -> None:
        """Accept or reject a line. Rejected lines use up neither codes nor limits."""
        folded = line.folded
        existing = self._existing.get(folded)
        if folded in self._valid or folded in self._repeated or folded in self._custom:
            self.outcome.errors.append(code_taken(line.number))
        elif existing is not None:
            if line.is_repeated_by(existing, self._definition.id, self._stream.id):
                self._repeated.add(folded)
                self._repeat(line, existing)
            else:
                self.outcome.errors.append(code_taken(line.number))
        elif (limit := self._reached_limit(line)) is not None:
            self.outcome.errors.append(limit_reached(line.number, limit))
        else:
            self._valid[folded] = line
            self._given[line.user_id] += 1

    def _repeat(self, line: ImportLine, existing: Coupon) -> None:
        if existing.revoked_at is None:
            self.outcome.already_imported += 1
        else:
            self.outcome.errors.append(revoked_since(line.number))

    def _reached_limit(self, line: ImportLine) -> str | None:
        """The limit that leaves no room for the line."""
        config = self._definition.config
        if line.user_id is not None and not has_room(
            config.issue_limit_per_user, self._given[line.user_id]
        ):
            return "issue_limit_per_user"
        if not has_room(config.issue_limit, self._issued + len(self._valid)):
            return "issue_limit"
        return None
