"""Coupons that are taken over with the codes they have."""

import asyncio
from collections.abc import AsyncIterable, AsyncIterator, Iterator
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from phoenix_coupons.v1 import (
    Coupon,
    CouponDefinition,
    ImportCouponsRequest,
    ImportCouponsResponse,
    ImportedCoupon,
)
from support.builders import Shop, reason, refused, usage_limit
from support.clock import MovableClock
from support.contract import revoke_key
from support.databases import ask
from support.jobs import Jobs, line


def errors(answer: ImportCouponsResponse) -> list[tuple[int, str, str]]:
    return [(error.line, error.reason, error.field) for error in answer.errors]


async def only(
    jobs: Jobs, definition: CouponDefinition, *lines: ImportedCoupon, validate_only: bool = False
) -> ImportCouponsResponse:
    """The answer to a stream of one message."""
    [answer] = await jobs.load(definition, lines, validate_only=validate_only)
    return answer


async def test_an_imported_code_is_a_coupon_as_others_are(
    shop: Shop, jobs: Jobs, clock: MovableClock
) -> None:
    definition = await shop.define(valid_for=timedelta(days=30))
    made_at = clock.now - timedelta(days=7)
    answer = await only(
        jobs,
        definition,
        line(1, "Sömmer:26".replace(":", "-"), "ada", generated_at=made_at),
        line(2, "free-for-all", expires_at=clock.now + timedelta(days=1)),
    )
    assert (answer.imported, answer.already_imported, errors(answer)) == (2, 0, [])
    by_code = {coupon.code: coupon for coupon in await shop.coupons()}
    summer, free = by_code["Sömmer-26"], by_code["free-for-all"]
    assert summer.source == Coupon.Source.imported
    assert summer.generation_id == free.generation_id == answer.generation_id
    assert summer.generated_at.ToDatetime(clock.now.tzinfo) == made_at
    assert summer.expires_at.ToDatetime(clock.now.tzinfo) == made_at + timedelta(days=30)
    assert free.expires_at.ToDatetime(clock.now.tzinfo) == clock.now + timedelta(days=1)
    assert (await shop.stats(definition)).issued == 2
    assert await reason(shop.redeem("SÖMMER-26", "bob")) == "COUPON_NOT_ASSIGNED"
    await shop.redeem("SÖMMER-26", "ada")
    await shop.redeem("Free-For-All", "bob")
    clock.advance(timedelta(days=2))
    assert (await shop.validate("free-for-all", "bob")).reason == "COUPON_ALREADY_REDEEMED"


async def test_an_import_is_listed_and_revoked_by_its_id(shop: Shop, jobs: Jobs) -> None:
    definition = await shop.define()
    answers = await jobs.load(definition, [line(1, "one")], [line(2, "two")])
    assert len({answer.generation_id for answer in answers}) == 1
    await only(jobs, definition, line(1, "three"))
    await jobs.revoke(generation_id=answers[0].generation_id)
    await jobs.work_off()
    left = await shop.coupons(status=Coupon.Status.active)
    assert [coupon.code for coupon in left] == ["three"]


@pytest.mark.parametrize(
    ("field", "broken"),
    [
        ("code", {"code": ""}),
        ("code", {"code": "a b"}),
        ("code", {"code": "a/b"}),
        ("code", {"code": "a\u200bb"}),
        ("code", {"code": "x" * 65}),
        ("user_id", {"user_id": "u" * 129}),
        ("user_id", {"user_id": "a\tb"}),
        ("generated_at", {"generated_at": timedelta(seconds=1)}),
        ("generated_at", {"generated_at": timedelta(days=-365 * 100)}),
        ("expires_at", {"expires_at": timedelta(days=-1)}),
        ("expires_at", {"expires_at": datetime(9999, 12, 31, tzinfo=UTC)}),
    ],
)
async def test_an_invalid_line_is_reported_and_the_others_are_stored(
    shop: Shop, jobs: Jobs, clock: MovableClock, field: str, broken: dict[str, Any]
) -> None:
    values: dict[str, Any] = {"code": "bad"} | {
        name: clock.now + value if isinstance(value, timedelta) else value
        for name, value in broken.items()
    }
    bad = line(8, **values)
    answer = await only(jobs, await shop.define(), line(7, "good"), bad, line(9, "fine"))
    assert errors(answer) == [(8, "INVALID_FIELD", field)]
    assert answer.errors[0].message
    assert sorted(coupon.code for coupon in await shop.coupons()) == ["fine", "good"]


