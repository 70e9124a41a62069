"""Codes: how a typed one is compared, and that one typed code never means two things."""

import re

import asyncpg
import pytest

from coupon_server.domain import codes
from support.builders import Shop, outcome, reason, refused
from support.serving import Served


async def test_random_codes_have_their_prefix_and_length_and_no_look_alikes(shop: Shop) -> None:
    definition = await shop.define(code_prefix="VIP-", code_length=20)
    made = await shop.generate(definition, quantity=200)
    codes = {coupon.code for coupon in made.coupons}
    assert len(codes) == 200
    assert all(re.fullmatch("VIP-[2-9A-HJKMNP-Z]{20}", code) for code in codes)


@pytest.mark.parametrize(
    ("custom_code", "typed"),
    [
        ("NEWYEAR2025", "newyear2025"),
        ("NEWYEAR2025", "\t NewYear2025\n\N{IDEOGRAPHIC SPACE}"),
        ("Straße", "STRASSE"),
        ("STRASSE", "straße"),
        ("STRAẞE", "strasse"),
        ("İzmir", "i\N{COMBINING DOT ABOVE}zmir"),
        ("SALE", "ＳＡＬＥ"),
        ("ｓａｌｅ", "Sale"),
        ("oﬃce", "OFFICE"),
        ("①②③", "123"),
        ("CAFÉ", "cafe\N{COMBINING ACUTE ACCENT}"),
        ("ΟΔΟΣ", "οδος"),
    ],
)
async def test_codes_are_compared_without_regard_to_case_and_compatibility_forms(
    shop: Shop, custom_code: str, typed: str
) -> None:
    await shop.define(custom_code=custom_code)
    assert (await shop.validate(typed, "alice")).valid
    assert (await shop.redeem(typed, "alice")).coupon.user_id == "alice"
    [listed] = await shop.coupons(code=typed)
    assert listed.user_id == "alice"


@pytest.mark.parametrize(
    ("custom_code", "typed"), [("İzmir", "izmir"), ("ılık", "ilik"), ("NEWYEAR", "NEW YEAR")]
)
async def test_codes_that_only_look_alike_stay_distinct(
    shop: Shop, custom_code: str, typed: str
) -> None:
    await shop.define(custom_code=custom_code)
    assert await reason(shop.redeem(typed, "alice")) == "COUPON_NOT_FOUND"


async def test_a_case_sensitive_code_is_compared_in_its_nfkc_form(shop: Shop) -> None:
    await shop.define(custom_code="Straße", case_sensitive=True)
    for typed in ("straße", "STRASSE", "Strasse"):
        assert (await shop.validate(typed, "alice")).reason == "COUPON_NOT_FOUND"
        assert await reason(shop.redeem(typed, "alice")) == "COUPON_NOT_FOUND"
        assert await shop.coupons(code=typed) == []
    await shop.redeem(" Ｓtraße ", "alice")


async def test_a_case_sensitive_random_code_must_match_in_case(shop: Shop) -> None:
    definition = await shop.define(code_prefix="aB", case_sensitive=True)
    code = await shop.code_for(definition, "alice")
    assert await reason(shop.redeem(code.lower(), "alice")) == "COUPON_NOT_FOUND"
    await shop.redeem(code, "alice")


async def test_a_random_code_may_be_typed_in_any_case(shop: Shop) -> None:
    definition = await shop.define(code_prefix="Reward")
    code = await shop.code_for(definition, "alice")
    await shop.redeem(code.swapcase(), "alice")


@pytest.mark.parametrize(
    ("code", "sensitive", "other", "other_sensitive", "free"),
    [
        ("SALE", False, "SALE", False, False),
        ("SALE", False, "sale", False, False),
        ("SALE", False, "ｓａｌｅ", False, False),
        ("SALE", False, "sale", True, False),
        ("sale", True, "SALE", False, False),
        ("sale", True, "sale", True, False),
        ("sale", True, "SALE", True, True),
        ("Straße", True, "STRASSE", True, True),
        ("Straße", False, "STRASSE", True, False),
        ("SALE", False, "SALE2", False, True),
    ],
)
async def test_one_typed_code_never_matches_two_definitions(
    shop: Shop, code: str, sensitive: bool, other: str, other_sensitive: bool, free: bool
) -> None:
    first = await shop.define(custom_code=code, case_sensitive=sensitive)
    create = shop.define(custom_code=other, case_sensitive=other_sensitive)
    if not free:
        assert await reason(create) == "CODE_TAKEN"
        return
    second = await create
    assert (await shop.redeem(code, "alice")).coupon.definition_id == first.id
    assert (await shop.redeem(other, "alice")).coupon.definition_id == second.id


