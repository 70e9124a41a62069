"""What callers said of a redemption is emptied when it is old; all else of the ledger stays."""

from collections.abc import Awaitable, Callable
from datetime import timedelta
from functools import partial

import pytest

from coupon_server.delivery.services import retention as delivery_retention
from coupon_server.services import retention
from phoenix_coupons.v1 import Redemption
from support.builders import Shop, usage_limit
from support.clock import MovableClock
from support.jobs import Jobs
from support.serving import Served

KEPT = timedelta(days=30)
Trim = Callable[[], Awaitable[None]]


@pytest.fixture
def trim(server: Served) -> Trim:
    app = server.app
    return partial(retention.trim_ledger, app.database, app.clock, KEPT)


@pytest.fixture
def forget_events(server: Served) -> Trim:
    """Number, and then forget, all events that nobody waits for."""
    app = server.app

    async def forget() -> None:
        while await app.background.sequencer.run_once():
            pass
        await delivery_retention.trim(app.database, app.clock, timedelta())

    return forget


async def redeemed(shop: Shop, user: str, number: int) -> Redemption:
    said = {"reference": f"order-{number}", "metadata": {"till": str(number)}}
    return (await shop.redeem("GIFT", user, **said)).redemption


async def said(shop: Shop) -> dict[str, tuple[str, dict[str, str]]]:
    return {one.id: (one.reference, dict(one.metadata)) for one in await shop.ledger()}


async def test_old_rows_lose_what_callers_said_and_nothing_else(
    shop: Shop, jobs: Jobs, clock: MovableClock, trim: Trim, forget_events: Trim
) -> None:
    definition = await shop.define(custom_code="GIFT", limit=usage_limit("global", 10))
    old = [await redeemed(shop, "ada", number) for number in range(3)]
    before = {one.id: one for one in await shop.ledger()}
    clock.advance(KEPT - timedelta(seconds=1))
    young = await redeemed(shop, "ada", 3)
    clock.advance(timedelta(seconds=2))
    await forget_events()
    await trim()
    assert await said(shop) == {one.id: ("", {}) for one in old} | {
        young.id: ("order-3", {"till": "3"})
    }
    for row in await shop.ledger():
        if row.id in before:
            expected = before[row.id]
            expected.reference = ""
            expected.metadata.clear()
            expected.ClearField("grant_state")
            row.ClearField("grant_state")
            assert row == expected
    # Reversal, counters and exports are as they were.
    reversed_ = await shop.reverse(old[0].id)
    assert reversed_.reversal.reverses_id == old[0].id
    assert (await shop.stats(definition)).redemptions == 3
    assert (await jobs.export_ledger()).count(b"\n") == 6


async def test_a_row_whose_event_is_still_pending_is_not_trimmed(
    shop: Shop, clock: MovableClock, trim: Trim, forget_events: Trim
) -> None:
    await shop.define(custom_code="GIFT", limit=usage_limit("unlimited"))
    rows = [await redeemed(shop, user, number) for number, user in enumerate(("ada", "bob"))]
    clock.advance(2 * KEPT)
    await trim()
    assert all(reference for reference, _ in (await said(shop)).values())
    await forget_events()
    await trim()
    assert await said(shop) == {one.id: ("", {}) for one in rows}


async def test_trimming_goes_on_where_it_ended(
    shop: Shop,
    clock: MovableClock,
    trim: Trim,
    forget_events: Trim,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(retention, "TRIM_ROWS", 2)
    await shop.define(custom_code="GIFT", limit=usage_limit("unlimited"))
    for number in range(5):
        await redeemed(shop, "ada", number)
    clock.advance(2 * KEPT)
    await forget_events()
    await trim()
    assert {reference for reference, _ in (await said(shop)).values()} == {""}
    late = await redeemed(shop, "ada", 6)
    clock.advance(2 * KEPT)
    await forget_events()
    await trim()
    assert (await said(shop))[late.id] == ("", {})


async def test_each_tenant_is_trimmed(
    server: Served, clock: MovableClock, trim: Trim, forget_events: Trim
) -> None:
    shops = [await Shop.open(await server.new_tenant()) for _ in range(3)]
    for shop in shops:
        await shop.define(custom_code="GIFT", limit=usage_limit("unlimited"))
        await redeemed(shop, "ada", 1)
    clock.advance(2 * KEPT)
    await forget_events()
    await trim()
    for shop in shops:
        assert [reference for reference, _ in (await said(shop)).values()] == [""]
