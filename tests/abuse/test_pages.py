"""Pages of lists that nobody reads, and pages that are costly to make."""

import asyncio
import contextlib
import gc
import json
import uuid
from collections.abc import AsyncIterator, Iterator
from typing import Any

import asyncpg
import grpc
import pytest
from google.protobuf.struct_pb2 import Struct

from coupon_server.rpc.pages import MAX_PAGE_BYTES
from phoenix_coupons import ApiKeyCredential
from phoenix_coupons.v1 import CreateRewardItemRequest, ListRewardItemsRequest
from support.abuse import (
    MIB,
    SCALE,
    AbuseTarget,
    Bystander,
    Figures,
    attacked,
    longest_callback,
)
from support.builders import Shop
from support.contract import as_headers, rpc
from support.serving import serving, settings_for

PAGES = 60 * SCALE
ITEMS = 1_000
IN_FLIGHT = 64
"""How many lists a tenant may read at a time: the default of `lists_in_flight`. A page costs
as much as ten calls."""

CLONES = """
WITH made AS (
    INSERT INTO reward_items (tenant_id, item_id, version, created_at)
    SELECT tenant_id, id, 1, created_at FROM reward_items, unnest($2::uuid[]) AS clones(id)
    WHERE item_id = $1
    RETURNING item_id
)
INSERT INTO reward_item_versions
    (tenant_id, item_id, version, name, description, reward_type, payload, updated_at)
SELECT tenant_id, id, 1, name, description, reward_type, payload, updated_at
FROM reward_item_versions, unnest($2::uuid[]) AS clones(id)
WHERE item_id = $1
"""


async def fill(shop: Shop, database_url: str, payload: Any, count: int) -> None:
    """Give the shop so many reward items with the payload."""
    made = Struct()
    made.update(payload)
    first = await shop.admin.CreateRewardItem(
        CreateRewardItemRequest(tenant_id=shop.id, name="x", reward_type="x", payload=made)
    )
    connection = await asyncpg.connect(database_url)
    clones = [uuid.uuid4() for _ in range(count - 1)]
    await connection.execute(CLONES, first.reward_item.item_id, clones)
    await connection.close()


@contextlib.asynccontextmanager
async def unread(target: AbuseTarget, shop: Shop, count: int) -> AsyncIterator[None]:
    """While the block runs, so many pages have been sent as far as nobody reads them."""
    listing = rpc("ListRewardItems")
    body = ListRewardItemsRequest(tenant_id=shop.id, page_size=ITEMS).SerializeToString()
    key = ApiKeyCredential(shop.tenant.credentials.api_key).metadata(listing.path, body)
    options = [("grpc.use_local_subchannel_pool", 1)]
    async with grpc.aio.insecure_channel(target.address, options) as channel:
        # To a call that streams nothing is given before it asks for a message.
        method: Any = channel.unary_stream(listing.path)
        calls = [method(body, metadata=as_headers(key)) for _ in range(count)]
        for call in calls:
            # Comes with the message.
            await call.initial_metadata()
        yield
        for call in calls:
            call.cancel()


async def test_unread_pages_take_little_memory(
    target: AbuseTarget, bystander: Bystander, figures: Figures
) -> None:
    shop = await target.new_shop()
    await fill(shop, target.database_url, {"text": "x" * 16_000}, ITEMS)
    async with unread(target, shop, 1):
        pass
    name = f"{PAGES} pages of 16 MiB that nobody reads"
    with attacked(target, bystander, figures, name, ahead=10 * IN_FLIGHT) as attack:
        async with unread(target, shop, PAGES):
            pass
    # As bytes of Python, and as those that gRPC has to send.
    assert attack.cost.peak_growth_bytes < PAGES * 3 * MAX_PAGE_BYTES + 128 * MIB


@contextlib.contextmanager
def frozen_heap() -> Iterator[None]:
    """Keeps the collector from going through what the tests have in memory, as a worker does."""
    gc.collect()
    gc.freeze()
    try:
        yield
    finally:
        gc.unfreeze()


COSTLY: dict[str, list[Any]] = {
    "objects": [{}] * 5_400,
    "lists": [[]] * 5_400,
    "numbers": [1] * 8_000,
    "nested": [{"a": {}}] * 1_600,
}
"""What takes most time, and most memory, for its 16 KiB of JSON."""


@pytest.mark.parametrize("name", COSTLY)
async def test_a_costly_page_leaves_the_loop_to_others(
    database_url: str, figures: Figures, name: str
) -> None:
    payload = {"a": COSTLY[name]}
    assert len(json.dumps(payload, separators=(",", ":"))) < 16 * 1024
    async with serving(settings_for(database_url)) as server:
        shop = await Shop.open(await server.new_tenant())
        await fill(shop, database_url, payload, 200)
        request = ListRewardItemsRequest(tenant_id=shop.id, page_size=ITEMS)
        with frozen_heap(), longest_callback() as longest:
            page = await shop.admin.ListRewardItems(request)
    assert page.ByteSize() < MAX_PAGE_BYTES + 1024
    assert page.total == 201
    assert page.next_page_token
    # One item takes up to 20 ms of CPU time, a whole page a second.
    assert longest.seconds < 0.25, longest.callback
    figures.add(f"a page of payloads of {name}", longest_callback_ms=longest.seconds * 1e3)


async def test_the_pages_of_one_tenant_leave_another_alone(
    target: AbuseTarget, bystander: Bystander, figures: Figures
) -> None:
    shop = await target.new_shop()
    await fill(shop, target.database_url, {"a": COSTLY["nested"]}, 200)
    request = ListRewardItemsRequest(tenant_id=shop.id, page_size=ITEMS)
    name = f"{4 * SCALE} costly pages at once"
    with attacked(target, bystander, figures, name, ahead=10 * IN_FLIGHT) as attack:
        await asyncio.gather(*(shop.admin.ListRewardItems(request) for _ in range(4 * SCALE)))
    assert attack.cost.peak_growth_bytes < 768 * MIB
