"""Making coupons: for users, or unclaimed ones by quantity."""

from collections import Counter
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime
from functools import partial
from uuid import UUID

from coupon_server.database.transactions import Transaction
from coupon_server.domain import codes
from coupon_server.domain.clock import Clock
from coupon_server.domain.codes import KeySpaceUse
from coupon_server.domain.coupon import Coupon, CouponSource, new_coupon
from coupon_server.domain.definition import CouponDefinition
from coupon_server.domain.errors import InvalidField
from coupon_server.domain.ids import new_id
from coupon_server.domain.issuing import check_issue_limit, check_issue_limit_per_user
from coupon_server.services.fresh_codes import CodeForm, fresh_codes
from coupon_server.services.limits import TenantLimits
from coupon_server.storage import coupons, definitions, guesses, issuing
from coupon_server.storage.issuing import KeySpace, NewCoupon


@dataclass(frozen=True, slots=True)
class Generated:
    """A coupon in the answer; `created` is False when the user held it already."""

    coupon: Coupon
    created: bool


@dataclass(frozen=True, slots=True)
class Generation:
    """What a call made. `generation_id` is None when it made nothing."""

    generation_id: UUID | None
    definition: CouponDefinition
    coupons: Sequence[Generated]


class GenerationService:
    """Makes all coupons of a call or none, in the given transaction."""

    def __init__(self, clock: Clock, tenant_limits: TenantLimits) -> None:
        self._clock = clock
        self._limits = tenant_limits

    async def generate(
        self,
        transaction: Transaction,
        tenant_id: UUID,
        definition_id: UUID,
        *,
        user_ids: Sequence[str],
        quantity: int,
        generation_id: UUID | None = None,
    ) -> Generation:
        """One coupon for each user, or `quantity` unclaimed ones.

        `generation_id` names the generation that the coupons belong to; None: a new one.
        Raises DEFINITION_NOT_FOUND, DEFINITION_ARCHIVED, DEFINITION_PAUSED,
        DEFINITION_EXPIRED, ISSUE_LIMIT_REACHED, KEY_SPACE_TOO_SMALL, QUOTA_EXCEEDED,
        InvalidField.
        """
        await issuing.lock_code_space(transaction, tenant_id)
        definition, issued = await definitions.lock_for_generation(
            transaction, tenant_id, definition_id
        )
        now = self._clock()
        definition.check_generates(now)
        run = _Run(
            transaction,
            definition,
            issued,
            self._limits,
            now,
            generation_id or new_id(),
        )
        if definition.is_custom:
            if quantity:
                raise _quantity_of_custom()
            return await run.issue_custom(user_ids)
        return await run.issue_random(user_ids or [None] * quantity)

    async def check(
        self,
        transaction: Transaction,
        tenant_id: UUID,
        definition_id: UUID,
        count: int,
        *,
        for_users: bool,
    ) -> None:
        """Check a generation of `count` coupons in advance.

        Nothing is locked, so `generate` checks again. It alone checks limits per user, and how many
        users hold a custom code already. Raises as `generate` does.
        """
        definition = await definitions.fetch(transaction, tenant_id, definition_id)
        definition.check_generates(self._clock())
        if definition.is_custom:
            if not for_users:
                raise _quantity_of_custom()
            return
        issued = await definitions.fetch_issued(transaction, tenant_id, definition_id)
        run = _Run(transaction, definition, issued, self._limits, self._clock(), new_id())
        await run.check_random(count, 0 if for_users else count)


