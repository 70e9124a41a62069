"""Lists: filters, order, pages, totals."""

import uuid
from collections.abc import Awaitable, Callable
from datetime import datetime, timedelta
from typing import Any

import pytest
from google.protobuf.timestamp_pb2 import Timestamp

from phoenix_coupons.v1 import (
    Coupon,
    CouponDefinition,
    ListActiveDefinitionsRequest,
    ListCouponDefinitionsRequest,
    ListIssuedCouponsRequest,
    ListRedemptionsRequest,
    ListRewardItemsRequest,
    ListUserCouponsRequest,
    ListUserRedemptionsRequest,
)
from support.builders import Shop, reason, usage_limit
from support.clock import MovableClock

DAY = timedelta(days=1)


async def ids(shop: Shop, **filters: Any) -> set[str]:
    return {coupon.id for coupon in await shop.coupons(**filters)}


async def test_coupons_are_filtered_by_everything_at_once(shop: Shop) -> None:
    random, custom = await shop.define(), await shop.define(custom_code="SALE")
    first = await shop.generate(random, "alice", "bob")
    second = await shop.generate(random, quantity=2)
    third = await shop.generate(custom, "alice")
    [alice, bob], [x, y], [shared] = (
        [coupon.id for coupon in made.coupons] for made in (first, second, third)
    )
    await shop.redeem(first.coupons[0].code, "alice")
    assert await ids(shop) == {alice, bob, x, y, shared}
    assert await ids(shop, definition_id=random.id) == {alice, bob, x, y}
    assert await ids(shop, generation_id=second.generation_id) == {x, y}
    assert await ids(shop, user_id="alice") == {alice, shared}
    assert await ids(shop, status=Coupon.Status.redeemed) == {alice}
    assert await ids(shop, code=f" {first.coupons[1].code.lower()}") == {bob}
    assert await ids(shop, code="sale") == {shared}
    assert await ids(shop, user_id="alice", status=Coupon.Status.active) == {shared}
    assert await ids(shop, definition_id=random.id, code="sale") == set()
    assert await ids(shop, definition_id=str(uuid.uuid4())) == set()


@pytest.mark.parametrize("custom_code", ["", "SALE"])
async def test_the_status_filter_agrees_with_the_status_shown(
    shop: Shop, clock: MovableClock, custom_code: str
) -> None:
    definition = await shop.define(valid_for=DAY, custom_code=custom_code)
    users = [f"user{i}" for i in range(6)]
    made = (await shop.generate(definition, *users[:2])).coupons
    await shop.redeem(made[0].code, users[0])
    clock.advance(2 * DAY)
    made = (await shop.generate(definition, *users[2:])).coupons
    await shop.redeem(made[0].code, users[2])
    await shop.revoke(made[0].id)
    await shop.redeem(made[1].code, users[3])
    everything = await shop.coupons()
    shown = {coupon.user_id: Coupon.Status.Name(coupon.status) for coupon in everything}
    assert [shown[user] for user in users] == [
        *("redeemed", "expired", "revoked", "redeemed"),
        *("active", "active"),
    ]
    for status in (1, 2, 3, 4):
        expected = {coupon.id for coupon in everything if coupon.status == status}
        assert await ids(shop, status=status) == expected


async def test_a_users_coupons_are_that_users_alone(shop: Shop) -> None:
    definition = await shop.define()
    made = (await shop.generate(definition, "alice", "bob")).coupons
    await shop.generate(definition, quantity=1)
    later = (await shop.generate(definition, "alice")).coupons
    await shop.redeem(made[0].code, "alice")

    async def held(status: Coupon.Status.ValueType) -> list[str]:
        answer = await shop.query.ListUserCoupons(
            ListUserCouponsRequest(tenant_id=shop.id, user_id="alice", status=status)
        )
        assert answer.total == len(answer.coupons)
        return [coupon.id for coupon in answer.coupons]

    assert await held(Coupon.Status.status_unspecified) == [later[0].id, made[0].id]
    assert await held(Coupon.Status.active) == [later[0].id]
    assert await held(Coupon.Status.redeemed) == [made[0].id]


