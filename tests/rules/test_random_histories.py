"""Random histories, played against the server and against a model of the rules.

Set COUPONS_TEST_HISTORIES to play more of them.
"""

import asyncio
import os
from collections.abc import AsyncIterator, Awaitable, Callable, Sequence
from dataclasses import asdict, dataclass, replace
from datetime import UTC, datetime, timedelta
from functools import partial
from typing import Any, TypeVar

import pytest
from hypothesis import HealthCheck, given, note, settings
from hypothesis import strategies as st

from phoenix_coupons import CouponsError
from phoenix_coupons.v1 import (
    Coupon,
    CouponDefinition,
    GenerateCouponsResponse,
    GetCouponDefinitionStatsResponse,
    RedeemCouponResponse,
    Redemption,
)
from support import model
from support.builders import Shop, usage_limit
from support.clock import MovableClock
from support.model import OK, Definition, LimitType, Model, Rules, Status
from support.serving import Served, serving, settings_for

COUNT = int(os.environ.get("COUPONS_TEST_HISTORIES", "80"))

DAY = timedelta(days=1)
INSTANT = timedelta(microseconds=1)
Chosen = TypeVar("Chosen")
Answer = TypeVar("Answer")

USERS = ("alice", "bob")

# --- what can happen; days count from the beginning, indices choose among what there is


@dataclass(frozen=True)
class Define:
    code: str
    case_sensitive: bool
    assigned_only: bool
    limit: tuple[LimitType, int | None]
    max_uses_per_user: int | None
    issue_limit: int | None
    issue_limit_per_user: int | None
    starts_on: int | None
    expires_on: int | None
    valid_for_days: int | None


@dataclass(frozen=True)
class ChangeLimit:
    definition: int
    limit: tuple[LimitType, int | None]


@dataclass(frozen=True)
class ChangeCount:
    definition: int
    field: str
    value: int | None


@dataclass(frozen=True)
class ChangeDate:
    definition: int
    field: str
    day: int | None


@dataclass(frozen=True)
class SetStatus:
    definition: int
    status: Status


@dataclass(frozen=True)
class Generate:
    definition: int
    user_ids: tuple[str, ...]
    quantity: int
    request_id: str


@dataclass(frozen=True)
class Redeem:
    """An empty `user_id`: whoever holds the coupon."""

    code: int
    spelling: int
    user_id: str
    request_id: str


@dataclass(frozen=True)
class Reverse:
    use: int
    request_id: str


@dataclass(frozen=True)
class Revoke:
    coupon: int
    why: str


@dataclass(frozen=True)
class Wait:
    """Until the next day, or until the instant after its beginning."""

    past: bool


@dataclass(frozen=True)
class Retry:
    """Send one of the requests again that succeeded and had an id."""

    request: int


@dataclass(frozen=True)
class Look:
    """Compare everything that can be seen."""


Event = (
    Define
    | ChangeLimit
    | ChangeCount
    | ChangeDate
    | SetStatus
    | Generate
    | Redeem
    | Reverse
    | Revoke
    | Wait
    | Retry
    | Look
)

INDICES = st.integers(0, 30)
COUNTS = st.sampled_from([None, None, 1, 2, 2, 3, 4])
LIMITS: st.SearchStrategy[tuple[LimitType, int | None]] = st.one_of(
    st.tuples(st.just("per_user"), COUNTS),
    st.tuples(st.just("global"), st.integers(1, 5)),
    st.tuples(st.just("unlimited"), st.none()),
)
REQUEST_IDS = st.sampled_from([""] * 8 + ["r1", "r2", "r3", "r4", "r5"])