async def test_a_custom_code_cannot_be_a_random_code_that_exists(shop: Shop) -> None:
    code = await shop.code_for(await shop.define(), "alice")
    for sensitive in (True, False):
        refusal = shop.define(custom_code=code.lower(), case_sensitive=sensitive)
        assert await reason(refusal) == "CODE_TAKEN"


# One definition for every code that begins with this prefix and an A.
_COPIES = """
WITH letters AS (SELECT string_to_table('23456789ABCDEFGHJKMNPQRSTUVWXYZ', NULL) AS letter),
copies AS (
    SELECT to_jsonb(d) || jsonb_build_object(
        'id', gen_random_uuid(),
        'custom_code', code,
        'custom_code_folded', lower(code)
    ) AS row
    FROM coupon_definitions d,
        (SELECT 'GIFT-A' || x.letter || y.letter || z.letter AS code
            FROM letters x, letters y, letters z) c
    WHERE d.custom_code = 'TAKEN'
)
INSERT INTO coupon_definitions
SELECT made.* FROM copies, jsonb_populate_record(NULL::coupon_definitions, copies.row) made
"""


async def test_random_codes_avoid_the_custom_codes_of_live_definitions(
    server: Served, shop: Shop, database_url: str
) -> None:
    await server.limit(shop.tenant.uuid, definitions=1_000_000)
    await shop.define(custom_code="TAKEN")
    connection = await asyncpg.connect(database_url)
    await connection.execute(_COPIES)
    await connection.close()
    definition = await shop.define(code_prefix="Gift-", code_length=4)
    made = await shop.generate(definition, *[f"user{i}" for i in range(400)])
    # One in 31 would begin with an A.
    assert not [coupon.code for coupon in made.coupons if coupon.code.startswith("Gift-A")]


async def test_a_code_that_is_taken_or_drawn_twice_is_drawn_again(
    shop: Shop, monkeypatch: pytest.MonkeyPatch
) -> None:
    definition = await shop.define(code_length=12)
    taken = (await shop.generate(definition, "ada")).coupons[0].code
    draws = iter([[taken, "A" * 12, "A" * 12, "B" * 12], ["B" * 12, "C" * 12], ["D" * 12]])
    monkeypatch.setattr(codes, "random_codes", lambda *_: next(draws))
    made = (await shop.generate(definition, quantity=4)).coupons
    assert [coupon.code for coupon in made] == ["A" * 12, "B" * 12, "C" * 12, "D" * 12]


async def test_a_definition_cannot_be_changed_to_a_code_that_is_taken(shop: Shop) -> None:
    await shop.define(custom_code="SALE")
    other = await shop.define(custom_code="OTHER")
    refusal = await refused(shop.change(other, "custom_code", custom_code="Sale"))
    assert refusal.reason == "CODE_TAKEN"
    assert (await shop.definition(other.id)).config.custom_code == "OTHER"
    assert (
        await shop.change(other, "custom_code", custom_code="MORE")
    ).config.custom_code == "MORE"
    assert await outcome(shop.define(custom_code="OTHER")) == ""


async def test_a_definition_may_change_the_case_of_its_own_code(shop: Shop) -> None:
    definition = await shop.define(custom_code="SALE")
    changed = await shop.change(definition, "custom_code", custom_code="Sale")
    assert changed.config.custom_code == "Sale"


async def test_archiving_frees_a_custom_code_and_the_live_definition_wins(shop: Shop) -> None:
    first = await shop.define(custom_code="SALE")
    await shop.redeem("SALE", "alice")
    await shop.archive(first)
    assert await reason(shop.redeem("SALE", "bob")) == "COUPON_UNAVAILABLE"
    second = await shop.define(custom_code="sale")
    assert (await shop.redeem("SALE", "alice")).coupon.definition_id == second.id
    assert await reason(shop.define(custom_code="SALE")) == "CODE_TAKEN"


async def test_codes_of_different_tenants_never_meet(shop: Shop) -> None:
    other = await Shop.open(await shop.tenant.server.new_tenant())
    mine = await shop.define(custom_code="SALE")
    theirs = await other.define(custom_code="sale")
    assert (await shop.redeem("SALE", "alice")).coupon.definition_id == mine.id
    assert (await other.redeem("SALE", "alice")).coupon.definition_id == theirs.id
    code = await shop.unclaimed_code(await shop.define())
    assert await reason(other.redeem(code, "alice")) == "COUPON_NOT_FOUND"