async def test_the_ledger_is_filtered_by_user_definition_and_time(
    shop: Shop, clock: MovableClock
) -> None:
    one = await shop.define(custom_code="ONE", limit=usage_limit("unlimited"))
    await shop.define(custom_code="TWO", limit=usage_limit("unlimited"))
    moments: list[datetime] = []
    rows: list[str] = []
    for code, user in (("ONE", "alice"), ("TWO", "alice"), ("ONE", "bob")):
        clock.advance(timedelta(microseconds=1))
        moments.append(clock.now)
        rows.append((await shop.redeem(code, user)).redemption.id)

    async def found(**filters: Any) -> set[str]:
        return {row.id for row in await shop.ledger(**filters)}

    def stamp(moment: datetime) -> Timestamp:
        made = Timestamp()
        made.FromDatetime(moment)
        return made

    first, second, third = map(stamp, moments)
    assert await found(user_id="alice") == {rows[0], rows[1]}
    assert await found(definition_id=one.id) == {rows[0], rows[2]}
    assert await found(definition_id=one.id, user_id="alice") == {rows[0]}
    assert await found(start_time=second) == {rows[1], rows[2]}, "from this instant on"
    assert await found(end_time=second) == {rows[0]}, "before this instant"
    assert await found(start_time=second, end_time=third) == {rows[1]}
    assert await found(start_time=first, end_time=first) == set()
    assert await found(start_time=third, end_time=first) == set()


async def test_the_ledger_is_newest_first(shop: Shop, clock: MovableClock) -> None:
    await shop.define(custom_code="SALE", limit=usage_limit("unlimited"))
    rows = []
    for _ in range(5):
        clock.advance(timedelta(milliseconds=1))
        rows.append((await shop.redeem("SALE", "alice")).redemption.id)
    clock.advance(timedelta(milliseconds=1))
    reversal = (await shop.reverse(rows[2])).reversal.id
    assert [row.id for row in await shop.ledger()] == [reversal, *reversed(rows)]
    history = await shop.query.ListUserRedemptions(
        ListUserRedemptionsRequest(tenant_id=shop.id, user_id="alice")
    )
    assert [row.id for row in history.redemptions] == rows[::-1], "uses, not reversals"


# --- pages

Fetch = Callable[[Shop, Any], Awaitable[Any]]

LISTS: dict[str, tuple[Fetch, type[Any], dict[str, str]]] = {
    "reward_items": (
        lambda shop, request: shop.admin.ListRewardItems(request),
        ListRewardItemsRequest,
        {},
    ),
    "definitions": (
        lambda shop, request: shop.admin.ListCouponDefinitions(request),
        ListCouponDefinitionsRequest,
        {},
    ),
    "active definitions": (
        lambda shop, request: shop.query.ListActiveDefinitions(request),
        ListActiveDefinitionsRequest,
        {},
    ),
    "coupons": (
        lambda shop, request: shop.admin.ListIssuedCoupons(request),
        ListIssuedCouponsRequest,
        {},
    ),
    "a user's coupons": (
        lambda shop, request: shop.query.ListUserCoupons(request),
        ListUserCouponsRequest,
        {"user_id": "alice"},
    ),
    "redemptions": (
        lambda shop, request: shop.admin.ListRedemptions(request),
        ListRedemptionsRequest,
        {},
    ),
    "a user's redemptions": (
        lambda shop, request: shop.query.ListUserRedemptions(request),
        ListUserRedemptionsRequest,
        {"user_id": "alice"},
    ),
}


async def seven_of_everything(shop: Shop) -> None:
    """Seven reward items, definitions, coupons and redemptions of one user."""
    for i in range(7):
        if i:
            await shop.reward_item(f"Item {i}")
        definition = await shop.define(name=f"Campaign {i}")
        await shop.redeem(await shop.code_for(definition, "alice"), "alice")


def items(answer: Any) -> list[Any]:
    """The answer's one repeated field."""
    [field] = [one for one in answer.DESCRIPTOR.fields if one.is_repeated]
    return list(getattr(answer, field.name))


@pytest.mark.parametrize("name", LISTS)
async def test_pages_follow_one_another_to_the_end(shop: Shop, name: str) -> None:
    fetch, request_type, fields = LISTS[name]
    await seven_of_everything(shop)
    request = request_type(tenant_id=shop.id, **fields)
    whole = await fetch(shop, request)
    assert len(items(whole)) == whole.total == 7
    assert whole.next_page_token == ""
    paged = []
    request.page_size = 3
    for size in (3, 3, 1):
        page = await fetch(shop, request)
        assert len(items(page)) == size
        assert page.total == 7
        paged += items(page)
        request.page_token = page.next_page_token
    assert request.page_token == "", "the last page has no next"
    assert paged == items(whole)
    request.page_size = 7
    assert (await fetch(shop, request)).next_page_token == ""