async def test_a_text_that_is_far_too_long_refuses_the_message(shop: Shop, jobs: Jobs) -> None:
    definition = await shop.define()
    longest, longer = "x" * 256, "x" * 257
    answer = await only(jobs, definition, line(1, longest), line(2, "b", longest))
    assert errors(answer) == [(1, "INVALID_FIELD", "code"), (2, "INVALID_FIELD", "user_id")]
    for bad, field in ((line(2, longer), "code"), (line(2, "b", longer), "user_id")):
        error = await refused(jobs.load(definition, [line(1, "good"), bad]))
        assert error.field_violations[0].field == f"coupons[1].{field}"
    assert await shop.coupons() == []


async def test_a_time_that_cannot_be_is_an_error_of_its_line(shop: Shop, jobs: Jobs) -> None:
    bad = line(2, "bad")
    bad.expires_at.seconds = 10**15
    answer = await only(jobs, await shop.define(), line(1, "good"), bad)
    assert (answer.imported, errors(answer)) == (1, [(2, "INVALID_FIELD", "expires_at")])


async def test_the_ends_of_time_are_read_back(shop: Shop, jobs: Jobs, clock: MovableClock) -> None:
    last = datetime(9999, 12, 30, 23, 59, 59, 999999, tzinfo=clock.now.tzinfo)
    first = datetime(1970, 1, 1, tzinfo=clock.now.tzinfo)
    answer = await only(
        jobs, await shop.define(), line(1, "ever", generated_at=first, expires_at=last)
    )
    assert answer.imported == 1
    [coupon] = await shop.coupons()
    assert coupon.expires_at.ToDatetime(clock.now.tzinfo) == last
    await shop.redeem("ever", "ada")


async def test_a_code_of_the_tenant_is_taken(shop: Shop, jobs: Jobs) -> None:
    definition, other = await shop.define(), await shop.define()
    await shop.define(custom_code="SALE")
    await shop.define(custom_code="Cased", case_sensitive=True)
    archived = await shop.define(custom_code="GONE")
    await shop.archive(archived)
    generated = await shop.code_for(other, "ada")
    await only(jobs, other, line(1, "theirs"))
    answer = await only(
        jobs,
        definition,
        *(
            line(number, code)
            for number, code in enumerate(
                ["sale", "CASED", generated.lower(), "THEIRS", "gone", "Straße", "STRASSE"], 1
            )
        ),
    )
    taken = [(number, "CODE_TAKEN", "code") for number in (1, 2, 3, 4, 7)]
    assert errors(answer) == taken
    assert sorted(one.code for one in await shop.coupons(definition_id=definition.id)) == [
        "Straße",
        "gone",
    ]


async def test_a_custom_code_cannot_be_one_that_was_imported(shop: Shop, jobs: Jobs) -> None:
    await only(jobs, await shop.define(), line(1, "taken"))
    assert await reason(shop.define(custom_code="TAKEN")) == "CODE_TAKEN"


async def test_other_tenants_have_codes_of_their_own(shop: Shop, jobs: Jobs) -> None:
    other = await Jobs.of(await Shop.open(await shop.tenant.server.new_tenant()))
    await only(other, await other.shop.define(), line(1, "same"))
    assert (await only(jobs, await shop.define(), line(1, "same"))).imported == 1
    theirs = await other.shop.define()
    assert await reason(jobs.load(theirs, [line(1, "x")])) == "DEFINITION_NOT_FOUND"


async def test_the_same_file_again_changes_nothing(shop: Shop, jobs: Jobs) -> None:
    definition = await shop.define()
    lines = [line(1, "one", "ada"), line(2, "two"), line(3, "bad code")]
    first = await only(jobs, definition, *lines)
    await shop.redeem("two", "claimer")
    again = await only(jobs, definition, *lines, line(4, "four"))
    assert (first.imported, first.already_imported) == (2, 0)
    assert (again.imported, again.already_imported) == (1, 2)
    assert errors(again) == [(3, "INVALID_FIELD", "code")]
    assert len(await shop.coupons()) == 3