DEFINES = st.builds(
    Define,
    code=st.sampled_from(["", "", "SALE", "sale", "Straße", "STRASSE"]),
    case_sensitive=st.sampled_from([False, False, False, True]),
    assigned_only=st.sampled_from([False, False, True]),
    limit=LIMITS,
    max_uses_per_user=COUNTS,
    issue_limit=st.none() | st.integers(1, 8),
    issue_limit_per_user=COUNTS,
    starts_on=st.sampled_from([None, None, None, -1, 0, 1]),
    expires_on=st.sampled_from([None, None, 0, 1, 2, 4, 6]),
    valid_for_days=st.sampled_from([None, None, 1, 2, 3]),
)
GENERATES = st.builds(
    Generate,
    definition=INDICES,
    user_ids=st.lists(st.sampled_from(USERS), min_size=1, unique=True).map(tuple),
    quantity=st.just(0),
    request_id=REQUEST_IDS,
)
GENERATES_UNCLAIMED = st.builds(
    Generate,
    definition=INDICES,
    user_ids=st.just(()),
    quantity=st.integers(1, 3),
    request_id=REQUEST_IDS,
)
REDEEMS = st.builds(
    Redeem,
    code=INDICES,
    spelling=st.sampled_from([0, 0, 0, 1, 1, 2, 3]),
    user_id=st.sampled_from(["", "", *USERS]),
    request_id=REQUEST_IDS,
)
STATUSES: st.SearchStrategy[Status] = st.sampled_from(
    ["active", "active", "active", "paused", "paused", "archived"]
)
# As often as they stand here.
_CHOICES: list[st.SearchStrategy[Event]] = [
    *[REDEEMS] * 12,
    *[GENERATES] * 3,
    GENERATES_UNCLAIMED,
    *[st.builds(Reverse, use=INDICES, request_id=REQUEST_IDS)] * 3,
    st.builds(Revoke, coupon=INDICES, why=st.sampled_from(["fraud", "leaked"])),
    *[st.builds(Wait, past=st.booleans())] * 2,
    st.builds(Retry, request=INDICES),
    st.builds(Look),
    st.builds(ChangeLimit, definition=INDICES, limit=LIMITS),
    st.builds(
        ChangeCount,
        definition=INDICES,
        field=st.sampled_from(["max_uses_per_user", "issue_limit", "issue_limit_per_user"]),
        value=COUNTS,
    ),
    st.builds(
        ChangeDate,
        definition=INDICES,
        field=st.sampled_from(["starts_at", "expires_at", "valid_for"]),
        day=st.none() | st.integers(0, 6),
    ),
    st.builds(SetStatus, definition=INDICES, status=STATUSES),
    DEFINES,
]
EVENTS: st.SearchStrategy[Event] = st.sampled_from(_CHOICES).flatmap(lambda chosen: chosen)
HISTORIES = st.lists(EVENTS, max_size=20) | st.lists(EVENTS, min_size=40, max_size=70)


@dataclass(frozen=True)
class Answered:
    """What was answered to a method and request id, and how to ask again."""

    sent: object
    answer: object
    send: Callable[[], Awaitable[object]]