class _Run:
    """One generation, under its locks."""

    def __init__(
        self,
        transaction: Transaction,
        definition: CouponDefinition,
        issued: int,
        tenant_limits: TenantLimits,
        now: datetime,
        generation_id: UUID,
    ) -> None:
        self._transaction = transaction
        self._definition = definition
        self._issued = issued
        self._limits = tenant_limits
        self._now = now
        self._generation_id = generation_id

    async def issue_custom(self, user_ids: Sequence[str]) -> Generation:
        """A coupon of the custom code for each user; a user who holds one keeps it."""
        definition = self._definition
        held = await coupons.fetch_held(
            self._transaction, definition.tenant_id, definition.id, user_ids
        )
        new_users = [user_id for user_id in user_ids if user_id not in held]
        await self._check_room(len(new_users))
        code = definition.config.custom_code
        issued = {user_id: self._coupon(user_id, code) for user_id in new_users}
        if issued:
            await self._issue(issued.values(), None)
        return Generation(
            self._generation_id if issued else None,
            definition,
            [Generated(issued.get(user) or held[user], user in issued) for user in user_ids],
        )

    async def issue_random(self, user_ids: Sequence[str | None]) -> Generation:
        """A coupon with a random code for each user; None: one without a holder."""
        await self._check_room(len(user_ids))
        await self._check_issue_limit_per_user(user_ids)
        await self._use_key_space(len(user_ids), user_ids.count(None))
        fresh = await self._fresh_codes(len(user_ids))
        issued = [
            self._coupon(user_id, code) for user_id, code in zip(user_ids, fresh, strict=True)
        ]
        await self._issue(issued, self._key_space)
        return Generation(
            self._generation_id, self._definition, [Generated(coupon, True) for coupon in issued]
        )

    async def check_random(self, count: int, unassigned: int) -> None:
        """The checks of `issue_random`, except limits per user."""
        await self._check_room(count)
        before = await issuing.fetch_key_space(self._transaction, self._key_space)
        await self._check_key_space(before, count, unassigned)

    async def _check_room(self, count: int) -> None:
        check_issue_limit(self._definition, self._issued, count)
        await self._limits.check_live_coupons(self._transaction, self._definition.tenant_id, count)

    async def _check_issue_limit_per_user(self, user_ids: Sequence[str | None]) -> None:
        definition = self._definition
        more = Counter(user_id for user_id in user_ids if user_id is not None)
        if definition.config.issue_limit_per_user is None or not more:
            return
        given = await coupons.count_by_user(
            self._transaction, definition.tenant_id, definition.id, more
        )
        for user_id, count in more.items():
            check_issue_limit_per_user(definition, user_id, given.get(user_id, 0), count)

    async def _use_key_space(self, count: int, unassigned: int) -> None:
        before = await issuing.lock_key_space(self._transaction, self._key_space)
        left = await self._check_key_space(before, count, unassigned)
        if left != before.unassigned:
            await issuing.set_unassigned(self._transaction, self._key_space, left)

    @property
    def _key_space(self) -> KeySpace:
        return KeySpace.of_random(self._definition)

    async def _check_key_space(self, before: KeySpaceUse, count: int, unassigned: int) -> int:
        """How many codes of the key space nobody holds; `count` more fit in it.

        Raises KEY_SPACE_TOO_SMALL.
        """
        length = self._definition.config.code_length
        after = KeySpaceUse(before.issued + count, before.unassigned + unassigned)
        policy = await guesses.fetch_policy(self._transaction, self._definition.tenant_id)
        allowed = codes.allowed_guess_probability(policy)
        if not codes.fits_key_space(after, length, allowed):
            # The count ignores claims since: count exactly before rejecting.
            left = await issuing.count_unassigned(self._transaction, self._key_space)
            codes.check_key_space(KeySpaceUse(after.issued, left + unassigned), length, allowed)
            return left
        return before.unassigned

    async def _fresh_codes(self, count: int) -> list[str]:
        """Codes that differ from one another and from every code of the tenant."""
        form = CodeForm.of(self._definition)
        taken = partial(issuing.taken_codes, self._transaction)
        return (await fresh_codes({form: count}, taken))[form]

    def _coupon(self, user_id: str | None, code: str) -> Coupon:
        source = CouponSource.GENERATED
        return new_coupon(self._definition, user_id, code, source, self._generation_id, self._now)

    async def _issue(self, new: Iterable[Coupon], space: KeySpace | None) -> None:
        issued = [NewCoupon(coupon, space) for coupon in new]
        await issuing.issue(self._transaction, issued, self._now)


def _quantity_of_custom() -> InvalidField:
    return InvalidField("quantity", "must not be set for a custom code")