async def test_a_code_that_was_revoked_since_is_told_when_it_is_imported_again(
    shop: Shop, jobs: Jobs
) -> None:
    definition = await shop.define()
    first = await only(jobs, definition, line(1, "one", "ada"), line(2, "two"))
    await jobs.revoke(user_id="ada")
    await jobs.work_off()
    again = await only(jobs, definition, line(1, "one", "ada"), line(2, "two"), line(3, "three"))
    assert first.imported == 2
    assert (again.imported, again.already_imported) == (1, 1)
    assert errors(again) == [(1, "COUPON_REVOKED", "code")]


async def test_a_dry_run_tells_all_errors_and_changes_nothing(shop: Shop, jobs: Jobs) -> None:
    definition = await shop.define(issue_limit=3)
    await only(jobs, definition, line(1, "old", "ada"))
    lines = [line(1, "old", "ada"), line(2, "OLD"), line(3, "a b"), line(4, "b"), line(5, "c")]
    before = await contents(shop)
    for _ in range(2):
        answer = await only(jobs, definition, *lines, line(6, "d"), validate_only=True)
        assert (answer.imported, answer.already_imported, answer.generation_id) == (2, 1, "")
        assert errors(answer) == [
            (2, "CODE_TAKEN", "code"),
            (3, "INVALID_FIELD", "code"),
            (6, "ISSUE_LIMIT_REACHED", ""),
        ]
    assert await contents(shop) == before
    assert (await only(jobs, definition, *lines)).imported == 2


async def test_a_stream_cannot_become_a_dry_run(shop: Shop, jobs: Jobs) -> None:
    definition = await shop.define()

    def messages() -> Iterator[ImportCouponsRequest]:
        for number, validate_only in enumerate((False, True), 1):
            yield ImportCouponsRequest(
                tenant_id=shop.id,
                definition_id=definition.id,
                coupons=[line(number, f"code-{number}")],
                validate_only=validate_only,
            )

    error = await refused(answers(jobs.stub.ImportCoupons(messages())))
    assert error.field_violations[0].field == "validate_only"
    assert [coupon.code for coupon in await shop.coupons()] == ["code-1"]


async def contents(shop: Shop) -> object:
    """What an import may change."""
    url = shop.tenant.server.app.settings.database_url.get_secret_value()
    return [
        await ask(url, f"SELECT array_agg(t::text ORDER BY t::text) FROM {table} t")
        for table in ("coupons", "outbox", "key_spaces", "definition_counters")
    ]


async def answers(call: AsyncIterable[ImportCouponsResponse]) -> list[ImportCouponsResponse]:
    return [answer async for answer in call]


async def test_another_coupon_under_an_imported_code_is_refused(shop: Shop, jobs: Jobs) -> None:
    definition = await shop.define()
    await only(jobs, definition, line(1, "one", "ada"))
    answer = await only(jobs, definition, line(1, "one", "bob"), line(2, "ONE", "ada"))
    assert errors(answer) == [(1, "CODE_TAKEN", "code"), (2, "CODE_TAKEN", "code")]
    elsewhere = await only(jobs, await shop.define(), line(1, "one", "ada"))
    assert errors(elsewhere) == [(1, "CODE_TAKEN", "code")]


async def test_a_code_twice_in_a_file_is_refused_the_second_time(shop: Shop, jobs: Jobs) -> None:
    definition = await shop.define()
    first, second = await jobs.load(
        definition, [line(1, "one"), line(2, "ONE")], [line(3, "one"), line(4, "two")]
    )
    assert (first.imported, errors(first)) == (1, [(2, "CODE_TAKEN", "code")])
    assert (second.imported, errors(second)) == (1, [(3, "CODE_TAKEN", "code")])