class History:
    """Lets each event happen on the server and in the model, and compares."""

    def __init__(self, shop: Shop, clock: MovableClock) -> None:
        self._shop = shop
        self._clock = clock
        self._start = clock.now
        self._model = Model(clock.now)
        self._shown: dict[str, CouponDefinition] = {}
        self._answered: dict[tuple[str, str], Answered] = {}

    async def happen(self, event: Event) -> None:
        self._model.now = self._clock.now
        match event:
            case Define():
                await self._define(event)
            case ChangeLimit() | ChangeCount() | ChangeDate():
                await self._change(event)
            case SetStatus():
                await self._set_status(event)
            case Generate():
                await self._generate(event)
            case Redeem():
                await self._redeem(event)
            case Reverse():
                await self._reverse(event)
            case Revoke():
                await self._revoke(event)
            case Wait():
                self._wait(event)
            case Retry():
                await self._retry(event)
            case Look():
                await self.compare()

    # --- definitions

    async def _define(self, event: Define) -> None:
        rules = self._rules(event)
        definition, outcome = await _tried(self._shop.define(**_config(rules)))
        assert outcome == self._model.define_refusal(rules)
        if definition is not None:
            self._shown[definition.id] = definition
            self._model.definitions.append(Definition(definition.id, rules))

    def _rules(self, event: Define) -> Rules:
        rules = Rules(
            custom_code=event.code,
            case_sensitive=event.case_sensitive,
            assigned_only=event.assigned_only and event.code != "",
            max_uses_per_user=event.max_uses_per_user,
            issue_limit=event.issue_limit,
            issue_limit_per_user=event.issue_limit_per_user,
            starts_at=self._day(event.starts_on),
            expires_at=self._day(event.expires_on),
            valid_for=_days(event.valid_for_days),
        )
        return model.with_limit(rules, *event.limit)

    def _day(self, day: int | None) -> datetime | None:
        return None if day is None else self._start + day * DAY

    def _chosen(self, index: int) -> Definition | None:
        """Mostly one that is not archived."""
        live = [one for one in self._model.definitions if one.status != "archived"]
        return _pick(self._model.definitions if index % 8 == 7 else live, index)

    async def _change(self, event: ChangeLimit | ChangeCount | ChangeDate) -> None:
        definition = self._chosen(event.definition)
        if definition is None:
            return
        path, rules = self._changed(definition.rules, event)
        fields = _config(rules)
        given = {path: fields[path]} if path in fields else {"limit": fields["limit"]}
        call = self._shop.change(self._shown[definition.id], path, **given)
        _, outcome = await _tried(call)
        assert outcome == self._model.change_refusal(definition, rules)
        if outcome == OK:
            definition.rules = rules

    def _changed(
        self, rules: Rules, event: ChangeLimit | ChangeCount | ChangeDate
    ) -> tuple[str, Rules]:
        changed: dict[str, Any] = {}
        match event:
            case ChangeLimit():
                return "usage_limit", model.with_limit(rules, *event.limit)
            case ChangeCount():
                changed = {event.field: event.value}
            case ChangeDate(field="valid_for"):
                changed = {"valid_for": _days(event.day)}
            case ChangeDate():
                changed = {event.field: self._day(event.day)}
        return event.field, replace(rules, **changed)

    async def _set_status(self, event: SetStatus) -> None:
        definition = self._chosen(event.definition)
        if definition is None:
            return
        shown = self._shown[definition.id]
        call = {
            "active": self._shop.resume,
            "paused": self._shop.pause,
            "archived": self._shop.archive,
        }[event.status]
        _, outcome = await _tried(call(shown))
        assert outcome == self._model.status_refusal(definition, event.status)
        if outcome == OK:
            self._model.set_status(definition, event.status)
            # So that it is certain which of two was archived last.
            self._clock.advance(INSTANT)

    # --- coupons

    async def _generate(self, event: Generate) -> None:
        definition = self._chosen(event.definition)
        if definition is None:
            return
        call = partial(
            self._shop.generate,
            self._shown[definition.id],
            *event.user_ids,
            quantity=event.quantity,
            request_id=event.request_id,
        )
        sent = (definition.id, event.user_ids, event.quantity)
        answer, outcome, known = await self._sent("generate", event.request_id, sent, call)
        if known:
            return
        assert outcome == self._model.generate_refusal(definition, event.user_ids, event.quantity)
        if answer is not None:
            self._generated(definition, event, answer)

    def _generated(
        self, definition: Definition, event: Generate, answer: GenerateCouponsResponse
    ) -> None:
        wanted = event.user_ids or ("",) * event.quantity
        assert [coupon.user_id for coupon in answer.coupons] == list(wanted)
        assert answer.generated == sum(coupon.created for coupon in answer.coupons)
        for shown in answer.coupons:
            kept = self._model.keeps(definition, shown.user_id) if shown.user_id else None
            assert shown.created is (kept is None)
            if kept is None:
                self._model.made(definition, shown.id, shown.code, shown.user_id)
            else:
                assert shown.id == kept.id

    async def _revoke(self, event: Revoke) -> None:
        pair = _pick(list(self._model.coupons())[::-1], event.coupon)
        if pair is None:
            return
        _, coupon = pair
        shown = await self._shop.revoke(coupon.id, event.why)
        coupon.revoke_reason = coupon.revoke_reason or event.why
        assert shown.revoke_reason == coupon.revoke_reason

    # --- redemptions

    async def _redeem(self, event: Redeem) -> None:
        typed = self._typed(event)
        user_id = event.user_id or self._holder(typed)
        refusal = self._model.redeem_refusal(typed, user_id)
        assert (await self._shop.validate(typed, user_id)).reason == refusal
        call = partial(self._shop.redeem, typed, user_id, request_id=event.request_id)
        answer, outcome, known = await self._sent(
            "redeem", event.request_id, (typed, user_id), call
        )
        if known:
            return
        assert outcome == refusal
        if answer is not None:
            self._redeemed(typed, user_id, answer)

    def _typed(self, event: Redeem) -> str:
        """Mostly one of the codes there are, as a user might type it."""
        codes = {coupon.code for _, coupon in self._model.coupons()}
        codes |= {one.rules.custom_code for one in self._model.definitions} - {""}
        code = _pick(sorted(codes), event.code)
        if code is None or event.code == 30:
            return "NOSUCHCODE"
        return [code, f"  {code}\t", code.swapcase(), code.upper()][event.spelling]

    def _holder(self, typed: str) -> str:
        found = self._model.find(typed, USERS[0])
        return (found.coupon.user_id if found and found.coupon else "") or USERS[0]

    def _redeemed(self, typed: str, user_id: str, answer: RedeemCouponResponse) -> None:
        self._model.redeemed(typed, user_id, answer.coupon.id, answer.redemption.id)
        found = self._model.find(typed, user_id)
        assert found is not None
        assert found.coupon is not None
        self._compare_coupon(found.definition, found.coupon, answer.coupon)

    async def _reverse(self, event: Reverse) -> None:
        pair = _pick(self._model.uses(), event.use)
        if pair is None:
            return
        coupon, use = pair
        call = partial(self._shop.reverse, use.id, request_id=event.request_id)
        answer, outcome, known = await self._sent("reverse", event.request_id, use.id, call)
        if known:
            return
        assert outcome == OK
        assert answer is not None
        assert use.reversal_id in ("", answer.reversal.id)
        use.reversal_id = answer.reversal.id
        assert answer.coupon.redemption_count == len(coupon.standing())
        _, refused = await _tried(self._shop.reverse(use.reversal_id))
        assert refused == "REDEMPTION_NOT_REVERSIBLE"

    # --- requests with an id

    async def _sent(
        self,
        method: str,
        request_id: str,
        sent: object,
        send: Callable[[], Awaitable[Answer]],
    ) -> tuple[Answer | None, str, bool]:
        """The answer, the outcome, and whether the id was used before.

        If it was, all there is to compare has been compared.
        """
        answer, outcome = await _tried(send())
        first = self._answered.get((method, request_id))
        if first is not None:
            expected = (first.answer, OK) if sent == first.sent else (None, "REQUEST_ID_REUSED")
            assert (answer, outcome) == expected
        elif request_id and outcome == OK:
            self._answered[method, request_id] = Answered(sent, answer, send)
        return answer, outcome, first is not None

    async def _retry(self, event: Retry) -> None:
        first = _pick(list(self._answered.values()), event.request)
        if first is not None:
            assert await first.send() == first.answer

    def _wait(self, event: Wait) -> None:
        days = (self._clock.now - self._start) // DAY + 1
        self._clock.now = self._start + days * DAY + (INSTANT if event.past else timedelta(0))

    # --- comparing

    async def compare(self) -> None:
        """All that can be seen of the tenant."""
        self._model.now = self._clock.now
        await self._compare_coupons()
        await self._compare_ledger()
        await self._compare_validations()
        for definition in self._model.definitions:
            stats = await self._shop.stats(self._shown[definition.id])
            expected = asdict(self._model.stats(definition))
            assert stats == GetCouponDefinitionStatsResponse(**expected)

    async def _compare_coupons(self) -> None:
        shown = {coupon.id: coupon for coupon in await self._shop.coupons()}
        expected = {coupon.id: (one, coupon) for one, coupon in self._model.coupons()}
        assert shown.keys() == expected.keys()
        for coupon_id, (definition, coupon) in expected.items():
            self._compare_coupon(definition, coupon, shown[coupon_id])

    def _compare_coupon(self, definition: Definition, coupon: model.Coupon, shown: Coupon) -> None:
        uses = coupon.standing()
        assert (
            shown.definition_id,
            shown.user_id,
            shown.code,
            Coupon.Status.Name(shown.status),
            Coupon.Source.Name(shown.source),
            shown.redemption_count,
            shown.revoke_reason,
            _moment(shown, "redeemed_at"),
            _moment(shown, "expires_at"),
            _moment(shown, "starts_at"),
        ) == (
            definition.id,
            coupon.user_id,
            coupon.code,
            self._model.status(definition, coupon),
            coupon.source,
            len(uses),
            coupon.revoke_reason,
            max((use.at for use in uses), default=None),
            model.expiry(definition.rules, coupon),
            definition.rules.starts_at,
        )

    async def _compare_ledger(self) -> None:
        rows = {row.id: row for row in await self._shop.ledger()}
        reversals = {row.reverses_id for row in rows.values() if row.reverses_id}
        expected = {use.id: (coupon, use) for coupon, use in self._model.uses()}
        assert reversals == {use.id for _, use in expected.values() if use.reversal_id}
        assert len(rows) == len(expected) + len(reversals)
        for use_id, (coupon, use) in expected.items():
            row = rows[use_id]
            assert row.kind == Redemption.Kind.redemption
            assert (row.coupon_id, row.user_id, row.code) == (coupon.id, use.user_id, coupon.code)
            assert _moment(row, "redeemed_at") == use.at
            assert row.reversal_id == use.reversal_id

    async def _compare_validations(self) -> None:
        codes = sorted({coupon.code for _, coupon in self._model.coupons()} | {"SALE", "straße"})
        questions = [(code, user_id) for code in codes for user_id in ("", *USERS)]
        answers = await asyncio.gather(*(self._shop.validate(*question) for question in questions))
        for question, told in zip(questions, answers, strict=True):
            reason = self._model.redeem_refusal(*question)
            assert (told.valid, told.reason) == (reason == OK, reason), question
            unknown = reason in ("COUPON_NOT_FOUND", "COUPON_NOT_ASSIGNED")
            remaining = None if unknown else self._model.remaining_uses(*question)
            shown = told.remaining_uses.value if told.HasField("remaining_uses") else None
            assert shown == remaining, question


