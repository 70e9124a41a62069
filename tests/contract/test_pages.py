"""Pages of every list of the contract: bounded in bytes, and without gaps (AIP-158)."""

from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any

import asyncpg
import pytest
from google.protobuf import message_factory
from google.protobuf.timestamp_pb2 import Timestamp

from coupon_server.domain.ids import new_id
from coupon_server.domain.rewards import MAX_PAYLOAD_BYTES
from coupon_server.domain.triggers import MAX_WATCHING
from coupon_server.rpc import page_tokens, pages
from coupon_server.rpc.server import MAX_ANSWER_BYTES, SERVICES
from phoenix_coupons.v1 import (
    CreateApiKeyRequest,
    EarnedCoupon,
    EventResult,
    GenerateCouponsResponse,
    GeneratedCoupon,
    ListRedemptionsResponse,
    Redemption,
    RewardItem,
    SendEventsResponse,
)
from support.builders import Shop
from support.contract import Rpc, Wire, rpc, wire
from support.events import on_achievement
from support.jobs import ended_jobs
from support.serving import Served
from support.webhooks import endpoint

_LATEST = Timestamp(seconds=253_402_300_799, nanos=999_999_999)

THINGS = 4
"""At least so many items are in each list."""


@dataclass(frozen=True, slots=True)
class List:
    """An RPC that answers with a page."""

    rpc: Rpc
    response_type: Any
    items_field: str

    def items(self, answer: Any) -> list[Any]:
        return list(getattr(answer, self.items_field))


def _lists() -> Iterable[List]:
    for service in SERVICES:
        for method in service.methods:
            fields = method.output_type.fields
            if "next_page_token" in method.output_type.fields_by_name:
                # What `Pages.write` relies on.
                assert "total" in method.output_type.fields_by_name
                assert {"page_size", "page_token"} <= set(method.input_type.fields_by_name)
                [items] = [field.name for field in fields if field.is_repeated]
                answer = message_factory.GetMessageClass(method.output_type)
                yield List(rpc(method.name), answer, items)


LISTS = tuple(_lists())


def test_there_are_lists() -> None:
    assert len(LISTS) >= 14


@dataclass(frozen=True, slots=True)
class Everything:
    """A shop with several of everything that is listed."""

    shop: Shop
    raw: Wire
    endpoint_id: str

    async def page(self, one: List, token: str = "") -> Any:
        request: Any = one.rpc.minimal_request(
            self.shop.id, user_id="alice", endpoint_id=self.endpoint_id
        )
        request.page_size, request.page_token = page_tokens.MAX_SIZE, token
        outcome = await self.raw.send(one.rpc, request, self.shop.tenant)
        assert outcome.code.name == "OK", f"{one.rpc}: {outcome.message}"
        return one.response_type.FromString(outcome.response)


async def _everything(shop: Shop, raw: Wire, database_url: str) -> Everything:
    for number in range(THINGS):
        item = await shop.reward_item(f"Item {number}")
        definition = await shop.define(
            name=f"Campaign {number}",
            reward_item_id=item.item_id,
            auto_generate=on_achievement(f"achievement {number}"),
        )
        await shop.redeem(await shop.code_for(definition, "alice"), "alice")
        await shop.tenants.CreateApiKey(CreateApiKeyRequest(tenant_id=shop.id, name="till"))
        await ended_jobs(shop.tenant.server.app, shop.tenant.uuid)
        made = await endpoint(shop, "https://hooks.invalid/")
    endpoint_id = made.endpoint.endpoint_id
    connection = await asyncpg.connect(database_url)
    for _ in range(THINGS):
        await connection.execute(
            "INSERT INTO webhook_attempts (tenant_id, id, endpoint_id, event_id, event_type,"
            " attempt, delivered, error, latency_ms, attempted_at)"
            " VALUES ($1, $2, $3, $2, 'coupon.redeemed', 1, false, 'timeout', 1, now())",
            *(shop.id, new_id(), endpoint_id),
        )
        await connection.execute(
            "INSERT INTO webhook_dead_letters (tenant_id, endpoint_id, event_id, sequence,"
            " event_type, user_id, attempts, error, died_at)"
            " VALUES ($1, $2, $3, 1, 'coupon.redeemed', 'alice', 9, 'timeout', now())",
            *(shop.id, endpoint_id, new_id()),
        )
    await connection.close()
    return Everything(shop, raw, endpoint_id)


async def test_every_list_ends_its_pages_early_and_leaves_nothing_out(
    server: Served, database_url: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    async with wire(server.address) as raw:
        shop = await Shop.open(await server.new_tenant())
        everything = await _everything(shop, raw, database_url)
        for one in LISTS:
            monkeypatch.undo()
            whole = await everything.page(one)
            items = one.items(whole)
            assert len(items) >= THINGS, f"{one.rpc}: give it items above"
            assert whole.next_page_token == ""
            # The last of the two items is the one that just fits.
            two = items[0].ByteSize() + items[1].ByteSize()
            for budget, at_once in ((1, 100), (two - 1, 100), (two, 100), (10 * two, 1), (two, 2)):
                monkeypatch.setattr(pages, "MAX_PAGE_BYTES", budget)
                monkeypatch.setattr(pages, "ITEMS_AT_ONCE", at_once)
                paged, token = [], ""
                while True:
                    page = await everything.page(one, token)
                    found = one.items(page)
                    assert found, f"{one.rpc}: an empty page"
                    assert len(found) == 1 or sum(map(_size, found)) <= budget, f"{one.rpc}"
                    assert page.total == whole.total, f"{one.rpc}"
                    paged += found
                    token = page.next_page_token
                    if not token:
                        break
                assert paged == items, f"{one.rpc}: with at most {budget} bytes a page"


def test_the_largest_answers_can_be_sent() -> None:
    coupon = GeneratedCoupon(
        id=str(new_id()), user_id="u" * 128, code="c" * 128, created=True, expires_at=_LATEST
    )
    generated = GenerateCouponsResponse(
        generated=10_000, coupons=[coupon] * 10_000, generation_id=str(new_id())
    )
    earned = EarnedCoupon(definition_id=str(new_id()), coupon=coupon)
    result = EventResult(event_id="e" * 128, issued=[earned] * MAX_WATCHING)
    for largest in (generated, SendEventsResponse(results=[result] * 100)):
        assert largest.ByteSize() <= MAX_ANSWER_BYTES
    payload: Any = {"": [0.1] * (MAX_PAYLOAD_BYTES // len("0.1,"))}
    item = RewardItem(name="n" * 200, description="d" * 4_000, payload=payload)
    page = ListRedemptionsResponse(redemptions=[Redemption(reward_item=item)])
    assert pages.MAX_PAGE_BYTES + page.ByteSize() < MAX_ANSWER_BYTES


def _size(item: Any) -> int:
    return int(item.ByteSize())