async def test_limits_on_what_is_issued_count(shop: Shop, jobs: Jobs) -> None:
    definition = await shop.define(issue_limit=4, issue_limit_per_user=1)
    await shop.generate(definition, "ada")
    answer = await only(
        jobs,
        definition,
        line(1, "a", "ada"),
        line(2, "b", "bob"),
        line(3, "c", "bob"),
        line(4, "d"),
        line(5, "e"),
        line(6, "f"),
    )
    assert errors(answer) == [(number, "ISSUE_LIMIT_REACHED", "") for number in (1, 3, 6)]
    assert [error.message for error in answer.errors] == [
        "config.issue_limit_per_user is reached",
        "config.issue_limit_per_user is reached",
        "config.issue_limit is reached",
    ]
    assert (await shop.stats(definition)).issued == 4


async def test_a_line_that_is_left_out_leaves_its_code_to_a_later_one(
    shop: Shop, jobs: Jobs
) -> None:
    definition = await shop.define(issue_limit_per_user=1)
    await shop.generate(definition, "ada")
    answer = await only(
        jobs, definition, line(1, "x", "ada"), line(2, "X", "bob"), line(3, "x", "cy")
    )
    assert errors(answer) == [(1, "ISSUE_LIMIT_REACHED", ""), (3, "CODE_TAKEN", "code")]
    assert [coupon.user_id for coupon in await shop.coupons()] == ["bob", "ada"]


def short_codes(count: int, prefix: str = "") -> list[str]:
    """Codes of four characters after the prefix, such as are drawn."""
    return [f"{prefix}AB{a}{b}" for a in "CDEFGHJK" for b in "CDEFGHJK"][:count]


@pytest.mark.parametrize("prefix", ["", "Sale-"])
async def test_imported_codes_that_nobody_holds_count_as_easy_to_guess(
    shop: Shop, jobs: Jobs, prefix: str
) -> None:
    definition = await shop.define(code_length=4, code_prefix=prefix)
    codes = short_codes(10, prefix)
    held = [line(number, code, "ada") for number, code in enumerate(codes[:5])]
    await only(jobs, definition, *held, *(line(5, code) for code in codes[5:8]))
    await shop.generate(definition, quantity=6)
    await only(jobs, definition, line(1, codes[8]))
    assert await reason(shop.generate(definition, quantity=1)) == "KEY_SPACE_TOO_SMALL"
    for code in codes[7:9]:
        await shop.redeem(code, "bob")
    await shop.generate(definition, quantity=1)


async def test_imported_codes_of_another_form_count_by_their_length(shop: Shop, jobs: Jobs) -> None:
    codes = short_codes(10)
    await only(
        jobs,
        await shop.define(code_length=12, code_prefix="Sale-"),
        *(line(number, code) for number, code in enumerate(codes)),
    )
    short, long = await shop.define(code_length=4), await shop.define(code_length=12)
    assert await reason(shop.generate(short, quantity=1)) == "KEY_SPACE_TOO_SMALL"
    await shop.generate(long, quantity=1)


async def test_imports_at_once_count_every_code(shop: Shop, jobs: Jobs) -> None:
    definitions = [await shop.define(code_length=length) for length in (4, 5, 6)]
    files = [
        [
            line(n, code * (n % 2 + 1))
            for n, code in enumerate(f"{one}{two}XY" for two in "BCDEFGHJ")
        ]
        for one in "KLMNPQ"
    ]
    await asyncio.gather(*(only(jobs, definitions[n % 3], *file) for n, file in enumerate(files)))
    url = shop.tenant.server.app.settings.database_url.get_secret_value()
    counted = (
        "SELECT array_agg(ARRAY[code_length, issued, unassigned] ORDER BY code_length)"
        " FROM key_spaces WHERE tenant_id = $1"
    )
    assert await ask(url, counted, shop.id) == [[4, 24, 24], [8, 24, 24]]


async def test_definitions_that_generate_nothing_import_nothing(
    shop: Shop, jobs: Jobs, clock: MovableClock
) -> None:
    paused = await shop.pause(await shop.define())
    archived = await shop.archive(await shop.define())
    expired = await shop.define(expires_at=clock.now + timedelta(seconds=1))
    custom = await shop.define(custom_code="SALE")
    clock.advance(timedelta(seconds=2))
    for definition, why in (
        (paused, "DEFINITION_PAUSED"),
        (archived, "DEFINITION_ARCHIVED"),
        (expired, "DEFINITION_EXPIRED"),
        (custom, "INVALID_FIELD"),
    ):
        assert await reason(jobs.load(definition, [line(1, "x")])) == why
    error = await refused(jobs.load(custom, [line(1, "x")]))
    assert error.field_violations[0].field == "definition_id"
    assert await shop.coupons() == []