def _config(rules: Rules) -> dict[str, Any]:
    """The fields of a definition in the words of `builders.config`."""
    return {
        "custom_code": rules.custom_code,
        "case_sensitive": rules.case_sensitive,
        "assigned_only": rules.assigned_only,
        "limit": usage_limit(rules.limit_type, rules.max_uses),
        "max_uses_per_user": rules.max_uses_per_user,
        "issue_limit": rules.issue_limit,
        "issue_limit_per_user": rules.issue_limit_per_user,
        "starts_at": rules.starts_at,
        "expires_at": rules.expires_at,
        "valid_for": rules.valid_for,
    }


def _days(count: int | None) -> timedelta | None:
    return DAY * count if count is not None and count > 0 else None


def _moment(message: Any, field: str) -> datetime | None:
    if not message.HasField(field):
        return None
    moment: datetime = getattr(message, field).ToDatetime(tzinfo=UTC)
    return moment


def _pick(choices: Sequence[Chosen], index: int) -> Chosen | None:
    return choices[index % len(choices)] if choices else None


async def _tried(call: Awaitable[Answer]) -> tuple[Answer | None, str]:
    """The answer, or why there is none."""
    try:
        return await call, OK
    except CouponsError as error:
        return None, error.reason


@pytest.fixture
async def quiet_server(database_url: str, clock: MovableClock) -> AsyncIterator[Served]:
    """A server that does not log each of the many calls that it refuses."""
    async with serving(settings_for(database_url, access_log="none"), clock) as served:
        yield served


@pytest.mark.timeout(3600)
@settings(
    max_examples=COUNT,
    deadline=None,
    # The server stays, every history has a tenant of its own.
    suppress_health_check=[
        HealthCheck.function_scoped_fixture,
        HealthCheck.too_slow,
        HealthCheck.data_too_large,
    ],
)
@given(first=st.lists(DEFINES, min_size=1, max_size=2), events=HISTORIES)
async def test_the_server_and_the_model_agree_on_every_history(
    quiet_server: Served, clock: MovableClock, first: list[Define], events: list[Event]
) -> None:
    shop = await Shop.open(await quiet_server.new_tenant())
    # Histories are about coupons: their two users fail more often than people do.
    await shop.allow_failures()
    await quiet_server.app.guard.pull()
    history = History(shop, clock)
    for event in [*first, *events]:
        note(f"{clock.now:%d %H:%M:%S.%f} {event}")
        await history.happen(event)
    await history.compare()