@pytest.mark.parametrize("name", LISTS)
async def test_a_page_token_is_good_for_its_own_query_alone(shop: Shop, name: str) -> None:
    fetch, request_type, fields = LISTS[name]
    await seven_of_everything(shop)
    request = request_type(tenant_id=shop.id, page_size=2, **fields)
    token = (await fetch(shop, request)).next_page_token
    for other, (fetch_other, other_type, other_fields) in LISTS.items():
        foreign = other_type(tenant_id=shop.id, page_token=token, **other_fields)
        if other != name:
            assert await reason(fetch_other(shop, foreign)) == "INVALID_PAGE_TOKEN"
    for forged in (token[:-1], token + "A", "A" * len(token), "x"):
        request.page_token = forged
        assert await reason(fetch(shop, request)) == "INVALID_PAGE_TOKEN"
    request.page_token = token
    request.page_size = 5
    assert len(items(await fetch(shop, request))) == 5, "the size of a page may change"


@pytest.mark.parametrize(
    "changed",
    [
        {"user_id": "bob"},
        {"status": Coupon.Status.active},
        {"code": "X"},
        {"definition_id": str(uuid.uuid4())},
    ],
)
async def test_a_page_token_does_not_survive_another_filter(
    shop: Shop, changed: dict[str, Any]
) -> None:
    await shop.generate(await shop.define(), quantity=3)
    request = ListIssuedCouponsRequest(tenant_id=shop.id, page_size=2)
    token = (await shop.admin.ListIssuedCoupons(request)).next_page_token
    other = ListIssuedCouponsRequest(tenant_id=shop.id, page_token=token, **changed)
    assert await reason(shop.admin.ListIssuedCoupons(other)) == "INVALID_PAGE_TOKEN"


async def test_a_page_token_of_another_tenant_is_refused(shop: Shop) -> None:
    await seven_of_everything(shop)
    request = ListCouponDefinitionsRequest(tenant_id=shop.id, page_size=2)
    token = (await shop.admin.ListCouponDefinitions(request)).next_page_token
    other = await Shop.open(await shop.tenant.server.new_tenant())
    foreign = ListCouponDefinitionsRequest(tenant_id=other.id, page_token=token)
    assert await reason(other.admin.ListCouponDefinitions(foreign)) == "INVALID_PAGE_TOKEN"


async def test_pages_have_50_items_by_default_and_1000_at_most(shop: Shop) -> None:
    await shop.generate(await shop.define(), quantity=1_001)

    async def page_of(size: int) -> tuple[int, int]:
        answer = await shop.admin.ListIssuedCoupons(
            ListIssuedCouponsRequest(tenant_id=shop.id, page_size=size)
        )
        return len(answer.coupons), answer.total

    assert await page_of(0) == (50, 1_001)
    assert await page_of(1_000) == (1_000, 1_001)
    assert await page_of(2_147_483_647) == (1_000, 1_001), "lowered, not refused"


async def test_totals_are_counted_up_to_10000(shop: Shop) -> None:
    definition = await shop.define(code_length=12)
    await shop.generate(definition, quantity=10_000)
    await shop.generate(definition, quantity=1)
    request = ListIssuedCouponsRequest(tenant_id=shop.id, page_size=1)
    assert (await shop.admin.ListIssuedCoupons(request)).total == 10_000
    assert (await shop.stats(definition)).issued == 10_001, "statistics count them all"


async def test_what_comes_while_paging_neither_repeats_nor_hides_what_was_there(
    shop: Shop,
) -> None:
    before = [(await shop.define(name=f"old {i}")).id for i in range(4)]
    request = ListCouponDefinitionsRequest(tenant_id=shop.id, page_size=2)
    first = await shop.admin.ListCouponDefinitions(request)
    await shop.define(name="new")
    request.page_token = first.next_page_token
    second = await shop.admin.ListCouponDefinitions(request)
    found: list[CouponDefinition] = [*first.definitions, *second.definitions]
    assert [one.id for one in found] == before[::-1]