async def test_what_was_answered_stays_when_the_stream_ends_badly(shop: Shop, jobs: Jobs) -> None:
    definition = await shop.define()

    async def messages() -> AsyncIterator[ImportCouponsRequest]:
        yield ImportCouponsRequest(
            tenant_id=shop.id, definition_id=definition.id, coupons=[line(1, "one")]
        )
        await answered.wait()
        await shop.pause(definition)
        yield ImportCouponsRequest(coupons=[line(2, "two")])

    answered = asyncio.Event()
    call: Any = jobs.stub.ImportCoupons(messages())
    assert (await call.read()).imported == 1
    answered.set()
    assert await reason(call.read()) == "DEFINITION_PAUSED"
    assert [coupon.code for coupon in await shop.coupons()] == ["one"]


async def test_the_first_message_names_the_definition(shop: Shop, jobs: Jobs) -> None:
    definition, other = await shop.define(), await shop.define()

    async def answers(*messages: ImportCouponsRequest) -> list[ImportCouponsResponse]:
        return [answer async for answer in jobs.stub.ImportCoupons(iter(messages))]

    nameless = ImportCouponsRequest(tenant_id=shop.id, coupons=[line(1, "x")])
    error = await refused(answers(nameless))
    assert error.field_violations == [("definition_id", "must be set in the first message")]
    named = ImportCouponsRequest(
        tenant_id=shop.id, definition_id=definition.id, coupons=[line(1, "x")]
    )
    second = ImportCouponsRequest(definition_id=other.id, coupons=[line(2, "y")])
    error = await refused(answers(named, second))
    assert error.field_violations[0].field == "definition_id"
    assert await answers() == []


async def test_an_import_writes_events_of_coupons_with_holders(shop: Shop, jobs: Jobs) -> None:
    await only(jobs, await shop.define(), line(1, "one", "ada"), line(2, "two"))
    url = shop.tenant.server.app.settings.database_url.get_secret_value()
    told = "SELECT array_agg(user_id || ' ' || event_type) FROM outbox WHERE tenant_id = $1"
    assert await ask(url, told, shop.id) == ["ada coupon.issued"]


async def test_imports_of_the_same_codes_at_once_make_each_coupon_once(
    shop: Shop, jobs: Jobs
) -> None:
    one, two = await shop.define(), await shop.define()
    files = [[line(n, f"code-{n}") for n in order] for order in (range(200), range(199, -1, -1))]
    answers: list[ImportCouponsResponse] = await asyncio.gather(
        *(only(jobs, definition, *file) for definition in (one, two) for file in files)
    )
    assert sum([answer.imported for answer in answers]) == 200
    assert len(await shop.coupons()) == 200
    counted = sum([(await shop.stats(definition)).issued for definition in (one, two)])
    assert counted == 200


async def test_a_case_sensitive_definition_compares_its_imported_codes_so(
    shop: Shop, jobs: Jobs
) -> None:
    definition = await shop.define(case_sensitive=True, limit=usage_limit("unlimited"))
    await only(jobs, definition, line(1, "Cased"))
    assert await reason(shop.redeem("cased", "ada")) == "COUPON_NOT_FOUND"
    await shop.redeem("Cased", "ada")


async def test_a_silent_stream_ends_with_its_credential(shop: Shop, jobs: Jobs) -> None:
    definition = await shop.define()

    async def silent() -> AsyncIterator[ImportCouponsRequest]:
        yield ImportCouponsRequest(
            tenant_id=shop.id, definition_id=definition.id, coupons=[line(1, "one")]
        )
        await asyncio.Event().wait()

    call: Any = jobs.stub.ImportCoupons(silent())
    assert (await call.read()).imported == 1
    await revoke_key(shop.tenant)
    async with asyncio.timeout(10):
        assert await reason(call.read()) == "CREDENTIAL_INVALID"
